/** RETURNING: expressions over the written row and, for UPDATE … FROM and DELETE … USING, the other tables. */
import type { Node } from '@pgsql/types';
import type { RelationDesc } from '../../catalog/descriptors.js';
import type { TableAccess } from '../plan/plan-access.js';
import type { DeleteNode, InsertNode, PlanNode, Returning, UpdateNode } from '../plan/plan-node.js';
import type { BindContext } from './bind-context.js';
import type { BoundQuery } from './binders.js';
import { settleUnknown } from './coercion.js';
import {
  forbiddenAggregates,
  type Scope,
  type ScopeColumn,
  type ScopeTable,
  targetTable,
  withoutDropped,
} from './scope.js';
import { systemColumns } from './system-columns.js';
import { bindTargetList } from './target-list.js';
import type { ViewRow } from './updatable-view.js';

/** A bound data-modifying statement; `columns` are RETURNING's, empty without. */
export interface BoundModification extends BoundQuery {
  readonly returning: boolean;
}

export interface BoundReturning extends Returning {
  readonly columns: readonly ScopeColumn[];
}

/** `columns` are the new row's, one per attribute; `others` the other tables of the statement; `view`: what is shown of the row. */
export function bindReturning(
  cx: BindContext,
  outer: Scope,
  relation: RelationDesc,
  alias: string,
  columns: readonly ScopeColumn[],
  others: readonly ScopeTable[],
  nodes: readonly Node[],
  access: TableAccess,
  view: ViewRow | null = null,
): BoundReturning | null {
  if (nodes.length === 0) return null;
  const scope = outer.sibling();
  const visible = view?.columns ?? withoutDropped(relation, columns);
  const { system, systemIds, systemColumn } = systemColumns(cx);
  cx.access.expose(access, visible);
  const table = view?.table ?? { ...targetTable(cx.catalog, alias, relation, visible), system: systemColumn };
  scope.tables.push(table, ...others);
  scope.columns = [...visible, ...others.flatMap((table) => table.columns)];
  scope.clause = 'RETURNING';
  scope.aggregates = forbiddenAggregates('RETURNING');
  scope.setReturningForbidden = 'RETURNING';
  const targets = bindTargetList(cx, scope, nodes).map((target) => ({
    ...target,
    expr: settleUnknown(cx, target.expr),
  }));
  return {
    exprs: targets.map((target) => view?.settle(target.expr) ?? target.expr),
    system,
    systemIds,
    columns: targets.map((target) => ({
      id: cx.newColumn(target.name),
      name: target.name,
      type: target.expr.type,
      typmod: target.expr.typmod,
      collation: target.expr.collation,
      tableOid: target.tableOid,
      columnNumber: target.columnNumber,
    })),
  };
}

/** What RETURNING makes of the node that writes. */
export function returningFields(returning: BoundReturning | null): Pick<UpdateNode, 'returning' | 'columns'> {
  return {
    returning,
    columns: returning?.columns.map((column) => column.id) ?? [],
  };
}

/** The statement as a query, its WITH included. */
export function boundModification(
  node: InsertNode | UpdateNode | DeleteNode,
  wrap: ((plan: PlanNode) => PlanNode) | null,
  returning: BoundReturning | null,
): BoundModification {
  return { plan: wrap === null ? node : wrap(node), columns: returning?.columns ?? [], returning: returning !== null };
}
