/**
 * The text form of arrays: `{1,NULL,"a b"}`, `[2:3]={…}`, nested braces. Splits a literal into dimensions and raw
 * element texts (the whole syntax is checked before any element is looked at), and writes arrays.
 */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { ELEMENT_BYTES, requireHeap } from '../../util/heap-guard.js';
import { escapeQuotes } from '../../util/long-text.js';
import { inSlices, type Task } from '../../util/task.js';

export const MAX_DIMENSIONS = 6;
export const MAX_ARRAY_SIZE = 134217727;

export interface ArrayLiteral {
  dims: number[];
  lowerBounds: number[];
  /** Raw texts in row-major order; null for NULL. */
  elements: (string | null)[];
}

const START = 0;
const LEVEL_STARTED = 1;
const ELEMENT = 2;
const QUOTED = 3;
const QUOTED_DONE = 4;
const DELIMITED = 5;
const LEVEL_DONE = 6;
const LEVEL_DELIMITED = 7;

export function isArraySpace(character: string): boolean {
  return (
    character === ' ' ||
    character === '\t' ||
    character === '\n' ||
    character === '\r' ||
    character === '\v' ||
    character === '\f'
  );
}

export function tooManyDimensions(count: number): SqlError {
  return sqlError(
    'program_limit_exceeded',
    `number of array dimensions (${count}) exceeds the maximum allowed (${MAX_DIMENSIONS})`,
  );
}

export function arrayTooLarge(): SqlError {
  return sqlError('program_limit_exceeded', `array size exceeds the maximum allowed (${MAX_ARRAY_SIZE})`);
}

/** How many elements arrays of these dimensions have. Throws 54000 when that is too many, 53200 when there is no memory for them. */
export function elementCount(dims: readonly number[]): number {
  if (dims.length === 0) return 0;
  let count = 1;
  for (const dim of dims) {
    count *= dim;
    if (count > MAX_ARRAY_SIZE) throw arrayTooLarge();
  }
  requireHeap(count * ELEMENT_BYTES);
  return count;
}

export function parseArrayLiteral(text: string, delimiter: string): ArrayLiteral {
  const parser = new LiteralParser(text, delimiter);
  parser.begin();
  while (!parser.steps.next().done);
  return parser.finish();
}

/** The same in slices. */
export function* parseLongArrayLiteral(text: string, delimiter: string): Task<ArrayLiteral> {
  const parser = new LiteralParser(text, delimiter);
  parser.begin();
  yield* inSlices(() => parser.steps.next().done === true);
  return parser.finish();
}

/** Characters that are read in one step. */
const STEP = 2048;

class LiteralParser {
  private position = 0;
  private readonly elements: (string | null)[] = [];
  /** Elements or sub-arrays seen so far in the open level, by level. */
  private readonly counts: number[] = [];
  /** Length of each dimension, once its first sub-array is complete. */
  private readonly lengths: number[] = [];

  constructor(
    private readonly text: string,
    private readonly delimiter: string,
  ) {}

  private header: { dims: number[]; lowerBounds: number[] } | null = null;
  /** To be run to its end between `begin` and `finish`. */
  readonly steps = this.parseBody();

  begin(): void {
    this.header = this.parseHeader();
  }

  finish(): ArrayLiteral {
    const { header } = this;
    const dims = this.elements.length === 0 ? [] : this.lengths;
    if (header === null) {
      elementCount(dims);
      return { dims, lowerBounds: dims.map(() => 1), elements: this.elements };
    }
    if (header.dims.length !== dims.length || header.dims.some((dim, i) => dim !== dims[i]))
      throw this.malformed('Specified array dimensions do not match array contents.');
    return { ...header, elements: this.elements };
  }

  private malformed(detail: string): SqlError {
    return sqlError('invalid_text_representation', `malformed array literal: "${this.text}"`, { detail });
  }

  private unexpected(character: string): SqlError {
    return this.malformed(`Unexpected "${character}" character.`);
  }

  private skipSpace(): void {
    while (isArraySpace(this.text[this.position])) this.position++;
  }

  /** `[l:u][l:u]=`, or null where there is none. */
  private parseHeader(): { dims: number[]; lowerBounds: number[] } | null {
    const dims: number[] = [];
    const lowerBounds: number[] = [];
    for (;;) {
      this.skipSpace();
      if (this.text[this.position] !== '[') break;
      this.position++;
      if (dims.length >= MAX_DIMENSIONS) throw tooManyDimensions(dims.length + 1);
      const first = this.boundText();
      if (first === '') throw this.malformed('"[" must introduce explicitly-specified array dimensions.');
      let lower = 1;
      let upper = boundValue(first);
      if (this.text[this.position] === ':') {
        this.position++;
        const second = this.boundText();
        if (second === '') throw this.malformed('Missing array dimension value.');
        lower = upper;
        upper = boundValue(second);
      }
      if (this.text[this.position] !== ']') throw this.malformed('Missing "]" after array dimensions.');
      this.position++;
      if (upper < lower) throw sqlError('array_subscript_error', 'upper bound cannot be less than lower bound');
      dims.push(upper - lower + 1);
      lowerBounds.push(lower);
    }
    if (dims.length === 0) {
      if (this.text[this.position] !== '{')
        throw this.malformed('Array value must start with "{" or dimension information.');
      return null;
    }
    if (this.text[this.position] !== '=') throw this.malformed('Missing "=" after array dimensions.');
    this.position++;
    this.skipSpace();
    if (this.text[this.position] !== '{') throw this.malformed('Array contents must start with "{".');
    return { dims, lowerBounds };
  }

