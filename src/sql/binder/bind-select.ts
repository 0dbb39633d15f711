/**
 * SELECT: the order of clauses as PostgreSQL gives it (documentation, SELECT). FROM, WHERE, GROUP BY, HAVING, window
 * functions, select list, DISTINCT, ORDER BY, LIMIT, row locks.
 */
import type { Node, SelectStmt, SortBy } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import * as oid from '../../types/oids.js';
import type { ColumnId, Expr, SortKey } from '../plan/expression.js';
import { exprColumns } from '../plan/free-columns.js';
import type { PlanNode } from '../plan/plan-node.js';
import { sameExpr } from '../plan/same-expr.js';
import { nameParts } from './ast.js';
import type { BindContext } from './bind-context.js';
import { bindFromClause } from './bind-from.js';
import { bindSetOperation } from './bind-set-operation.js';
import { bindValues } from './bind-values.js';
import { bindWindowDef } from './bind-window.js';
import { bindWith } from './bind-with.js';
import { type BoundQuery, binders } from './binders.js';
import { coerce, coerceToBoolean, settleUnknown } from './coercion.js';
import { bindGroupClause, namedTarget, ordinalTarget } from './group-clause.js';
import { Grouping } from './grouping.js';
import { type BoundLocking, bindLocking, lockCondition, lockingLabel, paddedSides } from './locking-clause.js';
import { lockedFrom } from './pushed-locking.js';
import { anonymousTable, forbiddenAggregates, Scope, type ScopeColumn } from './scope.js';
import { expandSetReturning } from './set-returning.js';
import { makeSortKey, requireEquality } from './sort-keys.js';
import { bindTargetList, type Target } from './target-list.js';
import { Windows } from './windows.js';

const EMPTY = { rows: 0, cost: 0 } as const;

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

/** Targets with their ids in the projection; `junk` ones exist for sorting only. */
interface Entry {
  expr: Expr;
  readonly target: Target;
  readonly id: ColumnId;
  readonly junk: boolean;
}

