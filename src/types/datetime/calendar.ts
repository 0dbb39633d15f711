/**
 * The proleptic Gregorian calendar: Julian day numbers, days since 2000-01-01, and timestamps taken apart. Years are
 * astronomical (0 is 1 BC). Nothing here knows of time zones or text.
 */
import { isInfinite } from '../datum.js';
import type { Int64 } from './int64.js';

export const USECS_PER_DAY = 86_400_000_000;
export const USECS_PER_HOUR = 3_600_000_000;
export const USECS_PER_MINUTE = 60_000_000;
export const USECS_PER_SECOND = 1_000_000;
export const SECONDS_PER_DAY = 86_400;
/** Julian day number of 2000-01-01 and of 1970-01-01. */
export const EPOCH_JULIAN = 2451545;
export const UNIX_EPOCH_JULIAN = 2440588;
/** Seconds from 1970-01-01 to 2000-01-01. */
export const EPOCH_UNIX_SECONDS = 946_684_800;

/** First and first-beyond-last days (since 2000-01-01) of type date, and of the timestamps. */
const DATE_MIN = -EPOCH_JULIAN;
const DATE_END = 2147483494 - EPOCH_JULIAN;
const TIMESTAMP_END_DAY = 109203528 - EPOCH_JULIAN;

/** Broken-down time. `month` 1-12, `day` 1-31, `fsec` microseconds, `zone` seconds WEST of UTC. */
export interface DateTimeFields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  fsec: number;
  zone: number;
}

export function newFields(): DateTimeFields {
  return { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0, fsec: 0, zone: 0 };
}

/** Julian day number of a date of the proleptic Gregorian calendar. Accepts months and days out of range. */
export function julianDay(year: number, month: number, day: number): number {
  const shifted = month > 2 ? month + 1 : month + 13;
  const y = month > 2 ? year + 4800 : year + 4799;
  const century = Math.floor(y / 100);
  return (
    y * 365 - 32167 + Math.floor(y / 4) - century + Math.floor(century / 4) + Math.floor((7834 * shifted) / 256) + day
  );
}

/** Sets year, month and day of `fields` from a Julian day number. */
export function setDateFromJulian(fields: DateTimeFields, julian: number): void {
  // Days since 0000-03-01, so that the leap day is the last of its year.
  const z = julian - 1721120;
  const era = Math.floor(z / 146097);
  const dayOfEra = z - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const mp = Math.floor((5 * dayOfYear + 2) / 153);
  fields.day = dayOfYear - Math.floor((153 * mp + 2) / 5) + 1;
  fields.month = mp < 10 ? mp + 3 : mp - 9;
  fields.year = yearOfEra + era * 400 + (mp >= 10 ? 1 : 0);
}

/** Sets hour to fsec from microseconds since midnight. */
export function setTimeOfDay(fields: DateTimeFields, micros: number): void {
  const hour = Math.floor(micros / USECS_PER_HOUR);
  let rest = micros - hour * USECS_PER_HOUR;
  const minute = Math.floor(rest / USECS_PER_MINUTE);
  rest -= minute * USECS_PER_MINUTE;
  const second = Math.floor(rest / USECS_PER_SECOND);
  fields.hour = hour;
  fields.minute = minute;
  fields.second = second;
  fields.fsec = rest - second * USECS_PER_SECOND;
}

export function microsOfDay(hour: number, minute: number, second: number, fsec: number): number {
  return ((hour * 60 + minute) * 60 + second) * USECS_PER_SECOND + fsec;
}

/** Whole days since 2000-01-01 of a finite timestamp, rounded down. */
export function timestampDays(timestamp: Int64): number {
  if (typeof timestamp === 'number') {
    const days = Math.floor(timestamp / USECS_PER_DAY);
    // The division may round up across a day's end.
    return days * USECS_PER_DAY > timestamp ? days - 1 : days;
  }
  const wide = BigInt(USECS_PER_DAY);
  const days = timestamp / wide;
  return Number(timestamp < 0n && days * wide !== timestamp ? days - 1n : days);
}

