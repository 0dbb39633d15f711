/**
 * Reads a number out of a text through a pattern (to_number). Each place of the pattern looks at the next character
 * and usually goes past it, whether it fits or not; texts in the pattern go past one character for each of theirs.
 */
import { Numeric } from '../../types/numeric/numeric.js';
import { applyNumericTypmod } from '../../types/numeric/numeric-typmod.js';
import type { NumberPattern, PatternNode } from './number-format.js';

const TYPMOD_BASE = 4;
const DATA = '0123456789.,+-';
/** Scale of a power of ten with a negative exponent. */
const POWER_SCALE = 16;

export class NumberReader {
  private at = 0;
  private sign: ' ' | '+' | '-' = ' ';
  private digits = '';
  private fraction: string | null = null;
  private readonly signPlace: 'none' | 'before' | 'behind';

  constructor(
    private readonly text: string,
    private readonly pattern: NumberPattern,
  ) {
    const atEnd = pattern.sign === 'before' && pattern.pre === pattern.signAt;
    this.signPlace = atEnd ? 'behind' : pattern.sign;
  }

  /** Throws 22P02 when there are no digits, 22003 when there are too many. */
  read(): Numeric {
    for (const node of this.pattern.nodes) {
      if (this.at >= this.text.length) break;
      if (node.kind === 'text') this.skip([...node.text].length);
      else if (this.place(node.kind)) this.at++;
    }
    return this.value();
  }

  /** Goes past characters, whatever they are. */
  private skip(count: number): void {
    for (let i = 0; i < count && this.at < this.text.length; i++) {
      this.at += (this.text.codePointAt(this.at) ?? 0) > 0xffff ? 2 : 1;
    }
  }

  /** Goes past characters that cannot belong to a number. */
  private skipOthers(count: number): void {
    for (let i = 0; i < count && this.at < this.text.length && !DATA.includes(this.text[this.at]); i++) this.skip(1);
  }

  /** Whether the character it stops at is used up. */
  private place(kind: Exclude<PatternNode['kind'], 'text'>): boolean {
    const character = this.text[this.at];
    switch (kind) {
      case '9':
      case '0':
      case '.':
      case 'D':
        this.digitPlace(kind);
        return true;
      case ',':
      case 'G':
        return !this.pattern.fill && character === ',';
      case 'L':
        this.skipOthers(1);
        return false;
      case 'TH':
      case 'th':
        if (this.sign !== '-' && !this.pattern.decimal) this.skipOthers(2);
        return false;
      case 'MI':
        return this.ownSign(character, '-');
      case 'PL':
        return this.ownSign(character, '+');
      case 'SG':
        return this.ownSign(character, '+-');
      default:
        return false;
    }
  }

  private ownSign(character: string, wanted: string): boolean {
    if ((character === '-' || character === '+') && wanted.includes(character)) {
      this.sign = character;
      return true;
    }
    this.skipOthers(1);
    return false;
  }

  private get count(): number {
    return this.digits.length + (this.fraction?.length ?? 0);
  }

  private digitPlace(kind: '9' | '0' | '.' | 'D'): void {
    if (this.text[this.at] === ' ') this.at++;
    if (this.at >= this.text.length) return;
    if (this.sign === ' ' && (kind === '0' || kind === '9') && this.count === 0) this.leadingSign();
    if (this.at >= this.text.length) return;
    const read = this.digitOrPoint();
    if (read === 'full' || this.at >= this.text.length) return;
    if (this.sign === ' ' && this.count > 0) this.trailingSign(read === 'read');
  }

  private leadingSign(): void {
    const character = this.text[this.at];
    const bracket = this.signPlace !== 'before' && this.pattern.brackets && character === '<';
    if (character === '-' || bracket) this.sign = '-';
    else if (character === '+') this.sign = '+';
    else return;
    this.at++;
  }

  private digitOrPoint(): 'read' | 'none' | 'full' {
    const character = this.text[this.at];
    if (character >= '0' && character <= '9') {
      if (this.fraction === null) this.digits += character;
      else if (this.fraction.length === this.pattern.post) return 'full';
      else this.fraction += character;
      return 'read';
    }
    if (character !== '.' || this.fraction !== null || !this.pattern.decimal) return 'none';
    this.fraction = '';
    return 'read';
  }

  /** The sign of S stands right behind the last digit; those of MI, PL and SG may stand in the place of a digit. */
  private trailingSign(read: boolean): void {
    if (this.signPlace !== 'none') {
      const next = this.text[this.at + 1];
      if (!read || (next !== '-' && next !== '+')) return;
      this.sign = next;
      this.at++;
      return;
    }
    const { plus, minus } = this.pattern;
    const character = this.text[this.at];
    if (!read && (plus || minus) && (character === '-' || character === '+')) this.sign = character;
  }

  private value(): Numeric {
    const { pre, multi, shifted } = this.pattern;
    const fraction = this.fraction ?? '';
    const number = fraction === '' ? this.digits : `${this.digits}.${fraction}`;
    const scale = fraction.length;
    const value = applyNumericTypmod(
      Numeric.parse(this.sign + number),
      (((pre + multi + scale) << 16) | scale) + TYPMOD_BASE,
    );
    return shifted ? value.mul(Numeric.of(1n, multi).round(Math.max(POWER_SCALE, multi))) : value;
  }
}
