/**
 * Conditions that can be tested column by column over the typed arrays of a page (page-columns.ts): comparisons of
 * numbers with constants and with each other, and conditions on one column of few different strings. None of them can
 * fail, so they may be tested before those that can.
 */
import { someExpr } from '../../sql/plan/expr-children.js';
import type { ColumnExpr, Expr, FunctionExpr } from '../../sql/plan/expression.js';
import { exprColumns } from '../../sql/plan/free-columns.js';
import type { Datum, Row } from '../../types/datum.js';
import { Numeric } from '../../types/numeric/numeric.js';
import { smallPowerOfTen } from '../../types/numeric/powers-of-ten.js';
import * as oid from '../../types/oids.js';
import { nullRow } from '../null-rows.js';
import { BATCH_SIZE } from '../operator.js';
import type { PageColumns } from '../page-columns.js';
import type { ExpressionCompiler } from './evaluator.js';
import { type Comparison, numberComparison } from './fast-comparison.js';
import { fold } from './fold.js';
import { INTEGER_TO_NUMERIC, numericScale } from './scaled-numeric.js';

/** Keeps of the first `count` positions those whose rows satisfy the condition; -1 when this page cannot be tested so. */
export type ColumnTest = (columns: PageColumns, positions: Int32Array, count: number) => number;

/** Null for conditions that have to be evaluated row by row. */
export function columnTest(compiler: ExpressionCompiler, expr: Expr): ColumnTest | null {
  const test = comparisonTest(compiler, expr) ?? dictionaryTest(compiler, expr);
  return test === null && expr.kind === 'or' ? anyTest(compiler, expr.args) : test;
}

/** Each arm, which may be several conditions, is tested by itself; what one of them keeps stays. */
function anyTest(compiler: ExpressionCompiler, arms: readonly Expr[]): ColumnTest | null {
  const tests: ColumnTest[][] = [];
  for (const arm of arms) {
    const parts = (arm.kind === 'and' ? arm.args : [arm]).map((part) => columnTest(compiler, part));
    const known = parts.filter((part) => part !== null);
    if (known.length < parts.length) return null;
    tests.push(known);
  }
  let tried = new Int32Array(0);
  let kept = new Uint8Array(0);
  return (columns, positions, count) => {
    if (tried.length < count) tried = new Int32Array(Math.max(BATCH_SIZE, count));
    if (kept.length < count) kept = new Uint8Array(tried.length);
    kept.fill(0, 0, count);
    for (const arm of tests) {
      tried.set(positions.subarray(0, count));
      const left = testAll(arm, columns, tried, count);
      if (left < 0) return -1;
      // Both lists are in the order of the page.
      for (let i = 0, at = 0; at < left; i++)
        if (positions[i] === tried[at]) {
          kept[i] = 1;
          at++;
        }
    }
    let result = 0;
    for (let i = 0; i < count; i++) if (kept[i] === 1) positions[result++] = positions[i];
    return result;
  };
}

function testAll(tests: readonly ColumnTest[], columns: PageColumns, positions: Int32Array, count: number): number {
  let left = count;
  for (let i = 0; i < tests.length && left > 0; i++) left = tests[i](columns, positions, left);
  return left;
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
      const limit = bound();
      const values = limit === null ? null : columns.column(slot, scale);
      return values === null || limit === null ? -1 : keep(values, limit, positions, count);
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

/** The value that the column is compared with, in the terms of its array; null when it has no exact place there. */
type Bound = () => number | null;

/** Null when it is neither a constant nor a parameter. */
function boundOf(compiler: ExpressionCompiler, { proc, args }: FunctionExpr, scale: number | null): Bound | null {
  const constant = fold(compiler, args[1]);
  const inDays = proc.source.endsWith('_timestamp') && proc.source.startsWith('date_');
  if (constant.kind === 'const') {
    const bound = placeOf(constant.value, scale, inDays);
    return bound === null ? null : () => bound;
  }
  if (!isParameter(constant)) return null;
  const { cx } = compiler;
  const evaluate = compiler.compile(constant);
  let execution = -1;
  let bound: number | null = null;
  return () => {
    if (execution !== cx.execution) {
      bound = placeOf(evaluate(NO_ROW), scale, inDays);
      execution = cx.execution;
    }
    return bound;
  };
}

const NO_ROW: Row = [];

/** A parameter, perhaps an integer that is made numeric: nothing that fails or waits. */
function isParameter(expr: Expr): boolean {
  if (expr.kind === 'function') return INTEGER_TO_NUMERIC.has(expr.proc.source) && expr.args[0].kind === 'param';
  return expr.kind === 'param';
}

/** Nothing compares with NULL, and nothing with NaN. */
function placeOf(value: Datum, scale: number | null, inDays: boolean): number | null {
  if (value === null) return Number.NaN;
  if (scale !== null) {
    if (!(value instanceof Numeric) || value.scale > scale) return null;
    const bound = Number(value.coefficient) * smallPowerOfTen(scale - value.scale);
    return Number.isSafeInteger(value.coefficient) && Number.isSafeInteger(bound) ? bound : null;
  }
  if (typeof value !== 'number') return null;
  if (!inDays) return value;
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
      case 'param':
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
