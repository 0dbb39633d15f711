/** Arithmetic of intervals with numbers, and the justify functions. Errors are 22008 and 22012. */
import { sqlError } from '../../errors/sql-error.js';
import {
  DAYS_PER_MONTH,
  MONTHS_PER_YEAR,
  SECS_PER_DAY,
  USECS_PER_DAY,
  USECS_PER_SEC,
} from '../../types/datetime/civil-calendar.js';
import { checkedInterval, Interval, intervalOutOfRange, isInt32 } from '../../types/datetime/interval.js';
import type { Timestamp } from '../../types/datetime/timestamp-value.js';
import { normalizeInt8 } from '../../types/datum.js';

const INT64_END = 2 ** 63;

/** Nearest integer, ties to even, as C's rint(). */
export function rint(value: number): number {
  if (!(Math.abs(value) < 4503599627370496)) return value;
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction < 0.5) return floor + 0;
  if (fraction > 0.5) return floor + 1;
  return (floor % 2 === 0 ? floor : floor + 1) + 0;
}

/** A whole float as int64. Throws 22008 beyond. */
export function microsFromFloat(value: number): Timestamp {
  if (!(value >= -INT64_END && value < INT64_END)) throw intervalOutOfRange();
  return Number.isSafeInteger(value) ? value + 0 : normalizeInt8(BigInt(value));
}

/** Takes the noise below a microsecond from a count of days or seconds. */
function roundToMicro(value: number): number {
  return rint(value * USECS_PER_SEC) / USECS_PER_SEC;
}

function wholeInt32(value: number): number {
  if (Number.isNaN(value) || !(value >= -2147483648 && value < 2147483648)) throw intervalOutOfRange();
  return Math.trunc(value) + 0;
}

export function multiplyInterval(value: Interval, factor: number): Interval {
  return scaled(value, (part) => part * factor);
}

export function divideInterval(value: Interval, divisor: number): Interval {
  if (divisor === 0) throw sqlError('division_by_zero', 'division by zero');
  return scaled(value, (part) => part / divisor);
}

/** Fractions of months become days of 1/30, fractions of days become time. */
function scaled(value: Interval, scale: (part: number) => number): Interval {
  const months = wholeInt32(scale(value.months));
  let days = wholeInt32(scale(value.days));
  const monthRest = roundToMicro((scale(value.months) - months) * DAYS_PER_MONTH);
  let seconds = roundToMicro((scale(value.days) - days + monthRest - Math.trunc(monthRest)) * SECS_PER_DAY);
  if (Math.abs(seconds) >= SECS_PER_DAY) {
    const carried = Math.trunc(seconds / SECS_PER_DAY);
    days += carried;
    seconds -= carried * SECS_PER_DAY;
  }
  days += Math.trunc(monthRest);
  const micros = rint(scale(Number(value.microseconds)) + seconds * USECS_PER_SEC);
  if (!isInt32(days)) throw intervalOutOfRange();
  return new Interval(months, days + 0, microsFromFloat(micros));
}

/** Quotient toward zero and remainder by a day. */
export function splitDays(micros: Timestamp): [days: number, rest: number] {
  if (typeof micros === 'number') {
    const rest = micros % USECS_PER_DAY;
    return [(micros - rest) / USECS_PER_DAY + 0, rest + 0];
  }
  return [Number(micros / BigInt(USECS_PER_DAY)), Number(micros % BigInt(USECS_PER_DAY))];
}

/**
 * A larger and a smaller unit with the same sign, `span` of the smaller ones being one of the larger; `below` is what
 * gives the smaller its sign where it is 0.
 */
function sameSign(large: number, small: number, span: number, below = 0): [large: number, small: number] {
  const sign = Math.sign(small === 0 ? below : small);
  if (large > 0 && sign < 0) return [large - 1, small + span];
  return large < 0 && sign > 0 ? [large + 1, small - span] : [large, small];
}

export function justifyHours(value: Interval): Interval {
  const [carried, rest] = splitDays(value.microseconds);
  const [days, micros] = sameSign(value.days + carried, rest, USECS_PER_DAY);
  return checkedInterval(value.months, days, micros);
}

export function justifyDays(value: Interval): Interval {
  const [carried, rest] = splitMonths(value.days);
  const [months, days] = sameSign(value.months + carried, rest, DAYS_PER_MONTH);
  return checkedInterval(months, days + 0, value.microseconds);
}

export function justifyInterval(value: Interval): Interval {
  let { months, days } = value;
  const carryDays = (): void => {
    const [carried, rest] = splitMonths(days);
    months += carried;
    days = rest;
  };
  if ((days > 0 && value.microseconds > 0) || (days < 0 && value.microseconds < 0)) carryDays();
  const [wholeDays, rest] = splitDays(value.microseconds);
  days += wholeDays;
  carryDays();
  [months, days] = sameSign(months, days, DAYS_PER_MONTH, rest);
  const [leveled, micros] = sameSign(days, rest, USECS_PER_DAY);
  return checkedInterval(months, leveled + 0, micros);
}

/** Quotient toward zero and remainder by a month of 30 days. */
function splitMonths(days: number): [months: number, rest: number] {
  const months = Math.trunc(days / DAYS_PER_MONTH);
  return [months, days - months * DAYS_PER_MONTH];
}

/** The signed remainder and quotient of months by years. */
export function splitYears(months: number): [years: number, months: number] {
  const rest = months % MONTHS_PER_YEAR;
  return [(months - rest) / MONTHS_PER_YEAR + 0, rest + 0];
}
