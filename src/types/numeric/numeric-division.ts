/**
 * Result scales and square roots of finite decimals. PostgreSQL chooses scales by the operands in base 10000 (a
 * `weight` is the exponent of the first base-10000 digit).
 */
import type { Numeric } from './numeric.js';
import { digitCount, powerOfTen } from './powers-of-ten.js';

const MIN_SIGNIFICANT_DIGITS = 16;
/** Most fraction digits that division, square root, logarithms and powers give. */
export const MAX_DISPLAY_SCALE = 1000;

/** Exponent of the first base-10000 digit; 0 for zero. */
export function baseWeight(value: Numeric): number {
  const digits = digitCount(value.coefficient);
  return digits === 0 ? 0 : Math.floor((digits - 1 - value.scale) / 4);
}

/** The base-10000 digits in front, `count` of them, as one number; 0 for zero. */
export function leadingDigits(value: Numeric, count: number): number {
  const digits = digitCount(value.coefficient);
  if (digits === 0) return 0;
  // How many decimal digits the first base-10000 digit holds, plus four for each further one.
  const decimals = ((((digits - 1 - value.scale) % 4) + 4) % 4) + 1 + (count - 1) * 4;
  const text = String(value.abs().coefficient);
  return Number(text.slice(0, decimals).padEnd(decimals, '0'));
}

/** Clamps a scale to what results may show. */
export function displayScale(scale: number, ...atLeast: number[]): number {
  return Math.min(Math.max(scale, 0, ...atLeast), MAX_DISPLAY_SCALE);
}

export function sqrtScale(value: Numeric): number {
  const weight = Math.trunc(((baseWeight(value) + 1) * 4) / 2) - 1;
  return displayScale(MIN_SIGNIFICANT_DIGITS - weight, value.scale);
}

/** Coefficient of the square root at `scale`, rounded to nearest. */
export function integerSqrtRounded(coefficient: bigint, from: number, scale: number): bigint {
  const shift = 2 * scale - from;
  // One more bit of the root tells how to round: sqrt(4x) = 2 sqrt(x).
  const radicand = shift >= 0 ? 4n * coefficient * powerOfTen(shift) : (4n * coefficient) / powerOfTen(-shift);
  return (integerSqrt(radicand) + 1n) >> 1n;
}

/** floor(sqrt(n)) by Newton's method. */
export function integerSqrt(n: bigint): bigint {
  if (n < 2n) return n;
  if (n < 4503599627370496n) return BigInt(Math.floor(Math.sqrt(Number(n))));
  const bits = n.toString(16).length * 4;
  let x = 1n << BigInt((bits + 1) >> 1);
  for (;;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}
