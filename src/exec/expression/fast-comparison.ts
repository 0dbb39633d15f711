/**
 * Comparisons of numbers, booleans and strings without a call. Only types whose datums compare with JavaScript's
 * operators exactly as PostgreSQL compares them are here: integers (numbers or canonical bigints), dates and
 * timestamps, equality of strings, and floats with NaN taken care of.
 */
import type { Expr, FunctionExpr } from '../../sql/plan/expression.js';
import type { Datum } from '../../types/datum.js';
import { trimBlanks } from '../../types/text/character-codecs.js';
import type { Evaluator, ExpressionCompiler, Predicate } from './evaluator.js';

export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

const INTEGERS = ['int2', 'int4', 'int8', 'int24', 'int42', 'int48', 'int84', 'int28', 'int82', 'oid'];
const UNDERSCORED = ['date', 'timestamp', 'timestamptz', 'time'];
const COMPARISONS: readonly Comparison[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];

const FAST = new Map<string, Comparison>([
  ...INTEGERS.flatMap((type) => COMPARISONS.map((op): [string, Comparison] => [type + op, op])),
  ...UNDERSCORED.flatMap((type) => COMPARISONS.map((op): [string, Comparison] => [`${type}_${op}`, op])),
  ['texteq', 'eq'],
  ['textne', 'ne'],
  ['nameeq', 'eq'],
  ['namene', 'ne'],
  ['nameeqtext', 'eq'],
  ['texteqname', 'eq'],
  ['booleq', 'eq'],
  ['boolne', 'ne'],
  ['chareq', 'eq'],
  ['charne', 'ne'],
  ['uuid_eq', 'eq'],
  ['uuid_ne', 'ne'],
  ['timestamptz_eq', 'eq'],
]);

const FLOATS = new Map<string, Comparison>(
  ['float4', 'float8', 'float48', 'float84'].flatMap((type) =>
    COMPARISONS.map((op): [string, Comparison] => [type + op, op]),
  ),
);

/** The comparison's code on two values that are not NULL; undefined when it is not one of the fast ones. */
export function comparisonCode(source: string): ((a: Datum, b: Datum) => boolean) | undefined {
  const op = FAST.get(source);
  if (op !== undefined) return PLAIN_CODE[op];
  const floatOp = FLOATS.get(source);
  return floatOp === undefined ? undefined : FLOAT_CODE[floatOp];
}

type Ordered = number | string;

// Datums of one type only meet here, so the comparison is that of numbers (bigints included) or of equal strings.
const PLAIN_CODE: Record<Comparison, (a: Datum, b: Datum) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => (a as Ordered) < (b as Ordered),
  le: (a, b) => (a as Ordered) <= (b as Ordered),
  gt: (a, b) => (a as Ordered) > (b as Ordered),
  ge: (a, b) => (a as Ordered) >= (b as Ordered),
};

const nan = Number.isNaN;

// NaN equals NaN and is greater than every other number.
const FLOAT_CODE: Record<Comparison, (a: Datum, b: Datum) => boolean> = {
  eq: (a, b) => a === b || (nan(a) && nan(b)),
  ne: (a, b) => a !== b && !(nan(a) && nan(b)),
  lt: (a, b) => (a as number) < (b as number) || (nan(b) && !nan(a)),
  le: (a, b) => (a as number) <= (b as number) || nan(b),
  gt: (a, b) => (a as number) > (b as number) || (nan(a) && !nan(b)),
  ge: (a, b) => (a as number) >= (b as number) || nan(a),
};

/** The type modifier of char(n) is n and this. */
const TYPMOD_HEADER = 4;
const DAY_MICROSECONDS = 86_400_000_000;
const DATE_WITH_TIMESTAMP = /^date_(eq|ne|lt|le|gt|ge)_timestamp$/;

/** A date against a constant timestamp at midnight: the days are compared. */
function dateWithTimestamp(compiler: ExpressionCompiler, { proc, args }: FunctionExpr): Predicate | null {
  const [left, right] = args;
  const name = DATE_WITH_TIMESTAMP.exec(proc.source)?.[1];
  const op = COMPARISONS.find((comparison) => comparison === name);
  if (op === undefined || left.kind !== 'column' || right.kind !== 'const') return null;
  const slot = compiler.slot(left.id);
  const { value } = right;
  if (slot < 0 || typeof value !== 'number' || value % DAY_MICROSECONDS !== 0) return null;
  return columnWithConstant(op, slot, value / DAY_MICROSECONDS);
}

