/** date_trunc() and date_bin(). */
import { sqlError } from '../../errors/sql-error.js';
import {
  CivilDate,
  civilFromDays,
  dayOfWeek,
  daysFromCivil,
  USECS_PER_DAY,
  USECS_PER_HOUR,
  USECS_PER_MINUTE,
  USECS_PER_SEC,
} from '../../types/datetime/civil-calendar.js';
import { addInt64, Interval, intervalOutOfRange, negateInt64 } from '../../types/datetime/interval.js';
import { offsetAt, type TimeZone } from '../../types/datetime/time-zone.js';
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
import { localToInstant, zoneOf } from './datetime-conversion.js';
import {
  type DateTimeUnit,
  TIMESTAMP_NAME,
  TIMESTAMPTZ_NAME,
  unitNotRecognized,
  unitNotSupported,
  unitOf,
} from './datetime-units.js';
import { contextFunctions, type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';
import { zoneOrAbbreviation } from './timezone-functions.js';

/** Microseconds of the units that are a fixed part of the day. */
const FIXED: Partial<Record<DateTimeUnit, number>> = {
  microsecond: 1,
  millisecond: 1000,
  second: USECS_PER_SEC,
  minute: USECS_PER_MINUTE,
  hour: USECS_PER_HOUR,
  day: USECS_PER_DAY,
};
const civil = new CivilDate();

/** First day of the unit that holds `day`; undefined where the unit has none. */
function truncatedDay(unit: DateTimeUnit, day: number): number | undefined {
  const { year, month } = civilFromDays(day, civil);
  switch (unit) {
    case 'week':
      return day - ((dayOfWeek(day) + 6) % 7);
    case 'month':
      return daysFromCivil(year, month, 1);
    case 'quarter':
      return daysFromCivil(year, month - ((month - 1) % 3), 1);
    case 'year':
      return daysFromCivil(year, 1, 1);
    case 'decade':
      return daysFromCivil(Math.floor(year / 10) * 10, 1, 1);
    case 'century':
      return daysFromCivil(Math.floor((year - 1) / 100) * 100 + 1, 1, 1);
    case 'millennium':
      return daysFromCivil(Math.floor((year - 1) / 1000) * 1000 + 1, 1, 1);
    default:
      return undefined;
  }
}

function rejected(unit: DateTimeUnit, name: string, type: string): Error {
  return unit === 'timezone' || unit === 'timezone_hour' || unit === 'timezone_minute'
    ? unitNotSupported(name, type)
    : unitNotRecognized(name, type);
}

/** REQUIRES a finite value. The result may lie below the range. */
function truncated(name: string, value: Timestamp, type: string): Timestamp {
  const unit = unitOf(name);
  const day = dayOf(value);
  const size = FIXED[unit];
  if (size !== undefined) {
    const time = timeOf(value, day);
    return joinTimestamp(day, time - (time % size));
  }
  const first = truncatedDay(unit, day);
  if (first === undefined) throw rejected(unit, name, type);
  return joinTimestamp(first, 0);
}

function checked(value: Timestamp): Timestamp {
  if (!isValidTimestamp(value)) throw timestampOutOfRange();
  return value;
}

function truncateTimestamp(name: string, value: Timestamp): Timestamp {
  return isFiniteTimestamp(value) ? checked(truncated(name, value, TIMESTAMP_NAME)) : value;
}

/** Below the day the offset of the instant is kept, so that the hour that occurs twice stays two hours. */
function truncateInstant(name: string, value: Timestamp, zone: TimeZone): Timestamp {
  if (!isFiniteTimestamp(value)) return value;
  const day = dayOf(value);
  const time = timeOf(value, day);
  const offset = offsetAt(zone, day, time) * USECS_PER_SEC;
  const local = truncated(name, joinTimestamp(day, time + offset), TIMESTAMPTZ_NAME);
  const size = FIXED[unitOf(name)];
  if (size === undefined || size === USECS_PER_DAY) return localToInstant(local, zone);
  const localDay = dayOf(local);
  return checked(joinTimestamp(localDay, timeOf(local, localDay) - offset));
}

const MONTHS: Partial<Record<DateTimeUnit, number>> = {
  month: 1,
  quarter: 3,
  year: 12,
  decade: 120,
  century: 1200,
  millennium: 12000,
};

function truncateInterval(name: string, value: Interval): Interval {
  const unit = unitOf(name);
  const months = MONTHS[unit];
  if (months !== undefined) return new Interval(value.months - (value.months % months) + 0, 0, 0);
  if (unit === 'day') return new Interval(value.months, value.days, 0);
  const size = FIXED[unit];
  if (size !== undefined) return new Interval(value.months, value.days, truncatedMicros(value.microseconds, size));
  if (unit === 'week') throw unitNotSupported(name, 'interval', 'Months usually have fractional weeks.');
  throw rejected(unit, name, 'interval');
}

export function truncatedMicros(micros: Timestamp, size: number): Timestamp {
  if (typeof micros === 'number') return micros - (micros % size) + 0;
  return normalizeInt8(micros - (micros % BigInt(size)));
}

/** The start of the stride, counted from `origin`, that holds `value`. */
function bin(stride: Interval, value: Timestamp, origin: Timestamp): Timestamp {
  if (!isFiniteTimestamp(value)) return value;
  if (!isFiniteTimestamp(origin)) throw sqlError('datetime_value_out_of_range', 'origin out of range');
  if (stride.months !== 0) {
    throw sqlError('feature_not_supported', 'timestamps cannot be binned into intervals containing months or years');
  }
  const size = strideMicros(stride);
  if (size <= 0) throw sqlError('datetime_value_out_of_range', 'stride must be greater than zero');
  const distance = addInt64(value, negateInt64(origin));
  if (typeof distance === 'number' && typeof size === 'number') {
    const rest = distance % size;
    return checked(addInt64(value, rest < 0 ? -rest - size : -rest));
  }
  if (!isInt64(distance)) throw intervalOutOfRange();
  const wide = BigInt(size);
  const rest = BigInt(distance) % wide;
  return checked(normalizeInt8(BigInt(value) - (rest < 0n ? rest + wide : rest)));
}

function isInt64(value: Timestamp): boolean {
  return value <= 9223372036854775807n && value >= -9223372036854775808n;
}

function strideMicros(stride: Interval): Timestamp {
  const micros = addInt64(BigInt(stride.days) * BigInt(USECS_PER_DAY), BigInt(stride.microseconds));
  if (!isInt64(micros)) throw intervalOutOfRange();
  return normalizeInt8(BigInt(micros));
}

const plain = plainFunctions({
  timestamp_trunc: truncateTimestamp,
  interval_trunc: truncateInterval,
  timestamp_bin: bin,
  timestamptz_bin: bin,
});

const inSession = contextFunctions({
  timestamptz_trunc: (cx, name: string, value: Timestamp) => truncateInstant(name, value, zoneOf(cx)),
  timestamptz_trunc_zone: (_cx, name: string, value: Timestamp, zone: string) =>
    isFiniteTimestamp(value) ? truncateInstant(name, value, zoneOrAbbreviation(zone)) : value,
});

export const dateTruncFunctions: FunctionFamily = joinFamilies(plain, inSession);
