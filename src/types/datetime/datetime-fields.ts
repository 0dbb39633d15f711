/**
 * Cuts the text of a date, time or interval into fields, of which it knows only the outer form. Words come out in
 * lower case; punctuation that belongs to no field separates.
 */
import { KEYWORDS } from './datetime-keywords.js';

export type FieldKind = 'number' | 'date' | 'time' | 'string' | 'special' | 'zone';

export interface Field {
  readonly kind: FieldKind;
  readonly text: string;
}

const MAX_FIELDS = 25;
const MAX_LENGTH = 153;

const isDigit = (c: string) => c >= '0' && c <= '9';
const isAlpha = (c: string) => (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
const isAlnum = (c: string) => isDigit(c) || isAlpha(c);
const isSpace = (c: string) => c === ' ' || (c >= '\t' && c <= '\r');
const isPunctuation = (c: string) => c > ' ' && c < '\x7f' && !isAlnum(c);
const isZoneName = (c: string) => isAlnum(c) || (c !== '' && '+-/_.:'.includes(c));

/** Null when there is something that can be part of no date. */
export function cutFields(text: string): Field[] | null {
  const fields: Field[] = [];
  let total = 0;
  const cutter = new Cutter(text);
  while (cutter.skipSpaces()) {
    const kind = cutter.next();
    if (kind === null) return null;
    if (kind === 'nothing') continue;
    total += cutter.text.length + 1;
    if (fields.length >= MAX_FIELDS || total > MAX_LENGTH) return null;
    fields.push({ kind, text: cutter.text.toLowerCase() });
  }
  return fields;
}

class Cutter {
  private position = 0;
  private start = 0;
  private prefix = '';

  constructor(private readonly input: string) {}

  get text(): string {
    return this.prefix + this.input.slice(this.start, this.position);
  }

  /** Whether anything is left behind blanks. */
  skipSpaces(): boolean {
    while (isSpace(this.here)) this.position++;
    return this.position < this.input.length;
  }

  private get here(): string {
    return this.input.charAt(this.position);
  }

  private skip(accept: (c: string) => boolean): void {
    while (this.position < this.input.length && accept(this.here)) this.position++;
  }

  /** Moves behind the next field, whose text is then `text`. */
  next(): FieldKind | 'nothing' | null {
    this.start = this.position;
    this.prefix = '';
    const first = this.here;
    if (isDigit(first)) return this.number();
    if (first === '.') {
      this.position++;
      this.skip(isDigit);
      return 'number';
    }
    if (isAlpha(first)) return this.word();
    if (first === '+' || first === '-') return this.signed(first);
    if (!isPunctuation(first)) return null;
    this.position++;
    return 'nothing';
  }

  private number(): FieldKind {
    this.skip(isDigit);
    const delimiter = this.here;
    if (delimiter === ':') {
      this.skip((c) => isDigit(c) || c === ':' || c === '.');
      return 'time';
    }
    if (delimiter !== '-' && delimiter !== '/' && delimiter !== '.') return 'number';
    this.position++;
    if (!isDigit(this.here)) {
      this.skip((c) => isAlnum(c) || c === delimiter);
      return 'date';
    }
    this.skip(isDigit);
    if (this.here !== delimiter) return delimiter === '.' ? 'number' : 'date';
    this.skip((c) => isDigit(c) || c === delimiter);
    return 'date';
  }

  private word(): FieldKind {
    this.skip(isAlpha);
    const next = this.here;
    const joined =
      next === '-' ||
      next === '/' ||
      next === '.' ||
      ((next === '+' || isDigit(next)) && !KEYWORDS.has(this.text.toLowerCase()));
    if (!joined) return 'string';
    this.position++;
    this.skip(isZoneName);
    return 'date';
  }

  private signed(sign: string): FieldKind | null {
    this.position++;
    this.skipSpaces();
    this.prefix = sign;
    this.start = this.position;
    if (isDigit(this.here)) {
      this.skip((c) => isDigit(c) || c === ':' || c === '.' || c === '-');
      return 'zone';
    }
    if (!isAlpha(this.here)) return null;
    this.skip(isAlpha);
    return 'special';
  }
}
