/** Rows to the bytes of COPY TO, in text, CSV and binary format. */
import type { Row } from '../../types/datum.js';
import type { TypeCodec } from '../../types/type-codec.js';
import type { TypeContext } from '../../types/type-context.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import type { CopyOptions } from './copy-options.js';

export interface RowWriter {
  /** Whether the header is a message of its own; otherwise it is sent with what comes next, as drivers expect it. */
  readonly headerAlone: boolean;
  /** Header of the data, if the format has one. */
  begin(names: readonly string[], out: ByteWriter): void;
  row(row: Row, out: ByteWriter): void;
  end(out: ByteWriter): void;
}

const NEEDS_ESCAPE = /[\b\f\n\r\t\v\\]/;
const ESCAPES: Record<string, string> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

export class TextWriter implements RowWriter {
  readonly headerAlone = true;

  constructor(
    private readonly codecs: readonly TypeCodec[],
    private readonly cx: TypeContext,
    private readonly options: CopyOptions,
  ) {}

  begin(names: readonly string[], out: ByteWriter): void {
    if (this.options.header !== false)
      out.utf8(`${names.map((name) => this.escape(name)).join(this.options.delimiter)}\n`);
  }

  row(row: Row, out: ByteWriter): void {
    const { codecs, cx, options } = this;
    let line = '';
    for (let i = 0; i < codecs.length; i++) {
      if (i > 0) line += options.delimiter;
      const value = row[i];
      if (value === null) line += options.nullText;
      else if (typeof value === 'number' && Number.isSafeInteger(value)) line += codecs[i].format(value, cx);
      else line += this.escape(codecs[i].format(value, cx));
    }
    out.utf8(`${line}\n`);
  }

  private escape(text: string): string {
    const { delimiter } = this.options;
    if (!NEEDS_ESCAPE.test(text) && !text.includes(delimiter)) return text;
    let escaped = '';
    for (const char of text) escaped += ESCAPES[char] ?? (char === delimiter ? `\\${char}` : char);
    return escaped;
  }

  end(): void {
    // The text format has no trailer in protocol 3.
  }
}

export class CsvWriter implements RowWriter {
  readonly headerAlone = true;

  /** `forced`: positions of columns that are always quoted. */
  constructor(
    private readonly codecs: readonly TypeCodec[],
    private readonly cx: TypeContext,
    private readonly options: CopyOptions,
    private readonly forced: ReadonlySet<number>,
  ) {}

  begin(names: readonly string[], out: ByteWriter): void {
    if (this.options.header !== false)
      out.utf8(`${names.map((name) => this.field(name, false, names.length === 1)).join(this.options.delimiter)}\n`);
  }

  row(row: Row, out: ByteWriter): void {
    const { codecs, cx, options } = this;
    let line = '';
    for (let i = 0; i < codecs.length; i++) {
      if (i > 0) line += options.delimiter;
      const value = row[i];
      line +=
        value === null
          ? options.nullText
          : this.field(codecs[i].format(value, cx), this.forced.has(i), codecs.length === 1);
    }
    out.utf8(`${line}\n`);
  }

  private field(text: string, forced: boolean, single: boolean): string {
    const { delimiter, quote, escape, nullText } = this.options;
    const needed =
      forced ||
      text === nullText ||
      text.includes(delimiter) ||
      text.includes(quote) ||
      text.includes('\n') ||
      text.includes('\r') ||
      (single && text === '\\.');
    if (!needed) return text;
    let quoted = quote;
    for (const char of text) quoted += char === quote || char === escape ? escape + char : char;
    return quoted + quote;
  }

  end(): void {
    // CSV has no trailer.
  }
}

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');

export class BinaryWriter implements RowWriter {
  readonly headerAlone = false;

  constructor(
    private readonly codecs: readonly TypeCodec[],
    private readonly cx: TypeContext,
  ) {}

  begin(_names: readonly string[], out: ByteWriter): void {
    out.bytes(SIGNATURE);
    out.i32(0);
    out.i32(0);
  }

  row(row: Row, out: ByteWriter): void {
    const { codecs, cx } = this;
    out.i16(codecs.length);
    for (let i = 0; i < codecs.length; i++) {
      const value = row[i];
      if (value === null) {
        out.i32(-1);
        continue;
      }
      const at = out.length;
      out.i32(0);
      codecs[i].send(value, out, cx);
      out.patchI32(at, out.length - at - 4);
    }
  }

  end(out: ByteWriter): void {
    out.i16(-1);
  }
}
