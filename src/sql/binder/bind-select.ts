/**
 * SELECT: the order of clauses as PostgreSQL gives it (documentation, SELECT). FROM, WHERE, GROUP BY, HAVING, window
 * functions, select list, DISTINCT, ORDER BY, LIMIT, row locks.
 */
import type { Node, SelectStmt } from '@pgsql/types';
import type { Expr } from '../plan/expression.js';
import { exprColumns } from '../plan/free-columns.js';
import { type LockRowsNode, type PlanNode, UNESTIMATED } from '../plan/plan-node.js';
import type { BindContext } from './bind-context.js';
import { bindFromClause } from './bind-from.js';
import { bindSetOperation } from './bind-set-operation.js';
import { bindValues } from './bind-values.js';
import { bindWindowDef } from './bind-window.js';
import { bindWith } from './bind-with.js';
import { type BoundQuery, binders } from './binders.js';
import { coerceToBoolean, settleUnknown } from './coercion.js';
import { bindGroupClause } from './group-clause.js';
import { Grouping } from './grouping.js';
import { bindLimits, limitNode } from './limit-clause.js';
import { examineFrom, type LockedFrom, lockCondition } from './lock-recheck.js';
import { bindLocking } from './locking-clause.js';
import {
  bindDistinctOn,
  bindOrder,
  checkDistinctOrder,
  distinct,
  type OrderItem,
  orderKeys,
  sortNode,
} from './order-clause.js';
import { isPushed, lockedFrom } from './pushed-locking.js';
import { forbiddenAggregates, Scope } from './scope.js';
import { entryColumn, outputColumn, type SelectEntry } from './select-entry.js';
import { finishSetQuery } from './set-query.js';
import { expandSetReturning } from './set-returning.js';
import { bindTargetList, type Target } from './target-list.js';
import { Windows } from './windows.js';

export function bindSelect(cx: BindContext, parent: Scope | null, statement: SelectStmt): BoundQuery {
  const keepUnknown = cx.keepUnknown;
  cx.keepUnknown = false;
  // The left sides of a chain of set operations nest, and take no more stack than an expression.
  const level = (statement.op ?? 'SETOP_NONE') === 'SETOP_NONE' ? 'query' : 'expression';
  cx.descend(level);
  const scope = new Scope(parent);
  const wrap = statement.withClause === undefined ? null : bindWith(cx, scope, statement.withClause);
  const query = bindBody(cx, scope, statement, keepUnknown);
  cx.ascend(level);
  return wrap === null ? query : { plan: wrap(query.plan), columns: query.columns };
}

function bindBody(cx: BindContext, scope: Scope, statement: SelectStmt, keepUnknown: boolean): BoundQuery {
  if (statement.op !== undefined && statement.op !== 'SETOP_NONE') {
    return finishSetQuery(cx, scope, statement, bindSetOperation(cx, scope, statement));
  }
  if (statement.valuesLists !== undefined)
    return finishSetQuery(cx, scope, statement, bindValues(cx, scope, statement.valuesLists));
  return bindSimple(cx, scope, statement, keepUnknown);
}

