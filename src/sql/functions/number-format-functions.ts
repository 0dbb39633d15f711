/** to_char of numbers and to_number. */
import { notSupported, sqlError } from '../../errors/sql-error.js';
import { Numeric } from '../../types/numeric/numeric.js';
import { digitCount } from '../../types/numeric/powers-of-ten.js';
import { roundHalfEven } from './float-functions.js';
import { toInt4 } from './integer-range.js';
import { type NumberPattern, parseNumberPattern } from './number-format.js';
import { writeNumber, writeRoman } from './number-format-writer.js';
import { type FunctionFamily, plainFunctions } from './registry.js';

const CACHE_SIZE = 100;
const cache = new Map<string, NumberPattern>();

/** A pattern that the caller may change. */
function patternOf(format: string): NumberPattern {
  let pattern = cache.get(format);
  if (pattern === undefined) {
    pattern = parseNumberPattern(format);
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(format, pattern);
  }
  return { ...pattern };
}

/** Scientific notation with `post` digits behind the point; a blank in place of the plus. */
function scientific(value: Numeric, post: number): string {
  if (value.isZero) return ` ${new Numeric(0, 0).round(post)}e+00`;
  let exponent = digitCount(value.coefficient) - 1 - value.scale;
  let digits = value.abs().round(post - exponent);
  if (digitCount(digits.coefficient) - digits.scale > exponent + 1) {
    exponent++;
    digits = value.abs().round(post - exponent);
  }
  const all = String(digits.coefficient).slice(0, post + 1).padEnd(post + 1, '0');
  const mantissa = post > 0 ? `${all[0]}.${all.slice(1)}` : all;
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${value.sign < 0 ? '-' : ' '}${mantissa}e${exponent < 0 ? '-' : '+'}${size}`;
}

/** What stands for NaN and infinities in scientific notation. */
function unwritable(pattern: NumberPattern): string {
  return ` ${'#'.repeat(pattern.pre)}.${'#'.repeat(pattern.post + 4)}`;
}

function plainText(value: Numeric): string {
  return value.isInfinite ? 'Infinity' : value.abs().toString();
}

function numericToChar(value: Numeric, format: string): string {
  if (format === '') return '';
  const pattern = patternOf(format);
  if (pattern.roman !== 'none') return writeRoman(pattern, value.isFinite ? value.round(0).toNumber() : 0);
  if (pattern.exponent) return value.isFinite ? scientific(value, pattern.post) : unwritable(pattern);
  let shown = value;
  if (pattern.shifted) {
    shown = value.mul(Numeric.of(10n ** BigInt(pattern.multi), 0));
    pattern.pre += pattern.multi;
  }
  const rounded = shown.round(pattern.post);
  return writeNumber(pattern, plainText(rounded), rounded.sign < 0);
}

function integerToChar(value: number | bigint, format: string): string {
  return numericToChar(Numeric.fromInt(value), format);
}

function floatToChar(value: number, format: string, precision: number): string {
  if (format === '') return '';
  const pattern = patternOf(format);
  if (pattern.roman !== 'none') {
    if (Number.isNaN(value)) toInt4(Number.MAX_VALUE);
    return writeRoman(pattern, toInt4(roundHalfEven(value)));
  }
  if (pattern.exponent) return Number.isFinite(value) ? floatScientific(value, pattern.post) : unwritable(pattern);
  let shown = value;
  if (pattern.shifted) {
    shown = value * 10 ** pattern.multi;
    pattern.pre += pattern.multi;
  }
  const magnitude = Math.abs(shown);
  if (!Number.isFinite(shown)) return writeNumber(pattern, Number.isNaN(shown) ? 'NaN' : 'Infinity', shown < 0);
  const whole = BigInt(roundHalfEven(magnitude)).toString().length;
  if (whole >= precision) pattern.post = 0;
  else if (whole + pattern.post > precision) pattern.post = precision - whole;
  return writeNumber(pattern, fixedText(magnitude, pattern.post), shown < 0);
}

/** Like C's %.{digits}f. */
function fixedText(magnitude: number, digits: number): string {
  return magnitude < 1e21 ? magnitude.toFixed(digits) : BigInt(magnitude).toString();
}

function floatScientific(value: number, post: number): string {
  const [mantissa, exponent] = Math.abs(value).toExponential(Math.min(post, 100)).split('e');
  const sign = exponent[0] === '-' ? '-' : '+';
  return `${value < 0 ? '-' : ' '}${mantissa}e${sign}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`;
}

/** Reads a number through a pattern: digits, signs and a point where the pattern has places for them. */
class NumberReader {
  private at = 0;
  private negative = false;
  private digits = '';
  private fraction: string | null = null;

  constructor(
    private readonly text: string,
    private readonly pattern: NumberPattern,
  ) {}

  read(): Numeric {
    for (const node of this.pattern.nodes) {
      if (this.at >= this.text.length) break;
      switch (node.kind) {
        case '9':
        case '0':
          this.digit();
          break;
        case '.':
        case 'D':
          this.sign();
          if (this.text[this.at] === '.') this.point();
          break;
        case ',':
        case 'G':
          if (this.text[this.at] === ',') this.at++;
          break;
        case 'MI':
        case 'PL':
        case 'SG':
          this.sign();
          break;
        case 'L':
          if (!/[0-9.,+-]/.test(this.text[this.at])) this.at++;
          break;
        case 'TH':
        case 'th':
          this.at += 2;
          break;
        case 'text':
          for (const _ of node.text) if (!/[0-9.,+-]/.test(this.text[this.at] ?? '0')) this.at++;
          break;
        default:
          break;
      }
    }
    this.sign();
    return this.value();
  }

  private sign(): void {
    while (this.text[this.at] === ' ') this.at++;
    const character = this.text[this.at];
    if (character === '-' || character === '<') this.negative = true;
    if (character === '-' || character === '<' || character === '+') this.at++;
  }

  private point(): void {
    if (this.fraction === null) this.fraction = '';
    this.at++;
  }

  private digit(): void {
    this.sign();
    const character = this.text[this.at];
    if (character >= '0' && character <= '9') {
      if (this.fraction === null) this.digits += character;
      else this.fraction += character;
      this.at++;
    } else if (character === '.' && this.fraction === null && this.pattern.decimal) {
      this.point();
      this.digit();
    }
  }

  private value(): Numeric {
    if (this.digits === '' && (this.fraction ?? '') === '') {
      throw sqlError('invalid_text_representation', 'invalid input syntax for type numeric: " "');
    }
    const { post, multi, shifted } = this.pattern;
    const text = `${this.negative ? '-' : ''}${this.digits || '0'}.${(this.fraction ?? '').slice(0, post)}`;
    const value = Numeric.parse(text);
    return shifted ? value.div(Numeric.of(10n ** BigInt(multi), 0)) : value;
  }
}

function toNumber(text: string, format: string): Numeric | null {
  if (format === '') return null;
  const pattern = patternOf(format);
  if (pattern.roman !== 'none') throw notSupported('"RN" for input');
  if (pattern.exponent) throw sqlError('feature_not_supported', '"EEEE" not supported for input');
  return new NumberReader(text, pattern).read();
}

export const numberFormatFunctions: FunctionFamily = plainFunctions({
  int4_to_char: integerToChar,
  int8_to_char: integerToChar,
  numeric_to_char: numericToChar,
  float4_to_char: (value: number, format: string) => floatToChar(value, format, 6),
  float8_to_char: (value: number, format: string) => floatToChar(value, format, 15),
  numeric_to_number: toNumber,
});
