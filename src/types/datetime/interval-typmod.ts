/** interval [fields] [(p)]: what a typmod keeps of a value. */
import { sqlError } from '../../errors/sql-error.js';
import { MONTHS_PER_YEAR, USECS_PER_HOUR, USECS_PER_MINUTE } from './civil-calendar.js';
import { Interval } from './interval.js';
import {
  DAY_BIT,
  FULL_PRECISION,
  FULL_RANGE,
  HOUR_BIT,
  MINUTE_BIT,
  MONTH_BIT,
  SECOND_BIT,
  YEAR_BIT,
} from './interval-units.js';
import { roundMicroseconds, type Timestamp } from './timestamp-value.js';

/** The field mask of a typmod. */
export function intervalRange(typmod: number): number {
  return typmod < 0 ? FULL_RANGE : (typmod >> 16) & FULL_RANGE;
}

/** Cuts toward zero to a multiple of `unit`. */
function cut(time: Timestamp, unit: number): Timestamp {
  if (typeof time === 'number') return time - (time % unit);
  const rest = Number(time % BigInt(unit));
  const whole = time - BigInt(rest);
  return whole >= -9007199254740991n && whole <= 9007199254740991n ? Number(whole) : whole;
}

/** Drops what is finer than the fields and rounds to the precision. Throws 22023 for a precision beyond 6. */
export function applyIntervalTypmod(value: Interval, typmod: number): Interval {
  if (typmod < 0) return value;
  const ranged = applyRange(value, intervalRange(typmod));
  const precision = typmod & FULL_PRECISION;
  if (precision === FULL_PRECISION) return ranged;
  if (precision > 6) {
    throw sqlError('invalid_parameter_value', `interval(${precision}) precision must be between 0 and 6`);
  }
  return new Interval(ranged.months, ranged.days, roundMicroseconds(ranged.microseconds, precision));
}

function applyRange(value: Interval, range: number): Interval {
  if (range === FULL_RANGE) return value;
  const { months, days, microseconds } = value;
  if (range === YEAR_BIT) return new Interval(months - (months % MONTHS_PER_YEAR), 0, 0);
  if (range === MONTH_BIT || range === (YEAR_BIT | MONTH_BIT)) return new Interval(months, 0, 0);
  if (range === DAY_BIT) return new Interval(months, days, 0);
  if ((range & SECOND_BIT) !== 0) return value;
  if ((range & MINUTE_BIT) !== 0) return new Interval(months, days, cut(microseconds, USECS_PER_MINUTE));
  if ((range & HOUR_BIT) !== 0) return new Interval(months, days, cut(microseconds, USECS_PER_HOUR));
  throw sqlError('internal_error', `unrecognized interval typmod: ${range}`);
}
