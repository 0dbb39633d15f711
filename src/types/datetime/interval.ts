/**
 * Values of `interval`: months, days and microseconds, each with its own sign. Order and equality take a month for 30
 * days and a day for 24 hours, so that `1 day` = `24 hours`.
 */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { DAYS_PER_MONTH, USECS_PER_DAY } from './civil-calendar.js';
import type { Timestamp } from './timestamp-value.js';

const INT32_MAX = 2147483647;
const INT32_MIN = -2147483648;
const INT64_MAX = 9223372036854775807n;
const INT64_MIN = -9223372036854775808n;

export class Interval {
  constructor(
    /** int32. */
    readonly months: number,
    /** int32. */
    readonly days: number,
    /** int64: number while a safe integer, bigint beyond. */
    readonly microseconds: Timestamp,
  ) {}

  static readonly ZERO = new Interval(0, 0, 0);
}

export function intervalOutOfRange(): SqlError {
  return sqlError('datetime_value_out_of_range', 'interval out of range');
}

/** Builds an interval and throws 22008 where a field leaves its 32 or 64 bits. */
export function checkedInterval(months: number, days: number, microseconds: Timestamp): Interval {
  if (!isInt32(months) || !isInt32(days)) throw intervalOutOfRange();
  return new Interval(months, days, checkedInt64(microseconds));
}

export function isInt32(value: number): boolean {
  return value >= INT32_MIN && value <= INT32_MAX;
}

/** Canonical form of a 64-bit count of microseconds; throws 22008 beyond. */
export function checkedInt64(value: Timestamp): Timestamp {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value + 0;
    throw intervalOutOfRange();
  }
  if (value > INT64_MAX || value < INT64_MIN) throw intervalOutOfRange();
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

/** Exact sum of two 64-bit integers; may leave 64 bits. */
export function addInt64(a: Timestamp, b: Timestamp): Timestamp {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return BigInt(a) + BigInt(b);
}

export function negateInt64(value: Timestamp): Timestamp {
  return typeof value === 'number' ? 0 - value : -value;
}

/** The length in microseconds by which intervals are ordered; -0 never. */
export function intervalSpan(value: Interval): Timestamp {
  const days = value.months * DAYS_PER_MONTH + value.days;
  if (typeof value.microseconds === 'number') {
    const span = days * USECS_PER_DAY + value.microseconds;
    if (Number.isSafeInteger(span)) return span + 0;
  }
  const span = BigInt(days) * 86400000000n + BigInt(value.microseconds);
  return span >= -9007199254740991n && span <= 9007199254740991n ? Number(span) : span;
}

export function compareIntervals(a: Interval, b: Interval): number {
  const left = intervalSpan(a);
  const right = intervalSpan(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

export function addIntervals(a: Interval, b: Interval): Interval {
  return checkedInterval(a.months + b.months, a.days + b.days, addInt64(a.microseconds, b.microseconds));
}

export function subtractIntervals(a: Interval, b: Interval): Interval {
  return checkedInterval(a.months - b.months, a.days - b.days, addInt64(a.microseconds, negateInt64(b.microseconds)));
}

export function negateInterval(value: Interval): Interval {
  return checkedInterval(0 - value.months, 0 - value.days, negateInt64(value.microseconds));
}
