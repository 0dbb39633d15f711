/**
 * Timestamps as day and time of day: microseconds since 2000-01-01 are a number while safe and a bigint beyond, so
 * everything computes on the two halves, which are always safe integers.
 */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { MIN_DAY, TIMESTAMP_END_DAY, USECS_PER_DAY } from './civil-calendar.js';

export type Timestamp = number | bigint;

const BIG_DAY = 86400000000n;
/** Days whose every microsecond is a safe integer. */
const SAFE_DAYS = 104248;

export function timestampOutOfRange(): SqlError {
  return sqlError('datetime_value_out_of_range', 'timestamp out of range');
}

/** The day number. REQUIRES a finite timestamp. */
export function dayOf(value: Timestamp): number {
  if (typeof value === 'number') return Math.floor(value / USECS_PER_DAY);
  const day = value / BIG_DAY;
  return Number(value < 0n && day * BIG_DAY !== value ? day - 1n : day);
}

/** Microseconds since midnight of `day`, which is the value's `dayOf`. */
export function timeOf(value: Timestamp, day: number): number {
  return typeof value === 'number' ? value - day * USECS_PER_DAY : Number(value - BigInt(day) * BIG_DAY);
}

/** Day and microseconds (any safe integer) to a timestamp, without a check of its range. */
export function joinTimestamp(day: number, time: number): Timestamp {
  const carried = time >= 0 && time < USECS_PER_DAY ? 0 : Math.floor(time / USECS_PER_DAY);
  const wholeDay = day + carried;
  const rest = time - carried * USECS_PER_DAY;
  if (wholeDay >= -SAFE_DAYS && wholeDay < SAFE_DAYS) return wholeDay * USECS_PER_DAY + rest;
  return normalize(BigInt(wholeDay) * BIG_DAY + BigInt(rest));
}

/** As `joinTimestamp`, but throws 22008 outside 4714-11-24 BC to 294276-12-31. */
export function checkedTimestamp(day: number, time: number): Timestamp {
  const wholeDay = time >= 0 && time < USECS_PER_DAY ? day : day + Math.floor(time / USECS_PER_DAY);
  if (!(wholeDay >= MIN_DAY && wholeDay < TIMESTAMP_END_DAY)) throw timestampOutOfRange();
  return joinTimestamp(day, time);
}

export function isFiniteTimestamp(value: Timestamp): boolean {
  return typeof value === 'bigint' || Number.isFinite(value);
}

/** -1, 0 or 1; infinities included. */
export function compareTimestamps(a: Timestamp, b: Timestamp): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function normalize(value: bigint): Timestamp {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

/** Whether a 64-bit count of microseconds is within the range of timestamps. */
export function isValidTimestamp(value: Timestamp): boolean {
  return value >= -211813488000000000n && value < 9223371331200000000n;
}

/** The nearest multiple of 10^(6-precision) microseconds, halves away from zero, in 64 bits that wrap. REQUIRES 0 <= precision <= 6. */
export function roundMicroseconds<T extends Timestamp>(value: T, precision: number): Timestamp {
  if (precision >= 6 || precision < 0) return value;
  const unit = UNITS[precision];
  if (typeof value === 'number') {
    const magnitude = Math.abs(value) + unit / 2;
    if (Number.isSafeInteger(magnitude)) {
      const rounded = magnitude - (magnitude % unit);
      return value < 0 ? 0 - rounded : rounded;
    }
  }
  const big = BigInt(value);
  const bigUnit = BigInt(unit);
  const magnitude = BigInt.asIntN(64, (big < 0n ? -big : big) + bigUnit / 2n);
  const rounded = magnitude - (magnitude % bigUnit);
  return normalize(big < 0n ? -rounded : rounded);
}

const UNITS = [1_000_000, 100_000, 10_000, 1000, 100, 10, 1];
