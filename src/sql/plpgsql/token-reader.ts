/**
 * Reads the tokens of one function: looking ahead, keywords, faults with PostgreSQL's words, and the ends of SQL fragments,
 * which are found by the tokens that may follow them outside of parentheses.
 */
import { SqlError } from '../../errors/sql-error.js';
import { parseSql } from '../parser/parse.js';
import { characterAt, faultAt, scan, type Token } from './scanner.js';

/** Words that no variable may be called without quotes. */
const RESERVED = new Set(
  (
    'all begin by case declare else end execute for foreach from if in into loop not null or strict then to using ' +
    'when while'
  ).split(' '),
);

export interface Span {
  readonly text: string;
  readonly offset: number;
  /** The token that has ended it, as it was asked for. */
  readonly until: string;
}

export class TokenReader {
  private readonly tokens: readonly Token[];
  private at = 0;
  private lineAt = { offset: 0, line: 1 };

  constructor(
    readonly source: string,
    /** Whether SQL fragments are parsed at once for their faults. */
    private readonly checks: boolean,
  ) {
    this.tokens = scan(source);
  }

  /** The next token; with -1 the one that was read last. */
  peek(ahead = 0): Token {
    return this.tokens[Math.max(0, Math.min(this.at + ahead, this.tokens.length - 1))];
  }

  next(): Token {
    const token = this.peek();
    if (this.at < this.tokens.length - 1) this.at++;
    return token;
  }

  /** Where the reader stands, to come back to it. */
  get mark(): number {
    return this.at;
  }

  back(mark: number): void {
    this.at = mark;
  }

  /** 1-based line of an offset. */
  lineOf(offset: number): number {
    let { offset: from, line } = this.lineAt.offset <= offset ? this.lineAt : { offset: 0, line: 1 };
    for (; from < offset; from++) if (this.source.charCodeAt(from) === 10) line++;
    this.lineAt = { offset, line };
    return line;
  }

  get line(): number {
    return this.lineOf(this.peek().start);
  }

  is(text: string, ahead = 0): boolean {
    return matches(this.peek(ahead), text);
  }

  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.next();
    return true;
  }

  /** @throws SqlError 42601 */
  expect(text: string): Token {
    if (!this.is(text)) throw this.syntaxError();
    return this.next();
  }

  /** "… at or near" the token. */
  syntaxError(message = 'syntax error', token: Token = this.peek()): SqlError {
    const where = token.kind === 'end' ? 'at end of input' : `at or near "${token.text}"`;
    return this.fault(token, `${message} ${where}`);
  }

  fault(token: Token, message: string, condition: SqlError['condition'] = 'syntax_error'): SqlError {
    return faultAt(this.source, token.start, message, condition);
  }

  /** A name that is free to be used. @throws SqlError 42601 */
  name(): Token {
    const token = this.peek();
    if (token.kind !== 'word' || (!token.quoted && RESERVED.has(token.value))) throw this.syntaxError();
    return this.next();
  }

  isReserved(token: Token): boolean {
    return !token.quoted && RESERVED.has(token.value);
  }

  /** `a`, `a.b`, `a.b.c` */
  path(): Token[] {
    const parts = [this.name()];
    while (this.is('.') && this.peek(1).kind === 'word') {
      this.next();
      parts.push(this.next());
    }
    return parts;
  }

  /**
   * The text up to one of `until` outside of parentheses, which is read as well.
   * @throws SqlError 42601 `missing "…" at end of SQL expression`
   */
  span(until: readonly string[], what: 'expression' | 'statement' = 'expression', shown = until[0]): Span {
    const first = this.peek();
    let last: Token | null = null;
    for (let depth = 0; ; ) {
      const token = this.peek();
      const end = depth === 0 ? until.find((text) => matches(token, text)) : undefined;
      if (end !== undefined) {
        this.next();
        if (last === null) throw this.syntaxError(`missing ${what === 'expression' ? what : 'SQL statement'}`, token);
        return { text: this.source.slice(first.start, last.end), offset: first.start, until: end };
      }
      if (token.text === '(' || token.text === '[') depth++;
      else if (token.text === ')' || token.text === ']') {
        depth--;
        if (depth < 0) throw this.syntaxError('mismatched parentheses');
      } else if (token.kind === 'end' || token.text === ';') {
        if (depth > 0) throw this.syntaxError('mismatched parentheses');
        if (token.kind === 'end') throw this.syntaxError();
        throw this.fault(token, `missing "${shown}" at end of SQL ${what}`);
      }
      last = this.next();
    }
  }

  /** Looks for faults in a fragment, which `prefix` makes a statement of; they are placed in the source. */
  check(prefix: string, text: string, offset: number): void {
    if (!this.checks) return;
    try {
      parseSql(prefix + text);
    } catch (error) {
      throw this.placed(error, prefix, offset);
    }
  }

  /** An error in a text behind `prefix` as one in the source. */
  placed(error: unknown, prefix: string, offset: number): unknown {
    if (!(error instanceof SqlError) || error.fields.position === undefined) return error;
    const position = error.fields.position - prefix.length + characterAt(this.source, offset) - 1;
    error.fields = { ...error.fields, position };
    return error;
  }
}

/** Keywords are given in lower case. */
function matches(token: Token, text: string): boolean {
  if (token.kind === 'word') return !token.quoted && token.value === text;
  return token.kind === 'symbol' && token.text === text;
}
