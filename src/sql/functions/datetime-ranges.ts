/** OVERLAPS, generate_series() over timestamps, and in_range for window frames with interval offsets. */
import { sqlError } from '../../errors/sql-error.js';
import {
  addIntervals,
  compareIntervals,
  Interval,
  intervalSpan,
  subtractIntervals,
} from '../../types/datetime/interval.js';
import type { TimeZone } from '../../types/datetime/time-zone.js';
import { compareTimestamps, isFiniteTimestamp, type Timestamp } from '../../types/datetime/timestamp-value.js';
import { compareTimeTz, type TimeTz } from '../../types/datetime/timetz.js';
import type { Datum } from '../../types/datum.js';
import type { TypeContext } from '../../types/type-context.js';
import { dateToTimestamp, zoneOf } from './datetime-conversion.js';
import {
  type CallContext,
  contextFunctions,
  type FunctionFamily,
  joinFamilies,
  plainFunctions,
  setFunctions,
} from './registry.js';
import { moved } from './time-functions.js';
import { addToInstant, addToTimestamp, subtractFromInstant, subtractFromTimestamp } from './timestamp-arithmetic.js';

type Order<T> = (a: T, b: T) => number;

/** Whether two periods share a moment; NULL ends are unknown. The ends of a period come in any order. */
function overlaps<T>(order: Order<T>, a: T | null, aEnd: T | null, b: T | null, bEnd: T | null): boolean | null {
  const first = normalized(order, a, aEnd);
  const second = normalized(order, b, bEnd);
  if (first === null || second === null) return null;
  const compared = order(first.start, second.start);
  if (compared > 0) return startsWithin(order, first, second);
  if (compared < 0) return startsWithin(order, second, first);
  return first.end === null || second.end === null ? null : true;
}

interface Period<T> {
  readonly start: T;
  readonly end: T | null;
}

function normalized<T>(order: Order<T>, start: T | null, end: T | null): Period<T> | null {
  if (start === null) return end === null ? null : { start: end, end: null };
  if (end !== null && order(start, end) > 0) return { start: end, end: start };
  return { start, end };
}

/** REQUIRES later to start behind the start of `earlier`. */
function startsWithin<T>(order: Order<T>, later: Period<T>, earlier: Period<T>): boolean | null {
  if (earlier.end === null) return null;
  if (order(later.start, earlier.end) < 0) return true;
  return later.end === null ? null : false;
}

type Add<T> = (cx: TypeContext, value: T, span: Interval) => T;

/** The forms of OVERLAPS that give a length for one end or both: `name` makes the registered name of the types. */
function overlapsWithLengths<T extends Datum>(type: string, order: Order<T>, add: Add<T>): FunctionFamily {
  const end = (cx: TypeContext, start: T | null, span: Interval | null) =>
    start === null || span === null ? null : add(cx, start, span);
  return contextFunctions({
    [`overlaps(${type},interval,${type},interval)`]: (
      cx,
      a: T | null,
      aSpan: Interval | null,
      b: T | null,
      bSpan: Interval | null,
    ) => overlaps(order, a, end(cx, a, aSpan), b, end(cx, b, bSpan)),
    [`overlaps(${type},interval,${type},${type})`]: (
      cx,
      a: T | null,
      aSpan: Interval | null,
      b: T | null,
      bEnd: T | null,
    ) => overlaps(order, a, end(cx, a, aSpan), b, bEnd),
    [`overlaps(${type},${type},${type},interval)`]: (
      cx,
      a: T | null,
      aEnd: T | null,
      b: T | null,
      bSpan: Interval | null,
    ) => overlaps(order, a, aEnd, b, end(cx, b, bSpan)),
  });
}

const addToTime: Add<number> = (_cx, time, span) => moved(time, span.microseconds, 1);

const overlapsFunctions = joinFamilies(
  plainFunctions({
    overlaps_time: (a: number | null, b: number | null, c: number | null, d: number | null) =>
      overlaps((x: number, y: number) => x - y, a, b, c, d),
    overlaps_timetz: (a: TimeTz | null, b: TimeTz | null, c: TimeTz | null, d: TimeTz | null) =>
      overlaps(compareTimeTz, a, b, c, d),
    overlaps_timestamp: (a: Timestamp | null, b: Timestamp | null, c: Timestamp | null, d: Timestamp | null) =>
      overlaps(compareTimestamps, a, b, c, d),
  }),
  overlapsWithLengths('time', (a: number, b: number) => a - b, addToTime),
  overlapsWithLengths('timestamp', compareTimestamps, (_cx, value, span) => addToTimestamp(value, span)),
  overlapsWithLengths('timestamptz', compareTimestamps, (cx, value, span) => addToInstant(value, span, zoneOf(cx))),
);

