/** Arithmetic, rounding, roots, casts and series of numeric. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { type Datum, normalizeInt8 } from '../../types/datum.js';
import { parseFloat4 } from '../../types/numbers/float-codecs.js';
import { Numeric, numericOverflow } from '../../types/numeric/numeric.js';
import { integerSqrtRounded, sqrtScale } from '../../types/numeric/numeric-division.js';
import { applyNumericTypmod } from '../../types/numeric/numeric-typmod.js';
import { numericExp, numericLn, numericLog, numericPower } from '../../types/numeric/transcendental.js';
import { gcdBig } from './integer-functions.js';
import { outOfRange } from './integer-range.js';
import { bucketError } from './math-functions.js';
import type { PlainTable } from './plain-table.js';
import { type FunctionFamily, joinFamilies, plainFunctions, setFunctions } from './registry.js';

const TEN = new Numeric(10, 0);

/** The most digits that a value may have before the point, and behind it. */
const MAX_INTEGER_DIGITS = 131_072;
const MAX_SCALE = 16_383;

/** round(value, digits): digits far out of reach are brought within it. */
function clampDigits(digits: number): number {
  return Math.max(-MAX_INTEGER_DIGITS - 1, Math.min(MAX_SCALE, digits));
}

function sqrt(value: Numeric): Numeric {
  if (value.isNaN) return value;
  if (value.sign < 0) {
    throw sqlError('invalid_argument_for_power_function', 'cannot take square root of a negative number');
  }
  if (value.isInfinite) return value;
  const scale = sqrtScale(value);
  return Numeric.of(integerSqrtRounded(value.big, value.scale, scale), scale);
}

function sign(value: Numeric): Numeric {
  return value.isNaN ? value : new Numeric(value.sign, 0);
}

const LARGEST_FACTORIAL = 32177n;

function factorial(n: number | bigint): Numeric {
  const count = BigInt(n);
  if (count < 0n) throw sqlError('numeric_value_out_of_range', 'factorial of a negative number is undefined');
  if (count > LARGEST_FACTORIAL) throw numericOverflow();
  return Numeric.of(rangeProduct(2n, count), 0);
}

/** low * (low + 1) * … * high, by halves so that the factors stay balanced. */
function rangeProduct(low: bigint, high: bigint): bigint {
  if (low > high) return 1n;
  if (high - low < 8n) {
    let product = low;
    for (let factor = low + 1n; factor <= high; factor++) product *= factor;
    return product;
  }
  const middle = (low + high) >> 1n;
  return rangeProduct(low, middle) * rangeProduct(middle + 1n, high);
}

function gcd(a: Numeric, b: Numeric): Numeric {
  if (!a.isFinite || !b.isFinite) return Numeric.NaN;
  const scale = Math.max(a.scale, b.scale);
  return Numeric.of(gcdBig(a.scaledTo(scale), b.scaledTo(scale)), scale);
}

function lcm(a: Numeric, b: Numeric): Numeric {
  if (!a.isFinite || !b.isFinite) return Numeric.NaN;
  const scale = Math.max(a.scale, b.scale);
  if (a.isZero || b.isZero) return new Numeric(0, scale);
  const x = a.scaledTo(scale);
  const y = b.scaledTo(scale);
  const product = (x / gcdBig(x, y)) * y;
  return Numeric.of(product < 0n ? -product : product, scale);
}

const arithmetic: PlainTable = {
  numeric_add: (a: Numeric, b: Numeric) => a.add(b),
  numeric_sub: (a: Numeric, b: Numeric) => a.sub(b),
  numeric_mul: (a: Numeric, b: Numeric) => a.mul(b),
  numeric_div: (a: Numeric, b: Numeric) => a.div(b),
  numeric_div_trunc: (a: Numeric, b: Numeric) => a.divTrunc(b),
  numeric_mod: (a: Numeric, b: Numeric) => a.mod(b),
  numeric_uminus: (a: Numeric) => a.negate(),
  numeric_uplus: (a: Numeric) => a,
  numeric_abs: (a: Numeric) => a.abs(),
  numeric_inc: (a: Numeric) => a.add(Numeric.ONE),
  numeric_sign: sign,
  numeric_fac: factorial,
  numeric_gcd: gcd,
  numeric_lcm: lcm,
};

const rounding: PlainTable = {
  numeric_round: (a: Numeric, digits: number) => a.round(clampDigits(digits)),
  numeric_trunc: (a: Numeric, digits: number) => a.trunc(clampDigits(digits)),
  'round(numeric)': (a: Numeric) => a.round(0),
  'trunc(numeric)': (a: Numeric) => a.trunc(0),
  numeric_ceil: (a: Numeric) => a.ceil(),
  numeric_floor: (a: Numeric) => a.floor(),
  numeric_scale: (a: Numeric) => (a.isFinite ? a.scale : null),
  numeric_min_scale: (a: Numeric) => (a.isFinite ? a.trimScale().scale : null),
  numeric_trim_scale: (a: Numeric) => a.trimScale(),
};

