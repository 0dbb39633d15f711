/** UPDATE and DELETE: the table joined with FROM/USING, the condition, the new row, RETURNING. */
import type { DeleteStmt, Node, UpdateStmt } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import { PRIVILEGE } from '../../types/acl/acl-item.js';
import * as oid from '../../types/oids.js';
import type { Expr } from '../plan/expression.js';
import type { TableAccess } from '../plan/plan-access.js';
import { type PlanNode, UNESTIMATED } from '../plan/plan-node.js';
import { bindAssignments, newRowExprs } from './assignments.js';
import type { BindContext } from './bind-context.js';
import { bindFromClause } from './bind-from.js';
import { type BoundModification, bindReturning, boundModification, returningFields } from './bind-returning.js';
import { bindWhere } from './bind-select.js';
import { bindWith } from './bind-with.js';
import { makeJoin } from './from-item.js';
import { forbiddenAggregates, Scope, type ScopeTable } from './scope.js';
import { bindTableSource, findRelation, type TableSource } from './table-source.js';
import { markUpdated, targetAccess } from './target-access.js';
import {
  baseTargets,
  checkedTarget,
  hasInsteadOf,
  type UpdatableView,
  updatableView,
  type ViewRow,
  viewRow,
} from './updatable-view.js';
import { bindViewSource } from './view-source.js';
import { type BoundTarget, bindWriteTarget, checkWritable } from './write-target.js';

interface Prepared {
  readonly wrap: ((plan: PlanNode) => PlanNode) | null;
  /** The statement's level without its tables. */
  readonly outer: Scope;
  readonly scope: Scope;
  readonly source: TableSource;
  /** What the statement does with the table or view that it names. */
  readonly access: TableAccess;
  readonly alias: string;
  readonly others: readonly ScopeTable[];
  readonly where: Expr | null;
  readonly rowId: number;
  readonly view: UpdatableView | null;
  /** The view's columns of the old row. */
  readonly shown: ViewRow | null;
  input(): PlanNode;
}

/** Binds WITH, the target table, the other tables and the condition. */
function prepare(
  cx: BindContext,
  parent: Scope | null,
  statement: UpdateStmt | DeleteStmt,
  from: readonly Node[],
  verb: 'update' | 'delete from',
): Prepared {
  const scope = new Scope(parent);
  const wrap = statement.withClause === undefined ? null : bindWith(cx, scope, statement.withClause);
  const { relation: range, whereClause: where } = statement;
  if (range === undefined) throw notSupported('a statement without a table');
  const named = findRelation(cx, range);
  cx.useRelation(named, 'write', range.location);
  const triggered = named.kind === 'v' && hasInsteadOf(named, verb);
  const view = named.kind === 'v' && !triggered ? updatableView(cx, named, verb) : null;
  const relation = view?.base ?? named;
  if (triggered) cx.useRelation(named, 'write');
  else if (view === null) checkWritable(cx, relation, verb, range.location);
  else cx.useRelation(relation, 'write');
  const alias = range.alias?.aliasname ?? named.name;
  const access = targetAccess(cx, named, view, verb === 'update' ? PRIVILEGE.UPDATE : PRIVILEGE.DELETE);
  const source = triggered
    ? bindViewSource(cx, relation, alias, range.alias, access)
    : bindTableSource(cx, relation, alias, view === null ? range.alias : undefined, access);
  const shown = view === null ? null : viewRow(cx, view, source.allColumns, alias, range.alias);
  if (shown !== null) cx.access.expose(access, shown.columns);
  const inner = scope.sibling();
  const buildOthers = from.length === 0 ? null : bindFromClause(cx, inner, from);
  const others = [...inner.tables];
  if (others.some((table) => table.alias === alias))
    throw cx.error('duplicate_alias', `table name "${alias}" specified more than once`, range.location);
  const full = scope.sibling();
  full.tables.push(...(shown === null ? source.tables : [shown.table]), ...others);
  full.columns = [...(shown?.columns ?? source.columns), ...inner.columns];
  const currentOf = where !== undefined && 'CurrentOfExpr' in where ? where.CurrentOfExpr.cursor_name : undefined;
  if (currentOf !== undefined && shown !== null)
    throw cx.error('feature_not_supported', 'WHERE CURRENT OF on a view is not implemented');
  const given = where === undefined || currentOf !== undefined ? null : bindWhere(cx, full, where, 'WHERE');
  const condition = shown === null ? given : allOf([...shown.where, ...(given === null ? [] : [shown.settle(given)])]);
  const rowId = source.systemColumn('row id');
  const input = (): PlanNode => {
    const scan = source.build();
    const base: PlanNode =
      currentOf !== undefined && scan.kind === 'seq scan'
        ? { ...scan, currentOf, ...cursorParameter(cx, currentOf) }
        : scan;
    const joined = buildOthers === null ? base : makeJoin('inner', base, buildOthers(), null);
    return condition === null
      ? joined
      : { kind: 'filter', input: joined, predicate: condition, columns: joined.columns, ...UNESTIMATED };
  };
  return {
    wrap,
    outer: scope,
    scope: full,
    source,
    access,
    alias,
    others,
    where: condition,
    rowId,
    view,
    shown,
    input,
  };
}

