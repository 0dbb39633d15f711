/**
 * Signed 64-bit arithmetic on the in-memory form of int8: a number while safe, a bigint beyond. Operations answer
 * `undefined` on overflow, so that every caller can raise the error of its own type.
 */
import { normalizeInt8 } from '../datum.js';

export type Int64 = number | bigint;

const MAX = 9223372036854775807n;
const MIN = -9223372036854775808n;

/** The canonical form, or undefined when it does not fit in 64 bits. */
export function checkInt64(value: bigint): Int64 | undefined {
  return value > MAX || value < MIN ? undefined : normalizeInt8(value);
}

export function addInt64(a: Int64, b: Int64): Int64 | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return checkInt64(BigInt(a) + BigInt(b));
}

export function subInt64(a: Int64, b: Int64): Int64 | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return checkInt64(BigInt(a) - BigInt(b));
}

export function mulInt64(a: Int64, b: Int64): Int64 | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return checkInt64(BigInt(a) * BigInt(b));
}

export function negInt64(a: Int64): Int64 | undefined {
  return typeof a === 'number' ? 0 - a : checkInt64(-a);
}

/** -1, 0, 1. */
export function compareInt64(a: Int64, b: Int64): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Quotient toward zero and remainder with the dividend's sign, for a positive safe divisor. */
export function divModInt64(value: Int64, divisor: number): [quotient: Int64, remainder: number] {
  if (typeof value === 'number') {
    const remainder = value % divisor;
    return [(value - remainder) / divisor, remainder + 0];
  }
  const wide = BigInt(divisor);
  return [normalizeInt8(value / wide), Number(value % wide)];
}

/** The integer that a float holds (no fraction), or undefined when it does not fit in 64 bits. */
export function int64FromFloat(value: number): Int64 | undefined {
  if (Number.isSafeInteger(value)) return value + 0;
  if (!Number.isFinite(value)) return undefined;
  return checkInt64(BigInt(value));
}

/** Rounds to the nearest integer, ties to even, as C's rint(). */
export function rint(value: number): number {
  if (Math.abs(value) >= 4503599627370496 || Number.isNaN(value)) return value;
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction < 0.5) return floor;
  if (fraction > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
