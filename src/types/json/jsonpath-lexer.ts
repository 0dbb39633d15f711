/** Splits jsonpath text into tokens, with PostgreSQL's errors. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';

export interface PathToken {
  readonly kind: 'word' | 'string' | 'variable' | 'number' | 'symbol' | 'end';
  /** Symbols and words as written; strings and variables without quotes and escapes. */
  readonly text: string;
  /** As written. */
  readonly source: string;
  /** What an error at this token names, null for the end. For a word, whose end is known late, the blanks behind it. */
  readonly near: string | null;
}

const SYMBOL = /^(?:\*\*|&&|\|\||==|!=|<>|<=|>=|[?%$.[\]{}()|&!=<>@#,*:\-+/])/;
const NUMBER = /^(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/;
const WORD_END = /[?%$.[\]{}()|&!=<>@#,*:\-+/ \t\n\r\f"\\]/;
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function lexError(problem: string, near: string | null): SqlError {
  return sqlError('syntax_error', `${problem} at ${near === null ? 'end' : `or near "${near}"`} of jsonpath input`);
}

export function pathSyntaxError(token: PathToken): SqlError {
  return lexError('syntax error', token.near);
}

export function tokenizePath(text: string): PathToken[] {
  const tokens: PathToken[] = [];
  let position = 0;
  while (position < text.length) {
    const rest = text.slice(position);
    const blank = /^(?:[ \t\n\r\f]+|\/\*[\s\S]*?\*\/)/.exec(rest);
    if (blank !== null) {
      position += blank[0].length;
      continue;
    }
    if (rest.startsWith('/*')) throw lexError('unexpected end of comment', null);
    const token = nextToken(text, position);
    tokens.push(token);
    position += token.source.length;
  }
  tokens.push({ kind: 'end', text: '', source: '', near: null });
  return tokens;
}

function nextToken(text: string, position: number): PathToken {
  const character = text[position];
  if (character === '"') return quoted(text, position, position, 'string');
  if (character === '$' && text[position + 1] === '"') return quoted(text, position, position + 1, 'variable');
  const rest = text.slice(position);
  const number = NUMBER.exec(rest);
  if (number !== null) {
    const after = rest[number[0].length];
    if (after !== undefined && !WORD_END.test(after))
      throw lexError('trailing junk after numeric literal', number[0] + after);
    return { kind: 'number', text: number[0], source: number[0], near: number[0] };
  }
  if (character === '$') {
    const name = word(text, position + 1);
    if (name.source !== '') return { kind: 'variable', text: name.text, source: `$${name.source}`, near: name.near };
  }
  const symbol = SYMBOL.exec(rest);
  if (symbol !== null) return { kind: 'symbol', text: symbol[0], source: symbol[0], near: symbol[0] };
  return word(text, position);
}

/** An unquoted name, which may contain escapes. */
function word(text: string, start: number): PathToken {
  let position = start;
  let value = '';
  while (position < text.length) {
    if (text[position] === '\\') {
      const { value: character, end } = readEscape(text, position + 1);
      value += character;
      position = end;
    } else if (WORD_END.test(text[position])) break;
    else value += text[position++];
  }
  const blanks = /^[ \t\n\r\f]+/.exec(text.slice(position));
  return { kind: 'word', text: value, source: text.slice(start, position), near: blanks === null ? null : blanks[0] };
}

function quoted(text: string, start: number, quote: number, kind: 'string' | 'variable'): PathToken {
  let position = quote + 1;
  let value = '';
  for (;;) {
    const character = text[position];
    if (character === undefined) throw lexError('unexpected end of quoted string', null);
    if (character === '"') break;
    if (character === '\\') {
      const escaped = readEscape(text, position + 1);
      value += escaped.value;
      position = escaped.end;
    } else {
      value += character;
      position++;
    }
  }
  return { kind, text: value, source: text.slice(start, position + 1), near: '"' };
}

/** The character that the escape behind a backslash stands for. */
function readEscape(text: string, position: number): { value: string; end: number } {
  const letter = text[position];
  if (letter === undefined) throw lexError('unexpected end after backslash', null);
  const hex = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\})/.exec(
    text.slice(position, position + 9),
  );
  if (hex !== null) {
    const code = Number.parseInt(hex[1] ?? hex[2] ?? hex[3], 16);
    if (code === 0)
      throw sqlError('untranslatable_character', 'unsupported Unicode escape sequence', {
        detail: '\\u0000 cannot be converted to text.',
      });
    return {
      value: code > 0xffff ? String.fromCodePoint(code) : String.fromCharCode(code),
      end: position + hex[0].length,
    };
  }
  if (letter === 'x') throw lexError('invalid hexadecimal character sequence', text.slice(position - 1, position + 1));
  if (letter === 'u') throw lexError('invalid Unicode escape sequence', text.slice(position - 1, position + 1));
  return { value: ESCAPES[letter] ?? letter, end: position + 1 };
}