/** A variable of a function that holds the cursor's name. */
function cursorParameter(cx: BindContext, name: string): { currentOfParam?: number } {
  const variable = cx.variables?.find(cx, [name], -1);
  return variable?.kind === 'param' && variable.type === oid.REFCURSOR ? { currentOfParam: variable.index } : {};
}

function allOf(args: readonly Expr[]): Expr | null {
  if (args.length < 2) return args[0] ?? null;
  return { kind: 'and', args, type: oid.BOOL, typmod: -1, collation: 0, location: -1 };
}

/** RETURNING, and what the nodes of both statements have in common. */
function changedRows(
  cx: BindContext,
  prepared: Prepared,
  { target, columns }: BoundTarget,
  nodes: readonly Node[] | undefined,
) {
  const { source, access, outer, alias, others, view } = prepared;
  const written = view === null ? null : viewRow(cx, view, columns, alias, undefined);
  const returning = bindReturning(cx, outer, source.relation, alias, columns, others, nodes ?? [], access, written);
  const fields = {
    input: prepared.input(),
    target: view === null ? target : checkedTarget(target, view),
    rowId: prepared.rowId,
    oldColumns: source.allColumns.map((column) => column.id),
    recheck: prepared.where,
    ...returningFields(returning),
    ...UNESTIMATED,
  };
  return { fields, returning };
}

export function bindUpdate(cx: BindContext, parent: Scope | null, statement: UpdateStmt): BoundModification {
  const prepared = prepare(cx, parent, statement, statement.fromClause ?? [], 'update');
  const { relation, allColumns } = prepared.source;
  const target = bindWriteTarget(cx, relation);
  prepared.scope.clause = 'UPDATE';
  prepared.scope.aggregates = forbiddenAggregates('UPDATE');
  prepared.scope.setReturningForbidden = 'UPDATE';
  const { view, shown } = prepared;
  const targets = statement.targetList ?? [];
  markUpdated(prepared.access, targets);
  const items = view === null ? targets : baseTargets(cx, view, targets);
  const assignments = bindAssignments(cx, prepared.scope, relation, allColumns, items);
  const { exprs, changed } = newRowExprs(cx, relation, allColumns, assignments);
  const newRow = shown === null ? exprs : exprs.map((expr) => shown.settle(expr));
  const { fields, returning } = changedRows(cx, prepared, target, statement.returningList);
  return boundModification({ kind: 'update', ...fields, newRow, changed }, prepared.wrap, returning);
}

export function bindDelete(cx: BindContext, parent: Scope | null, statement: DeleteStmt): BoundModification {
  const prepared = prepare(cx, parent, statement, statement.usingClause ?? [], 'delete from');
  const target = bindWriteTarget(cx, prepared.source.relation);
  const { fields, returning } = changedRows(cx, prepared, target, statement.returningList);
  return boundModification({ kind: 'delete', ...fields }, prepared.wrap, returning);
}
