/**
 * extract() and date_part(). A unit's value is computed once, as a whole number with a scale, and becomes a numeric or
 * a float. Of infinite values, units that grow with time are infinite and the others NULL.
 */
import {
  CivilDate,
  civilFromDays,
  DAYS_PER_MONTH,
  dayOfWeek,
  dayOfYear,
  EPOCH_JULIAN_DAY,
  isoWeekOf,
  isoYearOf,
  SECS_PER_DAY,
  USECS_PER_DAY,
  USECS_PER_HOUR,
  USECS_PER_MINUTE,
  USECS_PER_SEC,
} from '../../types/datetime/civil-calendar.js';
import type { Interval } from '../../types/datetime/interval.js';
import { offsetAt } from '../../types/datetime/time-zone.js';
import {
  dayOf,
  isFiniteTimestamp,
  joinTimestamp,
  type Timestamp,
  timeOf,
} from '../../types/datetime/timestamp-value.js';
import type { TimeTz } from '../../types/datetime/timetz.js';
import { Numeric } from '../../types/numeric/numeric.js';
import type { TypeContext } from '../../types/type-context.js';
import { dateToTimestamp, instantToLocal, zoneOf } from './datetime-conversion.js';
import {
  type DateTimeUnit,
  TIME_NAME,
  TIMESTAMP_NAME,
  TIMESTAMPTZ_NAME,
  TIMETZ_NAME,
  unitNotRecognized,
  unitNotSupported,
  unitOf,
} from './datetime-units.js';
import { splitYears } from './interval-arithmetic.js';
import { contextFunctions, type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';

/** What a unit's value becomes. `value` is whole: the unit's value times 10^scale. */
interface Result<T> {
  whole(value: number): T;
  /** Seconds (scale 6) or milliseconds (scale 3) of a minute, in microseconds. */
  inMinute(micros: number, scale: number): T;
  timestampEpoch(micros: Timestamp): T;
  intervalEpoch(value: Interval): T;
  timeTzEpoch(value: TimeTz): T;
  scaled(value: Timestamp, scale: number): T;
  julian(day: number, micros: number): T;
  infinite(value: number): T;
}

const MAX_INT64 = 9223372036854775807n;

const AS_NUMERIC: Result<Numeric> = {
  whole: (value) => new Numeric(value + 0, 0),
  inMinute: (micros, scale) => new Numeric(micros + 0, scale),
  timestampEpoch: (micros) =>
    typeof micros === 'bigint' && micros > MAX_INT64
      ? Numeric.of(micros, 0).div(Numeric.fromInt(USECS_PER_SEC)).round(6)
      : AS_NUMERIC.scaled(micros, 6),
  intervalEpoch: (value) => AS_NUMERIC.scaled(epochOfInterval(value), 6),
  timeTzEpoch: (value) => new Numeric(value.instant + 0, 6),
  scaled: (value, scale) => (typeof value === 'number' ? new Numeric(value + 0, scale) : Numeric.of(value, scale)),
  julian: (day, micros) => Numeric.fromInt(day).add(Numeric.fromInt(micros).div(Numeric.fromInt(USECS_PER_DAY))),
  infinite: (value) => Numeric.special(value),
};

const AS_FLOAT: Result<number> = {
  whole: (value) => value + 0,
  inMinute: (micros, scale) => {
    const fraction = micros % USECS_PER_SEC;
    const seconds = (micros - fraction) / USECS_PER_SEC;
    return (scale === 3 ? seconds * 1000 + fraction / 1000 : seconds + fraction / USECS_PER_SEC) + 0;
  },
  timestampEpoch: (micros) => Number(micros) / USECS_PER_SEC,
  intervalEpoch: ({ months, days, microseconds }) => {
    const [years, rest] = splitYears(months);
    const seconds = Number(microseconds) / USECS_PER_SEC;
    return seconds + SECS_PER_YEAR * years + DAYS_PER_MONTH * SECS_PER_DAY * rest + SECS_PER_DAY * days;
  },
  timeTzEpoch: (value) => value.microseconds / USECS_PER_SEC + value.zone,
  scaled: (value, scale) => Number(value) / 10 ** scale,
  julian: (day, micros) => day + micros / USECS_PER_DAY,
  infinite: (value) => value,
};

const GROWING: ReadonlySet<DateTimeUnit> = new Set([
  'year',
  'decade',
  'century',
  'millennium',
  'julian',
  'isoyear',
  'epoch',
]);
const SHRINKING: ReadonlySet<DateTimeUnit> = new Set([
  'microsecond',
  'millisecond',
  'second',
  'minute',
  'hour',
  'day',
  'month',
  'quarter',
  'week',
  'dow',
  'isodow',
  'doy',
]);
const ZONE_UNITS: ReadonlySet<DateTimeUnit> = new Set(['timezone', 'timezone_hour', 'timezone_minute']);
const EPOCH_DAYS = 10957;
const SECS_PER_YEAR = 31557600;

function ofInfinite<T>(into: Result<T>, unit: DateTimeUnit, name: string, value: number, type: string): T | null {
  if (GROWING.has(unit)) return into.infinite(value);
  if (SHRINKING.has(unit)) return null;
  if (ZONE_UNITS.has(unit)) return null;
  throw unitNotRecognized(name, type);
}

/** Units below the day, of microseconds since midnight; undefined for others. */
function ofTime<T>(into: Result<T>, unit: DateTimeUnit, time: number): T | undefined {
  const inMinute = time % USECS_PER_MINUTE;
  switch (unit) {
    case 'microsecond':
      return into.whole(inMinute);
    case 'millisecond':
      return into.inMinute(inMinute, 3);
    case 'second':
      return into.inMinute(inMinute, 6);
    case 'minute':
      return into.whole(Math.trunc((time % USECS_PER_HOUR) / USECS_PER_MINUTE));
    case 'hour':
      return into.whole(Math.trunc(time / USECS_PER_HOUR));
    default:
      return undefined;
  }
}

const civil = new CivilDate();

/** Units of the day and above; undefined for others. */
function ofDay(unit: DateTimeUnit, day: number): number | undefined {
  const { year, month, day: dayOfMonth } = civilFromDays(day, civil);
  switch (unit) {
    case 'day':
      return dayOfMonth;
    case 'month':
      return month;
    case 'quarter':
      return Math.floor((month - 1) / 3) + 1;
    case 'week':
      return isoWeekOf(day, year);
    case 'year':
      return year > 0 ? year : year - 1;
    case 'decade':
      return Math.floor(year / 10);
    case 'century':
      return year > 0 ? Math.floor((year + 99) / 100) : -Math.floor((99 - (year - 1)) / 100);
    case 'millennium':
      return year > 0 ? Math.floor((year + 999) / 1000) : -Math.floor((999 - (year - 1)) / 1000);
    case 'isoyear': {
      const isoYear = isoYearOf(day, year);
      return isoYear > 0 ? isoYear : isoYear - 1;
    }
    case 'dow':
      return dayOfWeek(day);
    case 'isodow':
      return dayOfWeek(day) || 7;
    case 'doy':
      return dayOfYear(day, year);
    default:
      return undefined;
  }
}

/** Microseconds since 1970 of a timestamp. */
function epochMicros(value: Timestamp): Timestamp {
  const day = dayOf(value);
  return joinTimestamp(day + EPOCH_DAYS, timeOf(value, day));
}

function ofTimestamp<T>(into: Result<T>, name: string, value: Timestamp, type: string, instant: Timestamp): T | null {
  const unit = unitOf(name);
  if (!isFiniteTimestamp(value)) return ofInfinite(into, unit, name, Number(value), type);
  const day = dayOf(value);
  const time = timeOf(value, day);
  const small = ofTime(into, unit, time);
  if (small !== undefined) return small;
  const large = ofDay(unit, day);
  if (large !== undefined) return into.whole(large + 0);
  if (unit === 'julian') return into.julian(day + EPOCH_JULIAN_DAY, time);
  if (unit === 'epoch') return into.timestampEpoch(epochMicros(instant));
  if (ZONE_UNITS.has(unit)) throw unitNotSupported(name, type);
  throw unitNotRecognized(name, type);
}

function ofInstant<T>(into: Result<T>, cx: TypeContext, name: string, value: Timestamp): T | null {
  const unit = unitOf(name);
  const zone = zoneOf(cx);
  if (ZONE_UNITS.has(unit) && isFiniteTimestamp(value)) {
    const day = dayOf(value);
    return into.whole(zonePart(unit, offsetAt(zone, day, timeOf(value, day))));
  }
  return ofTimestamp(into, name, unit === 'epoch' ? value : instantToLocal(value, zone), TIMESTAMPTZ_NAME, value);
}

/** REQUIRES a unit of zones; `offset` is in seconds east of UTC. */
function zonePart(unit: DateTimeUnit, offset: number): number {
  if (unit === 'timezone') return offset;
  if (unit === 'timezone_hour') return Math.trunc(offset / 3600) + 0;
  return Math.trunc((offset % 3600) / 60) + 0;
}

function ofDate(name: string, value: number): Numeric | null {
  const unit = unitOf(name);
  if (!Number.isFinite(value)) {
    if (SHRINKING.has(unit) && ofDay(unit, 0) === undefined) throw unitNotSupported(name, 'date');
    if (ZONE_UNITS.has(unit)) throw unitNotSupported(name, 'date');
    return ofInfinite(AS_NUMERIC, unit, name, value, 'date');
  }
  const part = ofDay(unit, value);
  if (part !== undefined) return new Numeric(part + 0, 0);
  if (unit === 'julian') return new Numeric(value + EPOCH_JULIAN_DAY, 0);
  if (unit === 'epoch') return new Numeric((value + EPOCH_DAYS) * SECS_PER_DAY, 0);
  throw unit === 'other' ? unitNotRecognized(name, 'date') : unitNotSupported(name, 'date');
}

function ofTimeOfDay<T>(into: Result<T>, name: string, time: number): T {
  const unit = unitOf(name);
  const part = ofTime(into, unit, time);
  if (part !== undefined) return part;
  if (unit === 'epoch') return into.scaled(time, 6);
  throw unit === 'other' ? unitNotRecognized(name, TIME_NAME) : unitNotSupported(name, TIME_NAME);
}

function ofTimeTz<T>(into: Result<T>, name: string, value: TimeTz): T {
  const unit = unitOf(name);
  const part = ofTime(into, unit, value.microseconds);
  if (part !== undefined) return part;
  if (unit === 'epoch') return into.timeTzEpoch(value);
  if (ZONE_UNITS.has(unit)) return into.whole(zonePart(unit, 0 - value.zone));
  throw unit === 'other' ? unitNotRecognized(name, TIMETZ_NAME) : unitNotSupported(name, TIMETZ_NAME);
}

function ofInterval<T>(into: Result<T>, name: string, value: Interval): T {
  const unit = unitOf(name);
  const [years, months] = splitYears(value.months);
  switch (unit) {
    case 'day':
      return into.whole(value.days);
    case 'month':
      return into.whole(months);
    case 'quarter':
      return into.whole(Math.trunc(months / 3) + 1);
    case 'year':
      return into.whole(years);
    case 'decade':
      return into.whole(Math.trunc(years / 10) + 0);
    case 'century':
      return into.whole(Math.trunc(years / 100) + 0);
    case 'millennium':
      return into.whole(Math.trunc(years / 1000) + 0);
    case 'epoch':
      return into.intervalEpoch(value);
    default:
      return ofIntervalTime(into, unit, name, value.microseconds);
  }
}

function ofIntervalTime<T>(into: Result<T>, unit: DateTimeUnit, name: string, micros: Timestamp): T {
  if (unit === 'hour') return into.scaled(hoursOf(micros), 0);
  const inHour = typeof micros === 'number' ? micros % USECS_PER_HOUR : Number(micros % BigInt(USECS_PER_HOUR));
  const part = ofTime(into, unit, inHour + 0);
  if (part !== undefined) return part;
  throw unit === 'other' ? unitNotRecognized(name, 'interval') : unitNotSupported(name, 'interval');
}

function hoursOf(micros: Timestamp): number {
  return (
    (typeof micros === 'number' ? Math.trunc(micros / USECS_PER_HOUR) : Number(micros / BigInt(USECS_PER_HOUR))) + 0
  );
}

/** Microseconds; a year has 365.25 days, a month 30. May leave 64 bits. */
function epochOfInterval(value: Interval): Timestamp {
  const [years, months] = splitYears(value.months);
  const seconds = years * SECS_PER_YEAR + (months * DAYS_PER_MONTH + value.days) * SECS_PER_DAY;
  if (typeof value.microseconds === 'number') {
    const micros = seconds * USECS_PER_SEC + value.microseconds;
    if (Number.isSafeInteger(micros)) return micros + 0;
  }
  return BigInt(seconds) * BigInt(USECS_PER_SEC) + BigInt(value.microseconds);
}

const plain = plainFunctions({
  extract_date: ofDate,
  extract_time: (name: string, time: number) => ofTimeOfDay(AS_NUMERIC, name, time),
  extract_timetz: (name: string, value: TimeTz) => ofTimeTz(AS_NUMERIC, name, value),
  extract_timestamp: (name: string, value: Timestamp) => ofTimestamp(AS_NUMERIC, name, value, TIMESTAMP_NAME, value),
  extract_interval: (name: string, value: Interval) => ofInterval(AS_NUMERIC, name, value),
  time_part: (name: string, time: number) => ofTimeOfDay(AS_FLOAT, name, time),
  timetz_part: (name: string, value: TimeTz) => ofTimeTz(AS_FLOAT, name, value),
  timestamp_part: (name: string, value: Timestamp) => ofTimestamp(AS_FLOAT, name, value, TIMESTAMP_NAME, value),
  'date_part(text,date)': (name: string, date: number) => {
    const value = dateToTimestamp(date);
    return ofTimestamp(AS_FLOAT, name, value, TIMESTAMP_NAME, value);
  },
  interval_part: (name: string, value: Interval) => ofInterval(AS_FLOAT, name, value),
});

const inSession = contextFunctions({
  extract_timestamptz: (cx, name: string, value: Timestamp) => ofInstant(AS_NUMERIC, cx, name, value),
  timestamptz_part: (cx, name: string, value: Timestamp) => ofInstant(AS_FLOAT, cx, name, value),
});

export const extractFunctions: FunctionFamily = joinFamilies(plain, inSession);
