/**
 * Turns the bytes of COPY FROM in text format into rows. Chunks come as they arrive from the network; complete lines of a
 * chunk are decoded at once and cut up as a string. Most lines have no backslash: their values are made without texts
 * of the fields in between.
 */

import type { Row } from '../../types/datum.js';
import { decodeUtf8 } from '../../types/text/utf8-input.js';
import type { CopyOptions } from './copy-options.js';
import type { FieldParser } from './field-parser.js';

/** The fields of one line, NULL as null. */
export type FieldTexts = (string | null)[];

/** Receives lines: number `line` (from 1) stands in `text` from `start` to `end`. */
export interface LineTarget {
  /** Of each column. Null: fields are wanted, because the line is not data or is to be parsed with care. */
  readonly parsers: readonly FieldParser[] | null;
  /** Which line is being read, when that may fail. */
  reading(line: number, text: string, start: number, end: number): void;
  row(row: Row, line: number, text: string, start: number, end: number): void;
  fields(fields: FieldTexts, line: number, text: string, start: number, end: number): void;
}

export interface LineReader {
  /** Lines read so far. */
  readonly line: number;
  /** Adds bytes; complete lines are given to `target`. */
  push(chunk: Buffer, target: LineTarget): void;
  /** The input has ended. */
  finish(target: LineTarget): void;
}

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const BACKSLASH = 92;

function decode(bytes: Buffer): string {
  return decodeUtf8(bytes, 0, bytes.length);
}

export class TextReader implements LineReader {
  line = 0;
  private rest: Buffer | null = null;
  private ended = false;
  /** Of the chunk: where the next delimiter and the next backslash stand, or its length. */
  private nextDelimiter = 0;
  private nextBackslash = 0;

  constructor(private readonly options: CopyOptions) {}

  push(chunk: Buffer, target: LineTarget): void {
    if (chunk.length === 0) return;
    const last = chunk.lastIndexOf(NEWLINE);
    if (last < 0) {
      this.rest = this.rest === null ? Buffer.from(chunk) : Buffer.concat([this.rest, chunk]);
      return;
    }
    const complete =
      this.rest === null ? chunk.subarray(0, last + 1) : Buffer.concat([this.rest, chunk.subarray(0, last + 1)]);
    this.rest = last + 1 < chunk.length ? Buffer.from(chunk.subarray(last + 1)) : null;
    this.lines(decode(complete), target);
  }

  finish(target: LineTarget): void {
    if (this.rest !== null) this.lines(`${decode(this.rest)}\n`, target);
    this.rest = null;
  }

  private lines(text: string, target: LineTarget): void {
    let start = 0;
    this.nextDelimiter = position(text, this.options.delimiter, 0);
    this.nextBackslash = position(text, '\\', 0);
    while (start < text.length && !this.ended) {
      let end = text.indexOf('\n', start);
      if (this.nextBackslash < start) this.nextBackslash = position(text, '\\', start);
      const row = this.nextBackslash > end ? this.plainRow(text, start, end, target.parsers) : null;
      if (row !== null) target.row(row, ++this.line, text, start, end);
      else {
        // A backslash before the newline makes it part of the data.
        while (end > start && isEscapedAt(text, end, start)) end = text.indexOf('\n', end + 1);
        if (end < 0) {
          const missing = Buffer.from(text.slice(start), 'utf8');
          this.rest = this.rest === null ? missing : Buffer.concat([missing, this.rest]);
          return;
        }
        const crlf = end > start && text.charCodeAt(end - 1) === CARRIAGE_RETURN && !isEscapedAt(text, end - 1, start);
        this.oneLine(text, start, crlf ? end - 1 : end, target);
      }
      start = end + 1;
    }
  }

  /** The row of a line without backslashes; null when anything is unusual about it, which `fields` will say. */
  private plainRow(text: string, start: number, end: number, parsers: readonly FieldParser[] | null): Row | null {
    if (parsers === null || parsers.length === 0 || (end > start && text.charCodeAt(end - 1) === CARRIAGE_RETURN))
      return null;
    const { delimiter, nullText } = this.options;
    const last = parsers.length - 1;
    const row: Row = [];
    let from = start;
    let next = this.nextDelimiter;
    if (next < start) next = position(text, delimiter, start);
    for (let i = 0; i <= last; i++) {
      let to = end;
      if (i < last) {
        if (next >= end) return null;
        to = next;
      }
      if (to - from === nullText.length && text.startsWith(nullText, from)) row.push(null);
      else {
        const value = parsers[i](text, from, to);
        if (value === undefined) return null;
        row.push(value);
      }
      from = to + 1;
      if (i < last) next = position(text, delimiter, from);
    }
    this.nextDelimiter = next;
    return next < end ? null : row;
  }

  private oneLine(text: string, start: number, end: number, target: LineTarget): void {
    if (end - start === 2 && text.charCodeAt(start) === BACKSLASH && text.charCodeAt(start + 1) === 46) {
      this.ended = true;
      return;
    }
    target.reading(++this.line, text, start, end);
    target.fields(this.fields(text.slice(start, end)), this.line, text, start, end);
  }

  private fields(line: string): FieldTexts {
    const { delimiter, nullText } = this.options;
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

/** Where the next `sought` stands; the length of the text when there is none. */
function position(text: string, sought: string, from: number): number {
  const found = text.indexOf(sought, from);
  return found < 0 ? text.length : found;
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
