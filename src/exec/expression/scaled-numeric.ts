/**
 * Sums, differences and products of numeric values without an object for each step. Columns of type numeric(p, s) have the
 * scale s in all rows, so the scale of a whole expression is known beforehand and only coefficients are computed, as
 * safe integers. Whatever does not fit (NULL, NaN, large values) makes the coefficient NaN: then the general code decides.
 */
import type { ColumnExpr, ConstExpr, Expr, FunctionExpr } from '../../sql/plan/expression.js';
import type { Row } from '../../types/datum.js';
import { Numeric } from '../../types/numeric/numeric.js';
import { smallPowerOfTen } from '../../types/numeric/powers-of-ten.js';
import * as oid from '../../types/oids.js';
import type { ColumnBatch } from '../column-batch.js';
import type { ExecContext } from '../exec-context.js';
import { BATCH_SIZE } from '../operator.js';
import type { Evaluator, ExpressionCompiler, Predicate } from './evaluator.js';
import { fold } from './fold.js';

const MAX_SAFE = Number.MAX_SAFE_INTEGER;
const MAX_SCALE = 15;

/** Casts of integers that are plain numbers. */
export const INTEGER_TO_NUMERIC = new Set(['int2_numeric', 'int4_numeric']);

export interface ScaledNumeric {
  readonly scale: number;
  /** The value times 10^scale, exactly; NaN where it has to be computed in the general way. */
  readonly coefficient: (row: Row) => number;
  /** The same for all rows of a batch, NaN for NULL; null where one of them has to be computed in the general way. */
  readonly column: (batch: ColumnBatch) => Float64Array | null;
}

/** Null when the expression is not made of such columns, constants, integers, and `+`, `-`, `*`. */
export function scaledNumeric(compiler: ExpressionCompiler, expr: Expr): ScaledNumeric | null {
  if (expr.type !== oid.NUMERIC) return null;
  const folded = fold(compiler, expr);
  switch (folded.kind) {
    case 'column':
      return column(compiler, folded);
    case 'const':
      return constant(folded);
    case 'relabel':
      return scaledNumeric(compiler, folded.arg);
    case 'function':
      return operation(compiler, folded);
    default:
      return null;
  }
}

/** The scale that all finite values of a numeric(p, s) have; null for other types and large scales. */
export function numericScale(typmod: number): number | null {
  const scale = typmod < 4 ? -1 : (((typmod - 4) & 0x7ff) ^ 1024) - 1024;
  return scale < 0 || scale > MAX_SCALE ? null : scale;
}

function column(compiler: ExpressionCompiler, { id, typmod }: ColumnExpr): ScaledNumeric | null {
  const slot = compiler.slot(id);
  const scale = numericScale(typmod);
  if (slot < 0 || scale === null) return null;
  return {
    scale,
    coefficient: (row) => {
      const value = row[slot] as Numeric | null;
      if (value === null || value.scale !== scale) return Number.NaN;
      const { coefficient } = value;
      return typeof coefficient === 'number' ? coefficient : Number.NaN;
    },
    column: (batch) => batch.numbers(slot, scale),
  };
}

function constant({ value }: ConstExpr): ScaledNumeric | null {
  if (!(value instanceof Numeric) || !Number.isSafeInteger(value.coefficient) || value.scale > MAX_SCALE) return null;
  const coefficient = Number(value.coefficient);
  let filled = new Float64Array(0);
  return {
    scale: value.scale,
    coefficient: () => coefficient,
    column: ({ length }) => {
      if (filled.length < length) filled = new Float64Array(Math.max(BATCH_SIZE, length)).fill(coefficient);
      return filled;
    },
  };
}

function operation(compiler: ExpressionCompiler, { proc, args }: FunctionExpr): ScaledNumeric | null {
  if (INTEGER_TO_NUMERIC.has(proc.source)) return integer(compiler, args[0]);
  switch (proc.source) {
    case 'numeric_mul':
      return both(compiler, args, product);
    case 'numeric_add':
      return both(compiler, args, (a, b) => total(a, b, 1));
    case 'numeric_sub':
      return both(compiler, args, (a, b) => total(a, b, -1));
    default:
      return null;
  }
}

function both(
  compiler: ExpressionCompiler,
  [left, right]: readonly Expr[],
  combine: (a: ScaledNumeric, b: ScaledNumeric) => ScaledNumeric | null,
): ScaledNumeric | null {
  const a = scaledNumeric(compiler, left);
  const b = a === null ? null : scaledNumeric(compiler, right);
  return a === null || b === null ? null : combine(a, b);
}

function integer(compiler: ExpressionCompiler, arg: Expr): ScaledNumeric | null {
  if (arg.kind === 'param') return parameter(compiler.cx, arg.index);
  if (arg.kind !== 'column' || compiler.slot(arg.id) < 0) return null;
  const slot = compiler.slot(arg.id);
  return {
    scale: 0,
    coefficient: (row) => (row[slot] as number | null) ?? Number.NaN,
    column: (batch) => batch.numbers(slot, null),
  };
}

