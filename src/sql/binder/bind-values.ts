/** VALUES lists as a query. */
import type { Node } from '@pgsql/types';
import type { Expr } from '../plan/expression.js';
import type { BindContext } from './bind-context.js';
import { type BoundQuery, binders } from './binders.js';
import { coerceToCommonType, commonTypmod, selectCommonType } from './common-type.js';
import { commonCollation } from './derive-collation.js';
import { forbiddenAggregates, type Scope, type ScopeColumn } from './scope.js';

/** The tuples of a VALUES list, bound but not brought to common types. `DEFAULT` items go through `onDefault`. */
export function bindTuples(
  cx: BindContext,
  scope: Scope,
  lists: readonly Node[],
  onDefault: ((position: number) => Expr) | null,
): Expr[][] {
  const inner = scope.sibling();
  inner.tables.push(...scope.tables);
  inner.columns = [...scope.columns];
  inner.clause = 'VALUES';
  inner.aggregates = forbiddenAggregates('VALUES');
  inner.setReturningForbidden = 'VALUES';
  const tuples = lists.map((node) => {
    const items = 'List' in node ? (node.List.items ?? []) : [];
    const exprs: Expr[] = [];
    for (const item of items) {
      if ('SetToDefault' in item && onDefault !== null) exprs.push(onDefault(exprs.length));
      else exprs.push(...(binders.starred(cx, inner, item) ?? [binders.expr(cx, inner, item)]));
    }
    return exprs;
  });
  const width = tuples[0]?.length ?? 0;
  const odd = tuples.findIndex((tuple) => tuple.length !== width);
  if (odd >= 0)
    throw cx.error('syntax_error', 'VALUES lists must all be the same length', tuples[odd][0]?.location ?? -1);
  return tuples;
}

export function bindValues(cx: BindContext, scope: Scope, lists: readonly Node[]): BoundQuery {
  const tuples = bindTuples(cx, scope, lists, null);
  const width = tuples[0]?.length ?? 0;
  const columns: ScopeColumn[] = [];
  const converted = tuples.map((tuple) => [...tuple]);
  for (let i = 0; i < width; i++) {
    const exprs = tuples.map((tuple) => tuple[i]);
    const type = selectCommonType(cx, exprs, 'VALUES');
    exprs.forEach((expr, row) => {
      converted[row][i] = coerceToCommonType(cx, expr, type, 'VALUES');
    });
    const name = `column${i + 1}`;
    columns.push({
      id: cx.newColumn(name),
      name,
      type,
      typmod: commonTypmod(
        converted.map((tuple) => tuple[i]),
        type,
      ),
      collation: commonCollation(
        cx,
        converted.map((tuple) => tuple[i]),
        type,
      ),
      tableOid: 0,
      columnNumber: 0,
    });
  }
  cx.recorder?.tuples.set(lists, converted);
  return {
    plan: { kind: 'values', tuples: converted, columns: columns.map((column) => column.id), rows: 0, cost: 0 },
    columns,
  };
}
