/**
 * Lifts literals out of a simple query, so that texts which differ only in them share one plan. Only what cannot change
 * the meaning is lifted: integers and strings behind a comparison or arithmetic operator, and in VALUES lists. A text
 * with anything this scanner is not sure about is left alone.
 */
import * as oid from '../types/oids.js';

export interface LiftedQuery {
  /** The text with `$1`, `$2`, … in place of the literals, followed by their types: the key of the plan cache. */
  readonly key: string;
  readonly text: string;
  /** int4 for integers, 0 (to be inferred) for strings. */
  readonly types: readonly number[];
  readonly values: readonly (number | string)[];
}

const MAX_LENGTH = 2000;
const MAX_INTEGER = 2147483647;
const MAX_LITERALS = 200;

/** Words after which expressions must match each other by their text, or whose literals are not values. */
const REFUSED = new Set([
  'group',
  'distinct',
  'order',
  'over',
  'union',
  'intersect',
  'except',
  'with',
  'explain',
  'prepare',
  'create',
  'window',
  'having',
  'array',
  'row',
  'returning',
]);
const FIRST = new Set(['select', 'insert', 'update', 'delete']);
const OPERATORS = new Set(['=', '<', '>', '<=', '>=', '<>', '!=', '+', '-', '*', '/', '%']);

const Char = {
  Quote: 39,
  Dollar: 36,
  DoubleQuote: 34,
  Dash: 45,
  Slash: 47,
  Star: 42,
  Semicolon: 59,
  Comma: 44,
  Open: 40,
  Close: 41,
  Dot: 46,
  Backslash: 92,
} as const;

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isWord(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    code === 95 ||
    code >= 128 ||
    isDigit(code) ||
    code === Char.Dollar
  );
}

const OPERATOR_CHARS = '+-*/<>=~!@#%^&|`?';

function isOperator(code: number): boolean {
  return OPERATOR_CHARS.includes(String.fromCharCode(code));
}

/** Null when the text must be planned as it is. */
export function liftLiterals(sql: string): LiftedQuery | null {
  if (sql.length > MAX_LENGTH) return null;
  return new Lifter(sql).run();
}

class Lifter {
  private position = 0;
  private copied = 0;
  private text = '';
  private readonly types: number[] = [];
  private readonly values: (number | string)[] = [];
  /** The token before the current one: a word in lower case, an operator, or a punctuation mark. */
  private previous = '';
  /** Depth of parentheses inside a VALUES list; -1 outside. */
  private valuesDepth = -1;
  private words = 0;

  constructor(private readonly sql: string) {}

  run(): LiftedQuery | null {
    const { sql } = this;
    while (this.position < sql.length) {
      if (!this.token()) return null;
    }
    if (this.values.length === 0) return null;
    this.text += sql.slice(this.copied);
    return { key: `${this.text}\0${this.types.join()}`, text: this.text, types: this.types, values: this.values };
  }

  /** Takes one token; false gives up. */
  private token(): boolean {
    const { sql } = this;
    const start = this.position;
    const code = sql.charCodeAt(start);
    if (isSpace(code)) {
      this.position++;
      return true;
    }
    if (isDigit(code)) return this.number(start);
    if (isWord(code)) return code !== Char.Dollar && this.word(start);
    if (code === Char.Quote) return this.string(start);
    if (code === Char.DoubleQuote) return this.quotedName(start);
    if (code === Char.Semicolon) {
      this.position++;
      return sql.slice(this.position).trim() === '';
    }
    if (isOperator(code)) return this.operator(start);
    if (code === Char.Backslash || code === Char.Dot) {
      this.previous = '.';
      this.position++;
      return code === Char.Dot;
    }
    if (code === Char.Open && this.valuesDepth >= 0) this.valuesDepth++;
    else if (code === Char.Close && this.valuesDepth > 0) this.valuesDepth--;
    this.previous = sql[start];
    this.position++;
    return true;
  }

