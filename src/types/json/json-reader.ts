/**
 * Reads JSON text token by token, with PostgreSQL's checks and error reports. One reader serves everything that looks
 * at JSON text: input of json (validation only), the jsonb parser, and the functions that cut pieces out of json.
 * The reader always stands on a token; `next` moves on. Strings are decoded only when asked for, because json may hold
 * escapes that have no text form.
 */
import { stackDepthExceeded } from '../../errors/runtime-limits.js';
import { type SqlError, sqlError } from '../../errors/sql-error.js';

export const END: number = 0;
export const STRING: number = 1;
export const NUMBER: number = 2;
export const OBJECT_START: number = 3;
export const OBJECT_END: number = 4;
export const ARRAY_START: number = 5;
export const ARRAY_END: number = 6;
export const COMMA: number = 7;
export const COLON: number = 8;
export const TRUE: number = 9;
export const FALSE: number = 10;
export const NULL: number = 11;

/** Deepest nesting that is accepted; everything that walks a JSON value recurses to at most this depth. */
export const MAX_JSON_DEPTH = 2500;

const CONTEXT_LENGTH = 50;
const BACKSLASH = 92;
const QUOTE = 34;

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isWordCharacter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || isDigit(code) || code === 95 || code >= 128;
}

export class JsonReader {
  token = END;
  tokenStart = 0;
  tokenEnd = 0;
  /** End of the token before this one: where a value that was just skipped ends. */
  previousEnd = 0;
  /** Whether the string token contains escapes. */
  private escaped = false;
  private decoded = '';
  private line = 1;
  private lineStart = 0;
  private depth = 0;

  /** `decode`: string tokens are decoded (and their escapes checked) as they are read. Starts on the first token. */
  constructor(
    readonly text: string,
    private readonly decode: boolean,
  ) {
    this.next();
  }

  /** Moves to the next token. */
  next(): void {
    const text = this.text;
    this.previousEnd = this.tokenEnd;
    let position = this.tokenEnd;
    let code = text.charCodeAt(position);
    while (code === 32 || code === 10 || code === 9 || code === 13) {
      position++;
      if (code === 10) {
        this.line++;
        this.lineStart = position;
      }
      code = text.charCodeAt(position);
    }
    this.tokenStart = position;
    this.tokenEnd = position + 1;
    switch (code) {
      case 123:
        this.token = OBJECT_START;
        return;
      case 125:
        this.token = OBJECT_END;
        return;
      case 91:
        this.token = ARRAY_START;
        return;
      case 93:
        this.token = ARRAY_END;
        return;
      case 44:
        this.token = COMMA;
        return;
      case 58:
        this.token = COLON;
        return;
      case QUOTE:
        this.readString(position + 1);
        return;
      case 45:
        this.readNumber(position + 1);
        return;
    }
    if (isDigit(code)) this.readNumber(position);
    else this.readWord(position);
  }

  /** The text of the string token, escapes resolved. */
  stringValue(): string {
    if (!this.escaped) return this.text.slice(this.tokenStart + 1, this.tokenEnd - 1);
    return this.decode ? this.decoded : this.decodeString();
  }

  /** The token's own text. */
  tokenText(): string {
    return this.text.slice(this.tokenStart, this.tokenEnd);
  }

  /** Consumes a token of this kind, or reports `expected` (the words of PostgreSQL's detail). */
  expect(token: number, expected: string): void {
    if (this.token !== token) throw this.unexpected(expected);
    this.next();
  }

  /** Consumes the key of an object's member and its colon; returns the key. */
  memberKey(): string {
    const key = this.token === STRING ? this.stringValue() : '';
    this.passKey();
    return key;
  }

  /** Passes the key of a member, which need not have a text form, and the colon. */
  passKey(): void {
    if (this.token !== STRING) throw this.unexpected('string');
    this.next();
    this.expect(COLON, '":"');
  }

