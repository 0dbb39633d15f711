/**
 * The units of extract(), date_part() and date_trunc(): their names as users write them, and the errors of those that
 * a type has not.
 */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { UNIT_NAMES, type Unit } from '../../types/datetime/interval-units.js';

export type DateTimeUnit = Unit | 'isoyear' | 'isodow' | 'dow' | 'doy' | 'julian' | 'epoch' | 'other';

const NAMES: Readonly<Record<DateTimeUnit, string>> = {
  ...UNIT_NAMES,
  minute: `${UNIT_NAMES.minute} mm`,
  isoyear: 'isoyear',
  isodow: 'isodow',
  dow: 'dow',
  doy: 'doy',
  julian: 'j jd julian',
  epoch: 'epoch',
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
