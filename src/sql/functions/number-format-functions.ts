/** to_char of numbers and to_number. */
import { sqlError } from '../../errors/sql-error.js';
import { normalizeInt8 } from '../../types/datum.js';
import { Numeric } from '../../types/numeric/numeric.js';
import { digitCount } from '../../types/numeric/powers-of-ten.js';
import { roundHalfEven } from './float-functions.js';
import { mulInt8 } from './integer-functions.js';
import { toInt4 } from './integer-range.js';
import { type NumberPattern, parseNumberPattern } from './number-format.js';
import { writeNumber, writeRoman } from './number-format-writer.js';
import { NumberReader } from './number-reader.js';
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
  // As PostgreSQL has it, digits that round up to 10 stay so: 9.99 is 10e+00.
  const exponent = digitCount(value.coefficient) - 1 - value.scale;
  const digits = value.abs().round(post - exponent);
  const whole = digitCount(digits.coefficient) - digits.scale > exponent + 1 ? 2 : 1;
  const all = String(digits.coefficient)
    .slice(0, post + whole)
    .padEnd(post + whole, '0');
  const mantissa = post > 0 ? `${all.slice(0, whole)}.${all.slice(whole)}` : all;
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${value.sign < 0 ? '-' : ' '}${mantissa}e${exponent < 0 ? '-' : '+'}${size}`;
}

/** What stands for NaN and infinities in scientific notation. */
function unwritable(pattern: NumberPattern): string {
  return ` ${'#'.repeat(pattern.pre)}.${'#'.repeat(pattern.post + 4)}`;
}

function romanNumber(value: Numeric): number {
  if (!value.isFinite) {
    throw sqlError('feature_not_supported', `cannot convert ${value.isNaN ? 'NaN' : 'infinity'} to integer`);
  }
  return toInt4(value.round(0).toNumber());
}

function plainText(value: Numeric): string {
  return value.isInfinite ? 'Infinity' : value.abs().toString();
}

function numericToChar(value: Numeric, format: string): string {
  if (format === '') return '';
  const pattern = patternOf(format);
  if (pattern.roman !== 'none') return writeRoman(pattern, romanNumber(value));
  if (pattern.exponent) return value.isFinite ? scientific(value, pattern.post) : unwritable(pattern);
  let shown = value;
  if (pattern.shifted) {
    shown = value.mul(Numeric.of(10n ** BigInt(pattern.multi), 0));
    pattern.pre += pattern.multi;
  }
  const rounded = shown.round(pattern.post);
  return writeNumber(pattern, plainText(rounded), rounded.sign < 0);
}

function int4ToChar(value: number, format: string): string {
  if (format === '') return '';
  const pattern = patternOf(format);
  if (pattern.exponent) return floatScientific(value, pattern.post);
  if (!pattern.shifted || pattern.roman !== 'none') return integerToChar(value, format);
  // The product of int4 values is not checked: it wraps around.
  pattern.pre += pattern.multi;
  const shown = Math.imul(value, toInt4(10 ** pattern.multi));
  return writeNumber(pattern, plainText(Numeric.fromInt(shown).round(pattern.post)), shown < 0);
}

function integerToChar(value: number | bigint, format: string): string {
  const pattern = format === '' ? null : patternOf(format);
  if (pattern?.shifted) mulInt8(value, normalizeInt8(10n ** BigInt(pattern.multi)));
  return numericToChar(Numeric.fromInt(value), format);
}

function floatToChar(value: number, format: string, precision: number): string {
  if (format === '') return '';
  const pattern = patternOf(format);
  if (pattern.roman !== 'none') return writeRoman(pattern, Number.isFinite(value) ? roundHalfEven(value) : 0);
  if (pattern.exponent) return Number.isFinite(value) ? floatScientific(value, pattern.post) : unwritable(pattern);
  let shown = value;
  if (pattern.shifted) {
    shown = value * 10 ** pattern.multi;
    if (precision === FLOAT4_DIGITS) shown = Math.fround(shown);
    pattern.pre += pattern.multi;
  }
  const magnitude = Math.abs(shown);
  const finite = Number.isFinite(shown);
  const whole = finite ? BigInt(roundHalfEven(magnitude)).toString().length : String(magnitude).length;
  if (whole >= precision) pattern.post = 0;
  else if (whole + pattern.post > precision) pattern.post = precision - whole;
  return writeNumber(
    pattern,
    finite ? fixedText(magnitude, pattern.post) : String(magnitude),
    shown < 0 || Object.is(shown, -0),
  );
}

const FLOAT4_DIGITS = 6;
const FLOAT8_DIGITS = 15;

/** Like C's %.{digits}f. */
function fixedText(magnitude: number, digits: number): string {
  if (magnitude >= 1e21) return BigInt(magnitude).toString();
  const text = magnitude.toFixed(digits);
  const exact = magnitude.toFixed(Math.min(digits + 30, 100));
  const end = exact.length - (Math.min(digits + 30, 100) - digits);
  // JavaScript rounds exact halves up, C to the even digit.
  if (!/^\.?50*$/.test(exact.slice(digits === 0 ? end - 1 : end))) return text;
  const cut = digits === 0 ? exact.slice(0, end - 1) : exact.slice(0, end);
  return Number(cut[cut.length - 1]) % 2 === 0 ? cut : text;
}

function floatScientific(value: number, post: number): string {
  const [mantissa, exponent] = exponentialParts(Math.abs(value), Math.min(post, 70));
  const sign = exponent[0] === '-' ? '-' : '+';
  return `${value < 0 ? '-' : ' '}${mantissa}e${sign}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`;
}

/** As toExponential, but exact halves go to the even digit. */
function exponentialParts(magnitude: number, digits: number): string[] {
  const parts = magnitude.toExponential(digits).split('e');
  const [exact, exponent] = magnitude.toExponential(digits + 30).split('e');
  const end = digits === 0 ? 1 : digits + 2;
  if (!/^\.?50*$/.test(exact.slice(end)) || Number(exact[end - 1]) % 2 !== 0) return parts;
  return [exact.slice(0, end), exponent];
}

function toNumber(text: string, format: string): Numeric | null {
  if (format === '') return null;
  const pattern = patternOf(format);
  if (pattern.roman !== 'none') throw sqlError('feature_not_supported', '"RN" not supported for input');
  if (pattern.exponent) throw sqlError('feature_not_supported', '"EEEE" not supported for input');
  return new NumberReader(text, pattern).read();
}

export const numberFormatFunctions: FunctionFamily = plainFunctions({
  int4_to_char: int4ToChar,
  int8_to_char: integerToChar,
  numeric_to_char: numericToChar,
  float4_to_char: (value: number, format: string) => floatToChar(value, format, FLOAT4_DIGITS),
  float8_to_char: (value: number, format: string) => floatToChar(value, format, FLOAT8_DIGITS),
  numeric_to_number: toNumber,
});
