/**
 * Conditions that can be tested column by column over the typed arrays of a page (page-columns.ts): comparisons of
 * numbers with constants and with each other, and conditions on one column of few different strings. None of them can
 * fail, so they may be tested before those that can.
 */
import { someExpr } from '../../sql/plan/expr-children.js';
import type { ColumnExpr, Expr, FunctionExpr } from '../../sql/plan/expression.js';
import { exprColumns } from '../../sql/plan/free-columns.js';
import type { Row } from '../../types/datum.js';
import { Numeric } from '../../types/numeric/numeric.js';
import { smallPowerOfTen } from '../../types/numeric/powers-of-ten.js';
import * as oid from '../../types/oids.js';
import { nullRow } from '../null-rows.js';
import type { PageColumns } from '../page-columns.js';
import type { ExpressionCompiler } from './evaluator.js';
import { type Comparison, numberComparison } from './fast-comparison.js';
import { fold } from './fold.js';
import { numericScale } from './scaled-numeric.js';

/** Keeps of the first `count` positions those whose rows satisfy the condition; -1 when this page cannot be tested so. */
export type ColumnTest = (columns: PageColumns, positions: Int32Array, count: number) => number;

/** Null for conditions that have to be evaluated row by row. */
export function columnTest(compiler: ExpressionCompiler, expr: Expr): ColumnTest | null {
  return comparisonTest(compiler, expr) ?? dictionaryTest(compiler, expr);
}

/** A column of numbers: where it is, and the scale of a numeric one. */
export interface NumberColumn {
  readonly slot: number;
  readonly scale: number | null;
}

const PLAIN_NUMBERS = new Set<number>([
  oid.INT2,
  oid.INT4,
  oid.INT8,
  oid.OID,
  oid.DATE,
  oid.TIMESTAMP,
  oid.TIMESTAMPTZ,
]);

/** Whether values of the type are numbers (or, where they are not safe, bigints). */
export function isPlainNumber(type: number): boolean {
  return PLAIN_NUMBERS.has(type);
}

export function numberColumn(compiler: ExpressionCompiler, expr: Expr): NumberColumn | null {
  if (expr.kind !== 'column') return null;
  const slot = compiler.slot(expr.id);
  if (slot < 0) return null;
  if (isPlainNumber(expr.type)) return { slot, scale: null };
  const scale = expr.type === oid.NUMERIC ? numericScale(expr.typmod) : null;
  return scale === null ? null : { slot, scale };
}

function comparisonTest(compiler: ExpressionCompiler, expr: Expr): ColumnTest | null {
  if (expr.kind !== 'function' || expr.args.length !== 2) return null;
  const left = numberColumn(compiler, expr.args[0]);
  const op = numberComparison(expr.proc.source);
  if (left === null || op === null) return null;
  const { slot, scale } = left;
  const bound = boundOf(compiler, expr, scale);
  if (bound !== null) {
    const keep = KEEP_BY_CONSTANT[op];
    return (columns, positions, count) => {
      const values = columns.column(slot, scale);
      return values === null ? -1 : keep(values, bound, positions, count);
    };
  }
  const right = numberColumn(compiler, expr.args[1]);
  const sameUnit = (expr.args[0].type === oid.DATE) === (expr.args[1].type === oid.DATE);
  if (right === null || right.scale !== scale || !sameUnit) return null;
  const keep = KEEP_BY_COLUMN[op];
  return (columns, positions, count) => {
    const values = columns.column(slot, scale);
    const others = columns.column(right.slot, scale);
    return values === null || others === null ? -1 : keep(values, others, positions, count);
  };
}

const DAY_MICROSECONDS = 86_400_000_000;

/** The constant in the terms of the column's array; null when it is none, or has no exact place there. */
function boundOf(compiler: ExpressionCompiler, { proc, args }: FunctionExpr, scale: number | null): number | null {
  const constant = fold(compiler, args[1]);
  if (constant.kind !== 'const') return null;
  const { value } = constant;
  if (scale !== null) {
    if (!(value instanceof Numeric) || value.scale > scale) return null;
    const bound = Number(value.coefficient) * smallPowerOfTen(scale - value.scale);
    return Number.isSafeInteger(value.coefficient) && Number.isSafeInteger(bound) ? bound : null;
  }
  if (typeof value !== 'number') return null;
  if (!proc.source.endsWith('_timestamp') || !proc.source.startsWith('date_')) return value;
  return value % DAY_MICROSECONDS === 0 ? value / DAY_MICROSECONDS : null;
}

