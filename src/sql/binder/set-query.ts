/** What follows UNION, INTERSECT, EXCEPT and VALUES: ORDER BY and LIMIT over the output columns, and no row locks. */
import type { SelectStmt, SortBy } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import type { SortKey } from '../plan/expression.js';
import { locationOf, nameParts } from './ast.js';
import type { BindContext } from './bind-context.js';
import { type BoundQuery, binders } from './binders.js';
import { namedTarget, ordinalTarget } from './group-clause.js';
import { bindLimits, limitNode } from './limit-clause.js';
import { lockedSetOperation, lockingLabel } from './locking-clause.js';
import { sortNode } from './order-clause.js';
import { anonymousTable, columnExpr, Scope, type ScopeColumn, type ScopeTable } from './scope.js';
import { makeSortKey } from './sort-keys.js';
import { figureColumnName, type Target } from './target-list.js';

/** ORDER BY and LIMIT of UNION and VALUES: output columns only. */
export function finishSetQuery(cx: BindContext, scope: Scope, statement: SelectStmt, query: BoundQuery): BoundQuery {
  if ((statement.lockingClause ?? []).length > 0) {
    if (statement.valuesLists === undefined) throw lockedSetOperation(cx, statement);
    throw cx.error('feature_not_supported', `${lockingLabel(statement)} cannot be applied to VALUES`);
  }
  const keys = (statement.sortClause ?? []).flatMap((node) =>
    'SortBy' in node ? [setSortKey(cx, scope, node.SortBy, query, statement)] : [],
  );
  cx.recorder?.setQueries.set(statement, { keys, columns: query.columns });
  const sorted = keys.length > 0 ? sortNode(query.plan, keys) : query.plan;
  const plan = limitNode(sorted, bindLimits(cx, scope, statement), keys);
  return { plan, columns: query.columns };
}

function setSortKey(cx: BindContext, scope: Scope, sort: SortBy, query: BoundQuery, statement: SelectStmt): SortKey {
  const targets: Target[] = query.columns.map((column) => ({
    expr: columnExpr(column),
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
  inner.tables.push(anonymousTable('', query.columns), ...sideTables(statement));
  const expr = binders.expr(cx, inner, node);
  if (query.plan.kind !== 'values') {
    throw cx.error('feature_not_supported', 'invalid UNION/INTERSECT/EXCEPT ORDER BY clause', locationOf(node), {
      detail: 'Only result column names can be used, not expressions or functions.',
      hint: 'Add the expression/function to every SELECT, or move the UNION into a FROM clause.',
    });
  }
  return makeSortKey(cx, sort, expr);
}

/** The queries of a set operation under the names that hints give them; their columns cannot be referenced. */
function sideTables(statement: SelectStmt): ScopeTable[] {
  return queriesOf(statement).map(({ targetList = [] }, i) => {
    const columns = targetList.flatMap((node): ScopeColumn[] => {
      if (!('ResTarget' in node)) return [];
      const { name, val } = node.ResTarget;
      const shown = name ?? (val === undefined ? '' : figureColumnName(val));
      return [{ id: 0, name: shown, type: 0, typmod: -1, collation: 0, tableOid: 0, columnNumber: 0 }];
    });
    return { ...anonymousTable(`*SELECT* ${i + 1}`, columns), visible: false };
  });
}

function queriesOf(statement: SelectStmt): SelectStmt[] {
  const { larg, rarg } = statement;
  if (larg === undefined || rarg === undefined) return statement.valuesLists === undefined ? [statement] : [];
  return [...queriesOf(larg), ...queriesOf(rarg)];
}