  private word(start: number): boolean {
    let end = start + 1;
    while (end < this.sql.length && isWord(this.sql.charCodeAt(end))) end++;
    const word = this.sql.slice(start, end).toLowerCase();
    // E'…', B'…', U&'…' are not plain strings.
    if (this.sql.charCodeAt(end) === Char.Quote || (word === 'u' && this.sql[end] === '&')) return false;
    if (this.words++ === 0 && !FIRST.has(word)) return false;
    if (REFUSED.has(word)) return false;
    if (word === 'values') this.valuesDepth = 0;
    else if (this.valuesDepth === 0) this.valuesDepth = -1;
    this.previous = word;
    this.position = end;
    return true;
  }

  private operator(start: number): boolean {
    const { sql } = this;
    let end = start + 1;
    while (end < sql.length && isOperator(sql.charCodeAt(end))) end++;
    const run = sql.slice(start, end);
    if (run.includes('--') || run.includes('/*')) return false;
    this.previous = run;
    this.position = end;
    return true;
  }

  /** Whether a literal here stands for a value that may as well be a parameter. */
  private liftable(): boolean {
    if (OPERATORS.has(this.previous)) return true;
    return this.valuesDepth === 1 && (this.previous === '(' || this.previous === ',');
  }

  private number(start: number): boolean {
    const { sql } = this;
    let end = start + 1;
    while (end < sql.length && isDigit(sql.charCodeAt(end))) end++;
    const next = sql.charCodeAt(end);
    if (next === Char.Dot || isWord(next)) {
      // A decimal number or trailing junk: left as it is.
      while (end < sql.length && (isWord(sql.charCodeAt(end)) || sql.charCodeAt(end) === Char.Dot)) end++;
      this.previous = 'number';
      this.position = end;
      return true;
    }
    const value = Number(sql.slice(start, end));
    if (this.previous !== '.' && value <= MAX_INTEGER && this.liftable() && !this.castFollows(end))
      this.lift(start, end, value, oid.INT4);
    this.previous = 'number';
    this.position = end;
    return this.values.length <= MAX_LITERALS;
  }

  private string(start: number): boolean {
    const { sql } = this;
    let end = sql.indexOf("'", start + 1);
    while (end >= 0 && sql.charCodeAt(end + 1) === Char.Quote) end = sql.indexOf("'", end + 2);
    if (end < 0) return false;
    end++;
    if (this.liftable() && !this.castFollows(end) && !this.previousIsArithmetic()) {
      this.lift(start, end, sql.slice(start + 1, end - 1).replaceAll("''", "'"), 0);
    }
    this.previous = 'string';
    this.position = end;
    return this.values.length <= MAX_LITERALS;
  }

  /** `a + '1 day'`: what the string is depends on the other side in ways a parameter does not share. */
  private previousIsArithmetic(): boolean {
    return (
      this.previous === '+' ||
      this.previous === '-' ||
      this.previous === '*' ||
      this.previous === '/' ||
      this.previous === '%'
    );
  }

  private castFollows(end: number): boolean {
    let position = end;
    while (isSpace(this.sql.charCodeAt(position))) position++;
    const code = this.sql.charCodeAt(position);
    return code === 58 || code === Char.Quote || code === 91;
  }

  private quotedName(start: number): boolean {
    let end = this.sql.indexOf('"', start + 1);
    while (end >= 0 && this.sql.charCodeAt(end + 1) === Char.DoubleQuote) end = this.sql.indexOf('"', end + 2);
    if (end < 0) return false;
    this.previous = 'name';
    this.position = end + 1;
    return true;
  }

  private lift(start: number, end: number, value: number | string, type: number): void {
    this.values.push(value);
    this.types.push(type);
    this.text += `${this.sql.slice(this.copied, start)}$${this.values.length}`;
    this.copied = end;
  }
}
