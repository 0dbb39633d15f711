/** RETURNING: expressions over the written row and, for UPDATE … FROM and DELETE … USING, the other tables. */
import type { Node } from '@pgsql/types';
import type { RelationDesc } from '../../catalog/descriptors.js';
import type { Expr } from '../plan/expression.js';
import type { BindContext } from './bind-context.js';
import { settleUnknown } from './coercion.js';
import { forbiddenAggregates, relationTable, Scope, type ScopeColumn, type ScopeTable } from './scope.js';
import { bindTargetList } from './target-list.js';

export interface BoundReturning {
  readonly exprs: readonly Expr[];
  readonly columns: readonly ScopeColumn[];
}

/** `columns` are the new row's, one per attribute; `others` the other tables of the statement. */
export function bindReturning(
  cx: BindContext,
  outer: Scope,
  relation: RelationDesc,
  alias: string,
  columns: readonly ScopeColumn[],
  others: readonly ScopeTable[],
  nodes: readonly Node[],
): BoundReturning | null {
  if (nodes.length === 0) return null;
  const scope = new Scope(outer.parent);
  for (const [name, cte] of outer.ctes) scope.ctes.set(name, cte);
  const visible = columns.filter((_, i) => !relation.attributes[i].dropped);
  scope.tables.push(relationTable(alias, relation, visible), ...others);
  scope.columns = [...visible, ...others.flatMap((table) => table.columns)];
  scope.clause = 'RETURNING';
  scope.aggregates = forbiddenAggregates('RETURNING');
  scope.setReturningForbidden = 'RETURNING';
  const targets = bindTargetList(cx, scope, nodes).map((target) => ({
    ...target,
    expr: settleUnknown(cx, target.expr),
  }));
  return {
    exprs: targets.map((target) => target.expr),
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