function* series(
  start: Timestamp,
  stop: Timestamp,
  step: Interval,
  add: (value: Timestamp) => Timestamp,
): Iterable<Datum> {
  const direction = Math.sign(Number(intervalSpan(step)));
  if (direction === 0) throw sqlError('invalid_parameter_value', 'step size cannot equal zero');
  let value = start;
  while (direction > 0 ? value <= stop : value >= stop) {
    yield value;
    const next = add(value);
    value = next;
  }
}

const seriesFunctions = setFunctions({
  generate_series_timestamp: (_cx, start: Timestamp, stop: Timestamp, step: Interval) =>
    series(start, stop, step, (value) => addToTimestamp(value, step)),
  generate_series_timestamptz: (cx: CallContext, start: Timestamp, stop: Timestamp, step: Interval) => {
    const zone: TimeZone = zoneOf(cx);
    return series(start, stop, step, (value) => addToInstant(value, step, zone));
  },
});

function requireForward(offset: Interval): void {
  if (compareIntervals(offset, Interval.ZERO) < 0) {
    throw sqlError('invalid_preceding_or_following_size', 'invalid preceding or following size in window function');
  }
}

function inTimestampRange(
  value: Timestamp,
  base: Timestamp,
  offset: Interval,
  subtract: boolean,
  less: boolean,
  zone: TimeZone | null,
): boolean {
  requireForward(offset);
  let limit: Timestamp;
  if (!isFiniteTimestamp(base)) limit = base;
  else if (zone === null) limit = subtract ? subtractFromTimestamp(base, offset) : addToTimestamp(base, offset);
  else limit = subtract ? subtractFromInstant(base, offset, zone) : addToInstant(base, offset, zone);
  return less ? value <= limit : value >= limit;
}

/** Frames of times end at midnight instead of wrapping: only the offset's time counts, and it must not be negative. */
function timeLimit(base: number, offset: Interval, subtract: boolean): Timestamp {
  if (offset.microseconds < 0) {
    throw sqlError('invalid_preceding_or_following_size', 'invalid preceding or following size in window function');
  }
  const span = BigInt(offset.microseconds);
  return BigInt.asIntN(64, subtract ? BigInt(base) - span : BigInt(base) + span);
}

const inRange = plainFunctions({
  in_range_date_interval: (value: number, base: number, offset: Interval, subtract: boolean, less: boolean) =>
    inTimestampRange(dateToTimestamp(value), dateToTimestamp(base), offset, subtract, less, null),
  in_range_timestamp_interval: (
    value: Timestamp,
    base: Timestamp,
    offset: Interval,
    subtract: boolean,
    less: boolean,
  ) => inTimestampRange(value, base, offset, subtract, less, null),
  in_range_interval_interval: (value: Interval, base: Interval, offset: Interval, subtract: boolean, less: boolean) => {
    requireForward(offset);
    const order = compareIntervals(value, subtract ? subtractIntervals(base, offset) : addIntervals(base, offset));
    return less ? order <= 0 : order >= 0;
  },
  in_range_time_interval: (value: number, base: number, offset: Interval, subtract: boolean, less: boolean) => {
    const limit = timeLimit(base, offset, subtract);
    return less ? value <= limit : value >= limit;
  },
  in_range_timetz_interval: (value: TimeTz, base: TimeTz, offset: Interval, subtract: boolean, less: boolean) => {
    const zone = BigInt(base.zone) * 1000000n;
    const limit = BigInt.asIntN(64, BigInt(timeLimit(base.microseconds, offset, subtract)) + zone);
    const order = compareTimestamps(value.instant, limit) || value.zone - base.zone;
    return less ? order <= 0 : order >= 0;
  },
});

const inSessionRange = contextFunctions({
  in_range_timestamptz_interval: (
    cx,
    value: Timestamp,
    base: Timestamp,
    offset: Interval,
    subtract: boolean,
    less: boolean,
  ) => inTimestampRange(value, base, offset, subtract, less, zoneOf(cx)),
});

export const datetimeRanges: FunctionFamily = joinFamilies(overlapsFunctions, seriesFunctions, inRange, inSessionRange);
