/** Conditions as lists of AND-ed parts, and what may be said of them. */
import * as oid from '../../types/oids.js';
import { expectedLength } from '../plan/array-expr.js';
import { someExpr, walkExpr } from '../plan/expr-children.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import { exprColumns } from '../plan/free-columns.js';
import type { PlanNode } from '../plan/plan-node.js';

export function conjuncts(expr: Expr | null): Expr[] {
  if (expr === null) return [];
  return expr.kind === 'and' ? expr.args.flatMap(conjuncts) : [expr];
}

/** Parts that cost less come first, as in PostgreSQL: others, which may fail, are not tried where these already say no. */
export function conjunction(parts: readonly Expr[]): Expr | null {
  if (parts.length === 0) return null;
  if (parts.length === 1) return parts[0];
  const costs = new Map(parts.map((part) => [part, costOf(part)]));
  const args = [...parts].sort((a, b) => (costs.get(a) ?? 0) - (costs.get(b) ?? 0));
  return { kind: 'and', args, type: oid.BOOL, typmod: -1, collation: 0, location: -1 };
}

const SUBPLAN_COST = 1000;
/** Of one evaluation, in calls of simple functions (costsize.c of PostgreSQL). */
function costOf(expr: Expr): number {
  let cost = 0;
  walkExpr(expr, (part) => {
    switch (part.kind) {
      case 'function':
      case 'distinct from':
      case 'nullif':
      case 'greatest':
      case 'least':
      case 'row comparison':
      case 'sql value':
        cost++;
        break;
      case 'coerce via io':
        cost += 2;
        break;
      case 'array comparison':
        // The comparison itself is counted once already.
        cost += expectedLength(part.array) / 2 - 1;
        break;
      case 'subplan':
        cost += SUBPLAN_COST;
    }
  });
  return cost;
}

export function withFilter(input: PlanNode, parts: readonly Expr[]): PlanNode {
  const predicate = conjunction(parts);
  return predicate === null ? input : { kind: 'filter', input, predicate, columns: input.columns, rows: 0, cost: 0 };
}

/** Whether the expression gives different values for one statement (and so must not be moved or repeated). */
export function isVolatile(expr: Expr): boolean {
  return someExpr(expr, (e) => e.kind === 'function' && e.proc.volatility === 'v');
}

export function containsSubplan(expr: Expr): boolean {
  return someExpr(expr, (e) => e.kind === 'subplan');
}

/** A subquery that reads columns of the query around it. */
export function containsCorrelated(expr: Expr): boolean {
  return someExpr(expr, (e) => e.kind === 'subplan' && e.correlation.length > 0);
}

export function readsAny(expr: Expr, columns: ReadonlySet<ColumnId>): boolean {
  for (const id of exprColumns(expr)) if (columns.has(id)) return true;
  return false;
}

/**
 * Whether the condition can only be true when some of `columns` is not NULL, judged by strict functions over a plain
 * column (enough to turn outer joins into inner ones).
 */
export function rejectsNulls(expr: Expr, columns: ReadonlySet<ColumnId>): boolean {
  switch (expr.kind) {
    case 'column':
      return columns.has(expr.id);
    case 'function':
      return expr.proc.strict && !expr.proc.returnsSet && expr.args.some((arg) => rejectsNulls(arg, columns));
    case 'relabel':
    case 'not':
      return rejectsNulls(expr.arg, columns);
    case 'null test':
      return expr.negated && !expr.row && expr.arg.kind === 'column' && columns.has(expr.arg.id);
    case 'array comparison':
      return expr.quantifier === 'any' && rejectsNulls(expr.left, columns);
    case 'and':
      return expr.args.some((arg) => rejectsNulls(arg, columns));
    case 'or':
      return expr.args.every((arg) => rejectsNulls(arg, columns));
    default:
      return false;
  }
}