const powers: PlainTable = {
  numeric_sqrt: sqrt,
  numeric_exp: numericExp,
  numeric_ln: numericLn,
  numeric_log: numericLog,
  'log(numeric)': (a: Numeric) => numericLog(TEN, a),
  'log10(numeric)': (a: Numeric) => numericLog(TEN, a),
  numeric_power: numericPower,
};

function cannotConvert(value: Numeric, typeName: string): SqlError {
  return sqlError('feature_not_supported', `cannot convert ${value.isNaN ? 'NaN' : 'infinity'} to ${typeName}`);
}

function toInteger(value: Numeric, bits: number, typeName: string): number | bigint {
  if (!value.isFinite) throw cannotConvert(value, typeName);
  const integer = value.toBigInt();
  if (BigInt.asIntN(bits, integer) !== integer) throw outOfRange(typeName);
  return normalizeInt8(integer);
}

function toFloat8(value: Numeric): number {
  const result = value.toNumber();
  if (value.isFinite && (!Number.isFinite(result) || (result === 0 && value.sign !== 0))) {
    throw sqlError('numeric_value_out_of_range', `"${value}" is out of range for type double precision`);
  }
  return result;
}

const casts: PlainTable = {
  int2_numeric: (a: number) => new Numeric(a, 0),
  int4_numeric: (a: number) => new Numeric(a, 0),
  int8_numeric: (a: number | bigint) => Numeric.fromInt(a),
  float4_numeric: (a: number) => Numeric.fromNumber(a, 6),
  float8_numeric: (a: number) => Numeric.fromNumber(a, 15),
  numeric_int2: (a: Numeric) => toInteger(a, 16, 'smallint'),
  numeric_int4: (a: Numeric) => toInteger(a, 32, 'integer'),
  numeric_int8: (a: Numeric) => toInteger(a, 64, 'bigint'),
  numeric_float8: toFloat8,
  numeric_float8_no_overflow: (a: Numeric) => a.toNumber(),
  numeric_float4: (a: Numeric) => (a.isFinite ? parseFloat4(a.toString()) : a.toNumber()),
  numeric: applyNumericTypmod,
};

/** Bounds may be given in either order; the buckets then count downwards. */
function widthBucket(operand: Numeric, low: Numeric, high: Numeric, count: number): number {
  if (count <= 0) throw bucketError('count must be greater than zero');
  if (operand.isNaN || low.isNaN || high.isNaN) {
    throw bucketError('operand, lower bound, and upper bound cannot be NaN');
  }
  if (!low.isFinite || !high.isFinite) throw bucketError('lower and upper bounds must be finite');
  const direction = high.compare(low);
  if (direction === 0) throw bucketError('lower bound cannot equal upper bound');
  if (operand.compare(low) * direction < 0) return 0;
  if (operand.compare(high) * direction >= 0) {
    if (count === 2147483647) throw outOfRange('integer');
    return count + 1;
  }
  // The quotient is rounded to the digits of a division, which may lift it into the next bucket.
  const part = operand.sub(low).mul(Numeric.fromInt(count)).div(high.sub(low));
  return Number(part.floor().toBigInt()) + 1;
}

function inRange(value: Numeric, base: Numeric, offset: Numeric, subtract: boolean, less: boolean): boolean {
  if (offset.isNaN || offset.sign < 0) {
    throw sqlError('invalid_preceding_or_following_size', 'invalid preceding or following size in window function');
  }
  if (value.isNaN) return base.isNaN ? true : !less;
  if (base.isNaN) return less;
  if (offset.isInfinite && base.isInfinite && (subtract ? base.sign > 0 : base.sign < 0)) return true;
  const bound = subtract ? base.sub(offset) : base.add(offset);
  const order = value.compare(bound);
  return less ? order <= 0 : order >= 0;
}

function checkSeriesBound(value: Numeric, what: string): void {
  if (value.isNaN) throw sqlError('invalid_parameter_value', `${what} cannot be NaN`);
  if (value.isInfinite) throw sqlError('invalid_parameter_value', `${what} cannot be infinity`);
}

function* series(start: Numeric, stop: Numeric, step: Numeric): Iterable<Datum> {
  checkSeriesBound(start, 'start value');
  checkSeriesBound(stop, 'stop value');
  checkSeriesBound(step, 'step size');
  if (step.isZero) throw sqlError('invalid_parameter_value', 'step size cannot equal zero');
  const rising = step.sign > 0;
  for (let value = start; rising ? value.compare(stop) <= 0 : value.compare(stop) >= 0; value = value.add(step)) {
    yield value;
  }
}

export const numericFunctions: FunctionFamily = joinFamilies(
  plainFunctions({
    ...arithmetic,
    ...rounding,
    ...powers,
    ...casts,
    width_bucket_numeric: widthBucket,
    in_range_numeric_numeric: inRange,
  }),
  setFunctions({
    generate_series_numeric: (_cx, start: Numeric, stop: Numeric) => series(start, stop, Numeric.ONE),
    generate_series_step_numeric: (_cx, start: Numeric, stop: Numeric, step: Numeric) => series(start, stop, step),
  }),
);
