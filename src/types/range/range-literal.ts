/** The text forms of ranges, `[1,"a b")` and `empty`, and of multiranges, `{[1,2),[5,6]}`, before bounds are parsed. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { escapeQuotes } from '../../util/long-text.js';
import { isArraySpace } from '../array/array-literal.js';

export interface RangeLiteral {
  /** null: infinite. */
  lower: string | null;
  upper: string | null;
  lowerInclusive: boolean;
  upperInclusive: boolean;
}

function skipSpace(text: string, position: number): number {
  let at = position;
  while (isArraySpace(text[at])) at++;
  return at;
}

/** Splits a range literal; null is the empty range. Throws 22P02. */
export function parseRangeLiteral(text: string): RangeLiteral | null {
  const malformed = (detail: string): SqlError =>
    sqlError('invalid_text_representation', `malformed range literal: "${text}"`, { detail });
  let position = skipSpace(text, 0);
  if (text.slice(position, position + 5).toLowerCase() === 'empty') {
    if (skipSpace(text, position + 5) < text.length) throw malformed('Junk after "empty" key word.');
    return null;
  }
  const parseBound = (): string | null => {
    const isEnd = (character: string): boolean => character === ',' || character === ')' || character === ']';
    if (isEnd(text[position])) return null;
    let bound = '';
    let quoted = false;
    while (quoted || !isEnd(text[position])) {
      const character = text[position++];
      if (character === undefined) throw malformed('Unexpected end of input.');
      if (character === '\\') {
        if (position >= text.length) throw malformed('Unexpected end of input.');
        bound += text[position++];
      } else if (character !== '"') bound += character;
      else if (!quoted) quoted = true;
      else if (text[position] === '"') {
        bound += '"';
        position++;
      } else quoted = false;
    }
    return bound;
  };
  const open = text[position++];
  if (open !== '[' && open !== '(') throw malformed('Missing left parenthesis or bracket.');
  const lower = parseBound();
  if (text[position] !== ',') throw malformed('Missing comma after lower bound.');
  position++;
  const upper = parseBound();
  const close = text[position++];
  if (close !== ']' && close !== ')') throw malformed('Too many commas.');
  if (skipSpace(text, position) < text.length) throw malformed('Junk after right parenthesis or bracket.');
  return { lower, upper, lowerInclusive: open === '[', upperInclusive: close === ']' };
}

const NEEDS_QUOTES = /^$|[ \t\n\v\f\r"\\()[\],]/;

function quoteBound(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${escapeQuotes(text, 'doubled')}"` : text;
}

export function formatRangeLiteral({ lower, upper, lowerInclusive, upperInclusive }: RangeLiteral): string {
  const from = lower === null ? '' : quoteBound(lower);
  const to = upper === null ? '' : quoteBound(upper);
  return `${lowerInclusive ? '[' : '('}${from},${to}${upperInclusive ? ']' : ')'}`;
}

/** Splits a multirange literal into the literals of its ranges. Throws 22P02. */
export function parseMultirangeLiteral(text: string): string[] {
  const malformed = (detail: string): SqlError =>
    sqlError('invalid_text_representation', `malformed multirange literal: "${text}"`, { detail });
  let position = skipSpace(text, 0);
  if (text[position] !== '{') throw malformed('Missing left brace.');
  position++;
  const ranges: string[] = [];
  for (;;) {
    position = skipSpace(text, position);
    const character = text[position];
    if (character === undefined) throw malformed('Unexpected end of input.');
    if (character === '}' && ranges.length === 0) break;
    const end = rangeEnd(text, position);
    if (end === -1) throw malformed('Expected range start.');
    if (end > text.length) throw malformed('Unexpected end of input.');
    ranges.push(text.slice(position, end));
    position = skipSpace(text, end);
    if (text[position] === '}') break;
    if (text[position] === undefined) throw malformed('Unexpected end of input.');
    if (text[position] !== ',') throw malformed('Expected comma or end of multirange.');
    position++;
  }
  if (skipSpace(text, position + 1) < text.length) throw malformed('Junk after closing right brace.');
  return ranges;
}

/** Where the range literal at `start` ends: -1 when none starts there, beyond the text when it is not complete. */
function rangeEnd(text: string, start: number): number {
  if (text.slice(start, start + 5).toLowerCase() === 'empty') return start + 5;
  if (text[start] !== '[' && text[start] !== '(') return -1;
  let quoted = false;
  for (let i = start + 1; i < text.length; i++) {
    const character = text[i];
    if (character === '\\') i++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === ']' || character === ')')) return i + 1;
  }
  return text.length + 1;
}