/** An integer, the same for all rows. */
function parameter(cx: ExecContext, index: number): ScaledNumeric {
  const value = (): number => (cx.params[index] as number | null) ?? Number.NaN;
  let filled = new Float64Array(0);
  return {
    scale: 0,
    coefficient: value,
    column: ({ length }) => {
      if (filled.length < length) filled = new Float64Array(Math.max(BATCH_SIZE, length));
      return filled.fill(value(), 0, length);
    },
  };
}

function product(a: ScaledNumeric, b: ScaledNumeric): ScaledNumeric | null {
  const scale = a.scale + b.scale;
  if (scale > MAX_SCALE) return null;
  const x = a.coefficient;
  const y = b.coefficient;
  return {
    scale,
    coefficient: (row) => {
      const result = x(row) * y(row);
      // A product of zero and a negative number is -0.
      return result <= MAX_SAFE && result >= -MAX_SAFE ? result + 0 : Number.NaN;
    },
    column: combined(a, b, (p, q, out, length) => {
      for (let i = 0; i < length; i++) {
        const result = p[i] * q[i];
        if (result > MAX_SAFE || result < -MAX_SAFE) return false;
        out[i] = result + 0;
      }
      return true;
    }),
  };
}

type Combine = (p: Float64Array, q: Float64Array, out: Float64Array, length: number) => boolean;

/** `combine` is false when a value is too large. */
function combined(a: ScaledNumeric, b: ScaledNumeric, combine: Combine): ScaledNumeric['column'] {
  let out = new Float64Array(0);
  return (batch) => {
    const { length } = batch;
    const p = a.column(batch);
    const q = p === null ? null : b.column(batch);
    if (p === null || q === null) return null;
    if (out.length < length) out = new Float64Array(Math.max(BATCH_SIZE, length));
    return combine(p, q, out, length) ? out : null;
  };
}

/** a + sign * b */
function total(a: ScaledNumeric, b: ScaledNumeric, sign: 1 | -1): ScaledNumeric {
  const scale = Math.max(a.scale, b.scale);
  const x = a.coefficient;
  const y = b.coefficient;
  const left = smallPowerOfTen(scale - a.scale);
  const right = smallPowerOfTen(scale - b.scale) * sign;
  return {
    scale,
    coefficient: (row) => {
      const p = x(row) * left;
      const q = y(row) * right;
      const result = p + q;
      const exact = p <= MAX_SAFE && p >= -MAX_SAFE && q <= MAX_SAFE && q >= -MAX_SAFE;
      return exact && result <= MAX_SAFE && result >= -MAX_SAFE ? result + 0 : Number.NaN;
    },
    column: combined(a, b, (p, q, out, length) => {
      for (let i = 0; i < length; i++) {
        const m = p[i] * left;
        const n = q[i] * right;
        const result = m + n;
        if (m > MAX_SAFE || m < -MAX_SAFE || n > MAX_SAFE || n < -MAX_SAFE) return false;
        if (result > MAX_SAFE || result < -MAX_SAFE) return false;
        out[i] = result + 0;
      }
      return true;
    }),
  };
}

/** An arithmetic call as an evaluator; `general` is asked where coefficients do not do. */
export function scaledArithmetic(
  compiler: ExpressionCompiler,
  expr: FunctionExpr,
  general: () => Evaluator,
): Evaluator | null {
  const scaled = scaledNumeric(compiler, expr);
  if (scaled === null) return null;
  const { scale, coefficient } = scaled;
  const otherwise = general();
  return (row) => {
    const result = coefficient(row);
    return Number.isNaN(result) ? otherwise(row) : new Numeric(result, scale);
  };
}

type Test = (a: number, b: number) => boolean;

const TESTS: Record<string, Test> = {
  numeric_eq: (a, b) => a === b,
  numeric_ne: (a, b) => a !== b,
  numeric_lt: (a, b) => a < b,
  numeric_le: (a, b) => a <= b,
  numeric_gt: (a, b) => a > b,
  numeric_ge: (a, b) => a >= b,
};

/** A comparison of two such values; null when it is none. */
export function scaledComparison(compiler: ExpressionCompiler, expr: Expr, general: () => Predicate): Predicate | null {
  if (expr.kind !== 'function' || !(expr.proc.source in TESTS)) return null;
  const test = TESTS[expr.proc.source];
  const a = scaledNumeric(compiler, expr.args[0]);
  const b = a === null ? null : scaledNumeric(compiler, expr.args[1]);
  if (a === null || b === null) return null;
  const otherwise = general();
  const scale = Math.max(a.scale, b.scale);
  const x = a.coefficient;
  const y = b.coefficient;
  const left = smallPowerOfTen(scale - a.scale);
  const right = smallPowerOfTen(scale - b.scale);
  return (row) => {
    const p = x(row) * left;
    const q = y(row) * right;
    if (p <= MAX_SAFE && p >= -MAX_SAFE && q <= MAX_SAFE && q >= -MAX_SAFE) return test(p, q);
    return otherwise(row);
  };
}
