/** Conditions as lists of AND-ed parts, and what may be said of them. */
import * as oid from '../../types/oids.js';
import { someExpr } from '../plan/expr-children.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import { exprColumns } from '../plan/free-columns.js';
import type { PlanNode } from '../plan/plan-node.js';

export function conjuncts(expr: Expr | null): Expr[] {
  if (expr === null) return [];
  return expr.kind === 'and' ? expr.args.flatMap(conjuncts) : [expr];
}

export function conjunction(parts: readonly Expr[]): Expr | null {
  if (parts.length === 0) return null;
  if (parts.length === 1) return parts[0];
  return { kind: 'and', args: parts, type: oid.BOOL, typmod: -1, collation: 0, location: -1 };
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

/** Columns of `expr` that are among `columns`. */
export function readsOnly(expr: Expr, columns: ReadonlySet<ColumnId>, others: ReadonlySet<ColumnId>): boolean {
  for (const id of exprColumns(expr)) if (others.has(id) && !columns.has(id)) return false;
  return true;
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
