/**
 * exp, ln, log and power of numeric. Result scales are PostgreSQL's; the digits are computed in binary fixed point
 * with guard bits and rounded once, half away from zero.
 */
import { sqlError } from '../../errors/sql-error.js';
import { divideRounded, divisionByZero, Numeric, numericOverflow } from './numeric.js';
import { baseWeight, displayScale, leadingDigits, MAX_DISPLAY_SCALE } from './numeric-division.js';
import { digitCount, powerOfTen } from './powers-of-ten.js';

const SIGNIFICANT_DIGITS = 16;
const MAX_RESULT_SCALE = 2000;
/** To as many digits as PostgreSQL has it: it decides about scales of results. */
// biome-ignore lint/suspicious/noApproximativeNumericConstant: see above
const LOG10_E = 0.434294481903252;
const LN_10 = Math.LN10;
const BITS_PER_DIGIT = 3.3219280948873626;

/** value / 2^bits; all fixed-point numbers of one computation have the same bits. */
type Fixed = bigint;

let ln2Cache: { bits: number; value: Fixed } = { bits: 0, value: 0n };

function fixedLn2(bits: number): Fixed {
  if (ln2Cache.bits < bits)
    ln2Cache = { bits: bits + 64, value: 2n * atanhSeries((1n << BigInt(bits + 64)) / 3n, bits + 64) };
  return ln2Cache.value >> BigInt(ln2Cache.bits - bits);
}

function atanhSeries(z: Fixed, bits: number): Fixed {
  const shift = BigInt(bits);
  const square = (z * z) >> shift;
  let power = z;
  let sum = z;
  for (let n = 3n; power !== 0n && power !== -1n; n += 2n) {
    power = (power * square) >> shift;
    sum += power / n;
  }
  return sum;
}

function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0], 16)));
}

/** ln of a positive finite value. */
function fixedLn(value: Numeric, bits: number): Fixed {
  const numerator = value.big;
  const denominator = powerOfTen(value.scale);
  let exponent = bitLength(numerator) - bitLength(denominator);
  const shift = bits - exponent;
  let mantissa = shift >= 0 ? (numerator << BigInt(shift)) / denominator : numerator / (denominator << BigInt(-shift));
  const one = 1n << BigInt(bits);
  // Into 0.75 … 1.5, so that the series converges quickly.
  while (mantissa * 2n >= one * 3n) {
    mantissa >>= 1n;
    exponent++;
  }
  while (mantissa * 4n < one * 3n) {
    mantissa <<= 1n;
    exponent--;
  }
  const z = ((mantissa - one) << BigInt(bits)) / (mantissa + one);
  return 2n * atanhSeries(z, bits) + BigInt(exponent) * fixedLn2(bits);
}

/** exp of a fixed-point number, as `mantissa * 2^exponent / 2^bits`. */
function fixedExp(x: Fixed, bits: number): { mantissa: Fixed; exponent: number } {
  const ln2 = fixedLn2(bits);
  let exponent = x / ln2;
  if (x < 0n && exponent * ln2 !== x) exponent -= 1n;
  const halvings = Math.max(4, Math.floor(Math.sqrt(bits) / 2));
  const extra = BigInt(halvings + 16);
  const shift = BigInt(bits) + extra;
  const r = ((x - exponent * ln2) << extra) >> BigInt(halvings);
  let term = 1n << shift;
  let sum = term;
  for (let n = 1n; ; n += 1n) {
    term = ((term * r) >> shift) / n;
    if (term === 0n) break;
    sum += term;
  }
  for (let i = 0; i < halvings; i++) sum = (sum * sum) >> shift;
  return { mantissa: sum >> extra, exponent: Number(exponent) };
}

function toFixed(value: Numeric, bits: number): Fixed {
  return (value.big << BigInt(bits)) / powerOfTen(value.scale);
}

/** mantissa * 2^exponent / 2^bits, rounded to `scale` decimals. */
function fromFixed(mantissa: Fixed, exponent: number, bits: number, scale: number): Numeric {
  const scaled = mantissa * powerOfTen(scale);
  const shift = bits - exponent;
  return Numeric.of(shift <= 0 ? scaled << BigInt(-shift) : divideRounded(scaled, 1n << BigInt(shift)), scale);
}

function bitsFor(digits: number): number {
  return Math.ceil(Math.max(digits, 0) * BITS_PER_DIGIT) + 96;
}

/** PostgreSQL's estimate of the decimal exponent of ln(value). */
function estimateLnWeight(value: Numeric): number {
  if (value.sign <= 0) return 0;
  const distance = value.sub(Numeric.ONE);
  const nearOne = distance.abs().compare(new Numeric(1, 1)) <= 0;
  if (nearOne) {
    if (distance.coefficient === 0) return 0;
    return baseWeight(distance) * 4 + Math.trunc(Math.log10(leadingDigits(distance, 1)));
  }
  let weight = baseWeight(value) * 4;
  let count = 1;
  const minimal = value.trimScale();
  if (digitCount(minimal.coefficient) > leadingDecimals(minimal)) {
    count = 2;
    weight -= 4;
  }
  const ln = Math.log(leadingDigits(value, count)) + weight * LN_10;
  return Math.trunc(Math.log10(Math.abs(ln)));
}

