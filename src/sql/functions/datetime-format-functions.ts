/** to_char() of timestamps and intervals, to_date() and to_timestamp() with a pattern. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import {
  CivilDate,
  civilFromDays,
  DATE_END_DAY,
  dayOfYear,
  daysFromCivil,
  daysInMonth,
  EPOCH_JULIAN_DAY,
  isoYearStart,
  MIN_DAY,
  USECS_PER_DAY,
  USECS_PER_HOUR,
  USECS_PER_MINUTE,
  USECS_PER_SEC,
} from '../../types/datetime/civil-calendar.js';
import { zoneOverflow } from '../../types/datetime/datetime-errors.js';
import type { Interval } from '../../types/datetime/interval.js';
import { offsetAt } from '../../types/datetime/time-zone.js';
import {
  dayOf,
  isFiniteTimestamp,
  isValidTimestamp,
  joinTimestamp,
  roundMicroseconds,
  type Timestamp,
  timeOf,
  timestampOutOfRange,
} from '../../types/datetime/timestamp-value.js';
import { localToInstant, zoneOf } from './datetime-conversion.js';
import { datetimePattern } from './datetime-pattern.js';
import { type PatternValues, readByPattern } from './datetime-pattern-reader.js';
import { type PrintedTime, writePattern } from './datetime-pattern-writer.js';
import { splitYears } from './interval-arithmetic.js';
import { type CallContext, contextFunctions, type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';

function printed(day: number, time: number, offset: number, abbreviation: string): PrintedTime {
  const civil = civilFromDays(day, new CivilDate());
  return {
    interval: false,
    year: civil.year,
    month: civil.month,
    day: civil.day,
    yearDay: dayOfYear(day, civil.year),
    ...clockParts(time),
    offset,
    abbreviation,
  };
}

/** All parts have the sign of the time. */
function clockParts(time: number): Pick<PrintedTime, 'hour' | 'minute' | 'second' | 'micros'> {
  return {
    hour: Math.trunc(time / USECS_PER_HOUR) + 0,
    minute: Math.trunc((time % USECS_PER_HOUR) / USECS_PER_MINUTE) + 0,
    second: Math.trunc((time % USECS_PER_MINUTE) / USECS_PER_SEC) + 0,
    micros: (time % USECS_PER_SEC) + 0,
  };
}

function timestampText(value: Timestamp, pattern: string): string | null {
  if (!isFiniteTimestamp(value) || pattern === '') return null;
  const day = dayOf(value);
  return writePattern(datetimePattern(pattern), printed(day, timeOf(value, day), 0, ''));
}

function instantText(cx: CallContext, value: Timestamp, pattern: string): string | null {
  if (!isFiniteTimestamp(value) || pattern === '') return null;
  return writePattern(datetimePattern(pattern), printedInstant(cx, value));
}

/** What to_char() prints of a finite timestamp with time zone. */
export function printedInstant(cx: CallContext, value: Timestamp): PrintedTime {
  const zone = zoneOf(cx);
  const day = dayOf(value);
  const time = timeOf(value, day);
  const offset = offsetAt(zone, day, time);
  const moved = time + offset * USECS_PER_SEC;
  const carried = Math.floor(moved / USECS_PER_DAY);
  const seconds = day * 86400 + Math.floor(time / USECS_PER_SEC);
  return printed(day + carried, moved - carried * USECS_PER_DAY, offset, zone.abbreviationAt(seconds));
}

function intervalText(value: Interval, pattern: string): string | null {
  return pattern === '' ? null : writePattern(datetimePattern(pattern), printedInterval(value));
}

/** What to_char() prints of an interval. */
export function printedInterval(value: Interval): PrintedTime {
  const [year, month] = splitYears(value.months);
  const micros = value.microseconds;
  const inHour = typeof micros === 'number' ? micros % USECS_PER_HOUR : Number(micros % BigInt(USECS_PER_HOUR));
  const hour =
    typeof micros === 'number' ? (micros - inHour) / USECS_PER_HOUR : Number(micros / BigInt(USECS_PER_HOUR));
  return {
    interval: true,
    year,
    month,
    day: value.days,
    yearDay: (value.months * 30 + value.days) | 0,
    ...clockParts(inHour),
    hour: hour + 0,
    offset: 0,
    abbreviation: '',
  };
}

/** What a long pattern prints; the time comes as the JSON text of a `PrintedTime` (far-calls.ts). */
function printedText(pattern: string, time: string): string {
  return writePattern(datetimePattern(pattern), JSON.parse(time));
}

function overflow(text: string): SqlError {
  return sqlError('datetime_field_overflow', `date/time field value out of range: "${text}"`);
}

interface Parsed {
  readonly day: number;
  readonly time: number;
  /** Seconds east of UTC, or null when the text names none. */
  readonly offset: number | null;
}

/** What the values mean together; the text is for errors. */
function assemble(values: PatternValues, text: string): Parsed {
  const hour = hourOfValues(values);
  const date = new DateParts();
  date.take(values);
  const outOfMonth = date.seen.day && (date.day < 1 || date.day > 31);
  if ((date.seen.month && (date.month < 1 || date.month > 12)) || outOfMonth) throw overflow(text);
  const complete = date.seen.year && date.seen.month && date.seen.day;
  if (complete && date.day > daysInMonth(date.year, date.month)) throw overflow(text);
  return {
    day: daysFromCivil(date.year, date.month, date.day),
    time: timeOfValues(values, hour, text),
    offset: zoneOfValues(values, text),
  };
}

function dateOutOfRange(text: string): SqlError {
  return sqlError('datetime_value_out_of_range', `date out of range: "${text}"`);
}

