/**
 * Conversions among date, time, timestamp and their forms with time zone, as the casts make them. Infinite values
 * stay infinite; errors are 22008.
 */
import { sqlError } from '../../errors/sql-error.js';
import {
  DATE_END_DAY,
  MIN_DAY,
  TIMESTAMP_END_DAY,
  USECS_PER_DAY,
  USECS_PER_SEC,
} from '../../types/datetime/civil-calendar.js';
import { findTimeZone, offsetAt, sessionZone, type TimeZone, utcOfLocal } from '../../types/datetime/time-zone.js';
import {
  checkedTimestamp,
  dayOf,
  isFiniteTimestamp,
  isValidTimestamp,
  joinTimestamp,
  type Timestamp,
  timeOf,
  timestampOutOfRange,
} from '../../types/datetime/timestamp-value.js';
import { TimeTz } from '../../types/datetime/timetz.js';
import type { TypeContext } from '../../types/type-context.js';

/** The session's zone. */
export function zoneOf(cx: TypeContext): TimeZone {
  return sessionZone(cx.settings.timeZone);
}

export function requireZone(name: string): TimeZone {
  const zone = findTimeZone(name);
  if (zone === undefined) throw sqlError('invalid_parameter_value', `time zone "${name}" not recognized`);
  return zone;
}

/** Throws 22008 where the instant leaves the range. */
export function localToInstant(local: Timestamp, zone: TimeZone): Timestamp {
  if (!isFiniteTimestamp(local)) return local;
  const day = dayOf(local);
  const instant = utcOfLocal(zone, day, timeOf(local, day));
  if (!isValidTimestamp(instant)) throw timestampOutOfRange();
  return instant;
}

/** As `localToInstant` without a check of the range, for comparisons. */
export function localToInstantUnchecked(local: Timestamp, zone: TimeZone): Timestamp {
  if (!isFiniteTimestamp(local)) return local;
  const day = dayOf(local);
  return utcOfLocal(zone, day, timeOf(local, day));
}

/** Throws 22008 where the local time leaves the range. */
export function instantToLocal(instant: Timestamp, zone: TimeZone): Timestamp {
  if (!isFiniteTimestamp(instant) || zone.fixedOffset === 0) return instant;
  const day = dayOf(instant);
  const time = timeOf(instant, day);
  return checkedTimestamp(day, time + offsetAt(zone, day, time) * USECS_PER_SEC);
}

export function isFiniteDate(date: number): boolean {
  return Number.isFinite(date);
}

export function dateToTimestamp(date: number): Timestamp {
  if (!isFiniteDate(date)) return date;
  if (date >= TIMESTAMP_END_DAY) {
    throw sqlError('datetime_value_out_of_range', 'date out of range for timestamp');
  }
  return joinTimestamp(date, 0);
}

export function dateToInstant(date: number, zone: TimeZone): Timestamp {
  if (!isFiniteDate(date)) return date;
  if (date >= TIMESTAMP_END_DAY) {
    throw sqlError('datetime_value_out_of_range', 'date out of range for timestamp');
  }
  const instant = utcOfLocal(zone, date, 0);
  if (!isValidTimestamp(instant)) throw sqlError('datetime_value_out_of_range', 'date out of range for timestamp');
  return instant;
}

export function timestampToDate(timestamp: Timestamp): number {
  return isFiniteTimestamp(timestamp) ? dayOf(timestamp) : Number(timestamp);
}

/** Day of the instant in a zone; dates reach further than timestamps, so there is nothing to check. */
export function instantToDate(instant: Timestamp, zone: TimeZone): number {
  if (!isFiniteTimestamp(instant)) return Number(instant);
  const day = dayOf(instant);
  const time = timeOf(instant, day) + offsetAt(zone, day, timeOf(instant, day)) * USECS_PER_SEC;
  return day + Math.floor(time / USECS_PER_DAY);
}

/** Null for infinite ones. */
export function timestampToTime(timestamp: Timestamp): number | null {
  return isFiniteTimestamp(timestamp) ? timeOf(timestamp, dayOf(timestamp)) : null;
}

export function instantToTime(instant: Timestamp, zone: TimeZone): number | null {
  if (!isFiniteTimestamp(instant)) return null;
  const day = dayOf(instant);
  const time = timeOf(instant, day);
  return wrapDay(time + offsetAt(zone, day, time) * USECS_PER_SEC);
}

export function instantToTimeTz(instant: Timestamp, zone: TimeZone): TimeTz | null {
  if (!isFiniteTimestamp(instant)) return null;
  const day = dayOf(instant);
  const time = timeOf(instant, day);
  const offset = offsetAt(zone, day, time);
  return new TimeTz(wrapDay(time + offset * USECS_PER_SEC), 0 - offset);
}

/** A time of today's date in the session's zone decides the offset. */
export function timeToTimeTz(time: number, cx: TypeContext): TimeTz {
  const zone = zoneOf(cx);
  const today = instantToDate(cx.transactionTimestamp, zone);
  return new TimeTz(time, 0 - offsetOfLocalTime(zone, today, time));
}

export function offsetOfLocalTime(zone: TimeZone, day: number, time: number): number {
  const instant = utcOfLocal(zone, day, time);
  const instantDay = dayOf(instant);
  return Math.round(((day - instantDay) * USECS_PER_DAY + time - timeOf(instant, instantDay)) / USECS_PER_SEC);
}

/** Microseconds modulo a day, from 0. */
export function wrapDay(time: number): number {
  const rest = time % USECS_PER_DAY;
  return rest < 0 ? rest + USECS_PER_DAY : rest + 0;
}

export function checkedDate(date: number): number {
  if (!(date >= MIN_DAY && date < DATE_END_DAY)) throw dateOutOfRange();
  return date;
}

export function dateOutOfRange(): Error {
  return sqlError('datetime_value_out_of_range', 'date out of range');
}
