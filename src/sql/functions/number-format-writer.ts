/** Puts the digits of a number into the places of a pattern. The number is given as sign and plain decimal text. */
import { sqlError } from '../../errors/sql-error.js';
import type { NumberPattern, PatternNode } from './number-format.js';

/** State of writing one number; rules about blanks, zeros and signs are PostgreSQL's. */
class NumberWriter {
  private out = '';
  private place = 0;
  /** Index of the next character of the number. */
  private next = 0;
  private inNumber = false;
  private signWritten: boolean;
  private readonly brackets: boolean;
  private readonly signPlace: 'none' | 'before' | 'behind';
  private readonly zeroStart: number;
  /** Index of the last digit that FM keeps; the point when there is none; -1 when all are kept. */
  private readonly last: number;
  private readonly count: number;

  constructor(
    private readonly pattern: NumberPattern,
    private readonly number: string,
    private readonly sign: '+' | '-',
    /** Places before the number's first digit. */
    private readonly blanks: number,
  ) {
    const { plus, minus, fill } = pattern;
    this.zeroStart = Math.max(pattern.zeroStart - 1, 0);
    this.brackets = pattern.brackets && !(sign !== '-' && fill && !plus && !minus);
    if (plus || minus) this.signWritten = !(plus && !minus);
    else this.signWritten = sign === '+' && fill && pattern.sign === 'none';
    this.signPlace = pattern.sign === 'before' && pattern.pre === pattern.signAt ? 'behind' : pattern.sign;
    this.last = fill && pattern.decimal ? this.lastRelevant() : -1;
    this.count = pattern.post + pattern.pre - 1 + (!this.signWritten && blanks === 0 ? 1 : 0);
  }

  private lastRelevant(): number {
    const { number, pattern, blanks } = this;
    const point = number.indexOf('.');
    if (point < 0) return -1;
    let last = point;
    for (let i = point + 1; i < number.length; i++) if (number[i] !== '0') last = i;
    if (pattern.zeroEnd > blanks) last = Math.max(last, Math.min(number.length - 1, pattern.zeroEnd - blanks));
    return last;
  }

  write(): string {
    for (const node of this.pattern.nodes) this.node(node);
    const end = this.out.indexOf('\0');
    return end < 0 ? this.out : this.out.slice(0, end);
  }

  private node(node: PatternNode): void {
    const { fill } = this.pattern;
    switch (node.kind) {
      case 'text':
        this.out += node.text;
        return;
      case '9':
      case '0':
      case '.':
      case 'D':
        this.digit(node.kind);
        return;
      case ',':
      case 'G':
        if (this.inNumber) this.out += ',';
        else if (!fill) this.out += ' ';
        return;
      case 'L':
        this.out += ' ';
        return;
      case 'TH':
      case 'th':
        if (this.number[0] !== '#' && this.sign !== '-' && !this.pattern.decimal) {
          const ending = ordinalEnding(this.number);
          this.out += node.kind === 'TH' ? ending.toUpperCase() : ending;
        }
        return;
      case 'MI':
        if (this.sign === '-') this.out += '-';
        else if (!fill) this.out += ' ';
        return;
      case 'PL':
        if (this.sign === '+') this.out += '+';
        else if (!fill) this.out += ' ';
        return;
      case 'SG':
        this.out += this.sign;
        return;
      default:
        return;
    }
  }

  /** Whether the number is 0.… and its zero has no place asked for. */
  private get leadingZeroHidden(): boolean {
    return !this.pattern.zero && this.next === 0 && this.number[0] === '0' && this.pattern.post !== 0;
  }

  private get stopsAtPoint(): boolean {
    return this.last >= 0 && this.number[this.last] === '.';
  }

