/**
 * Transition and final functions of count, sum, avg, variance, stddev over exact numbers, and of bool_and and bool_or.
 * States of type int8[] are PgArrays (count, sum); states of type internal are NumberTotals, changed in place.
 */
import { sqlError } from '../../errors/sql-error.js';
import { type Datum, normalizeInt8, PgArray } from '../../types/datum.js';
import { Numeric } from '../../types/numeric/numeric.js';
import * as oid from '../../types/oids.js';
import { NumberTotals } from './number-totals.js';
import { type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';

type Int8 = number | bigint;

const MAX_INT8 = 9223372036854775807n;

function addInt8(a: Int8, b: Int8): Int8 {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const sum = BigInt(a) + BigInt(b);
  if (sum > MAX_INT8 || sum < -MAX_INT8 - 1n) throw sqlError('numeric_value_out_of_range', 'bigint out of range');
  return normalizeInt8(sum);
}

const increment = (count: Int8): Int8 => addInt8(count, 1);
const decrement = (count: Int8): Int8 => addInt8(count, -1);

const counts = plainFunctions({
  int8inc: increment,
  int8inc_any: increment,
  int8inc_float8_float8: increment,
  int8dec: decrement,
  int8dec_any: decrement,
});

/** Without a check, as in PostgreSQL: no table has enough rows. */
function sumIntegers(state: Int8 | null, value: number | null): Int8 | null {
  if (value === null) return state;
  if (state === null) return value;
  if (typeof state === 'number') {
    const sum = state + value;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return normalizeInt8(BigInt.asIntN(64, BigInt(state) + BigInt(value)));
}

/** The two members of an int8[] state. */
function pair(state: PgArray): [count: Int8, sum: Int8] {
  if (state.elements.length !== 2) throw sqlError('internal_error', 'expected 2-element int8 array');
  const [count, sum] = state.elements;
  if (
    (typeof count !== 'number' && typeof count !== 'bigint') ||
    (typeof sum !== 'number' && typeof sum !== 'bigint')
  ) {
    throw sqlError('internal_error', 'expected 2-element int8 array');
  }
  return [count, sum];
}

function countAndSum(direction: 1 | -1): (state: PgArray, value: number) => PgArray {
  return (state, value) => {
    const [count, sum] = pair(state);
    return PgArray.of(oid.INT8, [addInt8(count, direction), addInt8(sum, direction * value)]);
  };
}

const accumulatePair = countAndSum(1);
const removeFromPair = countAndSum(-1);

const pairs = plainFunctions({
  int2_sum: sumIntegers,
  int4_sum: sumIntegers,
  int2_avg_accum: accumulatePair,
  int4_avg_accum: accumulatePair,
  int2_avg_accum_inv: removeFromPair,
  int4_avg_accum_inv: removeFromPair,
  int4_avg_combine(a: PgArray, b: PgArray) {
    const [countA, sumA] = pair(a);
    const [countB, sumB] = pair(b);
    return PgArray.of(oid.INT8, [addInt8(countA, countB), addInt8(sumA, sumB)]);
  },
  int8_avg(state: PgArray) {
    const [count, sum] = pair(state);
    return count === 0 ? null : Numeric.fromInt(sum).div(Numeric.fromInt(count));
  },
  int2int4_sum(state: PgArray) {
    const [count, sum] = pair(state);
    return count === 0 ? null : sum;
  },
});

function integerAccumulator(withSquares: boolean): (state: NumberTotals | null, value: Int8 | null) => NumberTotals {
  return (state, value) => {
    const totals = state ?? new NumberTotals(withSquares);
    if (value !== null) totals.addInteger(value);
    return totals;
  };
}

function numericAccumulator(withSquares: boolean): (state: NumberTotals | null, value: Numeric | null) => NumberTotals {
  return (state, value) => {
    const totals = state ?? new NumberTotals(withSquares);
    if (value !== null) totals.addNumeric(value);
    return totals;
  };
}

type Final = (state: NumberTotals) => Numeric | null;

/** The same final under its name for numeric states and for those of integers. */
function finals(name: string, final: Final): FunctionFamily {
  const call = (state: NumberTotals | null): Datum => (state === null ? null : final(state));
  return plainFunctions({ [`numeric_${name}`]: call, [`numeric_poly_${name}`]: call });
}

const totals = joinFamilies(
  plainFunctions({
    int2_accum: integerAccumulator(true),
    int4_accum: integerAccumulator(true),
    int8_accum: integerAccumulator(true),
    int8_avg_accum: integerAccumulator(false),
    numeric_accum: numericAccumulator(true),
    numeric_avg_accum: numericAccumulator(false),
  }),
  finals('sum', (state) => state.total()),
  finals('avg', (state) => state.average()),
  finals('var_samp', (state) => state.variance(true)),
  finals('var_pop', (state) => state.variance(false)),
  finals('stddev_samp', (state) => state.deviation(true)),
  finals('stddev_pop', (state) => state.deviation(false)),
);

const booleans = plainFunctions({
  booland_statefunc: (state: boolean, value: boolean) => state && value,
  boolor_statefunc: (state: boolean, value: boolean) => state || value,
});

export const numberAggregates: FunctionFamily = joinFamilies(counts, pairs, totals, booleans);
