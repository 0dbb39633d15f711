/**
 * Transition and final functions of sum() and avg() over intervals. The state is an array of two intervals, the sum
 * and the count (as microseconds), as pg_aggregate's initial value has it.
 */
import { sqlError } from '../../errors/sql-error.js';
import { addInt64, addIntervals, Interval, negateInt64, subtractIntervals } from '../../types/datetime/interval.js';
import { PgArray } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import { divideInterval } from './interval-arithmetic.js';
import { type FunctionFamily, plainFunctions } from './registry.js';

function stateOf(state: PgArray): [sum: Interval, count: Interval] {
  const [sum, count] = state.elements;
  if (state.elements.length !== 2 || !(sum instanceof Interval) || !(count instanceof Interval)) {
    throw sqlError('internal_error', 'expected 2-element interval array');
  }
  return [sum, count];
}

function newState(sum: Interval, count: Interval): PgArray {
  return PgArray.of(oid.INTERVAL, [sum, count]);
}

function counted(count: Interval, by: number | bigint): Interval {
  return new Interval(0, 0, addInt64(count.microseconds, by));
}

export const datetimeAggregates: FunctionFamily = plainFunctions({
  interval_accum: (state: PgArray, value: Interval) => {
    const [sum, count] = stateOf(state);
    return newState(addIntervals(sum, value), counted(count, 1));
  },
  interval_accum_inv: (state: PgArray, value: Interval) => {
    const [sum, count] = stateOf(state);
    return newState(subtractIntervals(sum, value), counted(count, negateInt64(1)));
  },
  interval_combine: (a: PgArray, b: PgArray) => {
    const [sumA, countA] = stateOf(a);
    const [sumB, countB] = stateOf(b);
    return newState(addIntervals(sumA, sumB), counted(countA, countB.microseconds));
  },
  interval_avg: (state: PgArray) => {
    const [sum, count] = stateOf(state);
    return count.microseconds === 0 ? null : divideInterval(sum, Number(count.microseconds));
  },
});
