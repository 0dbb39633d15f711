/** Arithmetic, comparisons and casts of float4 and float8, with PostgreSQL's checks for overflow and underflow. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { divisionByZero, outOfRange, toInt2, toInt4, toInt8 } from './integer-range.js';
import type { PlainTable } from './plain-table.js';
import { type FunctionFamily, plainFunctions } from './registry.js';

export function floatOverflow(): SqlError {
  return sqlError('numeric_value_out_of_range', 'value out of range: overflow');
}

export function floatUnderflow(): SqlError {
  return sqlError('numeric_value_out_of_range', 'value out of range: underflow');
}

function infinite(value: number): boolean {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
}

type Round = (value: number) => number;

function add(a: number, b: number, round: Round): number {
  const result = round(a + b);
  if (infinite(result) && !infinite(a) && !infinite(b)) throw floatOverflow();
  return result;
}

function multiply(a: number, b: number, round: Round): number {
  const result = round(a * b);
  if (infinite(result) && !infinite(a) && !infinite(b)) throw floatOverflow();
  if (result === 0 && a !== 0 && b !== 0) throw floatUnderflow();
  return result;
}

function divide(a: number, b: number, round: Round): number {
  if (b === 0 && !Number.isNaN(a)) throw divisionByZero();
  const result = round(a / b);
  if (infinite(result) && !infinite(a)) throw floatOverflow();
  if (result === 0 && a !== 0 && !infinite(b)) throw floatUnderflow();
  return result;
}

const double: Round = (value) => value;
const single: Round = (value) => Math.fround(value);

function arithmetic(prefix: string, round: Round): PlainTable {
  return {
    [`${prefix}pl`]: (a: number, b: number) => add(a, b, round),
    [`${prefix}mi`]: (a: number, b: number) => add(a, -b, round),
    [`${prefix}mul`]: (a: number, b: number) => multiply(a, b, round),
    [`${prefix}div`]: (a: number, b: number) => divide(a, b, round),
  };
}

/** The nearest integer, ties to even, as C's rint. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor === 0 && value < 0 ? -0 : floor;
  if (rest > 0.5) return value < 0 && floor === -1 ? -0 : floor + 1;
  const even = floor % 2 === 0 ? floor : floor + 1;
  return even === 0 && value < 0 ? -0 : even;
}

function toSmall(value: number, check: (value: number) => number, name: string): number {
  const rounded = roundHalfEven(value);
  if (Number.isNaN(rounded)) throw outOfRange(name);
  return check(rounded);
}

function toBigintRange(value: number): number | bigint {
  const rounded = roundHalfEven(value);
  if (!(rounded >= -(2 ** 63) && rounded < 2 ** 63)) throw outOfRange('bigint');
  return Number.isSafeInteger(rounded) ? rounded + 0 : toInt8(BigInt(rounded));
}

function toFloat4(value: number): number {
  const result = Math.fround(value);
  if (infinite(result) && !infinite(value)) throw floatOverflow();
  if (result === 0 && value !== 0) throw floatUnderflow();
  return result;
}

const casts: PlainTable = {
  ftod: (a: number) => a,
  dtof: toFloat4,
  i2tod: (a: number) => a,
  i4tod: (a: number) => a,
  i8tod: (a: number | bigint) => Number(a),
  i2tof: (a: number) => a,
  i4tof: (a: number) => Math.fround(a),
  i8tof: (a: number | bigint) => Math.fround(Number(a)),
  dtoi2: (a: number) => toSmall(a, toInt2, 'smallint'),
  dtoi4: (a: number) => toSmall(a, toInt4, 'integer'),
  dtoi8: toBigintRange,
  ftoi2: (a: number) => toSmall(a, toInt2, 'smallint'),
  ftoi4: (a: number) => toSmall(a, toInt4, 'integer'),
  ftoi8: toBigintRange,
};

/** RANGE frames: NaN equals NaN and nothing else is within reach of it. */
function inRange(value: number, base: number, offset: number, subtract: boolean, less: boolean): boolean {
  if (Number.isNaN(offset) || offset < 0) {
    throw sqlError('invalid_preceding_or_following_size', 'invalid preceding or following size in window function');
  }
  if (Number.isNaN(value)) return Number.isNaN(base) ? true : !less;
  if (Number.isNaN(base)) return less;
  if (infinite(offset) && infinite(base) && (subtract ? base > 0 : base < 0)) return true;
  const bound = subtract ? base - offset : base + offset;
  return less ? value <= bound : value >= bound;
}

function unary(): PlainTable {
  const table: PlainTable = {};
  for (const type of ['float4', 'float8']) {
    table[`${type}um`] = (a: number) => -a;
    table[`${type}up`] = (a: number) => a;
    table[`${type}abs`] = (a: number) => Math.abs(a);
    table[`in_range_${type}_float8`] = inRange;
  }
  return table;
}

export const floatFunctions: FunctionFamily = plainFunctions({
  ...arithmetic('float8', double),
  ...arithmetic('float48', double),
  ...arithmetic('float84', double),
  ...arithmetic('float4', single),
  ...casts,
  ...unary(),
});
