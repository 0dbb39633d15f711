/** Names of units, as intervals, extract and date_trunc take them, and the field masks of interval typmods. */

export type Unit =
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
  | 'timezone'
  | 'timezone_hour'
  | 'timezone_minute';

/** The names of each unit, cut to ten characters, with a space between. */
export const UNIT_NAMES: Readonly<Record<Unit, string>> = {
  microsecond: 'microsecon us usec usecond useconds usecs',
  millisecond: 'millisecon ms msec msecond mseconds msecs',
  second: 's sec second seconds secs',
  minute: 'm min mins minute minutes',
  hour: 'h hour hours hr hrs',
  day: 'd day days',
  week: 'w week weeks',
  month: 'mon mons month months',
  quarter: 'qtr quarter',
  year: 'y year years yr yrs',
  decade: 'dec decs decade decades',
  century: 'c cent centuries century',
  millennium: 'mil mils millennia millennium',
  timezone: 'timezone',
  timezone_hour: 'timezone_h',
  timezone_minute: 'timezone_m',
};

/** By the first ten characters of the name in lower case. */
export const UNITS: ReadonlyMap<string, Unit> = new Map(
  (Object.keys(UNIT_NAMES) as Unit[]).flatMap((unit) =>
    UNIT_NAMES[unit].split(' ').map((name): [string, Unit] => [name, unit]),
  ),
);

/** The unit of a name in any case, or undefined. */
export function unitOf(name: string): Unit | undefined {
  return UNITS.get(name.slice(0, 10).toLowerCase());
}

export const MONTH_BIT = 1 << 1;
export const YEAR_BIT = 1 << 2;
export const DAY_BIT = 1 << 3;
export const HOUR_BIT = 1 << 10;
export const MINUTE_BIT = 1 << 11;
export const SECOND_BIT = 1 << 12;
export const FULL_RANGE = 0x7fff;
export const FULL_PRECISION = 0xffff;
