/**
 * The units of extract(), date_part() and date_trunc(): their names as users write them, and the errors of those that
 * a type has not.
 */
import { type SqlError, sqlError } from '../../errors/sql-error.js';

export type DateTimeUnit =
  | 'microsecond'
  | 'millisecond'
  | 'second'
  | 'minute'
  | 'hour'
  | 'day'
  | 'week'
  | 'month'
  | 'quarter'
  | 'year'
  | 'decade'
  | 'century'
  | 'millennium'
  | 'isoyear'
  | 'isodow'
  | 'dow'
  | 'doy'
  | 'julian'
  | 'epoch'
  | 'timezone'
  | 'timezone_hour'
  | 'timezone_minute'
  | 'other';

const NAMES: Record<DateTimeUnit, string> = {
  microsecond: 'microsecon us usec usecond useconds usecs',
  millisecond: 'millisecon ms msec msecond mseconds msecs',
  second: 's sec second seconds secs',
  minute: 'm min mins minute minutes mm',
  hour: 'h hour hours hr hrs',
  day: 'd day days',
  week: 'w week weeks',
  month: 'mon mons month months',
  quarter: 'qtr quarter',
  year: 'y year years yr yrs',
  decade: 'dec decade decades decs',
  century: 'c cent centuries century',
  millennium: 'mil millennia millennium mils',
  isoyear: 'isoyear',
  isodow: 'isodow',
  dow: 'dow',
  doy: 'doy',
  julian: 'j jd julian',
  epoch: 'epoch',
  timezone: 'timezone',
  timezone_hour: 'timezone_h',
  timezone_minute: 'timezone_m',
  other: '',
};

const UNITS = new Map<string, DateTimeUnit>();
for (const unit of Object.keys(NAMES) as DateTimeUnit[]) {
  for (const name of NAMES[unit].split(' ')) UNITS.set(name, unit);
}

/** Names are told apart by their first ten characters. */
const SIGNIFICANT = 10;

let recentName = '';
let recentUnit: DateTimeUnit = 'other';

/** The unit of a name in any case; `other` when there is none. */
export function unitOf(name: string): DateTimeUnit {
  if (name === recentName) return recentUnit;
  recentUnit = UNITS.get(name.toLowerCase().slice(0, SIGNIFICANT)) ?? 'other';
  recentName = name;
  return recentUnit;
}

export function unitNotSupported(name: string, type: string, detail?: string): SqlError {
  return sqlError('feature_not_supported', `unit "${name.toLowerCase()}" not supported for type ${type}`, { detail });
}

export function unitNotRecognized(name: string, type: string): SqlError {
  return sqlError('invalid_parameter_value', `unit "${name.toLowerCase()}" not recognized for type ${type}`);
}

export const TIMESTAMP_NAME = 'timestamp without time zone';
export const TIMESTAMPTZ_NAME = 'timestamp with time zone';
export const TIME_NAME = 'time without time zone';
export const TIMETZ_NAME = 'time with time zone';