/** Decimal digits in the first base-10000 digit. */
function leadingDecimals(value: Numeric): number {
  const digits = digitCount(value.coefficient);
  return ((((digits - 1 - value.scale) % 4) + 4) % 4) + 1;
}

function lnTo(value: Numeric, scale: number): Numeric {
  const bits = bitsFor(scale + 6);
  return fromFixed(fixedLn(value, bits), 0, bits, scale);
}

export function numericLn(value: Numeric): Numeric {
  if (value.isNaN) return value;
  checkLogArguments(value);
  if (value.isInfinite) return value;
  return lnTo(value, displayScale(SIGNIFICANT_DIGITS - estimateLnWeight(value), value.scale));
}

function checkLogArguments(...values: Numeric[]): void {
  if (values.some((value) => value.sign < 0)) {
    throw sqlError('invalid_argument_for_logarithm', 'cannot take logarithm of a negative number');
  }
  if (values.some((value) => value.sign === 0))
    throw sqlError('invalid_argument_for_logarithm', 'cannot take logarithm of zero');
}

/** log(base, value). */
export function numericLog(base: Numeric, value: Numeric): Numeric {
  if (base.isNaN || value.isNaN) return Numeric.NaN;
  if (base.isInfinite || value.isInfinite) {
    checkLogArguments(base, value);
  } else {
    checkLogArguments(base);
    checkLogArguments(value);
  }
  if (base.isInfinite) return value.isInfinite ? Numeric.NaN : Numeric.ZERO;
  if (value.isInfinite) return value;
  const weight = estimateLnWeight(value) - estimateLnWeight(base);
  const scale = displayScale(SIGNIFICANT_DIGITS - weight, base.scale, value.scale);
  const bits = bitsFor(scale + Math.max(weight, 0) + 2 * Math.max(0, -estimateLnWeight(base)) + 12);
  const divisor = fixedLn(base, bits);
  if (divisor === 0n) throw divisionByZero();
  const quotient = (fixedLn(value, bits) << BigInt(bits)) / divisor;
  return fromFixed(quotient, 0, bits, scale);
}

export function numericExp(value: Numeric): Numeric {
  if (value.isNaN) return value;
  if (value.isInfinite) return value.sign > 0 ? value : Numeric.ZERO;
  const estimate = Math.min(Math.max(value.toNumber() * LOG10_E, -MAX_RESULT_SCALE), MAX_RESULT_SCALE);
  const scale = displayScale(SIGNIFICANT_DIGITS - Math.trunc(estimate), value.scale);
  return expTo(value, scale);
}

function expTo(value: Numeric, scale: number): Numeric {
  const approximate = value.toNumber();
  if (Math.abs(approximate) >= MAX_RESULT_SCALE * 3) {
    if (approximate > 0) throw numericOverflow();
    return new Numeric(0, scale);
  }
  const bits = bitsFor(scale + Math.max(0, Math.ceil(approximate * LOG10_E)) + 8);
  const { mantissa, exponent } = fixedExp(toFixed(value, bits), bits);
  return fromFixed(mantissa, exponent, bits, scale);
}

export function numericPower(base: Numeric, exponent: Numeric): Numeric {
  if (!base.isFinite || !exponent.isFinite) return powerSpecial(base, exponent);
  if (base.sign === 0 && exponent.sign < 0) {
    throw sqlError('invalid_argument_for_power_function', 'zero raised to a negative power is undefined');
  }
  const integral = exponent.isInteger;
  if (base.sign < 0 && !integral) {
    throw sqlError(
      'invalid_argument_for_power_function',
      'a negative number raised to a non-integer power yields a complex result',
    );
  }
  if (integral) {
    const n = exponent.toBigInt();
    if (n >= -2147483648n && n <= 2147483647n) {
      return powerInteger(base, Number(n), displayScale(SIGNIFICANT_DIGITS, base.scale));
    }
  }
  if (base.sign === 0) return new Numeric(0, SIGNIFICANT_DIGITS);
  const result = powerReal(base.abs(), exponent);
  return base.sign < 0 && exponent.toBigInt() % 2n !== 0n ? result.negate() : result;
}

function powerReal(base: Numeric, exponent: Numeric): Numeric {
  const lnWeight = estimateLnWeight(base);
  const roughScale = displayScale(8 - lnWeight);
  const rough = lnTo(base, roughScale).mul(exponent).round(roughScale).toNumber();
  if (Math.abs(rough) > MAX_RESULT_SCALE * 3.01) {
    if (rough > 0) throw numericOverflow();
    return new Numeric(0, MAX_DISPLAY_SCALE);
  }
  const estimate = rough * LOG10_E;
  const scale = displayScale(SIGNIFICANT_DIGITS - Math.trunc(estimate), base.scale, exponent.scale);
  if (Math.abs(rough) >= MAX_RESULT_SCALE * 3) {
    if (rough > 0) throw numericOverflow();
    return new Numeric(0, scale);
  }
  const wholeDigits = digitCount(exponent.coefficient) - exponent.scale;
  const bits = bitsFor(scale + Math.max(0, Math.ceil(estimate)) + Math.max(0, wholeDigits) + 12);
  const ln = (fixedLn(base, bits) * exponent.big) / powerOfTen(exponent.scale);
  const result = fixedExp(ln, bits);
  return fromFixed(result.mantissa, result.exponent, bits, scale);
}

