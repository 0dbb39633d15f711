/** A view as the target of a statement that its INSTEAD OF triggers carry out: the rows that its query gives. */
import type { Alias } from '@pgsql/types';
import type { RelationDesc } from '../../catalog/descriptors.js';
import type { TableAccess } from '../plan/plan-access.js';
import type { BindContext } from './bind-context.js';
import { renameColumns } from './from-item.js';
import { relationTable, type ScopeColumn } from './scope.js';
import type { TableSource } from './table-source.js';
import { bindViewQuery } from './view-query.js';

/** Rows of views have no ids. */
const NO_COLUMN = -1;

export function bindViewSource(
  cx: BindContext,
  view: RelationDesc,
  alias: string,
  aliasNode: Alias | undefined,
  access: TableAccess,
): TableSource {
  const query = bindViewQuery(cx, view);
  const all = query.columns.map(
    (column, i): ScopeColumn => ({
      ...column,
      name: view.attributes[i].name,
      tableOid: view.oid,
      columnNumber: i + 1,
    }),
  );
  cx.access.expose(access, all);
  const columns = renameColumns(cx, all, aliasNode, alias);
  return {
    relation: view,
    access,
    allColumns: all,
    systemColumn: () => NO_COLUMN,
    tables: [relationTable(alias, view, columns)],
    columns,
    build: () => query.plan,
  };
}