/** char(n) against a value: all values of the column are padded to n, so most are told by comparing code units. */
function blankPaddedEquality(compiler: ExpressionCompiler, expr: FunctionExpr): Predicate | null {
  const [left, right] = expr.args;
  if (expr.proc.source !== 'bpchareq' && expr.proc.source !== 'bpcharne') return null;
  if (left.kind !== 'column' || left.typmod <= TYPMOD_HEADER) return null;
  const slot = compiler.slot(left.id);
  const wanted = expr.proc.source === 'bpchareq';
  if (slot < 0) return null;
  const length = left.typmod - TYPMOD_HEADER;
  if (right.kind === 'const' && typeof right.value === 'string') return paddedTest(slot, right.value, length, wanted);
  if (right.kind !== 'param') return null;
  const { cx } = compiler;
  let execution = -1;
  let test: Predicate = () => false;
  return (row) => {
    if (execution !== cx.execution) {
      const value = cx.params[right.index];
      test = typeof value === 'string' ? paddedTest(slot, value, length, wanted) : () => false;
      execution = cx.execution;
    }
    return test(row);
  };
}

function paddedTest(slot: number, value: string, length: number, wanted: boolean): Predicate {
  const padded = value.padEnd(length, ' ');
  const bare = trimBlanks(padded);
  return (row) => {
    const found = row[slot] as string | null;
    if (found === null) return false;
    if (found === padded) return wanted;
    return (found.length !== padded.length && trimBlanks(found) === bare) === wanted;
  };
}

const NUMERIC = new Map<string, Comparison>(COMPARISONS.map((op) => [`numeric_${op}`, op]));
/** Of `FAST`, those on values that are numbers where they are safe. */
const ON_NUMBERS = /^(int[248]+|oid|(date|timestamp|timestamptz)_)(eq|ne|lt|le|gt|ge)$/;

/** The comparison that a function makes of numbers, numeric ones and dates with timestamps included; null for others. */
export function numberComparison(source: string): Comparison | null {
  const withTimestamp = DATE_WITH_TIMESTAMP.exec(source)?.[1];
  const op = ON_NUMBERS.test(source) ? FAST.get(source) : NUMERIC.get(source);
  return op ?? COMPARISONS.find((comparison) => comparison === withTimestamp) ?? null;
}

function isComparison(expr: Expr): expr is FunctionExpr {
  return (
    expr.kind === 'function' && expr.args.length === 2 && (FAST.has(expr.proc.source) || FLOATS.has(expr.proc.source))
  );
}

/** The comparison with three-valued logic, or null. */
export function fastComparison3(compiler: ExpressionCompiler, expr: FunctionExpr): Evaluator | null {
  if (!isComparison(expr)) return null;
  const code = comparisonCode(expr.proc.source);
  if (code === undefined) return null;
  const a = compiler.compile(expr.args[0]);
  const b = compiler.compile(expr.args[1]);
  return (row) => {
    const x = a(row);
    if (x === null) return null;
    const y = b(row);
    return y === null ? null : code(x, y);
  };
}

/** The comparison as a predicate, or null. Column against constant, the usual case, calls nothing at all. */
export function fastComparison(compiler: ExpressionCompiler, expr: Expr): Predicate | null {
  if (expr.kind !== 'function' || expr.args.length !== 2) return null;
  if (!isComparison(expr)) return blankPaddedEquality(compiler, expr) ?? dateWithTimestamp(compiler, expr);
  const [left, right] = expr.args;
  const op = FAST.get(expr.proc.source);
  if (op !== undefined && left.kind === 'column' && right.kind === 'const' && right.value !== null) {
    const slot = compiler.slot(left.id);
    if (slot >= 0) return columnWithConstant(op, slot, right.value);
  }
  const code = comparisonCode(expr.proc.source);
  if (code === undefined) return null;
  const a = compiler.compile(left);
  const b = compiler.compile(right);
  return (row) => {
    const x = a(row);
    if (x === null) return false;
    const y = b(row);
    return y !== null && code(x, y);
  };
}

/** NULL in the row: `null < 5` would be true in JavaScript, hence the tests. */
function columnWithConstant(op: Comparison, slot: number, value: Datum): Predicate {
  const bound = value as number;
  switch (op) {
    case 'eq':
      return (row) => row[slot] === value;
    case 'ne':
      return (row) => {
        const x = row[slot];
        return x !== value && x !== null;
      };
    case 'lt':
      return (row) => {
        const x = row[slot] as number | null;
        return x !== null && x < bound;
      };
    case 'le':
      return (row) => {
        const x = row[slot] as number | null;
        return x !== null && x <= bound;
      };
    case 'gt':
      return (row) => {
        const x = row[slot] as number | null;
        return x !== null && x > bound;
      };
    case 'ge':
      return (row) => {
        const x = row[slot] as number | null;
        return x !== null && x >= bound;
      };
  }
}
