/** Arithmetic, bit operations, casts and series of int2, int4 and int8, alone and mixed. */
import { sqlError } from '../../errors/sql-error.js';
import type { Datum } from '../../types/datum.js';
import { divisionByZero, toInt2, toInt4, toInt8 } from './integer-range.js';
import type { PlainTable } from './plain-table.js';
import { type FunctionFamily, joinFamilies, plainFunctions, setFunctions } from './registry.js';

type Int8 = number | bigint;

/** Sum, difference and product as int8: exact doubles where safe, bigint beyond. */
export function addInt8(a: Int8, b: Int8): Int8 {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return toInt8(BigInt(a) + BigInt(b));
}

export function subInt8(a: Int8, b: Int8): Int8 {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return toInt8(BigInt(a) - BigInt(b));
}

export function mulInt8(a: Int8, b: Int8): Int8 {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return toInt8(BigInt(a) * BigInt(b));
}

export function divInt8(a: Int8, b: Int8): Int8 {
  if (b === 0) throw divisionByZero();
  if (typeof a === 'number' && typeof b === 'number') return (a - (a % b)) / b + 0;
  return toInt8(BigInt(a) / BigInt(b));
}

function modInt8(a: Int8, b: Int8): Int8 {
  if (b === 0) throw divisionByZero();
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
  return toInt8(BigInt(a) % BigInt(b));
}

/** Operators of two small types, whose results doubles hold exactly. */
function smallArithmetic(prefix: string, check: (value: number) => number): PlainTable {
  return {
    [`${prefix}pl`]: (a: number, b: number) => check(a + b),
    [`${prefix}mi`]: (a: number, b: number) => check(a - b),
    [`${prefix}mul`]: (a: number, b: number) => check(Number.isSafeInteger(a * b) ? a * b : Number.MAX_VALUE),
    [`${prefix}div`]: (a: number, b: number) => {
      if (b === 0) throw divisionByZero();
      return check(Math.trunc(a / b));
    },
  };
}

function wideArithmetic(prefix: string): PlainTable {
  return {
    [`${prefix}pl`]: addInt8,
    [`${prefix}mi`]: subInt8,
    [`${prefix}mul`]: mulInt8,
    [`${prefix}div`]: divInt8,
  };
}

function modSmall(a: number, b: number): number {
  if (b === 0) throw divisionByZero();
  return (a % b) + 0;
}

/** Two's complement operations through 64-bit bigints unless both fit 32 bits. */
function bitwise(
  a: Int8,
  b: Int8,
  small: (a: number, b: number) => number,
  big: (a: bigint, b: bigint) => bigint,
): Int8 {
  if (a === Number(a) && b === Number(b)) {
    const x = Number(a);
    const y = Number(b);
    if ((x | 0) === x && (y | 0) === y) return small(x, y);
  }
  return toInt8(big(BigInt(a), BigInt(b)));
}

const bits: PlainTable = {
  int2and: (a: number, b: number) => a & b,
  int2or: (a: number, b: number) => a | b,
  int2xor: (a: number, b: number) => a ^ b,
  int2not: (a: number) => ~a,
  int2shl: (a: number, n: number) => ((a << n) << 16) >> 16,
  int2shr: (a: number, n: number) => a >> n,
  int4and: (a: number, b: number) => a & b,
  int4or: (a: number, b: number) => a | b,
  int4xor: (a: number, b: number) => a ^ b,
  int4not: (a: number) => ~a,
  int4shl: (a: number, n: number) => a << n,
  int4shr: (a: number, n: number) => a >> n,
  int8and: (a: Int8, b: Int8) =>
    bitwise(
      a,
      b,
      (x, y) => x & y,
      (x, y) => x & y,
    ),
  int8or: (a: Int8, b: Int8) =>
    bitwise(
      a,
      b,
      (x, y) => x | y,
      (x, y) => x | y,
    ),
  int8xor: (a: Int8, b: Int8) =>
    bitwise(
      a,
      b,
      (x, y) => x ^ y,
      (x, y) => x ^ y,
    ),
  int8not: (a: Int8) => toInt8(~BigInt(a)),
  int8shl: (a: Int8, n: number) => toInt8(BigInt.asIntN(64, BigInt(a) << BigInt(n & 63))),
  int8shr: (a: Int8, n: number) => toInt8(BigInt(a) >> BigInt(n & 63)),
};

function negateInt8(a: Int8): Int8 {
  return typeof a === 'number' ? 0 - a : toInt8(-a);
}

const unary: PlainTable = {
  int2up: (a: number) => a,
  int4up: (a: number) => a,
  int8up: (a: Int8) => a,
  int2um: (a: number) => toInt2(0 - a),
  int4um: (a: number) => toInt4(0 - a),
  int8um: negateInt8,
  int2abs: (a: number) => toInt2(Math.abs(a)),
  int4abs: (a: number) => toInt4(Math.abs(a)),
  int8abs: (a: Int8) => (a < 0 ? negateInt8(a) : a),
  int4inc: (a: number) => toInt4(a + 1),
};

