/** Timestamps plus and minus intervals and each other, and age(). Errors are 22008. */
import { sqlError } from '../../errors/sql-error.js';
import {
  CivilDate,
  civilFromDays,
  daysFromCivil,
  daysInMonth,
  MIN_DAY,
  TIMESTAMP_END_DAY,
  USECS_PER_DAY,
} from '../../types/datetime/civil-calendar.js';
import { addInt64, Interval, negateInt64, negateInterval } from '../../types/datetime/interval.js';
import type { TimeZone } from '../../types/datetime/time-zone.js';
import {
  dayOf,
  isFiniteTimestamp,
  isValidTimestamp,
  joinTimestamp,
  type Timestamp,
  timeOf,
  timestampOutOfRange,
} from '../../types/datetime/timestamp-value.js';
import { normalizeInt8 } from '../../types/datum.js';
import { instantToLocal, localToInstant } from './datetime-conversion.js';
import { justifyHours } from './interval-arithmetic.js';

const civil = new CivilDate();

/** A day `months` later; the last of the month where that is shorter. Throws 22008 beyond the range. */
function addMonths(day: number, months: number): number {
  civilFromDays(day, civil);
  const total = civil.year * 12 + civil.month - 1 + months;
  const year = Math.floor(total / 12);
  const month = total - year * 12 + 1;
  return daysFromCivil(year, month, Math.min(civil.day, daysInMonth(year, month)));
}

function checkedDay(day: number): number {
  if (!(day >= MIN_DAY && day < TIMESTAMP_END_DAY)) throw timestampOutOfRange();
  return day;
}

function checked(value: Timestamp): Timestamp {
  if (!isValidTimestamp(value)) throw timestampOutOfRange();
  return typeof value === 'bigint' ? joinTimestamp(dayOf(value), timeOf(value, dayOf(value))) : value;
}

export function addToTimestamp(value: Timestamp, span: Interval): Timestamp {
  if (!isFiniteTimestamp(value)) return value;
  let moved = value;
  if (span.months !== 0 || span.days !== 0) {
    let day = dayOf(value);
    const time = timeOf(value, day);
    if (span.months !== 0) day = checkedDay(addMonths(day, span.months));
    if (span.days !== 0) day = checkedDay(day + span.days);
    moved = joinTimestamp(day, time);
  }
  return span.microseconds === 0 ? moved : checked(addInt64(moved, span.microseconds));
}

/** Months and days are those of the zone's calendar, time is elapsed time. */
export function addToInstant(value: Timestamp, span: Interval, zone: TimeZone): Timestamp {
  if (!isFiniteTimestamp(value)) return value;
  if (zone.fixedOffset === 0) return addToTimestamp(value, span);
  let moved = value;
  if (span.months !== 0) {
    const local = instantToLocal(moved, zone);
    const day = dayOf(local);
    moved = localToInstant(joinTimestamp(checkedDay(addMonths(day, span.months)), timeOf(local, day)), zone);
  }
  if (span.days !== 0) {
    const local = instantToLocal(moved, zone);
    const day = dayOf(local);
    moved = localToInstant(joinTimestamp(checkedDay(day + span.days), timeOf(local, day)), zone);
  }
  return span.microseconds === 0 ? moved : checked(addInt64(moved, span.microseconds));
}

export const subtractFromTimestamp = (value: Timestamp, span: Interval): Timestamp =>
  addToTimestamp(value, negated(span));

export const subtractFromInstant = (value: Timestamp, span: Interval, zone: TimeZone): Timestamp =>
  addToInstant(value, negated(span), zone);

/** The lowest value of a part has no opposite and stays as it is, as two's complement has it. */
function negated({ months, days, microseconds }: Interval): Interval {
  const opposite =
    typeof microseconds === 'number' ? 0 - microseconds : normalizeInt8(BigInt.asIntN(64, -microseconds));
  return new Interval((0 - months) | 0, (0 - days) | 0, opposite);
}

export function timestampDifference(a: Timestamp, b: Timestamp): Interval {
  if (!isFiniteTimestamp(a) || !isFiniteTimestamp(b)) {
    throw sqlError('datetime_value_out_of_range', 'cannot subtract infinite timestamps');
  }
  const difference = addInt64(a, negateInt64(b));
  const wrapped = typeof difference === 'bigint' ? BigInt.asIntN(64, difference) : difference;
  return justifyHours(new Interval(0, 0, wrapped));
}

const ENDLESS = 9223372036854775807n;

/** PostgreSQL 15 counts an infinite end as the last microsecond that 64 bits hold, and has no age of minus infinity. */
export function ageEnd(value: Timestamp): Timestamp {
  if (value === Number.NEGATIVE_INFINITY) throw timestampOutOfRange();
  return value === Number.POSITIVE_INFINITY ? ENDLESS : value;
}

/** Years, months and days between two finite local times, by the lengths of the months in between. */
export function timestampAge(a: Timestamp, b: Timestamp): Interval {
  return a < b ? negateInterval(calendarAge(b, a)) : calendarAge(a, b);
}

/** REQUIRES a >= b. A day is borrowed from the month of the earlier date. */
function calendarAge(a: Timestamp, b: Timestamp): Interval {
  const dayA = dayOf(a);
  const dayB = dayOf(b);
  const dateA = civilFromDays(dayA, new CivilDate());
  const dateB = civilFromDays(dayB, new CivilDate());
  let micros = timeOf(a, dayA) - timeOf(b, dayB);
  let days = dateA.day - dateB.day;
  let months = (dateA.year - dateB.year) * 12 + dateA.month - dateB.month;
  if (micros < 0) {
    micros += USECS_PER_DAY;
    days--;
  }
  while (days < 0) {
    days += daysInMonth(dateB.year, dateB.month);
    months--;
  }
  return new Interval(months, days, micros);
}
