/**
 * Subqueries that give an aggregate of the rows that belong to the outer row, (SELECT sum(x) FROM b WHERE b.k = a.k),
 * become left joins with groups: the aggregate is made once for all keys. Left alone are those whose rows an index finds,
 * and those in which something could fail for rows that no outer row asks for.
 */
import * as oid from '../../types/oids.js';
import { makeColumn, passColumn } from '../plan/column-expr.js';
import { rewriteExpr, someExpr } from '../plan/expr-children.js';
import type { AggregateCall, ColumnExpr, ColumnId, Expr } from '../plan/expression.js';
import { exprColumns, freeColumns, substituteColumns } from '../plan/free-columns.js';
import { childNodes } from '../plan/node-children.js';
import type { AggregateNode, PlanNode } from '../plan/plan-node.js';
import { conjunction, conjuncts, containsSubplan, isVolatile } from './conjuncts.js';
import { splitSides } from './full-join.js';
import { splitSource } from './subquery-source.js';

const PG_CATALOG = 11;
/** Aggregates that give NULL of no rows (count: 0), and do not fail. */
const CALLS = new Set(['count', 'sum', 'avg', 'min', 'max']);
const SUMMED = new Set<number>([oid.INT2, oid.INT4, oid.INT8, oid.NUMERIC]);
/** Arithmetic that does not fail for what is in tables. */
const ARITHMETIC = new Set([
  'numeric_add',
  'numeric_sub',
  'numeric_mul',
  'int2_numeric',
  'int4_numeric',
  'int8_numeric',
]);
const INTEGERS = new Set<number>([oid.INT2, oid.INT4, oid.INT8]);

/** An input that gives the values of subqueries as well, and what the expressions over it are then. */
export interface Decorrelated {
  readonly input: PlanNode;
  readonly exprs: readonly Expr[];
}

/** The subqueries in `exprs`, which read `input`, as joins; those that cannot be stay. */
export function decorrelate(
  input: PlanNode,
  exprs: readonly Expr[],
  unnest: (plan: PlanNode) => PlanNode,
): Decorrelated {
  const outer = new Set(input.columns);
  /** By the subquery's plan: what is written once may stand in several expressions. */
  const values = new Map<PlanNode, Expr>();
  let joined = input;
  const replaced = exprs.map((expr) =>
    rewriteExpr(expr, (part) => {
      if (part.kind !== 'subplan' || part.mode !== 'scalar' || part.correlation.length === 0) return part;
      const known = values.get(part.plan);
      if (known !== undefined) return known;
      const grouped = groupedSubquery(unnest(part.plan), outer);
      if (grouped === null) return part;
      joined = leftJoin(joined, grouped);
      values.set(part.plan, grouped.value);
      return grouped.value;
    }),
  );
  return { input: joined, exprs: replaced };
}

/** `node` with the columns of `input` only. */
export function onlyColumnsOf(input: PlanNode, node: PlanNode): PlanNode {
  const exprs = input.columns.map((id) => passColumn(id, ''));
  return { kind: 'project', input: node, exprs, columns: input.columns, rows: 0, cost: 0 };
}

interface Grouped {
  readonly plan: AggregateNode;
  readonly condition: readonly Expr[];
  /** The subquery's value over the joined row. */
  readonly value: Expr;
}

function leftJoin(left: PlanNode, { plan, condition }: Grouped): PlanNode {
  return {
    kind: 'join',
    joinType: 'left',
    left,
    right: plan,
    condition: conjunction(condition),
    lateral: [],
    columns: [...left.columns, ...plan.columns],
    rows: 0,
    cost: 0,
  };
}

function groupedSubquery(plan: PlanNode, outer: ReadonlySet<ColumnId>): Grouped | null {
  const top = plan.kind === 'project' ? plan.input : plan;
  if (top.kind !== 'aggregate' || top.groupBy.length > 0 || top.sets !== null || top.grouping.length > 0) return null;
  const source = splitSource(top.input);
  if (source === null || freeColumns(source.plan).size > 0 || source.correlated.length === 0) return null;
  const own = new Set(source.plan.columns);
  const keys = source.correlated.map((part) => keyOf(part, own, outer));
  if (keys.includes(null) || hasIndex(source.plan, keys) || !filtersAreSafe(source.plan)) return null;
  const calls = top.calls.map((call) => overSource(call, source.outputs));
  if (!calls.every((call) => isSafeCall(call, own))) return null;
  const groups = new Map(keys.flatMap((key) => (key === null ? [] : [[key.id, key]])));
  const value = valueOf(plan, top);
  if (value === null) return null;
  return {
    plan: {
      ...top,
      input: source.plan,
      groupBy: [...groups.values()],
      calls,
      strategy: 'hash',
      columns: [...groups.keys(), ...top.columns],
    },
    condition: source.correlated,
    value,
  };
}