  /** Checks and passes one value of any kind. */
  skipValue(): void {
    switch (this.token) {
      case OBJECT_START:
        this.enter();
        if (this.token === STRING) {
          for (;;) {
            this.passKey();
            this.skipValue();
            if (this.token !== COMMA) break;
            this.next();
          }
          this.leave(OBJECT_END, '"," or "}"');
        } else this.leave(OBJECT_END, 'string or "}"');
        return;
      case ARRAY_START:
        this.enter();
        if (this.token !== ARRAY_END) {
          for (;;) {
            this.skipValue();
            if (this.token !== COMMA) break;
            this.next();
          }
        }
        this.leave(ARRAY_END, '"," or "]"');
        return;
      case STRING:
      case NUMBER:
      case TRUE:
      case FALSE:
      case NULL:
        this.next();
        return;
      default:
        throw this.unexpected('JSON value');
    }
  }

  /** Passes the opening token of an array or object. */
  enter(): void {
    if (++this.depth > MAX_JSON_DEPTH) throw stackDepthExceeded();
    this.next();
  }

  /** Passes the closing token of an array or object. */
  leave(token: number, expected: string): void {
    this.expect(token, expected);
    this.depth--;
  }

  expectEnd(): void {
    if (this.token !== END) throw this.unexpected('end of input');
  }

  unexpected(expected: string): SqlError {
    if (this.token === END) return this.invalid('The input string ended unexpectedly.');
    return this.invalid(`Expected ${expected}, but found "${this.tokenText()}".`);
  }