type KeepByConstant = (values: Float64Array, bound: number, positions: Int32Array, count: number) => number;
type KeepByColumn = (values: Float64Array, others: Float64Array, positions: Int32Array, count: number) => number;

// One loop for each comparison, so that each has a single kind of comparison inside. NULL is NaN, and no comparison but
// `<>` is true of NaN.
const KEEP_BY_CONSTANT: Record<Comparison, KeepByConstant> = {
  eq: (values, bound, positions, count) => {
    let kept = 0;
    for (let i = 0; i < count; i++) if (values[positions[i]] === bound) positions[kept++] = positions[i];
    return kept;
  },
  ne: (values, bound, positions, count) => {
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const value = values[positions[i]];
      if (value < bound || value > bound) positions[kept++] = positions[i];
    }
    return kept;
  },
  lt: (values, bound, positions, count) => {
    let kept = 0;
    for (let i = 0; i < count; i++) if (values[positions[i]] < bound) positions[kept++] = positions[i];
    return kept;
  },
  le: (values, bound, positions, count) => {
    let kept = 0;
    for (let i = 0; i < count; i++) if (values[positions[i]] <= bound) positions[kept++] = positions[i];
    return kept;
  },
  gt: (values, bound, positions, count) => {
    let kept = 0;
    for (let i = 0; i < count; i++) if (values[positions[i]] > bound) positions[kept++] = positions[i];
    return kept;
  },
  ge: (values, bound, positions, count) => {
    let kept = 0;
    for (let i = 0; i < count; i++) if (values[positions[i]] >= bound) positions[kept++] = positions[i];
    return kept;
  },
};

const KEEP_BY_COLUMN: Record<Comparison, KeepByColumn> = {
  eq: keepPairs((a, b) => a === b),
  ne: keepPairs((a, b) => a < b || a > b),
  lt: keepPairs((a, b) => a < b),
  le: keepPairs((a, b) => a <= b),
  gt: keepPairs((a, b) => a > b),
  ge: keepPairs((a, b) => a >= b),
};

function keepPairs(test: (a: number, b: number) => boolean): KeepByColumn {
  return (values, others, positions, count) => {
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const at = positions[i];
      if (test(values[at], others[at])) positions[kept++] = at;
    }
    return kept;
  };
}

const STRINGS = new Set<number>([oid.TEXT, oid.VARCHAR, oid.BPCHAR, oid.NAME]);

/** The condition is evaluated once for each different string of the page. */
function dictionaryTest(compiler: ExpressionCompiler, expr: Expr): ColumnTest | null {
  const ids = [...exprColumns(expr)];
  if (ids.length !== 1 || !isHarmless(expr)) return null;
  const slot = compiler.slot(ids[0]);
  if (slot < 0) return null;
  const predicate = compiler.predicate(expr);
  const scratch: Row = nullRow(slot + 1);
  const verdicts = new Uint8Array(256);
  return (columns, positions, count) => {
    const dictionary = columns.dictionary(slot);
    if (dictionary === null) return -1;
    const { codes, values } = dictionary;
    for (let code = 0; code < values.length; code++) {
      scratch[slot] = values[code];
      verdicts[code] = predicate(scratch) ? 1 : 0;
    }
    let kept = 0;
    for (let i = 0; i < count; i++) if (verdicts[codes[positions[i]]] === 1) positions[kept++] = positions[i];
    return kept;
  };
}

/** Made of comparisons and patterns on a string column: nothing that fails, waits, or differs between two calls. */
function isHarmless(expr: Expr): boolean {
  return !someExpr(expr, (part) => {
    switch (part.kind) {
      case 'column':
        return !isString(part);
      case 'function':
        return part.proc.volatility !== 'i' || !COMPARES.has(part.operator?.restrict ?? '');
      case 'array comparison':
        return !COMPARES.has(part.comparison.operator?.restrict ?? '');
      case 'const':
      case 'array':
      case 'relabel':
      case 'and':
      case 'or':
      case 'not':
      case 'null test':
        return false;
      default:
        return true;
    }
  });
}

/** The estimators of operators that only compare. */
const COMPARES = new Set([
  'eqsel',
  'neqsel',
  'scalarltsel',
  'scalarlesel',
  'scalargtsel',
  'scalargesel',
  'likesel',
  'nlikesel',
]);

function isString({ type }: ColumnExpr): boolean {
  return STRINGS.has(type);
}