/** The column of the subquery that `part` compares with something of the outer query; null when it does anything else. */
function keyOf(part: Expr, own: ReadonlySet<ColumnId>, outer: ReadonlySet<ColumnId>): ColumnExpr | null {
  if (part.kind !== 'function' || part.operator?.name !== '=' || !part.operator.canHash) return null;
  if (isVolatile(part) || containsSubplan(part)) return null;
  const sides = splitSides(part.args[0], part.args[1], own, outer);
  if (sides === null) return null;
  const { left, right } = sides;
  if (left.type !== right.type && !(INTEGERS.has(left.type) && INTEGERS.has(right.type))) return null;
  const column = left.kind === 'relabel' ? left.arg : left;
  return column.kind === 'column' ? column : null;
}

/** Whether an index of a table in the plan begins with one of the keys. */
function hasIndex(node: PlanNode, keys: readonly (ColumnExpr | null)[]): boolean {
  if (node.kind !== 'seq scan') return childNodes(node).some((child) => hasIndex(child, keys));
  return keys.some((key) => {
    const attribute = key === null ? 0 : node.columns.indexOf(key.id) + 1;
    return attribute > 0 && node.relation.indexes.some((index) => index.attributes[0] === attribute);
  });
}

/** The value of the subquery in terms of the aggregates, which are NULL where there was no row; counts are 0 then. */
function valueOf(plan: PlanNode, aggregate: AggregateNode): Expr | null {
  const results = new Map<ColumnId, Expr>();
  aggregate.calls.forEach((call, i) => {
    const column = makeColumn(aggregate.columns[i], call.proc.name, call);
    results.set(column.id, call.proc.name === 'count' ? orZero(column) : column);
  });
  const [first] = plan.columns;
  const expr = plan.kind === 'project' ? plan.exprs[0] : (results.get(first) ?? null);
  if (expr === null || plan.columns.length !== 1 || isVolatile(expr) || containsSubplan(expr)) return null;
  return substituteColumns(expr, results);
}

function orZero(column: ColumnExpr): Expr {
  const { type, typmod, collation, location } = column;
  const zero: Expr = { kind: 'const', value: 0, type, typmod, collation, location };
  return { kind: 'coalesce', args: [column, zero], type, typmod, collation, location };
}

function overSource(call: AggregateCall, outputs: ReadonlyMap<ColumnId, Expr>): AggregateCall {
  const filter = call.filter === null ? null : substituteColumns(call.filter, outputs);
  return { ...call, args: call.args.map((arg) => substituteColumns(arg, outputs)), filter };
}

function isSafeCall({ proc, args, filter, orderBy, directArgs }: AggregateCall, own: ReadonlySet<ColumnId>): boolean {
  if (proc.namespace !== PG_CATALOG || !CALLS.has(proc.name) || orderBy.length > 0 || directArgs.length > 0)
    return false;
  const sums = proc.name === 'sum' || proc.name === 'avg';
  if (sums && !args.every((arg) => SUMMED.has(arg.type))) return false;
  const exprs = filter === null ? args : [...args, filter];
  return exprs.every((expr) => isSafe(expr) && [...exprColumns(expr)].every((id) => own.has(id)));
}

/** Conditions of the subquery itself are then tested on all of its rows. */
function filtersAreSafe(node: PlanNode): boolean {
  const own = node.kind === 'filter' ? conjuncts(node.predicate) : [];
  return own.every(isSafe) && childNodes(node).every(filtersAreSafe);
}

/** Made of columns, constants, comparisons and arithmetic that does not fail. */
function isSafe(expr: Expr): boolean {
  return !someExpr(expr, (part) => {
    switch (part.kind) {
      case 'column':
      case 'const':
      case 'param':
      case 'relabel':
      case 'and':
      case 'or':
      case 'not':
      case 'null test':
      case 'array':
        return false;
      case 'array comparison':
        return !isComparison(part.comparison);
      case 'function':
        return !isComparison(part) && !ARITHMETIC.has(part.proc.source);
      default:
        return true;
    }
  });
}

const COMPARISONS = new Set(['eqsel', 'neqsel', 'scalarltsel', 'scalarlesel', 'scalargtsel', 'scalargesel']);

function isComparison(expr: Expr): boolean {
  return (
    expr.kind === 'function' &&
    expr.proc.namespace === PG_CATALOG &&
    expr.proc.volatility === 'i' &&
    COMPARISONS.has(expr.operator?.restrict ?? '')
  );
}