export function gcdBig(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

function gcdNumber(a: number, b: number): number {
  let x = Math.abs(a);
  let y = Math.abs(b);
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

function lcmInt8(a: Int8, b: Int8): Int8 {
  if (a === 0 || b === 0) return 0;
  const x = BigInt(a);
  const y = BigInt(b);
  const product = (x / gcdBig(x, y)) * y;
  return toInt8(product < 0n ? -product : product);
}

const divisors: PlainTable = {
  int2mod: modSmall,
  int4mod: modSmall,
  int8mod: modInt8,
  int4gcd: (a: number, b: number) => toInt4(gcdNumber(a, b)),
  int8gcd: (a: Int8, b: Int8) => toInt8(gcdBig(BigInt(a), BigInt(b))),
  int4lcm: (a: number, b: number) => {
    if (a === 0 || b === 0) return 0;
    return toInt4(Math.abs((a / gcdNumber(a, b)) * b));
  },
  int8lcm: lcmInt8,
};

function narrow(value: Int8, check: (value: number) => number): number {
  return check(Number(value));
}

const casts: PlainTable = {
  i2toi4: (a: number) => a,
  int28: (a: number) => a,
  int48: (a: number) => a,
  i4toi2: (a: number) => toInt2(a),
  int82: (a: Int8) => narrow(a, toInt2),
  int84: (a: Int8) => narrow(a, toInt4),
  int4_bool: (a: number) => a !== 0,
  bool_int4: (a: boolean) => (a ? 1 : 0),
  i8tooid: (a: Int8) => {
    if (a < 0 || a > 4294967295) throw sqlError('numeric_value_out_of_range', 'OID out of range');
    return Number(a);
  },
  oidtoi8: (a: number) => a,
  i4tochar: (a: number) => {
    if (a < -128 || a > 127) throw sqlError('numeric_value_out_of_range', '"char" out of range');
    return a === 0 ? '' : String.fromCharCode(a & 255);
  },
  chartoi4: (a: string) => (a === '' ? 0 : (a.charCodeAt(0) << 24) >> 24),
};

/** Whether value <= base ± offset (or >=), for RANGE frames of windows. */
function inRange(value: Int8, base: Int8, offset: Int8, subtract: boolean, less: boolean): boolean {
  if (offset < 0) {
    throw sqlError('invalid_preceding_or_following_size', 'invalid preceding or following size in window function');
  }
  const bound = subtract ? BigInt(base) - BigInt(offset) : BigInt(base) + BigInt(offset);
  return less ? BigInt(value) <= bound : BigInt(value) >= bound;
}

function* series(start: Int8, stop: Int8, step: Int8): Iterable<Datum> {
  if (step === 0) throw sqlError('invalid_parameter_value', 'step size cannot equal zero');
  if (typeof start === 'number' && typeof stop === 'number' && typeof step === 'number') {
    if (step > 0) for (let value = start; value <= stop; value += step) yield value;
    else for (let value = start; value >= stop; value += step) yield value;
    return;
  }
  const last = BigInt(stop);
  const width = BigInt(step);
  for (let value = BigInt(start); width > 0n ? value <= last : value >= last; value += width) yield toInt8(value);
}

const seriesFunctions = setFunctions({
  generate_series_int4: (_cx, start: number, stop: number) => series(start, stop, 1),
  generate_series_step_int4: (_cx, start: number, stop: number, step: number) => series(start, stop, step),
  generate_series_int8: (_cx, start: Int8, stop: Int8) => series(start, stop, 1),
  generate_series_step_int8: (_cx, start: Int8, stop: Int8, step: Int8) => series(start, stop, step),
});

/** The frame functions of int2 and int4 with offsets of every size, and of int8. */
function inRangeFunctions(): PlainTable {
  const table: PlainTable = { in_range_int8_int8: inRange };
  for (const type of ['int2', 'int4']) {
    for (const offset of ['int2', 'int4', 'int8']) table[`in_range_${type}_${offset}`] = inRange;
  }
  return table;
}

export const integerFunctions: FunctionFamily = joinFamilies(
  plainFunctions({
    ...smallArithmetic('int2', toInt2),
    ...smallArithmetic('int4', toInt4),
    ...smallArithmetic('int24', toInt4),
    ...smallArithmetic('int42', toInt4),
    ...wideArithmetic('int8'),
    ...wideArithmetic('int28'),
    ...wideArithmetic('int82'),
    ...wideArithmetic('int48'),
    ...wideArithmetic('int84'),
    ...bits,
    ...unary,
    ...divisors,
    ...casts,
    ...inRangeFunctions(),
  }),
  seriesFunctions,
);