  private digit(kind: '9' | '0' | '.' | 'D'): void {
    this.inNumber = false;
    this.leadingSign();
    const { zero, fill, decimal } = this.pattern;
    if (this.place < this.blanks && (this.zeroStart > this.place || !zero)) {
      if (!fill) this.out += ' ';
    } else if (zero && this.place < this.blanks) {
      this.out += '0';
      this.inNumber = true;
    } else {
      this.character(kind);
      if (this.next < this.number.length) this.next++;
    }
    let end = this.count + (this.blanks > 0 ? 1 : 0) + (decimal ? 1 : 0);
    if (this.last >= 0 && this.last === this.next) end = this.place;
    if (this.place + 1 === end) this.trailingSign();
    this.place++;
  }

  private leadingSign(): void {
    const { zero, fill } = this.pattern;
    const starts = this.place >= this.blanks || (zero && this.zeroStart === this.place);
    if (this.signWritten || !starts || (this.leadingZeroHidden && !this.stopsAtPoint)) return;
    if (this.signPlace !== 'none') {
      if (this.signPlace === 'before') {
        this.out += this.sign;
        this.signWritten = true;
      }
      return;
    }
    this.signWritten = true;
    if (this.brackets) this.out += this.sign === '+' ? ' ' : '<';
    else if (this.sign === '-') this.out += '-';
    else if (!fill) this.out += ' ';
  }

  private trailingSign(): void {
    if (this.signWritten && this.brackets) this.out += this.sign === '+' ? ' ' : '>';
    else if (this.signPlace === 'behind') this.out += this.sign;
  }

  private character(kind: '9' | '0' | '.' | 'D'): void {
    const { fill } = this.pattern;
    const character = this.number[this.next];
    if (character === '.') {
      if (!this.stopsAtPoint || fill) this.out += '.';
    } else if (this.last >= 0 && this.next > this.last && kind !== '0') {
      // Digits that FM leaves out.
    } else if (this.leadingZeroHidden) {
      if (!fill) this.out += ' ';
      else if (this.stopsAtPoint) this.out += '0';
    } else {
      this.out += character ?? '\0';
      this.inNumber = true;
    }
  }
}

function ordinalEnding(number: string): string {
  const last = number[number.length - 1];
  if (last < '0' || last > '9') throw sqlError('invalid_text_representation', `"${number}" is not a number`);
  if (number.length > 1 && number[number.length - 2] === '1') return 'th';
  return last === '1' ? 'st' : last === '2' ? 'nd' : last === '3' ? 'rd' : 'th';
}

/** `digits`: the magnitude, rounded to the pattern's places; too many digits before the point become #. */
export function writeNumber(pattern: NumberPattern, digits: string, negative: boolean): string {
  const point = digits.indexOf('.');
  const whole = point < 0 ? digits.length : point;
  const fits = whole <= pattern.pre;
  const number = fits ? digits : `${'#'.repeat(pattern.pre)}${pattern.decimal ? '.' : ''}${'#'.repeat(pattern.post)}`;
  const blanks = fits ? pattern.pre - whole : 0;
  return new NumberWriter(pattern, number, negative ? '-' : '+', blanks).write();
}

const ROMAN: readonly (readonly [number, string])[] = [
  [1000, 'M'],
  [900, 'CM'],
  [500, 'D'],
  [400, 'CD'],
  [100, 'C'],
  [90, 'XC'],
  [50, 'L'],
  [40, 'XL'],
  [10, 'X'],
  [9, 'IX'],
  [5, 'V'],
  [4, 'IV'],
  [1, 'I'],
];

/** Roman numerals of 1 to 3999, right-aligned to 15 places without FM. */
export function writeRoman(pattern: NumberPattern, value: number): string {
  let text = '';
  if (value < 1 || value > 3999) {
    text = '#'.repeat(15);
  } else {
    let rest = value;
    for (const [size, letters] of ROMAN) {
      while (rest >= size) {
        text += letters;
        rest -= size;
      }
    }
  }
  if (pattern.roman === 'lower') text = text.toLowerCase();
  return pattern.fill ? text : text.padStart(15);
}
