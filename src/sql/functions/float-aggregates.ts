/**
 * avg, variance and stddev of floats, and the regression aggregates. States are float8[] values, as in PostgreSQL:
 * (n, sum, sum of squared differences) for one variable, (n, Sx, Sxx, Sy, Syy, Sxy) for two; differences
 * are summed as Youngs and Cramer do, so that results agree to the last digit.
 */
import { sqlError } from '../../errors/sql-error.js';
import { PgArray } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import { type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';

const state = (...values: number[]): PgArray => PgArray.of(oid.FLOAT8, values);

function numbers(array: PgArray, count: number): number[] {
  const values = array.elements.filter((value) => typeof value === 'number');
  if (values.length !== count || array.elements.length !== count) {
    throw sqlError('internal_error', `expected ${count}-element float8 array`);
  }
  return values;
}

const isInfinite = (value: number): boolean => value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;

function overflow(): Error {
  return sqlError('numeric_value_out_of_range', 'value out of range: overflow');
}

function accumulate(before: PgArray, value: number): PgArray {
  const [oldCount, oldSum, oldSquares] = numbers(before, 3);
  const count = oldCount + 1;
  const sum = oldSum + value;
  if (oldCount === 0) return state(count, sum, Number.isFinite(value) ? oldSquares : Number.NaN);
  const difference = value * count - sum;
  let squares = oldSquares + (difference * difference) / (count * oldCount);
  if (isInfinite(sum) || isInfinite(squares)) {
    if (!isInfinite(oldSum) && !isInfinite(value)) throw overflow();
    squares = Number.NaN;
  }
  return state(count, sum, squares);
}

function combine(a: PgArray, b: PgArray): PgArray {
  const [countA, sumA, squaresA] = numbers(a, 3);
  const [countB, sumB, squaresB] = numbers(b, 3);
  if (countA === 0) return b;
  if (countB === 0) return a;
  const count = countA + countB;
  const difference = sumA / countA - sumB / countB;
  const squares = squaresA + squaresB + (countA * countB * difference * difference) / count;
  if (isInfinite(squares) && !isInfinite(squaresA) && !isInfinite(squaresB)) throw overflow();
  return state(count, sumA + sumB, squares);
}

/** A final function of (n, sum, squares); null for fewer than `least` values. */
function final(
  least: number,
  compute: (count: number, sum: number, squares: number) => number,
): (array: PgArray) => number | null {
  return (array) => {
    const [count, sum, squares] = numbers(array, 3);
    return count < least ? null : compute(count, sum, squares);
  };
}

const oneVariable = plainFunctions({
  float4_accum: accumulate,
  float8_accum: accumulate,
  float8_combine: combine,
  float8_avg: final(1, (count, sum) => sum / count),
  float8_var_pop: final(1, (count, _sum, squares) => squares / count),
  float8_var_samp: final(2, (count, _sum, squares) => squares / (count - 1)),
  float8_stddev_pop: final(1, (count, _sum, squares) => Math.sqrt(squares / count)),
  float8_stddev_samp: final(2, (count, _sum, squares) => Math.sqrt(squares / (count - 1))),
});

/** Arguments are (Y, X), as in SQL. */
function accumulatePoint(before: PgArray, y: number, x: number): PgArray {
  const [oldCount, oldX, oldXX, oldY, oldYY, oldXY] = numbers(before, 6);
  const count = oldCount + 1;
  const sumX = oldX + x;
  const sumY = oldY + y;
  let xx = oldXX;
  let yy = oldYY;
  let xy = oldXY;
  if (oldCount > 0) {
    const dx = x * count - sumX;
    const dy = y * count - sumY;
    const scale = 1 / (count * oldCount);
    xx += dx * dx * scale;
    yy += dy * dy * scale;
    xy += dx * dy * scale;
    const goodX = !isInfinite(oldX) && !isInfinite(x);
    const goodY = !isInfinite(oldY) && !isInfinite(y);
    const overflows =
      ((isInfinite(sumX) || isInfinite(xx)) && goodX) ||
      ((isInfinite(sumY) || isInfinite(yy)) && goodY) ||
      (isInfinite(xy) && goodX && goodY);
    if (overflows) throw overflow();
    if (isInfinite(xx)) xx = Number.NaN;
    if (isInfinite(yy)) yy = Number.NaN;
    if (isInfinite(xy)) xy = Number.NaN;
  } else {
    if (!Number.isFinite(x)) xx = xy = Number.NaN;
    if (!Number.isFinite(y)) yy = xy = Number.NaN;
  }
  return state(count, sumX, xx, sumY, yy, xy);
}

function combinePoints(a: PgArray, b: PgArray): PgArray {
  const [countA, xA, xxA, yA, yyA, xyA] = numbers(a, 6);
  const [countB, xB, xxB, yB, yyB, xyB] = numbers(b, 6);
  if (countA === 0) return b;
  if (countB === 0) return a;
  const count = countA + countB;
  const dx = xA / countA - xB / countB;
  const dy = yA / countA - yB / countB;
  const weight = countA * countB;
  return state(
    count,
    xA + xB,
    xxA + xxB + (weight * dx * dx) / count,
    yA + yB,
    yyA + yyB + (weight * dy * dy) / count,
    xyA + xyB + (weight * dx * dy) / count,
  );
}

/** The members of a state of two variables. */
interface Regression {
  n: number;
  x: number;
  xx: number;
  y: number;
  yy: number;
  xy: number;
}

function regression(least: number, compute: (r: Regression) => number | null): (array: PgArray) => number | null {
  return (array) => {
    const [n, x, xx, y, yy, xy] = numbers(array, 6);
    return n < least ? null : compute({ n, x, xx, y, yy, xy });
  };
}

const twoVariables = plainFunctions({
  float8_regr_accum: accumulatePoint,
  float8_regr_combine: combinePoints,
  float8_regr_sxx: regression(1, (r) => r.xx),
  float8_regr_syy: regression(1, (r) => r.yy),
  float8_regr_sxy: regression(1, (r) => r.xy),
  float8_regr_avgx: regression(1, (r) => r.x / r.n),
  float8_regr_avgy: regression(1, (r) => r.y / r.n),
  float8_covar_pop: regression(1, (r) => r.xy / r.n),
  float8_covar_samp: regression(2, (r) => r.xy / (r.n - 1)),
  float8_corr: regression(1, (r) => (r.xx === 0 || r.yy === 0 ? null : r.xy / Math.sqrt(r.xx * r.yy))),
  float8_regr_r2: regression(1, (r) => {
    if (r.xx === 0) return null;
    return r.yy === 0 ? 1 : (r.xy * r.xy) / (r.xx * r.yy);
  }),
  float8_regr_slope: regression(1, (r) => (r.xx === 0 ? null : r.xy / r.xx)),
  float8_regr_intercept: regression(1, (r) => (r.xx === 0 ? null : (r.y - (r.x * r.xy) / r.xx) / r.n)),
});

export const floatAggregates: FunctionFamily = joinFamilies(oneVariable, twoVariables);
