/** JOIN in FROM: its two sides, USING and NATURAL, the condition, aliases of the join. */
import type { JoinExpr, Node } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import * as oid from '../../types/oids.js';
import { passColumn } from '../plan/column-expr.js';
import type { Expr } from '../plan/expression.js';
import type { JoinType, PlanNode } from '../plan/plan-node.js';
import { nameParts } from './ast.js';
import type { BindContext } from './bind-context.js';
import { binders } from './binders.js';
import { coerceToBoolean } from './coercion.js';
import { coerceToCommonType, selectCommonType } from './common-type.js';
import { commonCollation } from './derive-collation.js';
import { checkDuplicateAlias, type FromItem, makeJoin, renameColumns } from './from-item.js';
import { bindOperator } from './resolve-operator.js';
import {
  anonymousTable,
  columnExpr,
  forbiddenAggregates,
  type Scope,
  type ScopeColumn,
  type ScopeTable,
} from './scope.js';

/** Binds an item of FROM, which may stand on either side of a join. */
export type ItemBinder = (
  cx: BindContext,
  scope: Scope,
  node: Node,
  siblings: readonly FromItem[],
  lateralAllowed: boolean,
) => FromItem;

const JOIN_TYPES: Record<string, JoinType> = {
  JOIN_INNER: 'inner',
  JOIN_LEFT: 'left',
  JOIN_RIGHT: 'right',
  JOIN_FULL: 'full',
};

export function bindJoin(
  cx: BindContext,
  scope: Scope,
  join: JoinExpr,
  siblings: readonly FromItem[],
  lateralAllowed: boolean,
  bindItem: ItemBinder,
): FromItem {
  if (join.larg === undefined || join.rarg === undefined) throw notSupported('a join without sides');
  const joinType = JOIN_TYPES[join.jointype ?? 'JOIN_INNER'];
  const left = bindItem(cx, scope, join.larg, siblings, lateralAllowed);
  const leftVisible = joinType === 'inner' || joinType === 'left';
  const right = bindItem(cx, scope, join.rarg, [...siblings, left], lateralAllowed && leftVisible);
  checkDuplicateAlias(cx, left.tables, right.tables);
  const using = join.isNatural ? commonNames(left, right) : nameParts(join.usingClause);
  const merged = using.length > 0 ? mergeUsing(cx, joinType, left, right, using) : null;
  const pad = (tables: readonly ScopeTable[], padded: boolean): readonly ScopeTable[] =>
    padded ? tables.map((table) => ({ ...table, nullable: true })) : tables;
  const tables = [
    ...pad(left.tables, joinType === 'right' || joinType === 'full'),
    ...pad(right.tables, joinType === 'left' || joinType === 'full'),
  ];
  const columns = merged?.columns ?? [...left.columns, ...right.columns];
  let condition: Expr | null = merged?.condition ?? null;
  if (join.quals !== undefined) condition = bindJoinCondition(cx, scope, siblings, tables, columns, join.quals);
  const build = (): PlanNode => {
    const plan = makeJoin(joinType, left.build(), right.build(), condition);
    return merged === null ? plan : merged.wrap(plan);
  };
  return aliasJoin(cx, join, { tables, columns, build }, merged?.columns.slice(0, using.length) ?? []);
}

/** `(a JOIN b …) AS j` hides the tables inside; `USING (…) AS j` names the merged columns only. */
function aliasJoin(cx: BindContext, join: JoinExpr, item: FromItem, merged: readonly ScopeColumn[]): FromItem {
  if (join.alias?.aliasname !== undefined) {
    const columns = renameColumns(cx, item.columns, join.alias, join.alias.aliasname);
    const table: ScopeTable = anonymousTable(join.alias.aliasname, columns);
    return { tables: [table], columns, build: item.build };
  }
  if (join.join_using_alias?.aliasname !== undefined) {
    const table: ScopeTable = anonymousTable(join.join_using_alias.aliasname, merged);
    return { ...item, tables: [...item.tables, table] };
  }
  return item;
}

function commonNames(left: FromItem, right: FromItem): string[] {
  const names = new Set(right.columns.map((column) => column.name));
  return left.columns.map((column) => column.name).filter((name) => names.has(name));
}