function powerInteger(base: Numeric, exponent: number, scale: number): Numeric {
  if (exponent === 0) return Numeric.ONE.withScale(scale);
  if (exponent === 1) return base.round(scale);
  if (exponent === 2) return base.mul(base).round(scale);
  if (base.sign === 0) return new Numeric(0, scale);
  if (exponent === -1) return Numeric.ONE.divideToScale(base, scale);
  // Decimal exponent of the result, about.
  const leading = leadingDigits(base, 4);
  const estimate = exponent * (Math.log10(leading) + (baseWeight(base) - 3) * 4);
  if (estimate > 32768 * 4) throw numericOverflow();
  if (estimate + 1 < -scale || estimate + 1 < -MAX_DISPLAY_SCALE) return new Numeric(0, scale);
  const digits = Math.max(1 + scale + Math.trunc(estimate), 1) + Math.trunc(Math.log(Math.abs(exponent))) + 20;
  const power = boundedPower(base.trimScale(), Math.abs(exponent), digits);
  const exact =
    exponent > 0 ? placed(power.coefficient, power.scale, scale) : placedInverse(power.coefficient, power.scale, scale);
  return Numeric.of(exact, scale);
}

/** base^n with a relative precision of `digits` digits: square and multiply, cutting behind them. */
function boundedPower(base: Numeric, n: number, digits: number): { coefficient: bigint; scale: number } {
  let square = { coefficient: base.big, scale: base.scale };
  let result: { coefficient: bigint; scale: number } | null = null;
  for (let rest = n; ; ) {
    if (rest % 2 === 1) {
      result =
        result === null
          ? square
          : cut({ coefficient: result.coefficient * square.coefficient, scale: result.scale + square.scale }, digits);
    }
    rest = Math.floor(rest / 2);
    if (rest === 0) return result ?? square;
    square = cut({ coefficient: square.coefficient * square.coefficient, scale: square.scale * 2 }, digits);
  }
}

function cut(value: { coefficient: bigint; scale: number }, digits: number): { coefficient: bigint; scale: number } {
  const magnitude = value.coefficient < 0n ? -value.coefficient : value.coefficient;
  const excess = Math.floor(bitLength(magnitude) / BITS_PER_DIGIT) - digits;
  if (excess <= 8) return value;
  return { coefficient: divideRounded(value.coefficient, powerOfTen(excess)), scale: value.scale - excess };
}

function placed(coefficient: bigint, from: number, scale: number): bigint {
  return from <= scale ? coefficient * powerOfTen(scale - from) : divideRounded(coefficient, powerOfTen(from - scale));
}

function placedInverse(coefficient: bigint, from: number, scale: number): bigint {
  const shift = from + scale;
  const negative = coefficient < 0n;
  const divisor = negative ? -coefficient : coefficient;
  const dividend = shift >= 0 ? powerOfTen(shift) : 1n;
  const inverse = divideRounded(dividend, shift >= 0 ? divisor : divisor * powerOfTen(-shift));
  return negative ? -inverse : inverse;
}

function powerSpecial(base: Numeric, exponent: Numeric): Numeric {
  if (base.isNaN) return exponent.isFinite && exponent.sign === 0 ? Numeric.ONE : Numeric.NaN;
  if (exponent.isNaN) return base.isFinite && base.equals(Numeric.ONE) ? Numeric.ONE : Numeric.NaN;
  if (base.sign === 0 && exponent.sign < 0) {
    throw sqlError('invalid_argument_for_power_function', 'zero raised to a negative power is undefined');
  }
  if (base.sign < 0 && exponent.isFinite && !exponent.isInteger) {
    throw sqlError(
      'invalid_argument_for_power_function',
      'a negative number raised to a non-integer power yields a complex result',
    );
  }
  if (base.isFinite && base.equals(Numeric.ONE)) return Numeric.ONE;
  if (exponent.sign === 0) return Numeric.ONE;
  if (base.sign === 0) return Numeric.ZERO;
  if (exponent.isInfinite) return powerToInfinity(base, exponent);
  if (base.sign > 0) return exponent.sign > 0 ? Numeric.INFINITY : Numeric.ZERO;
  if (exponent.sign < 0) return Numeric.ZERO;
  return exponent.toBigInt() % 2n !== 0n ? Numeric.NEGATIVE_INFINITY : Numeric.INFINITY;
}

function powerToInfinity(base: Numeric, exponent: Numeric): Numeric {
  const size = base.isInfinite ? 1 : base.abs().compare(Numeric.ONE);
  if (size === 0) return Numeric.ONE;
  return size > 0 === exponent.sign > 0 ? Numeric.INFINITY : Numeric.ZERO;
}