function bindSimple(cx: BindContext, scope: Scope, statement: SelectStmt, keepUnknown: boolean): BoundQuery {
  const build = bindFromClause(cx, scope, lockedFrom(cx, statement));
  const grouping = new Grouping(cx, scope);
  const windows = new Windows(cx);
  const where = statement.whereClause === undefined ? null : bindWhere(cx, scope, statement.whereClause, 'WHERE');
  scope.aggregates = grouping;
  scope.windows = windows;
  scope.clause = 'the select list';
  bindWindowClause(cx, scope, windows, statement.windowClause ?? []);
  const targets = bindTargetList(cx, scope, statement.targetList ?? []).map((target) =>
    keepUnknown ? target : { ...target, expr: settleUnknown(cx, target.expr) },
  );
  if (targets.length > 1664) throw cx.error('too_many_columns', 'target lists can have at most 1664 entries');
  const groups = bindGroups(cx, scope, grouping, windows, statement, targets);
  const having = statement.havingClause === undefined ? null : bindHaving(cx, scope, windows, statement.havingClause);
  const entries: Entry[] = targets.map((target) => ({
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

  const from = build();
  let plan: PlanNode = where === null ? from : filter(from, where);
  if (grouping.used || groups.exprs.length > 0 || groups.sets !== null || having !== null) {
    grouping.setGroups(groups.exprs, groups.sets, from.columns);
    for (const entry of entries) entry.expr = grouping.rewrite(entry.expr);
    windows.rewrite((expr) => grouping.rewrite(expr));
    const condition = having === null ? null : grouping.rewrite(having);
    plan = grouping.build(plan);
    if (condition !== null) plan = filter(plan, condition);
  }
  plan = windows.build(plan);
  if (locking !== null) plan = lockRows(plan, locking, order, from, where);
  plan = project(cx, plan, entries, scope);
  plan = distinct(plan, statement, entries, distinctOn, order);
  if (locking === null && order.length > 0) plan = sortBy(plan, order);
  plan = limitNode(plan, limit, order);
  const visible = entries.filter((entry) => !entry.junk);
  if (visible.length < entries.length) plan = dropJunk(plan, visible);
  return { plan, columns: visible.map(outputColumn) };
}

function outputColumn(entry: Entry): ScopeColumn {
  const { expr, target } = entry;
  return {
    id: entry.id,
    name: target.name,
    type: expr.type,
    typmod: expr.typmod,
    collation: expr.collation,
    tableOid: target.tableOid,
    columnNumber: target.columnNumber,
  };
}

function filter(input: PlanNode, predicate: Expr): PlanNode {
  return { kind: 'filter', input, predicate, columns: input.columns, ...EMPTY };
}

export function bindWhere(cx: BindContext, scope: Scope, node: Node, clause: string): Expr {
  const saved = { aggregates: scope.aggregates, windows: scope.windows, clause: scope.clause };
  scope.aggregates = forbiddenAggregates(clause);
  scope.windows = null;
  scope.clause = clause;
  scope.setReturningForbidden = clause;
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

/** An ORDER BY or DISTINCT ON item: ordinal, output name, or an expression over the input. */
function sortEntry(cx: BindContext, scope: Scope, node: Node, entries: Entry[], clause: string): Entry {
  const visible = entries.filter((entry) => !entry.junk);
  const targets = visible.map((entry) => entry.target);
  const byOrdinal = ordinalTarget(cx, node, targets, clause);
  if (byOrdinal !== null) return visible[targets.indexOf(byOrdinal)];
  if ('ColumnRef' in node) {
    const parts = nameParts(node.ColumnRef.fields);
    if (parts.length === 1 && node.ColumnRef.fields?.length === 1) {
      const named = namedTarget(cx, parts[0], targets, clause, node.ColumnRef.location ?? -1);
      if (named !== null) return visible[targets.indexOf(named)];
    }
  }
  const expr = settleUnknown(cx, binders.expr(cx, scope, node));
  const known = entries.find((entry) => sameExpr(entry.expr, expr));
  if (known !== undefined) return known;
  const entry: Entry = {
    expr,
    target: { expr, name: 'sort', tableOid: 0, columnNumber: 0 },
    id: cx.newColumn('sort'),
    junk: true,
  };
  entries.push(entry);
  return entry;
}

interface OrderItem {
  readonly entry: Entry;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

function bindOrder(cx: BindContext, scope: Scope, nodes: readonly Node[], entries: Entry[]): OrderItem[] {
  const items: OrderItem[] = [];
  for (const node of nodes) {
    if (!('SortBy' in node) || node.SortBy.node === undefined) continue;
    const entry = sortEntry(cx, scope, node.SortBy.node, entries, 'ORDER BY');
    const key = makeSortKey(cx, node.SortBy, entry.expr);
    if (!items.some((item) => item.entry === entry))
      items.push({ entry, descending: key.descending, nullsFirst: key.nullsFirst });
  }
  return items;
}

function bindDistinctOn(cx: BindContext, scope: Scope, statement: SelectStmt, entries: Entry[]): Entry[] | null {
  const clause = statement.distinctClause;
  if (clause === undefined || clause.every((node) => Object.keys(node).length === 0)) return null;
  return clause.map((node) => sortEntry(cx, scope, node, entries, 'DISTINCT ON'));
}

function checkDistinctOrder(
  cx: BindContext,
  statement: SelectStmt,
  entries: readonly Entry[],
  order: readonly OrderItem[],
  distinctOn: readonly Entry[] | null,
): void {
  if (statement.distinctClause === undefined) return;
  if (distinctOn === null) {
    const junk = order.find((item) => item.entry.junk);
    if (junk !== undefined) {
      throw cx.error(
        'invalid_column_reference',
        'for SELECT DISTINCT, ORDER BY expressions must appear in select list',
        junk.entry.expr.location,
      );
    }
    for (const entry of entries) requireEquality(cx, entry.expr);
    return;
  }
  const leading = order.slice(0, distinctOn.length);
  const stray = leading.find((item) => !distinctOn.includes(item.entry));
  if (stray !== undefined && distinctOn.some((entry) => !leading.some((item) => item.entry === entry))) {
    throw cx.error(
      'invalid_column_reference',
      'SELECT DISTINCT ON expressions must match initial ORDER BY expressions',
      distinctOn[0].expr.location,
    );
  }
}

interface Limits {
  readonly limit: Expr | null;
  readonly offset: Expr | null;
  readonly withTies: boolean;
}

function bindLimits(cx: BindContext, scope: Scope, statement: SelectStmt): Limits {
  const withTies = statement.limitOption === 'LIMIT_OPTION_WITH_TIES';
  if (withTies && (statement.sortClause ?? []).length === 0) {
    throw cx.error('syntax_error', 'WITH TIES cannot be specified without ORDER BY clause');
  }
  return {
    limit: bindLimit(cx, scope, statement.limitCount, 'LIMIT'),
    offset: bindLimit(cx, scope, statement.limitOffset, 'OFFSET'),
    withTies,
  };
}

function bindLimit(cx: BindContext, scope: Scope, node: Node | undefined, clause: string): Expr | null {
  if (node === undefined || ('A_Const' in node && node.A_Const.isnull)) return null;
  const inner = new Scope(scope);
  inner.clause = clause;
  inner.aggregates = forbiddenAggregates(clause);
  inner.setReturningForbidden = clause;
  const expr = coerceLimit(cx, binders.expr(cx, inner, node), clause);
  if ([...exprColumns(expr)].some((id) => scope.owns(id))) {
    throw cx.error('invalid_column_reference', `argument of ${clause} must not contain variables`, expr.location);
  }
  return expr;
}

function coerceLimit(cx: BindContext, expr: Expr, clause: string): Expr {
  if (expr.type === oid.INT8) return expr;
  if (cx.catalog.type(expr.type)?.category !== 'N' && expr.type !== oid.UNKNOWN) {
    throw cx.error(
      'datatype_mismatch',
      `argument of ${clause} must be type bigint, not type ${cx.formatType(expr.type)}`,
      expr.location,
    );
  }
  return coerce(cx, expr, oid.INT8, -1, 'assignment');
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
  locking: BoundLocking,
  order: readonly OrderItem[],
  from: PlanNode,
  where: Expr | null,
): PlanNode {
  let plan = input;
  if (order.length > 0) {
    const keys: SortKey[] = order.map((item) => ({
      expr: item.entry.expr,
      descending: item.descending,
      nullsFirst: item.nullsFirst,
    }));
    plan = { kind: 'sort', input: plan, keys, limit: null, presorted: 0, columns: plan.columns, ...EMPTY };
  }
  return {
    kind: 'lock rows',
    input: plan,
    locks: locking.locks,
    padded: paddedSides(from),
    recheck: lockCondition(from, where),
    columns: plan.columns,
    ...EMPTY,
  };
}

function project(cx: BindContext, input: PlanNode, entries: readonly Entry[], scope: Scope): PlanNode {
  const exprs = entries.map((entry) => entry.expr);
  const columns = entries.map((entry) => entry.id);
  if (scope.hasSetReturning) return expandSetReturning(cx, input, exprs, columns);
  return { kind: 'project', input, exprs, columns, ...EMPTY };
}

function entryColumn(entry: Entry): Expr {
  const { expr } = entry;
  return {
    kind: 'column',
    id: entry.id,
    name: entry.target.name,
    type: expr.type,
    typmod: expr.typmod,
    collation: expr.collation,
    location: expr.location,
  };
}

function orderKeys(order: readonly OrderItem[]): SortKey[] {
  return order.map((item) => ({
    expr: entryColumn(item.entry),
    descending: item.descending,
    nullsFirst: item.nullsFirst,
  }));
}

function sortBy(input: PlanNode, order: readonly OrderItem[]): PlanNode {
  return { kind: 'sort', input, keys: orderKeys(order), limit: null, presorted: 0, columns: input.columns, ...EMPTY };
}

/** DISTINCT ON keeps the first row of each group in ORDER BY's order, so that it sorts first. */
function distinct(
  input: PlanNode,
  statement: SelectStmt,
  entries: readonly Entry[],
  on: readonly Entry[] | null,
  order: readonly OrderItem[],
): PlanNode {
  if (statement.distinctClause === undefined) return input;
  if (on === null) {
    const keys = entries.filter((entry) => !entry.junk).map(entryColumn);
    return { kind: 'distinct', input, keys, sorted: false, columns: input.columns, ...EMPTY };
  }
  const missing = on.filter((entry) => !order.some((item) => item.entry === entry));
  const sorted = sortBy(input, [
    ...order,
    ...missing.map((entry) => ({ entry, descending: false, nullsFirst: false })),
  ]);
  return { kind: 'distinct', input: sorted, keys: on.map(entryColumn), sorted: true, columns: input.columns, ...EMPTY };
}

function limitNode(input: PlanNode, limits: Limits, order: readonly OrderItem[]): PlanNode {
  if (limits.limit === null && limits.offset === null) return input;
  return {
    kind: 'limit',
    input,
    limit: limits.limit,
    offset: limits.offset,
    tiesKeys: limits.withTies ? orderKeys(order) : null,
    columns: input.columns,
    ...EMPTY,
  };
}

function dropJunk(input: PlanNode, visible: readonly Entry[]): PlanNode {
  return {
    kind: 'project',
    input,
    exprs: visible.map(entryColumn),
    columns: visible.map((entry) => entry.id),
    ...EMPTY,
  };
}

/** ORDER BY and LIMIT of UNION and VALUES: output columns only. */
function finishSetQuery(cx: BindContext, scope: Scope, statement: SelectStmt, query: BoundQuery): BoundQuery {
  if ((statement.lockingClause ?? []).length > 0) {
    throw cx.error(
      'feature_not_supported',
      statement.valuesLists === undefined
        ? `${lockingLabel(statement)} is not allowed with UNION/INTERSECT/EXCEPT`
        : `${lockingLabel(statement)} cannot be applied to VALUES`,
    );
  }
  const keys = (statement.sortClause ?? []).flatMap((node) =>
    'SortBy' in node ? [setSortKey(cx, scope, node.SortBy, query)] : [],
  );
  let plan = query.plan;
  if (keys.length > 0)
    plan = { kind: 'sort', input: plan, keys, limit: null, presorted: 0, columns: plan.columns, ...EMPTY };
  const limits = bindLimits(cx, scope, statement);
  if (limits.limit !== null || limits.offset !== null) {
    plan = {
      kind: 'limit',
      input: plan,
      limit: limits.limit,
      offset: limits.offset,
      tiesKeys: limits.withTies ? keys : null,
      columns: plan.columns,
      ...EMPTY,
    };
  }
  return { plan, columns: query.columns };
}

function setSortKey(cx: BindContext, scope: Scope, sort: SortBy, query: BoundQuery): SortKey {
  const targets: Target[] = query.columns.map((column) => ({
    expr: {
      kind: 'column',
      id: column.id,
      name: column.name,
      type: column.type,
      typmod: column.typmod,
      collation: column.collation,
      location: -1,
    },
    name: column.name,
    tableOid: 0,
    columnNumber: 0,
  }));
  const node = sort.node;
  if (node === undefined) throw notSupported('ORDER BY without expression');
  const ordinal = ordinalTarget(cx, node, targets, 'ORDER BY');
  if (ordinal !== null) return makeSortKey(cx, sort, ordinal.expr);
  if ('ColumnRef' in node) {
    const parts = nameParts(node.ColumnRef.fields);
    const named =
      parts.length === 1 ? namedTarget(cx, parts[0], targets, 'ORDER BY', node.ColumnRef.location ?? -1) : null;
    if (named !== null) return makeSortKey(cx, sort, named.expr);
  }
  const inner = new Scope(scope.parent);
  inner.columns = [...query.columns];
  inner.tables.push(anonymousTable('', query.columns));
  const expr = binders.expr(cx, inner, node);
  if (query.plan.kind !== 'values') {
    throw cx.error('feature_not_supported', 'invalid UNION/INTERSECT/EXCEPT ORDER BY clause', expr.location, {
      detail: 'Only result column names can be used, not expressions or functions.',
      hint: 'Add the expression/function to every SELECT, or move the UNION into a FROM clause.',
    });
  }
  return makeSortKey(cx, sort, expr);
}

binders.select = bindSelect;
