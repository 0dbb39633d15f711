/** Mathematical functions of float8: roots, powers, logarithms, rounding, angles, hyperbolic functions, random. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { formatFloat8 } from '../../types/numbers/float-format.js';
import {
  preciseAcos,
  preciseAsin,
  preciseAtan,
  preciseAtan2,
  preciseCos,
  preciseExp,
  preciseLog,
  preciseLog10,
  precisePower,
  preciseSin,
  preciseTan,
} from '../../types/numbers/precise-math.js';
import { cubeRoot } from './cube-root.js';
import { floatOverflow, floatUnderflow, roundHalfEven } from './float-functions.js';
import { outOfRange } from './integer-range.js';
import type { PlainTable } from './plain-table.js';
import { contextFunctions, type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';

function inputOutOfRange(): SqlError {
  return sqlError('numeric_value_out_of_range', 'input is out of range');
}

function power(base: number, exponent: number): number {
  if (Number.isNaN(base)) return exponent === 0 ? 1 : base;
  if (Number.isNaN(exponent)) return base === 1 ? 1 : exponent;
  if (base === 0 && exponent < 0) {
    throw sqlError('invalid_argument_for_power_function', 'zero raised to a negative power is undefined');
  }
  if (base < 0 && Math.floor(exponent) !== exponent) {
    throw sqlError(
      'invalid_argument_for_power_function',
      'a negative number raised to a non-integer power yields a complex result',
    );
  }
  if (!Number.isFinite(exponent)) return powerToInfinity(Math.abs(base), exponent > 0);
  const result = precisePower(base, exponent);
  if (!Number.isFinite(base)) return result;
  if (!Number.isFinite(result)) throw floatOverflow();
  if (result === 0 && base !== 0) throw floatUnderflow();
  return result;
}

function powerToInfinity(size: number, positive: boolean): number {
  if (size === 1) return 1;
  return size > 1 === positive ? Number.POSITIVE_INFINITY : 0;
}

function checkLogarithm(value: number): void {
  if (value === 0) throw sqlError('invalid_argument_for_logarithm', 'cannot take logarithm of zero');
  if (value < 0) throw sqlError('invalid_argument_for_logarithm', 'cannot take logarithm of a negative number');
}

function exp(value: number): number {
  if (!Number.isFinite(value)) return value === Number.NEGATIVE_INFINITY ? 0 : value;
  const result = preciseExp(value);
  if (!Number.isFinite(result)) throw floatOverflow();
  if (result === 0) throw floatUnderflow();
  return result;
}

const powers: PlainTable = {
  dsqrt: (a: number) => {
    if (a < 0) throw sqlError('invalid_argument_for_power_function', 'cannot take square root of a negative number');
    return Math.sqrt(a);
  },
  dcbrt: cubeRoot,
  dpow: power,
  dexp: exp,
  dlog1: (a: number) => {
    checkLogarithm(a);
    return preciseLog(a);
  },
  dlog10: (a: number) => {
    checkLogarithm(a);
    return preciseLog10(a);
  },
  dceil: (a: number) => Math.ceil(a),
  dfloor: (a: number) => Math.floor(a),
  dround: roundHalfEven,
  dtrunc: (a: number) => Math.trunc(a),
  dsign: (a: number) => (a > 0 ? 1 : a < 0 ? -1 : 0),
  dpi: () => Math.PI,
};

const RADIANS_PER_DEGREE = 0.017453292519943295;

/** A function of an angle: infinite angles are out of range. */
function ofAngle(code: (angle: number) => number): (angle: number) => number {
  return (angle) => {
    if (Number.isNaN(angle)) return angle;
    if (!Number.isFinite(angle)) throw inputOutOfRange();
    return code(angle);
  };
}

function cotangent(angle: number): number {
  return 1 / preciseTan(angle);
}

/** Inverse functions that are defined from -1 to 1. */
function ofUnit(code: (value: number) => number): (value: number) => number {
  return (value) => {
    if (value < -1 || value > 1) throw inputOutOfRange();
    return code(value);
  };
}

const angles: PlainTable = {
  dsin: ofAngle(preciseSin),
  dcos: ofAngle(preciseCos),
  dtan: ofAngle(preciseTan),
  dcot: ofAngle(cotangent),
  dasin: ofUnit(preciseAsin),
  dacos: ofUnit(preciseAcos),
  datan: (a: number) => preciseAtan(a),
  datan2: (a: number, b: number) => preciseAtan2(a, b),
  degrees: (a: number) => checked(a / RADIANS_PER_DEGREE, a),
  radians: (a: number) => {
    const result = a * RADIANS_PER_DEGREE;
    if (result === 0 && a !== 0) throw floatUnderflow();
    return result;
  },
};

function checked(result: number, input: number): number {
  if (!Number.isFinite(result) && Number.isFinite(input)) throw floatOverflow();
  return result;
}

// Degrees: scaled so that the multiples of 30 and 45 degrees with exact results give them.
const SIN_30 = preciseSin(30 * RADIANS_PER_DEGREE);
const ONE_MINUS_COS_60 = 1 - preciseCos(60 * RADIANS_PER_DEGREE);
const ASIN_HALF = preciseAsin(0.5);
const ACOS_HALF = preciseAcos(0.5);
const ATAN_1 = preciseAtan(1);

function sinTo30(x: number): number {
  return preciseSin(x * RADIANS_PER_DEGREE) / SIN_30 / 2;
}

function cosTo60(x: number): number {
  return 1 - (1 - preciseCos(x * RADIANS_PER_DEGREE)) / ONE_MINUS_COS_60 / 2;
}