  private readString(start: number): void {
    const text = this.text;
    let position = start;
    let escaped = false;
    this.token = STRING;
    for (;;) {
      const code = text.charCodeAt(position);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        escaped = true;
        position = this.checkEscape(position + 1);
        continue;
      }
      if (code >= 32) {
        position++;
        continue;
      }
      this.tokenEnd = Math.min(position, text.length);
      if (position >= text.length) throw this.invalidToken();
      throw this.invalid(`Character with value 0x${code.toString(16).padStart(2, '0')} must be escaped.`);
    }
    this.tokenEnd = position + 1;
    this.escaped = escaped;
    if (escaped && this.decode) this.decoded = this.decodeString();
  }

  /** Checks the form of an escape whose backslash is behind; returns the position after it. */
  private checkEscape(position: number): number {
    const text = this.text;
    const letter = text[position];
    if (letter === 'u') {
      for (let i = 1; i <= 4; i++) {
        if (position + i >= text.length) {
          this.tokenEnd = text.length;
          throw this.invalidToken();
        }
        if (!/[0-9a-fA-F]/.test(text[position + i])) {
          this.tokenEnd = position + i + characterLength(text, position + i);
          throw this.invalid('"\\u" must be followed by four hexadecimal digits.');
        }
      }
      return position + 5;
    }
    if (letter === undefined) {
      this.tokenEnd = text.length;
      throw this.invalidToken();
    }
    if (SIMPLE_ESCAPES[letter] === undefined) {
      this.tokenStart = position;
      this.tokenEnd = position + characterLength(text, position);
      throw this.invalid(`Escape sequence "\\${this.tokenText()}" is invalid.`);
    }
    return position + 1;
  }

  /** Resolves the escapes of the string token, whose form has been checked. */
  private decodeString(): string {
    const text = this.text;
    const end = this.tokenEnd - 1;
    let result = '';
    let high = 0;
    let position = this.tokenStart + 1;
    while (position < end) {
      const backslash = text.indexOf('\\', position);
      const plainEnd = backslash === -1 || backslash > end ? end : backslash;
      if (plainEnd > position) {
        if (high !== 0) throw this.lowSurrogateError(position);
        result += text.slice(position, plainEnd);
        position = plainEnd;
        continue;
      }
      const letter = text[position + 1];
      if (letter !== 'u') {
        if (high !== 0) throw this.lowSurrogateError(position + 1);
        result += SIMPLE_ESCAPES[letter];
        position += 2;
        continue;
      }
      const unit = Number.parseInt(text.slice(position + 2, position + 6), 16);
      position += 6;
      high = this.decodeUnit(unit, high, position);
      if (high === 0) result += String.fromCharCode(unit);
      else result += String.fromCharCode(high);
    }
    if (high !== 0) throw this.lowSurrogateError(end);
    return result;
  }

  /** Checks a \\u unit against the high surrogate before it (0: none); returns the high surrogate now pending. */
  private decodeUnit(unit: number, high: number, end: number): number {
    if (unit >= 0xd800 && unit <= 0xdbff) {
      if (high !== 0) {
        this.tokenEnd = end;
        throw this.invalid('Unicode high surrogate must not follow a high surrogate.');
      }
      return unit;
    }
    const isLow = unit >= 0xdc00 && unit <= 0xdfff;
    if (isLow !== (high !== 0)) throw this.lowSurrogateError(end - 1);
    if (unit === 0) {
      this.tokenEnd = end;
      throw sqlError('untranslatable_character', 'unsupported Unicode escape sequence', {
        detail: '\\u0000 cannot be converted to text.',
        where: this.context(),
      });
    }
    return 0;
  }

  private lowSurrogateError(position: number): SqlError {
    this.tokenEnd = position + characterLength(this.text, position);
    return this.invalid('Unicode low surrogate must follow a high surrogate.');
  }

  private readNumber(start: number): void {
    const text = this.text;
    let position = start;
    let valid = true;
    let code = text.charCodeAt(position);
    if (code === 48) code = text.charCodeAt(++position);
    else if (isDigit(code)) {
      do code = text.charCodeAt(++position);
      while (isDigit(code));
    } else valid = false;
    if (code === 46) {
      code = text.charCodeAt(++position);
      if (!isDigit(code)) valid = false;
      while (isDigit(code)) code = text.charCodeAt(++position);
    }
    if (code === 101 || code === 69) {
      code = text.charCodeAt(++position);
      if (code === 43 || code === 45) code = text.charCodeAt(++position);
      if (!isDigit(code)) valid = false;
      while (isDigit(code)) code = text.charCodeAt(++position);
    }
    while (isWordCharacter(code)) {
      valid = false;
      code = text.charCodeAt(++position);
    }
    this.tokenEnd = position;
    this.token = NUMBER;
    if (!valid) throw this.invalidToken();
  }

  private readWord(start: number): void {
    const text = this.text;
    if (start >= text.length) {
      this.tokenEnd = start;
      this.token = END;
      return;
    }
    let position = start;
    while (isWordCharacter(text.charCodeAt(position))) position++;
    this.tokenEnd = position === start ? start + 1 : position;
    const word = this.tokenText();
    if (word === 'true') this.token = TRUE;
    else if (word === 'false') this.token = FALSE;
    else if (word === 'null') this.token = NULL;
    else throw this.invalidToken();
  }

  private invalidToken(): SqlError {
    return this.invalid(`Token "${this.tokenText()}" is invalid.`);
  }

  private invalid(detail: string): SqlError {
    return sqlError('invalid_text_representation', 'invalid input syntax for type json', {
      detail,
      where: this.context(),
    });
  }

  /** The words that show where in the text an error is: up to about 50 bytes of its line. */
  private context(): string {
    const text = this.text;
    const end = this.tokenEnd;
    let start = this.lineStart;
    if (end - start >= CONTEXT_LENGTH || Buffer.byteLength(text.slice(start, end)) >= CONTEXT_LENGTH) {
      let bytes = Buffer.byteLength(text.slice(start, end));
      while (bytes >= CONTEXT_LENGTH) {
        const width = characterLength(text, start);
        bytes -= Buffer.byteLength(text.slice(start, start + width));
        start += width;
      }
      if (Buffer.byteLength(text.slice(this.lineStart, start)) <= 3) start = this.lineStart;
    }
    const prefix = start > this.lineStart ? '...' : '';
    const more = this.token !== END && end < text.length && text[end] !== '\n' && text[end] !== '\r';
    return `JSON data, line ${this.line}: ${prefix}${text.slice(start, end)}${more ? '...' : ''}`;
  }
}

/** UTF-16 units of the character at `position`. */
function characterLength(text: string, position: number): number {
  const code = text.codePointAt(position);
  return code === undefined ? 0 : code > 0xffff ? 2 : 1;
}

/** Checks that `text` is one JSON value; throws 22P02 when it is not. */
export function validateJson(text: string): void {
  const reader = new JsonReader(text, false);
  reader.skipValue();
  reader.expectEnd();
}
