/**
 * Set-returning functions in a select list: each nesting level becomes a ProjectSet node, so that calls of one level
 * run in lockstep, and what stands around them is computed above.
 */
import { makeColumn, passColumn } from '../plan/column-expr.js';
import { mapChildExprs, someExpr } from '../plan/expr-children.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import type { PlanNode } from '../plan/plan-node.js';
import type { BindContext } from './bind-context.js';

function isSetReturning(expr: Expr): boolean {
  return expr.kind === 'function' && expr.proc.returnsSet;
}

function containsSetReturning(expr: Expr): boolean {
  return someExpr(expr, isSetReturning);
}

/** A projection of `exprs` into `columns` over `input`, set-returning calls expanded. */
export function expandSetReturning(
  cx: BindContext,
  input: PlanNode,
  exprs: readonly Expr[],
  columns: readonly ColumnId[],
): PlanNode {
  let plan = input;
  let pending = [...exprs];
  while (pending.some(containsSetReturning)) {
    const calls: { expr: Expr; id: ColumnId }[] = [];
    pending = pending.map((expr) => liftInnermost(cx, expr, calls));
    const passed = plan.columns.map((id) => passColumn(id, cx.columnNames.get(id) ?? ''));
    plan = {
      kind: 'project set',
      input: plan,
      exprs: [...passed, ...calls.map((call) => call.expr)],
      columns: [...plan.columns, ...calls.map((call) => call.id)],
      rows: 0,
      cost: 0,
    };
  }
  return { kind: 'project', input: plan, exprs: pending, columns: [...columns], rows: 0, cost: 0 };
}

/** Replaces the calls whose arguments hold no further set-returning call by columns of the node below. */
function liftInnermost(cx: BindContext, expr: Expr, calls: { expr: Expr; id: ColumnId }[]): Expr {
  if (isSetReturning(expr) && expr.kind === 'function' && !expr.args.some(containsSetReturning)) {
    const id = cx.newColumn(expr.proc.name);
    calls.push({ expr, id });
    return makeColumn(id, expr.proc.name, expr, expr.location);
  }
  return containsSetReturning(expr) ? mapChildExprs(expr, (child) => liftInnermost(cx, child, calls)) : expr;
}
