/** Arithmetic, construction and casts of dates. */
import { sqlError } from '../../errors/sql-error.js';
import { DATE_END_DAY, daysFromCivil, daysInMonth, MIN_DAY } from '../../types/datetime/civil-calendar.js';
import type { Interval } from '../../types/datetime/interval.js';
import {
  isValidTimestamp,
  joinTimestamp,
  type Timestamp,
  timestampOutOfRange,
} from '../../types/datetime/timestamp-value.js';
import type { TimeTz } from '../../types/datetime/timetz.js';
import {
  checkedDate,
  dateToInstant,
  dateToTimestamp,
  instantToDate,
  isFiniteDate,
  timestampToDate,
  zoneOf,
} from './datetime-conversion.js';
import { contextFunctions, type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';
import { addToTimestamp, subtractFromTimestamp } from './timestamp-arithmetic.js';

const LOWEST_INT32 = -2147483648;

/** As printf's %02d. */
export function twoDigits(value: number): string {
  return value < 0 ? String(value) : String(value).padStart(2, '0');
}

/** Whether a year as users write it, BC negative, a month and a day make a date. */
export function isCalendarDate(year: number, month: number, day: number): boolean {
  if (year === 0 || year === LOWEST_INT32 || month < 1 || month > 12) return false;
  return day >= 1 && day <= daysInMonth(year < 0 ? year + 1 : year, month);
}

function addDays(date: number, days: number): number {
  return isFiniteDate(date) ? checkedDate(date + days) : date;
}

/** Negative years are BC; messages show the year as it counts in astronomy. */
export function makeDate(year: number, month: number, day: number): number {
  const calendarYear = year < 0 && year !== LOWEST_INT32 ? year + 1 : year;
  const text = `${calendarYear}-${twoDigits(month)}-${twoDigits(day)}`;
  if (!isCalendarDate(year, month, day)) {
    throw sqlError('datetime_field_overflow', `date field value out of range: ${text}`);
  }
  const date = daysFromCivil(calendarYear, month, day);
  if (!(date >= MIN_DAY && date < DATE_END_DAY)) {
    throw sqlError('datetime_value_out_of_range', `date out of range: ${text}`);
  }
  return date;
}

export function dateWithTime(date: number, time: number): Timestamp {
  const start = dateToTimestamp(date);
  return isFiniteDate(date) ? joinTimestampChecked(date, time) : start;
}

function joinTimestampChecked(day: number, micros: number): Timestamp {
  const value = joinTimestamp(day, micros);
  if (!isValidTimestamp(value)) throw timestampOutOfRange();
  return value;
}

function dateWithTimeTz(date: number, time: TimeTz): Timestamp {
  if (!isFiniteDate(date)) return date;
  dateToTimestamp(date);
  const value = joinTimestamp(date, time.instant);
  if (!isValidTimestamp(value)) throw sqlError('datetime_value_out_of_range', 'date out of range for timestamp');
  return value;
}

const plain = plainFunctions({
  date_pli: addDays,
  date_mii: (date: number, days: number) => addDays(date, -days),
  'integer_pl_date(int4,date)': (days: number, date: number) => addDays(date, days),
  date_mi: (a: number, b: number) => {
    if (!isFiniteDate(a) || !isFiniteDate(b)) {
      throw sqlError('datetime_value_out_of_range', 'cannot subtract infinite dates');
    }
    return a - b;
  },
  date_pl_interval: (date: number, span: Interval) => addToTimestamp(dateToTimestamp(date), span),
  date_mi_interval: (date: number, span: Interval) => subtractFromTimestamp(dateToTimestamp(date), span),
  'interval_pl_date(interval,date)': (span: Interval, date: number) => addToTimestamp(dateToTimestamp(date), span),
  date_finite: isFiniteDate,
  make_date: makeDate,
  date_timestamp: dateToTimestamp,
  timestamp_date: timestampToDate,
  datetime_timestamp: dateWithTime,
  'timedate_pl(time,date)': (time: number, date: number) => dateWithTime(date, time),
  datetimetz_timestamptz: dateWithTimeTz,
  'timetzdate_pl(timetz,date)': (time: TimeTz, date: number) => dateWithTimeTz(date, time),
});

const inSession = contextFunctions({
  date_timestamptz: (cx, date: number) => dateToInstant(date, zoneOf(cx)),
  timestamptz_date: (cx, instant: Timestamp) => instantToDate(instant, zoneOf(cx)),
});

export const dateFunctions: FunctionFamily = joinFamilies(plain, inSession);
