/**
 * Turns the bytes of COPY FROM into rows of field texts. Chunks come as they arrive from the network; complete lines of a
 * chunk are decoded at once and cut up as a string.
 */
import { decodeUtf8 } from '../../types/text/utf8-input.js';
import type { CopyOptions } from './copy-options.js';

/** The fields of one line, NULL as null. */
export type FieldTexts = (string | null)[];

export interface LineReader {
  /** Adds bytes; complete rows are given to `emit`. */
  push(chunk: Buffer, emit: (fields: FieldTexts) => void): void;
  /** The input has ended. */
  finish(emit: (fields: FieldTexts) => void): void;
  /** Number of the last line that was given out, from 1. */
  readonly line: number;
}

const NEWLINE = 10;

function decode(bytes: Buffer): string {
  return decodeUtf8(bytes, 0, bytes.length);
}

export class TextReader implements LineReader {
  line = 0;
  private rest: Buffer | null = null;
  private ended = false;

  constructor(private readonly options: CopyOptions) {}

  push(chunk: Buffer, emit: (fields: FieldTexts) => void): void {
    const last = chunk.lastIndexOf(NEWLINE);
    if (last < 0) {
      this.rest = this.rest === null ? Buffer.from(chunk) : Buffer.concat([this.rest, chunk]);
      return;
    }
    const complete =
      this.rest === null ? chunk.subarray(0, last + 1) : Buffer.concat([this.rest, chunk.subarray(0, last + 1)]);
    this.rest = last + 1 < chunk.length ? Buffer.from(chunk.subarray(last + 1)) : null;
    this.lines(decode(complete), emit);
  }

  finish(emit: (fields: FieldTexts) => void): void {
    if (this.rest !== null) this.lines(`${decode(this.rest)}\n`, emit);
    this.rest = null;
  }

  private lines(text: string, emit: (fields: FieldTexts) => void): void {
    let start = 0;
    while (start < text.length && !this.ended) {
      let end = text.indexOf('\n', start);
      // A backslash before the newline makes it part of the data.
      while (end > start && isEscapedAt(text, end, start)) end = text.indexOf('\n', end + 1);
      if (end < 0) {
        this.rest = Buffer.from(text.slice(start), 'utf8');
        return;
      }
      const stop = end > start && text.charCodeAt(end - 1) === 13 && !isEscapedAt(text, end - 1, start) ? end - 1 : end;
      this.oneLine(text, start, stop, emit);
      start = end + 1;
    }
  }

  private oneLine(text: string, start: number, end: number, emit: (fields: FieldTexts) => void): void {
    if (end - start === 2 && text.charCodeAt(start) === 92 && text.charCodeAt(start + 1) === 46) {
      this.ended = true;
      return;
    }
    this.line++;
    emit(this.fields(text, start, end));
  }

  private fields(text: string, start: number, end: number): FieldTexts {
    const { delimiter, nullText } = this.options;
    const line = text.slice(start, end);
    const raw =
      line.includes('\\') && line.includes(`\\${delimiter}`) ? splitEscaped(line, delimiter) : line.split(delimiter);
    const fields: FieldTexts = raw;
    for (let i = 0; i < raw.length; i++) {
      const field = raw[i];
      if (field === nullText) fields[i] = null;
      else if (field.includes('\\')) fields[i] = unescapeField(field);
    }
    return fields;
  }
}

/** Whether an odd number of backslashes stands before the position. */
function isEscapedAt(text: string, position: number, start: number): boolean {
  let count = 0;
  for (let i = position - 1; i >= start && text.charCodeAt(i) === 92; i--) count++;
  return count % 2 === 1;
}

function splitEscaped(line: string, delimiter: string): string[] {
  const fields: string[] = [];
  let start = 0;
  for (let i = 0; i < line.length; i++) {
    if (line[i] === '\\') i++;
    else if (line[i] === delimiter) {
      fields.push(line.slice(start, i));
      start = i + 1;
    }
  }
  fields.push(line.slice(start));
  return fields;
}

const SIMPLE_ESCAPES: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Backslash sequences of the text format. Octal and hexadecimal ones give bytes, which must form valid UTF-8. */
function unescapeField(field: string): string {
  if (/\\(?:[0-7]|x[0-9a-fA-F])/.test(field)) return unescapeBytes(field);
  return field.replaceAll(/\\([\s\S])/g, (_, char: string) => SIMPLE_ESCAPES[char] ?? char);
}

function unescapeBytes(field: string): string {
  const parts: Buffer[] = [];
  let last = 0;
  for (const match of field.matchAll(/\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([\s\S]))/g)) {
    parts.push(Buffer.from(field.slice(last, match.index), 'utf8'));
    if (match[1] !== undefined) parts.push(Buffer.from([Number.parseInt(match[1], 8) & 0xff]));
    else if (match[2] !== undefined) parts.push(Buffer.from([Number.parseInt(match[2], 16)]));
    else parts.push(Buffer.from(SIMPLE_ESCAPES[match[3]] ?? match[3], 'utf8'));
    last = match.index + match[0].length;
  }
  parts.push(Buffer.from(field.slice(last), 'utf8'));
  return decode(Buffer.concat(parts));
}