class DateParts {
  year = 0;
  month = 1;
  day = 1;
  readonly seen = { year: false, month: false, day: false };

  take(values: PatternValues): void {
    this.takeYear(values);
    if (values.julian !== 0) this.setDay(values.julian - EPOCH_JULIAN_DAY);
    let { yearDay, day } = values;
    if (values.week !== 0) {
      if (values.mode === 'iso') {
        const weekday = values.weekday === 0 ? 0 : values.weekday === 1 ? 6 : values.weekday - 2;
        this.setDay(isoYearStart(this.year) + (values.week - 1) * 7 + weekday);
      } else {
        yearDay = (values.week - 1) * 7 + 1;
      }
    }
    if (values.monthWeek !== 0) day = (values.monthWeek - 1) * 7 + 1;
    if (day !== 0) {
      this.day = day;
      this.seen.day = true;
    }
    if (values.month !== 0) {
      this.month = values.month;
      this.seen.month = true;
    }
    if (yearDay !== 0 && (this.month <= 1 || this.day <= 1)) this.takeYearDay(yearDay, values);
  }

  private setDay(day: number): void {
    const civil = civilFromDays(day, new CivilDate());
    this.year = civil.year;
    this.month = civil.month;
    this.day = civil.day;
    this.seen.year = true;
    this.seen.month = true;
    this.seen.day = true;
  }

  private takeYear(values: PatternValues): void {
    const { year, bc } = values;
    const century = bc !== 0 ? -values.century : values.century;
    if (year === 0 && century === 0) return;
    this.seen.year = true;
    if (year === 0) {
      this.year = century >= 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
    } else if (century !== 0 && values.yearDigits <= 2) {
      const inCentury = year % 100;
      if (inCentury === 0) this.year = century * 100 + (century >= 0 ? 0 : 1);
      else this.year = century >= 0 ? inCentury + (century - 1) * 100 : (century + 1) * 100 - inCentury + 1;
    } else {
      this.year = bc !== 0 ? -year : year;
      if (this.year < 0) this.year++;
    }
  }

  private takeYearDay(yearDay: number, values: PatternValues): void {
    if (this.year === 0 && values.bc === 0) {
      throw sqlError('invalid_datetime_format', 'cannot calculate day of year without year information');
    }
    if (values.mode === 'iso') {
      this.setDay(isoYearStart(this.year) + yearDay - 1);
      return;
    }
    let month = 1;
    let before = 0;
    while (month <= 12 && yearDay > before + daysInMonth(this.year, month)) before += daysInMonth(this.year, month++);
    if (this.month <= 1) this.month = month;
    if (this.day <= 1) this.day = yearDay - before;
    this.seen.month = true;
    this.seen.day = true;
  }
}

function hourOfValues(values: PatternValues): number {
  const hour = values.hour !== 0 ? values.hour : Math.trunc(values.secondOfDay / 3600);
  if (!values.twelveHours) return hour;
  if (hour < 1 || hour > 12) {
    throw sqlError('invalid_datetime_format', `hour "${hour}" is invalid for the 12-hour clock`, {
      hint: 'Use the 24-hour clock, or give an hour between 1 and 12.',
    });
  }
  if (values.pm !== 0 && hour < 12) return hour + 12;
  return values.pm === 0 && hour === 12 ? 0 : hour;
}

function timeOfValues(values: PatternValues, hour: number, text: string): number {
  const minute = values.minute !== 0 ? values.minute : Math.trunc((values.secondOfDay % 3600) / 60);
  const second = values.second !== 0 ? values.second : values.secondOfDay % 60;
  const micros = values.millis * 1000 + values.micros;
  const bad =
    hour < 0 || hour >= 24 || minute < 0 || minute >= 60 || second < 0 || second >= 60 || micros < 0 || micros >= 1e6;
  if (bad) throw overflow(text);
  return hour * USECS_PER_HOUR + minute * USECS_PER_MINUTE + second * USECS_PER_SEC + micros;
}

const MAX_ZONE_HOUR = 15;

function zoneOfValues(values: PatternValues, text: string): number | null {
  if (values.zoneSign === 0) return null;
  const { zoneHour, zoneMinute } = values;
  if (zoneHour < 0 || zoneHour > MAX_ZONE_HOUR || zoneMinute < 0 || zoneMinute >= 60) throw zoneOverflow(text);
  return values.zoneSign * (zoneHour * 60 + zoneMinute) * 60;
}

function toDate(text: string, pattern: string): number {
  const { day } = assemble(readByPattern(text, pattern), text);
  if (!(day >= MIN_DAY && day < DATE_END_DAY)) throw dateOutOfRange(text);
  return day;
}

function toTimestamp(cx: CallContext, text: string, pattern: string): Timestamp {
  const values = readByPattern(text, pattern);
  const { day, time, offset } = assemble(values, text);
  const local = checked(joinTimestamp(day, time));
  const instant =
    offset === null ? localToInstant(local, zoneOf(cx)) : checked(joinTimestamp(day, time - offset * USECS_PER_SEC));
  return roundMicroseconds(instant, values.precision);
}

function checked(value: Timestamp): Timestamp {
  if (!isValidTimestamp(value)) throw timestampOutOfRange();
  return value;
}

export const datetimeFormatFunctions: FunctionFamily = joinFamilies(
  plainFunctions({
    timestamp_to_char: timestampText,
    interval_to_char: intervalText,
    to_date: toDate,
    printed_to_char: printedText,
  }),
  contextFunctions({ timestamptz_to_char: instantText, to_timestamp: toTimestamp }),
);