  private boundText(): string {
    const start = this.position;
    while (/[0-9+-]/.test(this.text[this.position] ?? '')) this.position++;
    return this.text.slice(start, this.position);
  }

  private *parseBody(): Generator<undefined, void> {
    const { text, delimiter } = this;
    let state = START;
    let level = 0;
    let element = '';
    /** Length of `element` up to the last character that trailing-space removal must keep. */
    let kept = 0;
    let escaped = false;
    const finishElement = (): void => {
      const wasQuoted = state === QUOTED_DONE;
      const value = wasQuoted ? element : element.slice(0, kept);
      this.elements.push(!wasQuoted && !escaped && value.toLowerCase() === 'null' ? null : value);
      this.counts[level - 1]++;
      element = '';
      kept = 0;
      escaped = false;
    };
    for (; ; this.position++) {
      if (this.position % STEP === STEP - 1) yield;
      const character = text[this.position];
      if (character === undefined) throw this.malformed('Unexpected end of input.');
      if (character === '\\') {
        if (state !== LEVEL_STARTED && state !== ELEMENT && state !== QUOTED && state !== DELIMITED)
          throw this.unexpected('\\');
        if (state !== QUOTED) state = ELEMENT;
        this.position++;
        if (this.position >= text.length) throw this.malformed('Unexpected end of input.');
        element += text[this.position];
        kept = element.length;
        escaped = true;
        continue;
      }
      if (state === QUOTED) {
        if (character === '"') state = QUOTED_DONE;
        else element += character;
        continue;
      }
      if (character === '"') {
        if (state !== LEVEL_STARTED && state !== DELIMITED) throw this.malformed('Unexpected array element.');
        state = QUOTED;
      } else if (character === '{') {
        if (state !== START && state !== LEVEL_STARTED && state !== LEVEL_DELIMITED) throw this.unexpected('{');
        if (level >= MAX_DIMENSIONS) throw tooManyDimensions(level + 1);
        state = LEVEL_STARTED;
        this.counts[level++] = 0;
      } else if (character === '}') {
        if (state === ELEMENT || state === QUOTED_DONE) finishElement();
        else if (state !== LEVEL_DONE && !(state === LEVEL_STARTED && level === 1)) throw this.unexpected('}');
        state = LEVEL_DONE;
        level--;
        this.closeLevel(level);
        if (level === 0) break;
      } else if (character === delimiter) {
        if (state === ELEMENT || state === QUOTED_DONE) {
          finishElement();
          state = DELIMITED;
        } else if (state === LEVEL_DONE) state = LEVEL_DELIMITED;
        else throw this.unexpected(delimiter);
      } else if (isArraySpace(character)) {
        if (state === ELEMENT) element += character;
      } else {
        if (state !== LEVEL_STARTED && state !== ELEMENT && state !== DELIMITED)
          throw this.malformed('Unexpected array element.');
        state = ELEMENT;
        element += character;
        kept = element.length;
      }
    }
    this.position++;
    this.skipSpace();
    if (this.position < text.length) throw this.malformed('Junk after closing right brace.');
  }

  private closeLevel(level: number): void {
    const count = this.counts[level];
    if (this.lengths[level] === undefined) this.lengths[level] = count;
    else if (this.lengths[level] !== count)
      throw this.malformed('Multidimensional arrays must have sub-arrays with matching dimensions.');
    if (level > 0) this.counts[level - 1]++;
  }
}

/** As C's atoi reads it. */
function boundValue(text: string): number {
  const value = Number.parseInt(text, 10);
  return Number.isNaN(value) ? 0 : value | 0;
}

/** Whether an element's text must be quoted. */
function needsQuotes(text: string, delimiter: string): boolean {
  return (
    text === '' ||
    NEEDS_ASCII_QUOTES.test(text) ||
    text.includes(delimiter) ||
    (text.length === 4 && text.toLowerCase() === 'null')
  );
}

const NEEDS_ASCII_QUOTES = /[ \t\n\v\f\r"\\{}]/;

/** Writes an array. `texts` are the elements' texts, null for NULL. */
export function formatArrayLiteral(
  dims: readonly number[],
  lowerBounds: readonly number[],
  texts: readonly (string | null)[],
  delimiter: string,
): string {
  // Vectors without elements have a dimension of length zero.
  if (texts.length === 0) return '{}';
  return formatArrayItems(
    dims,
    lowerBounds,
    texts.map((text) => arrayItem(text, delimiter)),
    delimiter,
  );
}

/** One element as it stands in an array's text. */
export function arrayItem(text: string | null, delimiter: string): string {
  if (text === null) return 'NULL';
  return needsQuotes(text, delimiter) ? `"${escapeQuotes(text, 'backslash')}"` : text;
}

/** The same for elements that `arrayItem` has made. REQUIRES: there are some. */
export function formatArrayItems(
  dims: readonly number[],
  lowerBounds: readonly number[],
  items: readonly string[],
  delimiter: string,
): string {
  let groups = items;
  for (let level = dims.length - 1; level >= 0; level--) {
    const size = dims[level];
    const next: string[] = [];
    for (let i = 0; i < groups.length; i += size) next.push(`{${groups.slice(i, i + size).join(delimiter)}}`);
    groups = next;
  }
  return arrayHeader(dims, lowerBounds) + groups[0];
}

/** `[l:u]=` for each dimension where a lower bound is not 1. */
export function arrayHeader(dims: readonly number[], lowerBounds: readonly number[]): string {
  if (lowerBounds.every((bound) => bound === 1)) return '';
  return `${dims.map((dim, i) => `[${lowerBounds[i]}:${lowerBounds[i] + dim - 1}]`).join('')}=`;
}