function bindJoinCondition(
  cx: BindContext,
  scope: Scope,
  siblings: readonly FromItem[],
  tables: readonly ScopeTable[],
  columns: readonly ScopeColumn[],
  node: Node,
): Expr {
  const inner = scope.sibling();
  inner.clause = 'JOIN/ON';
  inner.aggregates = forbiddenAggregates('JOIN conditions');
  inner.setReturningForbidden = 'JOIN conditions';
  inner.tables.push(...tables);
  for (const sibling of siblings) for (const table of sibling.tables) inner.tables.push({ ...table, visible: false });
  inner.columns = [...columns];
  return coerceToBoolean(cx, binders.expr(cx, inner, node), 'JOIN/ON');
}

interface MergedColumns {
  readonly columns: readonly ScopeColumn[];
  readonly condition: Expr;
  wrap(plan: PlanNode): PlanNode;
}

/** JOIN … USING: one column for each name, then the rest of both sides. */
function mergeUsing(
  cx: BindContext,
  joinType: JoinType,
  left: FromItem,
  right: FromItem,
  names: readonly string[],
): MergedColumns {
  const equalities: Expr[] = [];
  const merged: ScopeColumn[] = [];
  const computed: { id: number; expr: Expr }[] = [];
  for (const name of names) {
    const l = usingColumn(cx, left, name, 'left');
    const r = usingColumn(cx, right, name, 'right');
    cx.access.read(l);
    cx.access.read(r);
    equalities.push(bindOperator(cx, '=', null, columnExpr(l), columnExpr(r), -1));
    merged.push(mergedColumn(cx, joinType, l, r, computed));
  }
  const rest = (item: FromItem): ScopeColumn[] => item.columns.filter((column) => !names.includes(column.name));
  return {
    columns: [...merged, ...rest(left), ...rest(right)],
    condition:
      equalities.length === 1
        ? equalities[0]
        : { kind: 'and', args: equalities, type: oid.BOOL, typmod: -1, collation: 0, location: -1 },
    wrap: (plan) => (computed.length === 0 ? plan : appendColumns(plan, computed, cx)),
  };
}

/** Passes the input's columns on and adds computed ones. */
function appendColumns(input: PlanNode, computed: readonly { id: number; expr: Expr }[], cx: BindContext): PlanNode {
  const passed = input.columns.map((id) => passColumn(id, cx.columnNames.get(id) ?? ''));
  return {
    kind: 'project',
    input,
    exprs: [...passed, ...computed.map((column) => column.expr)],
    columns: [...input.columns, ...computed.map((column) => column.id)],
    rows: 0,
    cost: 0,
  };
}

function usingColumn(cx: BindContext, item: FromItem, name: string, side: string): ScopeColumn {
  const matches = item.columns.filter((column) => column.name === name);
  if (matches.length === 0)
    throw cx.error('undefined_column', `column "${name}" specified in USING clause does not exist in ${side} table`);
  if (matches.length > 1)
    throw cx.error('ambiguous_column', `common column name "${name}" appears more than once in ${side} table`);
  return matches[0];
}

/** Inner and left joins show the left column, right joins the right one, full joins whichever is not NULL. */
function mergedColumn(
  cx: BindContext,
  joinType: JoinType,
  left: ScopeColumn,
  right: ScopeColumn,
  computed: { id: number; expr: Expr }[],
): ScopeColumn {
  const exprs = [columnExpr(left), columnExpr(right)];
  const type = selectCommonType(cx, exprs, 'JOIN/USING');
  const source = joinType === 'right' ? right : left;
  if (joinType !== 'full' && source.type === type) return { ...source, tableOid: source.tableOid };
  const typed = exprs.map((expr) => coerceToCommonType(cx, expr, type, 'JOIN/USING'));
  const collation = commonCollation(cx, typed, type);
  const expr: Expr =
    joinType === 'full'
      ? { kind: 'coalesce', args: typed, type, typmod: -1, collation, location: -1 }
      : typed[joinType === 'right' ? 1 : 0];
  const id = cx.newColumn(source.name);
  computed.push({ id, expr });
  return { id, name: source.name, type, typmod: expr.typmod, collation, tableOid: 0, columnNumber: 0 };
}
