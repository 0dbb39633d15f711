/**
 * FROM of a query that locks rows. Subqueries and views in it that only join, filter and compute are a part of the query, as in
 * PostgreSQL: their rows are locked when the whole row is known, and looked at again when a locked row has moved. For that their inner
 * columns are handed up, as are the conditions of joins and of LATERAL subqueries.
 */
import { BOOL } from '../../types/oids.js';
import { passColumn } from '../plan/column-expr.js';
import { someExpr } from '../plan/expr-children.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import { exprColumns, freeColumns } from '../plan/free-columns.js';
import type { LockRowsNode, PlanNode } from '../plan/plan-node.js';

export interface LockedFrom extends Pick<LockRowsNode, 'padded' | 'recomputed'> {
  /** FROM, with what is needed for locking and for the second look among its columns. */
  readonly plan: PlanNode;
  /** Of its subqueries and views. */
  readonly locks: LockRowsNode['locks'];
  readonly conditions: readonly Expr[];
}

function unchanged(plan: PlanNode): LockedFrom {
  return { plan, locks: [], conditions: [], padded: [], recomputed: [] };
}

function allOf(args: readonly Expr[]): Expr | null {
  if (args.length < 2) return args[0] ?? null;
  return { kind: 'and', args, type: BOOL, typmod: -1, collation: 0, location: -1 };
}

/** What a row that has changed before it was locked has to meet. */
export function lockCondition({ conditions }: LockedFrom, where: Expr | null): Expr | null {
  return allOf(where === null ? conditions : [...conditions, where]);
}

/** Takes FROM, as it was bound, apart. */
export function examineFrom(node: PlanNode): LockedFrom {
  if (node.kind === 'join') return examineJoin(node);
  // Columns of JOIN … USING that are computed.
  if (node.kind === 'project' && node.input.kind === 'join') return openProject(node);
  return locksBelow(node) ? openSubquery(node) : unchanged(node);
}

function examineJoin(node: PlanNode & { kind: 'join' }): LockedFrom {
  const left = examineFrom(node.left);
  const right = readsFrom(node.right, node.left) ? openSubquery(node.right) : examineFrom(node.right);
  const { condition, joinType } = node;
  const plan: PlanNode = {
    ...node,
    left: left.plan,
    right: right.plan,
    columns: [...left.plan.columns, ...right.plan.columns],
  };
  const own = condition === null ? [] : [condition];
  const padded = [...left.padded, ...right.padded];
  const recomputed = [...left.recomputed, ...right.recomputed];
  const all = { plan, locks: [...left.locks, ...right.locks], padded, recomputed };
  if (joinType === 'inner') return { ...all, conditions: [...left.conditions, ...right.conditions, ...own] };
  if (joinType !== 'left' && joinType !== 'right') return { ...all, conditions: [] };
  const [kept, other] = joinType === 'left' ? [left, right] : [right, left];
  const matches = allOf([...other.conditions, ...own]);
  if (matches !== null) padded.push({ condition: matches, columns: other.plan.columns });
  return { ...all, conditions: kept.conditions };
}

function readsFrom(node: PlanNode, left: PlanNode): boolean {
  const free = freeColumns(node);
  return left.columns.some((id) => free.has(id));
}

/** Whether a subquery locks rows because the clause of the query around it reaches into it. */
function locksBelow(node: PlanNode): boolean {
  if (node.kind === 'lock rows') return node.pushed;
  return (node.kind === 'project' || node.kind === 'filter') && locksBelow(node.input);
}

/** Whether PostgreSQL would make a subquery with that below its select list a part of the query. */
function isOpen(node: PlanNode): boolean {
  switch (node.kind) {
    case 'filter':
      return isOpen(node.input);
    case 'project':
      return isOpen(node.input) && !node.exprs.some(isVolatile);
    case 'lock rows':
      return node.pushed && node.input.kind !== 'sort';
    default:
      return node.kind !== 'aggregate' && node.kind !== 'window';
  }
}

function isVolatile(expr: Expr): boolean {
  return someExpr(expr, (part) => part.kind === 'function' && part.proc.volatility === 'v');
}

/** A subquery that PostgreSQL would make a part of the query; others stay as they were computed. */
function openSubquery(node: PlanNode): LockedFrom {
  if (!isOpen(node)) return unchanged(node);
  switch (node.kind) {
    case 'join':
      return examineJoin(node);
    case 'filter': {
      const inner = openSubquery(node.input);
      const plan: PlanNode = { ...node, input: inner.plan, columns: inner.plan.columns };
      return { ...inner, plan, conditions: [...inner.conditions, node.predicate] };
    }
    case 'lock rows': {
      const { input: plan, locks, padded, recomputed, recheck } = node;
      return { plan, locks, padded, recomputed, conditions: recheck === null ? [] : [recheck] };
    }
    case 'values':
      return node.tuples.length === 1
        ? { ...unchanged(node), recomputed: computedBy(node, node.tuples[0]) }
        : unchanged(node);
    case 'project':
      return openProject(node);
    default:
      return unchanged(node);
  }
}

function computedBy({ columns }: PlanNode, exprs: readonly Expr[]): LockRowsNode['recomputed'] {
  return columns
    .map((column, i) => ({ column, expr: exprs[i] }))
    .filter(({ column, expr }) => !(expr.kind === 'column' && expr.id === column));
}

/** What is needed above of the columns below is handed up. */
function openProject(node: PlanNode & { kind: 'project' }): LockedFrom {
  const inner = openSubquery(node.input);
  const recomputed = [...inner.recomputed, ...computedBy(node, node.exprs)];
  const below = new Set(inner.plan.columns);
  const passed = new Set<ColumnId>();
  const read = [
    ...inner.conditions,
    ...recomputed.map(({ expr }) => expr),
    ...inner.padded.map(({ condition }) => condition),
  ];
  for (const expr of read) for (const id of exprColumns(expr)) if (below.has(id)) passed.add(id);
  for (const { rowId, attributes } of inner.locks)
    for (const id of [rowId, ...attributes]) if (below.has(id)) passed.add(id);
  for (const id of node.columns) passed.delete(id);
  const plan: PlanNode = {
    ...node,
    input: inner.plan,
    exprs: [...node.exprs, ...[...passed].map((id) => passColumn(id, ''))],
    columns: [...node.columns, ...passed],
  };
  return { ...inner, plan, recomputed };
}
