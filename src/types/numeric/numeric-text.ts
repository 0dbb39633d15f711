/** Text input of numeric, and the check against numeric(precision, scale). */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { checkSize, MAX_SCALE, Numeric, numericOverflow } from './numeric.js';
import { bigPow10, digitCount, toCoefficient } from './powers-of-ten.js';

const PLAIN = /^[ \t\n\v\f\r]*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?[ \t\n\v\f\r]*$/;
const SPECIAL = /^[ \t\n\v\f\r]*(?:(nan)|([+-]?)inf(?:inity)?)[ \t\n\v\f\r]*$/i;
const EXPONENT_LIMIT = 1073741823;
const SHORT_INTEGER = /^-?\d{1,15}$/;

export function parseNumeric(text: string): Numeric {
  if (SHORT_INTEGER.test(text)) return new Numeric(Number(text) + 0, 0);
  const match = PLAIN.exec(text);
  if (match === null) return parseSpecial(text);
  const [, sign, whole, fraction = '', exponentText] = match;
  if (whole === '' && fraction === '') throw syntaxError(text);
  const digits = whole + fraction;
  if (exponentText === undefined && digits.length <= 15 && digits.length > 0) {
    const magnitude = Number(digits);
    return new Numeric(sign === '-' ? 0 - magnitude : magnitude, fraction.length);
  }
  const exponent = exponentText === undefined ? 0 : Number(exponentText);
  if (Math.abs(exponent) >= EXPONENT_LIMIT) throw numericOverflow();
  return scaled(BigInt(sign === '-' ? `-${digits}` : digits), fraction.length - exponent);
}

function scaled(coefficient: bigint, scale: number): Numeric {
  if (scale > MAX_SCALE) throw numericOverflow();
  if (scale >= 0) {
    const canonical = toCoefficient(coefficient);
    if (typeof canonical === 'bigint') checkSize(canonical, scale);
    return new Numeric(canonical, scale);
  }
  if (coefficient === 0n) return Numeric.ZERO;
  if (digitCount(coefficient) - scale > 131072) throw numericOverflow();
  return Numeric.of(coefficient * bigPow10(-scale), 0);
}

function parseSpecial(text: string): Numeric {
  const match = SPECIAL.exec(text);
  if (match === null) throw syntaxError(text);
  if (match[1] !== undefined) return Numeric.NaN;
  return match[2] === '-' ? Numeric.NEGATIVE_INFINITY : Numeric.INFINITY;
}

function syntaxError(text: string): SqlError {
  return sqlError('invalid_text_representation', `invalid input syntax for type numeric: "${text}"`);
}

/** Rounds to the scale of a type modifier and checks the precision (22003). */
export function applyNumericTypmod(value: Numeric, typmod: number): Numeric {
  if (typmod < 4 || value.isNaN) return value;
  const precision = ((typmod - 4) >> 16) & 0xffff;
  const scale = (((typmod - 4) & 0x7ff) ^ 1024) - 1024;
  if (value.isInfinite) {
    throw overflow(`A field with precision ${precision}, scale ${scale} cannot hold an infinite value.`);
  }
  const rounded = value.round(scale);
  const wholeDigits = precision - scale;
  if (digitCount(rounded.coefficient) - rounded.scale > wholeDigits && rounded.coefficient !== 0) {
    const limit = wholeDigits === 0 ? '1' : `10^${wholeDigits}`;
    throw overflow(
      `A field with precision ${precision}, scale ${scale} must round to an absolute value less than ${limit}.`,
    );
  }
  return rounded;
}

function overflow(detail: string): SqlError {
  return sqlError('numeric_value_out_of_range', 'numeric field overflow', { detail });
}