function bindSimple(cx: BindContext, scope: Scope, statement: SelectStmt, keepUnknown: boolean): BoundQuery {
  if (statement.intoClause !== undefined)
    throw cx.error('syntax_error', 'SELECT ... INTO is not allowed here', statement.intoClause.rel?.location);
  const build = bindFromClause(cx, scope, lockedFrom(cx, statement));
  const grouping = new Grouping(cx, scope);
  const windows = new Windows(cx);
  scope.aggregates = grouping;
  scope.windows = windows;
  scope.clause = 'the select list';
  bindWindowClause(cx, scope, windows, statement.windowClause ?? []);
  const written = bindTargetList(cx, scope, statement.targetList ?? []);
  const where = statement.whereClause === undefined ? null : bindWhere(cx, scope, statement.whereClause, 'WHERE');
  // Only now: a parameter of the select list may have found its type in WHERE.
  const targets = keepUnknown
    ? written
    : written.map((target) => ({ ...target, expr: settleUnknown(cx, target.expr) }));
  if (targets.length > 1664) throw cx.error('too_many_columns', 'target lists can have at most 1664 entries');
  const groups = bindGroups(cx, scope, grouping, windows, statement, targets);
  const having = statement.havingClause === undefined ? null : bindHaving(cx, scope, windows, statement.havingClause);
  const entries: SelectEntry[] = targets.map((target) => ({
    expr: target.expr,
    target,
    id: cx.newColumn(target.name),
    junk: false,
  }));
  const distinctOn = bindDistinctOn(cx, scope, statement, entries);
  const order = bindOrder(cx, scope, statement.sortClause ?? [], entries);
  checkDistinctOrder(cx, statement, entries, order, distinctOn);
  const limit = bindLimits(cx, scope, statement);
  const locking = bindLocking(cx, scope, statement, refusal(statement, grouping, windows, scope));

  checkRecursiveAggregate(cx, scope, grouping);
  cx.recorder?.selects.set(statement, {
    entries: entries.map(({ expr, target, junk }) => ({ expr, name: target.name, junk })),
    order: order.map((item) => ({ ...item, entry: entries.indexOf(item.entry) })),
    distinctOn: distinctOn?.map((entry) => entries.indexOf(entry)) ?? null,
  });
  const locked = statement.lockingClause === undefined ? null : examineFrom(build());
  const from = locked?.plan ?? build();
  const locks = [...(locking?.locks ?? []), ...(locked?.locks ?? [])];
  let plan: PlanNode = where === null ? from : filter(from, where);
  if (grouping.used || groups.exprs.length > 0 || groups.sets !== null || having !== null) {
    grouping.setGroups(groups.exprs, groups.sets, from.columns);
    for (const entry of entries) {
      const group = groups.sets === null ? undefined : groups.ofTargets.get(entry.target);
      entry.expr = group === undefined ? grouping.rewrite(entry.expr) : grouping.groupColumn(group);
    }
    windows.rewrite((expr) => grouping.rewrite(expr));
    const condition = having === null ? null : grouping.rewrite(having);
    plan = grouping.build(grouping.needsInput ? plan : ONE_ROW);
    if (condition !== null) plan = filter(plan, condition);
  }
  plan = windows.build(plan);
  if (locked !== null && locks.length > 0) plan = lockRows(plan, statement, locks, order, locked, where);
  plan = project(cx, plan, entries, scope);
  plan = distinct(plan, statement, entries, distinctOn, order);
  const keys = orderKeys(order, entryColumn);
  if (locks.length === 0 && keys.length > 0) plan = sortNode(plan, keys);
  plan = limitNode(plan, limit, keys);
  const visible = entries.filter((entry) => !entry.junk);
  if (visible.length < entries.length) plan = dropJunk(plan, visible);
  return { plan, columns: visible.map(outputColumn) };
}

/** @throws SqlError 42P19 */
function checkRecursiveAggregate(cx: BindContext, scope: Scope, grouping: Grouping): void {
  if (grouping.calls.length === 0 || !scope.tables.some((table) => table.selfReference === true)) return;
  const message = "aggregate functions are not allowed in a recursive query's recursive term";
  throw cx.error('invalid_recursion', message, grouping.calls[0].call.location);
}

/** What is grouped without group columns and aggregates: not even WHERE is evaluated for it, as in PostgreSQL. */
const ONE_ROW: PlanNode = { kind: 'one row', columns: [], ...UNESTIMATED };

function filter(input: PlanNode, predicate: Expr): PlanNode {
  return { kind: 'filter', input, predicate, columns: input.columns, ...UNESTIMATED };
}

