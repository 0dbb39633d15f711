/**
 * The proleptic Gregorian calendar in whole numbers: days since 2000-01-01 to year, month, day and back. Years are
 * astronomical: 0 is 1 BC, -1 is 2 BC. No JavaScript dates, whose range and zone are not SQL's.
 */

export const USECS_PER_SEC = 1_000_000;
export const USECS_PER_MINUTE = 60_000_000;
export const USECS_PER_HOUR = 3_600_000_000;
export const USECS_PER_DAY = 86_400_000_000;
export const SECS_PER_DAY = 86400;
export const DAYS_PER_MONTH = 30;
export const MONTHS_PER_YEAR = 12;
/** Julian day number of 2000-01-01. */
export const EPOCH_JULIAN_DAY = 2451545;
/** Days from 1970-01-01 to 2000-01-01. */
export const UNIX_EPOCH_DAYS = 10957;

/** First day that dates and timestamps can hold (4714-11-24 BC). */
export const MIN_DAY = -EPOCH_JULIAN_DAY;
/** First day behind the range of date (5874898-01-01 less the reserved end) and of timestamp (294277-01-01). */
export const DATE_END_DAY = 2147483494 - EPOCH_JULIAN_DAY;
export const TIMESTAMP_END_DAY = 109203528 - EPOCH_JULIAN_DAY;

const DAYS_PER_ERA = 146097;
/** Days from 0000-03-01 to 2000-01-01. */
const MARCH_OFFSET = 730425;
const MONTH_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days since 2000-01-01. A month beyond 1..12 or a day beyond its month simply counts on. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + (yearOfEra >> 2) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - MARCH_OFFSET;
}

/** A calendar day; fields are filled by `civilFromDays`. */
export class CivilDate {
  year = 2000;
  month = 1;
  day = 1;
}

/** Writes year, month and day of a day number into `into` and returns it. */
export function civilFromDays(days: number, into: CivilDate): CivilDate {
  const shifted = days + MARCH_OFFSET;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.trunc(
    (dayOfEra - Math.trunc(dayOfEra / 1460) + Math.trunc(dayOfEra / 36524) - Math.trunc(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - Math.trunc(yearOfEra / 100));
  const shiftedMonth = Math.trunc((5 * dayOfYear + 2) / 153);
  into.day = dayOfYear - Math.trunc((153 * shiftedMonth + 2) / 5) + 1;
  into.month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  into.year = yearOfEra + era * 400 + (into.month <= 2 ? 1 : 0);
  return into;
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : MONTH_LENGTHS[month - 1];
}

/** 0 is Sunday. */
export function dayOfWeek(days: number): number {
  const rest = (days + 6) % 7;
  return rest < 0 ? rest + 7 : rest;
}

/** 1 is 1 January. */
export function dayOfYear(days: number, year: number): number {
  return days - daysFromCivil(year, 1, 1) + 1;
}

/** The Monday on which the ISO year begins, as a day number. */
export function isoYearStart(isoYear: number): number {
  const january4 = daysFromCivil(isoYear, 1, 4);
  return january4 - ((dayOfWeek(january4) + 6) % 7);
}

/** ISO 8601 year of a day of the calendar year `year`. */
export function isoYearOf(days: number, year: number): number {
  if (days < isoYearStart(year)) return year - 1;
  return days >= isoYearStart(year + 1) ? year + 1 : year;
}

/** ISO 8601 week number, 1 to 53. */
export function isoWeekOf(days: number, year: number): number {
  return Math.floor((days - isoYearStart(isoYearOf(days, year))) / 7) + 1;
}
