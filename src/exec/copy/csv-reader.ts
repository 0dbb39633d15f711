/** CSV input of COPY FROM. Quoted fields may hold newlines, so lines are found by the state of quotes. */
import { sqlError } from '../../errors/sql-error.js';
import type { CopyOptions } from './copy-options.js';
import type { FieldTexts, LineReader, LineTarget } from './copy-reader.js';

export class CsvReader implements LineReader {
  line = 0;
  /** A line has been read: PostgreSQL counts newlines in quotes from then on. */
  private begun = false;
  private pending = '';
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  private ended = false;

  /** `forceNotNull`, `forceNull`: positions of columns. */
  constructor(
    private readonly options: CopyOptions,
    private readonly forceNotNull: ReadonlySet<number>,
    private readonly forceNull: ReadonlySet<number>,
  ) {}

  push(chunk: Buffer, target: LineTarget): void {
    this.pending += this.decode(chunk, true);
    this.drain(false, target);
  }

  finish(target: LineTarget): void {
    this.pending += this.decode(Buffer.alloc(0), false);
    this.drain(true, target);
  }

  private decode(chunk: Buffer, stream: boolean): string {
    try {
      return this.decoder.decode(chunk, { stream });
    } catch {
      throw sqlError('character_not_in_repertoire', 'invalid byte sequence for encoding "UTF8"');
    }
  }

  private drain(final: boolean, target: LineTarget): void {
    let start = 0;
    while (start < this.pending.length && !this.ended) {
      const end = this.lineEnd(start);
      if (end < 0) {
        if (!final) break;
        if (end === UNTERMINATED) {
          target.reading(this.line + 1, this.pending, start, this.pending.length);
          throw sqlError('bad_copy_file_format', 'unterminated CSV quoted field');
        }
        this.emitLine(start, this.pending.length, target);
        start = this.pending.length;
        break;
      }
      const stop = end > start && this.pending.charCodeAt(end - 1) === 13 ? end - 1 : end;
      this.emitLine(start, stop, target);
      start = end + 1;
    }
    this.pending = this.ended ? '' : this.pending.slice(start);
  }

  /** Position of the newline that ends the line; -1 when it has not arrived, UNTERMINATED inside a quoted field. */
  private lineEnd(start: number): number {
    const { quote, escape } = this.options;
    const text = this.pending;
    const newline = text.indexOf('\n', start);
    const firstQuote = text.indexOf(quote, start);
    if (firstQuote < 0 || (newline >= 0 && newline < firstQuote)) return newline;
    let quoted = false;
    for (let i = firstQuote; i < text.length; i++) {
      const char = text[i];
      if (quoted) {
        if (
          char === escape &&
          escape !== quote &&
          i + 1 < text.length &&
          (text[i + 1] === quote || text[i + 1] === escape)
        )
          i++;
        else if (char === quote) {
          if (escape === quote && text[i + 1] === quote) i++;
          else quoted = false;
        }
      } else if (char === quote) quoted = true;
      else if (char === '\n') return i;
    }
    return quoted ? UNTERMINATED : -1;
  }

  private emitLine(start: number, end: number, target: LineTarget): void {
    const line = this.pending.slice(start, end);
    if (line === '\\.') {
      this.ended = true;
      return;
    }
    this.line++;
    if (this.begun) for (let at = line.indexOf('\n'); at >= 0; at = line.indexOf('\n', at + 1)) this.line++;
    this.begun = true;
    target.fields(this.fields(line), this.line, this.pending, start, end);
  }

  private fields(line: string): FieldTexts {
    const { delimiter, quote, nullText } = this.options;
    const fields: FieldTexts = [];
    if (!line.includes(quote)) {
      for (const part of line.split(delimiter))
        fields.push(part === nullText && !this.forceNotNull.has(fields.length) ? null : part);
      return fields;
    }
    let position = 0;
    for (;;) {
      const field = this.field(line, position);
      const isNull =
        field.text === nullText &&
        ((!field.quoted && !this.forceNotNull.has(fields.length)) ||
          (field.quoted && this.forceNull.has(fields.length)));
      fields.push(isNull ? null : field.text);
      if (field.end >= line.length) return fields;
      position = field.end + 1;
    }
  }

  /** The field from a position on; quotes may begin and end anywhere in it. */
  private field(line: string, start: number): { text: string; quoted: boolean; end: number } {
    const { delimiter, quote, escape } = this.options;
    let text = '';
    let quoted = false;
    let inside = false;
    let i = start;
    for (; i < line.length; i++) {
      const char = line[i];
      if (inside) {
        if (char === escape && (line[i + 1] === quote || line[i + 1] === escape) && i + 1 < line.length)
          text += line[++i];
        else if (char === quote) inside = false;
        else text += char;
      } else if (char === quote) {
        inside = true;
        quoted = true;
      } else if (char === delimiter) break;
      else text += char;
    }
    return { text, quoted, end: i };
  }
}

const UNTERMINATED = -2;