/** Microseconds since midnight, given the days of the same timestamp. */
export function timestampMicros(timestamp: Int64, days: number): number {
  return typeof timestamp === 'number'
    ? timestamp - days * USECS_PER_DAY
    : Number(timestamp - BigInt(days) * BigInt(USECS_PER_DAY));
}

/** The timestamp of a day and microseconds (of any size); no check of range. */
export function makeTimestamp(days: number, micros: number): Int64 {
  const value = days * USECS_PER_DAY + micros;
  if (value >= -9007199254740991 && value <= 9007199254740991) return value;
  const wide = BigInt(days) * BigInt(USECS_PER_DAY) + BigInt(micros);
  return wide >= -9007199254740991n && wide <= 9007199254740991n ? Number(wide) : wide;
}

/** Sets all but the zone from a finite timestamp. */
export function setFromTimestamp(fields: DateTimeFields, timestamp: Int64): void {
  const days = timestampDays(timestamp);
  setDateFromJulian(fields, days + EPOCH_JULIAN);
  setTimeOfDay(fields, timestampMicros(timestamp, days));
}

/** The timestamp that broken-down time names, its zone left out. Undefined beyond the range of timestamps. */
export function timestampFromFields(fields: DateTimeFields): Int64 | undefined {
  if (!validJulian(fields.year, fields.month)) return undefined;
  const days = julianDay(fields.year, fields.month, fields.day) - EPOCH_JULIAN;
  const value = makeTimestamp(days, microsOfDay(fields.hour, fields.minute, fields.second, fields.fsec));
  return isValidTimestamp(value) ? value : undefined;
}

const TIMESTAMP_MIN = -211813488000000000n;
const TIMESTAMP_END = 9223371331200000000n;

/** Whether a finite timestamp is in PostgreSQL's range: 4713-11-24 BC to 294276-12-31. */
export function isValidTimestamp(value: Int64): boolean {
  return typeof value === 'number' || (value >= TIMESTAMP_MIN && value < TIMESTAMP_END);
}

export function isValidTimestampDay(days: number): boolean {
  return days >= DATE_MIN && days < TIMESTAMP_END_DAY;
}

export function isValidDate(days: number): boolean {
  return days >= DATE_MIN && days < DATE_END;
}

/** Whether Julian day numbers are defined for a month (from November 4714 BC to June 5874898). */
export function validJulian(year: number, month: number): boolean {
  return (year > -4713 || (year === -4713 && month >= 11)) && (year < 5874898 || (year === 5874898 && month < 6));
}

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : DAYS_IN_MONTH[month - 1];
}

/** 0 is Sunday. */
export function dayOfWeek(julian: number): number {
  const day = (julian + 1) % 7;
  return day < 0 ? day + 7 : day;
}

/** Julian day of the Monday of ISO week `week` of ISO year `year`. */
export function isoWeekStart(year: number, week: number): number {
  const fourth = julianDay(year, 1, 4);
  return (week - 1) * 7 + (fourth - ((dayOfWeek(fourth) + 6) % 7));
}

/** ISO year and week of a date. */
export function isoWeek(year: number, month: number, day: number): { year: number; week: number } {
  const julian = julianDay(year, month, day);
  let isoYear = year;
  if (julian < isoWeekStart(year, 1)) isoYear = year - 1;
  else if (julian >= isoWeekStart(year + 1, 1)) isoYear = year + 1;
  return { year: isoYear, week: Math.floor((julian - isoWeekStart(isoYear, 1)) / 7) + 1 };
}

export const TIMESTAMP_LOWEST: Int64 = TIMESTAMP_MIN;
export const TIMESTAMP_HIGHEST_EXCLUSIVE: Int64 = TIMESTAMP_END;

/** As isInfinite of datum.ts, narrowed for callers that need it on union types. */
export function notFinite(value: Int64): value is number {
  return isInfinite(value);
}
