/**
 * Tokens of PL/pgSQL and of the SQL inside it, which share their lexical rules. The scanner knows where strings, comments
 * and names end, and nothing of what they mean; offsets count UTF-16 units of the source.
 */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { truncateName } from '../../types/text/character-codecs.js';

export interface Token {
  readonly kind: 'word' | 'string' | 'number' | 'param' | 'symbol' | 'end';
  /** As it is written. */
  readonly text: string;
  /** A name as it is looked up, the content of a string; otherwise the text. */
  readonly value: string;
  /** A name in double quotes, which is never a keyword. */
  readonly quoted: boolean;
  readonly start: number;
  readonly end: number;
}

const SPACE = /(?:[ \t\n\r\f\v]|--[^\n\r]*)+/y;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const NUMBER = /(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const PARAM = /\$\d+/y;
const DOLLAR = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const OPERATOR = /[~!@#^&|`?+\-*/%<>=]+/y;
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** A fault at an offset of `source`. */
export function faultAt(
  source: string,
  offset: number,
  message: string,
  condition: SqlError['condition'] = 'syntax_error',
): SqlError {
  return sqlError(condition, message, { position: characterAt(source, offset) });
}

/** 1-based position in characters of an offset. */
export function characterAt(source: string, offset: number): number {
  let position = 1;
  for (let i = 0; i < offset && i < source.length; i++) {
    const unit = source.charCodeAt(i);
    if (unit < 0xdc00 || unit > 0xdfff) position++;
  }
  return position;
}

/** All tokens; the last one is the end. @throws SqlError 42601 for what has no end, with its position */
export function scan(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at = skipBlank(source, at);
    const token = at >= source.length ? end(source.length) : scanToken(source, at);
    tokens.push(token);
    if (token.kind === 'end') return tokens;
    at = token.end;
  }
}

function end(at: number): Token {
  return { kind: 'end', text: '', value: '', quoted: false, start: at, end: at };
}

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}

function skipBlank(source: string, from: number): number {
  let at = from;
  for (;;) {
    at += match(SPACE, source, at)?.length ?? 0;
    if (!source.startsWith('/*', at)) return at;
    at = commentEnd(source, at);
  }
}

/** Block comments nest. */
function commentEnd(source: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(source); found !== null; found = mark.exec(source)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  throw unterminated(source, start, '/* comment');
}

function unterminated(source: string, start: number, what: string): SqlError {
  return faultAt(source, start, `unterminated ${what} at or near "${source.slice(start)}"`);
}

function scanToken(source: string, at: number): Token {
  const first = source[at];
  if (first === "'") return plainString(source, at, at);
  if (first === '"') return quotedName(source, at, at);
  const prefixed = prefixedString(source, at);
  if (prefixed !== null) return prefixed;
  const word = match(WORD, source, at);
  if (word !== undefined) {
    const value = truncateName(word.replace(/[A-Z]+/g, (part) => part.toLowerCase()));
    return { kind: 'word', text: word, value, quoted: false, start: at, end: at + word.length };
  }
  const number = match(NUMBER, source, at);
  if (number !== undefined) return simple('number', number, at);
  if (first === '$') {
    const param = match(PARAM, source, at);
    if (param !== undefined) return simple('param', param, at);
    const quote = match(DOLLAR, source, at);
    if (quote !== undefined) return dollarString(source, at, quote);
  }
  return simple('symbol', symbolAt(source, at), at);
}

function simple(kind: Token['kind'], text: string, start: number): Token {
  return { kind, text, value: text, quoted: false, start, end: start + text.length };
}

function symbolAt(source: string, at: number): string {
  for (const symbol of [':=', '..', '::']) if (source.startsWith(symbol, at)) return symbol;
  const run = match(OPERATOR, source, at);
  if (run === undefined) return String.fromCodePoint(source.codePointAt(at) ?? 0);
  // A comment may begin inside a run of operator characters.
  const comment = run.search(/\/\*|--/);
  const operator = comment > 0 ? run.slice(0, comment) : run;
  // + and - end an operator only where it has one of the less common characters.
  if (operator.length > 1 && !/[~!@#%^&|`?]/.test(operator)) return operator.replace(/[+-]+$/, '') || operator[0];
  return operator;
}

/** E'…', B'…', X'…', N'…', U&'…' and U&"…". */
function prefixedString(source: string, at: number): Token | null {
  const next = source[at + 1];
  if (next === "'" && 'eE'.includes(source[at])) return escapedString(source, at);
  if (next === "'" && 'bBxXnN'.includes(source[at])) return plainString(source, at, at + 1);
  if ('uU'.includes(source[at]) && next === '&') {
    if (source[at + 2] === "'") return plainString(source, at, at + 2);
    if (source[at + 2] === '"') return quotedName(source, at, at + 2);
  }
  return null;
}

/** Where the quote that opens at `open` is closed; a doubled one is part of the content. */
function closingQuote(source: string, open: number): number {
  const quote = source[open];
  for (let at = source.indexOf(quote, open + 1); at >= 0; at = source.indexOf(quote, at + 2))
    if (source[at + 1] !== quote) return at;
  return -1;
}

function plainString(source: string, start: number, open: number): Token {
  const close = closingQuote(source, open);
  if (close < 0) throw unterminated(source, start, 'quoted string');
  const value = source.slice(open + 1, close).replaceAll("''", "'");
  return { kind: 'string', text: source.slice(start, close + 1), value, quoted: true, start, end: close + 1 };
}

function quotedName(source: string, start: number, open: number): Token {
  const close = closingQuote(source, open);
  if (close < 0) throw unterminated(source, start, 'quoted identifier');
  const text = source.slice(start, close + 1);
  const value = truncateName(source.slice(open + 1, close).replaceAll('""', '"'));
  if (value === '') throw faultAt(source, start, `zero-length delimited identifier at or near "${text}"`);
  return { kind: 'word', text, value, quoted: true, start, end: close + 1 };
}

function escapedString(source: string, start: number): Token {
  const body = match(/'(?:[^'\\]|\\[\s\S]|'')*'/y, source, start + 1);
  if (body === undefined) throw unterminated(source, start, 'quoted string');
  const end = start + 1 + body.length;
  return {
    kind: 'string',
    text: source.slice(start, end),
    value: unescape(body.slice(1, -1)),
    quoted: true,
    start,
    end,
  };
}

function unescape(body: string): string {
  return body.replace(
    /''|\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g,
    (whole, octal, hex, short, long, plain) => {
      if (whole === "''") return "'";
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      const code = hex ?? short ?? long;
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
      return ESCAPES[plain] ?? plain;
    },
  );
}

function dollarString(source: string, start: number, quote: string): Token {
  const close = source.indexOf(quote, start + quote.length);
  if (close < 0) throw unterminated(source, start, 'dollar-quoted string');
  const end = close + quote.length;
  const value = source.slice(start + quote.length, close);
  return { kind: 'string', text: source.slice(start, end), value, quoted: true, start, end };
}