function sinFirstQuadrant(x: number): number {
  return x <= 30 ? sinTo30(x) : cosTo60(90 - x);
}

function cosFirstQuadrant(x: number): number {
  return x <= 60 ? cosTo60(x) : sinTo30(90 - x);
}

/** The angle in 0 … 90 with the signs that sine and cosine get. */
function quadrant(degrees: number): { x: number; sin: number; cos: number } {
  let x = degrees % 360;
  let sin = 1;
  let cos = 1;
  if (x < 0) {
    x = -x;
    sin = -sin;
  }
  if (x > 180) {
    x = 360 - x;
    sin = -sin;
  }
  if (x > 90) {
    x = 180 - x;
    cos = -cos;
  }
  return { x, sin, cos };
}

const TAN_45 = sinFirstQuadrant(45) / cosFirstQuadrant(45);
const COT_45 = cosFirstQuadrant(45) / sinFirstQuadrant(45);

function asinDegrees(x: number): number {
  const firstQuadrant = (y: number): number =>
    y <= 0.5 ? (preciseAsin(y) / ASIN_HALF) * 30 : 90 - (preciseAcos(y) / ACOS_HALF) * 60;
  return x >= 0 ? firstQuadrant(x) : -firstQuadrant(-x);
}

function acosDegrees(x: number): number {
  const firstQuadrant = (y: number): number =>
    y <= 0.5 ? 90 - (preciseAsin(y) / ASIN_HALF) * 30 : (preciseAcos(y) / ACOS_HALF) * 60;
  return x >= 0 ? firstQuadrant(x) : 90 + asinDegrees(-x);
}

const degrees: PlainTable = {
  dsind: ofAngle((a) => {
    const { x, sin } = quadrant(a);
    return sin * sinFirstQuadrant(x);
  }),
  dcosd: ofAngle((a) => {
    const { x, cos } = quadrant(a);
    return cos * cosFirstQuadrant(x);
  }),
  dtand: ofAngle((a) => {
    const { x, sin, cos } = quadrant(a);
    return sin * cos * (sinFirstQuadrant(x) / cosFirstQuadrant(x) / TAN_45) + 0;
  }),
  dcotd: ofAngle((a) => {
    const { x, sin, cos } = quadrant(a);
    return sin * cos * (cosFirstQuadrant(x) / sinFirstQuadrant(x) / COT_45) + 0;
  }),
  dasind: ofUnit(asinDegrees),
  dacosd: ofUnit(acosDegrees),
  datand: (a: number) => (preciseAtan(a) / ATAN_1) * 45,
  datan2d: (a: number, b: number) => (preciseAtan2(a, b) / ATAN_1) * 45,
};

/** Beyond it sinh and cosh are half of exp to the last digit. */
const HYPERBOLIC_LIMIT = 22;

function halfExp(value: number): number {
  const root = preciseExp(Math.abs(value) / 2);
  return Math.abs(value) > 709 ? (root / 2) * root : preciseExp(Math.abs(value)) / 2;
}

const hyperbolic: PlainTable = {
  dsinh: (a: number) => (Math.abs(a) > HYPERBOLIC_LIMIT ? Math.sign(a) * halfExp(a) : Math.sinh(a)),
  dcosh: (a: number) => (Math.abs(a) > HYPERBOLIC_LIMIT ? halfExp(a) : Math.cosh(a)),
  dtanh: (a: number) => Math.tanh(a),
  dasinh: (a: number) => {
    const size = Math.abs(a);
    if (!(size > 2 && size < 2 ** 28)) return Math.asinh(a);
    return Math.sign(a) * preciseLog(2 * size + 1 / (Math.sqrt(a * a + 1) + size));
  },
  dacosh: (a: number) => {
    if (a < 1) throw inputOutOfRange();
    if (!(a > 2 && a < 2 ** 28)) return Math.acosh(a);
    return preciseLog(2 * a - 1 / (a + Math.sqrt(a * a - 1)));
  },
  datanh: ofUnit(Math.atanh),
};

function widthBucket(operand: number, low: number, high: number, count: number): number {
  if (count <= 0) throw bucketError('count must be greater than zero');
  if (Number.isNaN(operand) || Number.isNaN(low) || Number.isNaN(high)) {
    throw bucketError('operand, lower bound, and upper bound cannot be NaN');
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) throw bucketError('lower and upper bounds must be finite');
  if (low === high) throw bucketError('lower bound cannot equal upper bound');
  const rising = low < high;
  if (rising ? operand < low : operand > low) return 0;
  if (rising ? operand >= high : operand <= high) {
    if (count === 2147483647) throw outOfRange('integer');
    return count + 1;
  }
  // As PostgreSQL 15 computes it: an overflow of the product gives the smallest int4.
  const bucket = Math.trunc((count * (operand - low)) / (high - low) + 1);
  return Number.isFinite(bucket) ? bucket : -2147483648;
}

export function bucketError(message: string): SqlError {
  return sqlError('invalid_argument_for_width_bucket_function', message);
}

export const mathFunctions: FunctionFamily = joinFamilies(
  plainFunctions({
    ...powers,
    ...angles,
    ...degrees,
    ...hyperbolic,
    width_bucket_float8: widthBucket,
  }),
  contextFunctions({
    drandom: (cx) => cx.session.random(),
    setseed: (cx, seed: number) => {
      if (!(seed >= -1 && seed <= 1)) {
        throw sqlError(
          'invalid_parameter_value',
          `setseed parameter ${formatFloat8(seed, 0)} is out of allowed range [-1,1]`,
        );
      }
      cx.session.setSeed(seed);
      return '';
    },
  }),
);
