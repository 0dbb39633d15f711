/** ON CONFLICT: inference of the arbiter index, and the update. */
import type { InferClause, OnConflictClause } from '@pgsql/types';
import type { IndexDesc, RelationDesc } from '../../catalog/descriptors.js';
import { notSupported } from '../../errors/sql-error.js';
import { PRIVILEGE } from '../../types/acl/acl-item.js';
import type { Expr } from '../plan/expression.js';
import type { TableAccess } from '../plan/plan-access.js';
import type { OnConflict, WriteTarget } from '../plan/plan-node.js';
import { sameExpr } from '../plan/same-expr.js';
import { readColumn } from './access-recorder.js';
import { bindAssignments, newRowExprs } from './assignments.js';
import type { BindContext } from './bind-context.js';
import { binders } from './binders.js';
import { coerceToBoolean } from './coercion.js';
import { forbiddenAggregates, Scope, type ScopeColumn, targetTable, withoutDropped } from './scope.js';
import { relationColumns } from './table-source.js';
import { markUpdated } from './target-access.js';
import { baseTargets, type UpdatableView, type ViewRow, viewRow } from './updatable-view.js';

export function bindOnConflict(
  cx: BindContext,
  outer: Scope,
  relation: RelationDesc,
  alias: string,
  proposed: readonly ScopeColumn[],
  target: WriteTarget,
  clause: OnConflictClause,
  access: TableAccess,
  view: UpdatableView | null,
): OnConflict {
  const update = clause.action === 'ONCONFLICT_UPDATE';
  const arbiters =
    clause.infer === undefined ? [] : inferArbiters(cx, relation, alias, proposed, target, clause.infer, access, view);
  if (update && arbiters.length === 0) {
    throw cx.error(
      'syntax_error',
      'ON CONFLICT DO UPDATE requires inference specification or constraint name',
      clause.location,
      {
        hint: 'For example, ON CONFLICT (column_name).',
      },
    );
  }
  if (!update) return { action: 'nothing', arbiters, existing: [], newRow: [], changed: [], where: null };
  const { all, visible } = relationColumns(cx, relation);
  const scope = outer.sibling();
  const existing = view === null ? tableRow(cx, relation, visible, alias) : viewRow(cx, view, all, alias, undefined);
  const excluded =
    view === null
      ? tableRow(cx, relation, withoutDropped(relation, proposed), 'excluded')
      : viewRow(cx, view, proposed, 'excluded', undefined);
  access.required |= PRIVILEGE.UPDATE;
  cx.access.expose(access, existing.columns);
  cx.access.expose(access, excluded.columns);
  const settle = (expr: Expr): Expr => excluded.settle(existing.settle(expr));
  scope.tables.push(existing.table, excluded.table);
  scope.columns = [...existing.columns, ...excluded.columns];
  scope.clause = 'ON CONFLICT';
  scope.aggregates = forbiddenAggregates('UPDATE');
  scope.setReturningForbidden = 'UPDATE';
  const items = clause.targetList ?? [];
  markUpdated(access, items);
  const assignments = bindAssignments(
    cx,
    scope,
    relation,
    all,
    view === null ? items : baseTargets(cx, view, items, 'insert into'),
  );
  const where =
    clause.whereClause === undefined ? null : coerceToBoolean(cx, binders.expr(cx, scope, clause.whereClause), 'WHERE');
  const row = newRowExprs(cx, relation, all, assignments);
  return {
    action: 'update',
    arbiters,
    existing: all.map((column) => column.id),
    newRow: row.exprs.map(settle),
    changed: row.changed,
    where: where === null ? null : settle(where),
  };
}

function tableRow(
  cx: BindContext,
  relation: RelationDesc,
  columns: readonly ScopeColumn[],
  alias: string,
): Pick<ViewRow, 'table' | 'columns' | 'settle'> {
  return { table: targetTable(cx.catalog, alias, relation, columns), columns, settle: (expr) => expr };
}

function inferArbiters(
  cx: BindContext,
  relation: RelationDesc,
  alias: string,
  columns: readonly ScopeColumn[],
  target: WriteTarget,
  infer: InferClause,
  access: TableAccess,
  view: UpdatableView | null,
): IndexDesc[] {
  if (infer.conname !== undefined) {
    const constraint = relation.constraints.find((candidate) => candidate.name === infer.conname);
    if (constraint === undefined) {
      throw cx.error('undefined_object', `constraint "${infer.conname}" for table "${relation.name}" does not exist`);
    }
    const index = relation.indexes.find((candidate) => candidate.oid === constraint.index);
    if (index === undefined || !index.unique)
      throw cx.error('wrong_object_type', 'constraint in ON CONFLICT clause has no associated index', infer.location);
    for (const number of constraint.key) readColumn(access, number);
    return [index];
  }
  const { table, settle } =
    view === null
      ? tableRow(cx, relation, withoutDropped(relation, columns), alias)
      : viewRow(cx, view, columns, alias, undefined);
  cx.access.expose(access, table.columns);
  const scope = new Scope(null);
  scope.columns = [...table.columns];
  scope.tables.push(table);
  const wanted: Expr[] = (infer.indexElems ?? []).map((node) => {
    if (!('IndexElem' in node)) throw notSupported('this conflict target');
    if (node.IndexElem.name !== undefined)
      return binders.expr(cx, scope, {
        ColumnRef: { fields: [{ String: { sval: node.IndexElem.name } }], location: infer.location },
      });
    if (node.IndexElem.expr === undefined) throw notSupported('this conflict target');
    return settle(binders.expr(cx, scope, node.IndexElem.expr));
  });
  const predicate =
    infer.whereClause === undefined
      ? null
      : settle(coerceToBoolean(cx, binders.expr(cx, scope, infer.whereClause), 'WHERE'));
  const arbiters = target.indexes.filter((entry) => {
    if (!entry.index.unique || !entry.index.valid || entry.keys.length === 0) return false;
    const covers =
      wanted.every((expr) => entry.keys.some((key) => sameExpr(key, expr))) &&
      entry.keys.every((key) => wanted.some((expr) => sameExpr(key, expr)));
    return covers && (entry.predicate === null || (predicate !== null && implies(predicate, entry.predicate)));
  });
  if (arbiters.length === 0) {
    throw cx.error(
      'invalid_column_reference',
      'there is no unique or exclusion constraint matching the ON CONFLICT specification',
    );
  }
  const deferrable = arbiters.find((entry) => !entry.index.immediate);
  if (deferrable !== undefined) {
    throw cx.error(
      'object_not_in_prerequisite_state',
      'ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters',
    );
  }
  return arbiters.map((entry) => entry.index);
}

/** Whether every conjunct of the index predicate stands among the conjuncts of the given one. */
function implies(given: Expr, needed: Expr): boolean {
  const conjuncts = (expr: Expr): readonly Expr[] => (expr.kind === 'and' ? expr.args.flatMap(conjuncts) : [expr]);
  return conjuncts(needed).every((part) => conjuncts(given).some((other) => sameExpr(part, other)));
}
