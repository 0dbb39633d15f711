/** Which columns plans and expressions read from outside, and putting other expressions in their place. */
import { rewriteExpr, walkExpr } from './expr-children.js';
import type { ColumnId, Expr, SubplanExpr } from './expression.js';
import { internalColumns } from './internal-columns.js';
import { mapChildNodes, walkPlan } from './node-children.js';
import { mapNodeExprs, nodeExprs } from './node-exprs.js';
import type { PlanNode } from './plan-node.js';

/** Column ids that a node defines besides `columns`. */
function extraColumns(node: PlanNode): readonly ColumnId[] {
  switch (node.kind) {
    case 'insert':
      return [...node.target.columns, ...(node.onConflict?.existing ?? [])];
    case 'update':
    case 'delete':
    case 'merge':
      return node.target.columns;
    default:
      return [];
  }
}

function collect(node: PlanNode, defined: Set<ColumnId>, used: Set<ColumnId>): void {
  walkPlan(node, (n) => {
    for (const id of n.columns) defined.add(id);
    for (const id of extraColumns(n)) defined.add(id);
    for (const expr of nodeExprs(n)) collectExpr(expr, defined, used);
  });
}

function collectExpr(expr: Expr, defined: Set<ColumnId>, used: Set<ColumnId>): void {
  walkExpr(expr, (e) => {
    internalColumns(e, (id) => defined.add(id));
    if (e.kind === 'column') used.add(e.id);
    else if (e.kind === 'subplan') for (const id of freeOfSubplan(e.plan)) used.add(id);
  });
}

/** Plans do not change, and each level of nested subqueries asks for all levels below. */
const freeBySubplan = new WeakMap<PlanNode, ReadonlySet<ColumnId>>();

/** As `freeColumns`, remembered. */
export function freeOfSubplan(plan: PlanNode): ReadonlySet<ColumnId> {
  let free = freeBySubplan.get(plan);
  if (free === undefined) {
    free = freeColumns(plan);
    freeBySubplan.set(plan, free);
  }
  return free;
}

/** Columns of enclosing queries that a plan reads. */
export function freeColumns(node: PlanNode): Set<ColumnId> {
  const defined = new Set<ColumnId>();
  const used = new Set<ColumnId>();
  collect(node, defined, used);
  for (const id of defined) used.delete(id);
  return used;
}

/** Columns that an expression reads, those read by its subqueries from outside included. */
export function exprColumns(expr: Expr): ReadonlySet<ColumnId> {
  let used = columnsOfExpr.get(expr);
  if (used === undefined) {
    used = columnsRead(expr);
    columnsOfExpr.set(expr, used);
  }
  return used;
}

/** Expressions do not change, and join orders ask for the same ones many times. */
const columnsOfExpr = new WeakMap<Expr, ReadonlySet<ColumnId>>();

function columnsRead(expr: Expr): Set<ColumnId> {
  const defined = new Set<ColumnId>();
  const used = new Set<ColumnId>();
  collectExpr(expr, defined, used);
  for (const id of defined) used.delete(id);
  return used;
}

/** Replaces columns by expressions, in subqueries too. */
export function substituteColumns(expr: Expr, replacement: ReadonlyMap<ColumnId, Expr>): Expr {
  if (replacement.size === 0) return expr;
  const inExpr = (e: Expr): Expr => (e.kind === 'column' ? (replacement.get(e.id) ?? e) : e);
  const inPlan = (subplan: SubplanExpr): SubplanExpr => withPlan(subplan, substituteInPlan(subplan.plan, replacement));
  return rewriteExpr(expr, inExpr, inPlan);
}

/** The subquery with another plan, which may read other columns from outside. */
export function withPlan(subplan: SubplanExpr, plan: PlanNode): SubplanExpr {
  return plan === subplan.plan ? subplan : { ...subplan, plan, correlation: [...freeColumns(plan)] };
}

export function substituteInPlan(plan: PlanNode, replacement: ReadonlyMap<ColumnId, Expr>): PlanNode {
  const free = freeColumns(plan);
  if (![...free].some((id) => replacement.has(id))) return plan;
  const mapped = mapChildNodes(plan, (child) => substituteInPlan(child, replacement));
  return mapNodeExprs(mapped, (expr) => substituteColumns(expr, replacement));
}
