/**
 * Comparison of dates, times, timestamps and intervals, those of different types included: a date or timestamp is
 * compared with a timestamptz as an instant of the session's zone.
 */
import { USECS_PER_DAY } from '../../types/datetime/civil-calendar.js';
import { compareIntervals } from '../../types/datetime/interval.js';
import { utcOfLocal } from '../../types/datetime/time-zone.js';
import { compareTimestamps, type Timestamp } from '../../types/datetime/timestamp-value.js';
import { compareTimeTz } from '../../types/datetime/timetz.js';
import type { Datum } from '../../types/datum.js';
import type { TypeContext } from '../../types/type-context.js';
import { extremeFunctions, orderOperators, supportFunction } from './comparison-functions.js';
import { isFiniteDate, localToInstantUnchecked, zoneOf } from './datetime-conversion.js';
import { contextFunctions, type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';

/** Values for which JavaScript's own operators are right; numbers and bigints mix. */
function scalarOperators<A extends Timestamp, B extends Timestamp>(prefix: string, suffix = ''): FunctionFamily {
  return plainFunctions({
    [`${prefix}_eq${suffix}`]: (a: A, b: B) => (a as Timestamp) === b,
    [`${prefix}_ne${suffix}`]: (a: A, b: B) => (a as Timestamp) !== b,
    [`${prefix}_lt${suffix}`]: (a: A, b: B) => a < b,
    [`${prefix}_le${suffix}`]: (a: A, b: B) => a <= b,
    [`${prefix}_gt${suffix}`]: (a: A, b: B) => a > b,
    [`${prefix}_ge${suffix}`]: (a: A, b: B) => a >= b,
    [`${prefix}_cmp${suffix}`]: (a: A, b: B) => (a < b ? -1 : a > b ? 1 : 0),
  });
}

function ordered<T extends Datum>(prefix: string, order: (a: T, b: T) => number): FunctionFamily {
  return joinFamilies(
    orderOperators((operator) => `${prefix}_${operator}`, order),
    supportFunction(`${prefix}_cmp`, order),
  );
}

type ContextOrder = (cx: TypeContext, a: Timestamp, b: Timestamp) => number;

function inSession(prefix: string, suffix: string, order: ContextOrder): FunctionFamily {
  return contextFunctions({
    [`${prefix}_eq_${suffix}`]: (cx, a: Timestamp, b: Timestamp) => order(cx, a, b) === 0,
    [`${prefix}_ne_${suffix}`]: (cx, a: Timestamp, b: Timestamp) => order(cx, a, b) !== 0,
    [`${prefix}_lt_${suffix}`]: (cx, a: Timestamp, b: Timestamp) => order(cx, a, b) < 0,
    [`${prefix}_le_${suffix}`]: (cx, a: Timestamp, b: Timestamp) => order(cx, a, b) <= 0,
    [`${prefix}_gt_${suffix}`]: (cx, a: Timestamp, b: Timestamp) => order(cx, a, b) > 0,
    [`${prefix}_ge_${suffix}`]: (cx, a: Timestamp, b: Timestamp) => order(cx, a, b) >= 0,
    [`${prefix}_cmp_${suffix}`]: order,
  });
}

/** Microseconds of midnight; exact in the range of timestamps and beyond every timestamp outside it. */
function dateMicros(date: Timestamp): Timestamp {
  const day = Number(date);
  const micros = day * USECS_PER_DAY;
  return Number.isSafeInteger(micros) || !isFiniteDate(day) ? micros : BigInt(day) * BigInt(USECS_PER_DAY);
}

const dateWithTimestamp = (a: Timestamp, b: Timestamp): number => compareTimestamps(dateMicros(a), b);

const dateWithInstant: ContextOrder = (cx, date, instant) => {
  const day = Number(date);
  return compareTimestamps(isFiniteDate(day) ? utcOfLocal(zoneOf(cx), day, 0) : day, instant);
};

const timestampWithInstant: ContextOrder = (cx, local, instant) =>
  compareTimestamps(localToInstantUnchecked(local, zoneOf(cx)), instant);

function crossOperators(prefix: string, suffix: string, order: (a: Timestamp, b: Timestamp) => number): FunctionFamily {
  return joinFamilies(
    orderOperators((operator) => `${prefix}_${operator}_${suffix}`, order),
    supportFunction(`${prefix}_cmp_${suffix}`, order),
  );
}

export const datetimeComparison: FunctionFamily = joinFamilies(
  scalarOperators<number, number>('date'),
  scalarOperators<number, number>('time'),
  scalarOperators<Timestamp, Timestamp>('timestamp'),
  ordered('timetz', compareTimeTz),
  ordered('interval', compareIntervals),
  extremeFunctions<Timestamp>('date_larger', 'date_smaller', compareTimestamps),
  extremeFunctions<Timestamp>('time_larger', 'time_smaller', compareTimestamps),
  extremeFunctions<Timestamp>('timestamp_larger', 'timestamp_smaller', compareTimestamps),
  extremeFunctions('timetz_larger', 'timetz_smaller', compareTimeTz),
  extremeFunctions('interval_larger', 'interval_smaller', compareIntervals),
  crossOperators('date', 'timestamp', dateWithTimestamp),
  crossOperators('timestamp', 'date', (a, b) => 0 - dateWithTimestamp(b, a)),
  inSession('date', 'timestamptz', dateWithInstant),
  inSession('timestamptz', 'date', (cx, a, b) => 0 - dateWithInstant(cx, b, a)),
  inSession('timestamp', 'timestamptz', timestampWithInstant),
  inSession('timestamptz', 'timestamp', (cx, a, b) => 0 - timestampWithInstant(cx, b, a)),
);