/** `place`: how messages about calls that are not allowed there name the clause. */
export function bindWhere(cx: BindContext, scope: Scope, node: Node, clause: string, place = clause): Expr {
  const saved = { aggregates: scope.aggregates, windows: scope.windows, clause: scope.clause };
  scope.aggregates = forbiddenAggregates(place);
  scope.windows = null;
  scope.clause = place;
  scope.setReturningForbidden = place;
  const expr = coerceToBoolean(cx, binders.expr(cx, scope, node), clause);
  scope.setReturningForbidden = null;
  Object.assign(scope, saved);
  return expr;
}

function bindWindowClause(cx: BindContext, scope: Scope, windows: Windows, nodes: readonly Node[]): void {
  for (const node of nodes) {
    if (!('WindowDef' in node)) continue;
    const name = node.WindowDef.name ?? '';
    if (windows.named.has(name))
      throw cx.error('windowing_error', `window "${name}" is already defined`, node.WindowDef.location);
    windows.define(name, bindWindowDef(cx, scope, node.WindowDef));
  }
}

function bindGroups(
  cx: BindContext,
  scope: Scope,
  grouping: Grouping,
  windows: Windows,
  statement: SelectStmt,
  targets: readonly Target[],
) {
  grouping.forbidden = 'GROUP BY';
  windows.forbidden = 'GROUP BY';
  scope.setReturningForbidden = null;
  const groups = bindGroupClause(cx, scope, statement.groupClause ?? [], targets, statement.groupDistinct === true);
  for (const expr of groups.exprs) {
    const columns = exprColumns(expr);
    const call = grouping.calls.find((entry) => columns.has(entry.column.id));
    if (call !== undefined)
      throw cx.error('grouping_error', 'aggregate functions are not allowed in GROUP BY', call.call.location);
  }
  grouping.forbidden = null;
  windows.forbidden = null;
  return groups;
}

function bindHaving(cx: BindContext, scope: Scope, windows: Windows, node: Node): Expr {
  windows.forbidden = 'HAVING';
  scope.setReturningForbidden = 'HAVING';
  const expr = coerceToBoolean(cx, binders.expr(cx, scope, node), 'HAVING');
  windows.forbidden = null;
  scope.setReturningForbidden = null;
  return expr;
}

function refusal(statement: SelectStmt, grouping: Grouping, windows: Windows, scope: Scope): string | null {
  if (statement.distinctClause !== undefined) return 'DISTINCT clause';
  if (statement.groupClause !== undefined) return 'GROUP BY clause';
  if (statement.havingClause !== undefined) return 'HAVING clause';
  if (grouping.used) return 'aggregate functions';
  if (windows.used) return 'window functions';
  return scope.hasSetReturning ? 'set-returning functions in the target list' : null;
}

/** Sorts below the lock, so that rows are locked in the order and number in which they are given. */
function lockRows(
  input: PlanNode,
  statement: SelectStmt,
  locks: LockRowsNode['locks'],
  order: readonly OrderItem[],
  from: LockedFrom,
  where: Expr | null,
): PlanNode {
  const plan =
    order.length === 0
      ? input
      : sortNode(
          input,
          orderKeys(order, (entry) => entry.expr),
        );
  return {
    kind: 'lock rows',
    input: plan,
    locks,
    pushed: isPushed(statement),
    recomputed: from.recomputed,
    padded: from.padded,
    recheck: lockCondition(from, where),
    columns: plan.columns,
    ...UNESTIMATED,
  };
}

function project(cx: BindContext, input: PlanNode, entries: readonly SelectEntry[], scope: Scope): PlanNode {
  const exprs = entries.map((entry) => entry.expr);
  const columns = entries.map((entry) => entry.id);
  if (scope.hasSetReturning) return expandSetReturning(cx, input, exprs, columns);
  return { kind: 'project', input, exprs, columns, ...UNESTIMATED };
}

function dropJunk(input: PlanNode, visible: readonly SelectEntry[]): PlanNode {
  return {
    kind: 'project',
    input,
    exprs: visible.map(entryColumn),
    columns: visible.map((entry) => entry.id),
    ...UNESTIMATED,
  };
}

binders.select = bindSelect;
