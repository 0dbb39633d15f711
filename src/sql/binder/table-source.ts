/** Relations: finding them by name, their columns, and the scan of one. */
import type { Alias, RangeVar } from '@pgsql/types';
import type { RelationDesc } from '../../catalog/descriptors.js';
import type { TableAccess } from '../plan/plan-access.js';
import type { SystemColumn } from '../plan/plan-node.js';
import { readColumn } from './access-recorder.js';
import type { BindContext } from './bind-context.js';
import { namespaceOid } from './bind-function-call.js';
import { type FromItem, renameColumns } from './from-item.js';
import { requireUsage } from './schema-usage.js';
import { attributeColumns, relationTable, type ScopeColumn, type ScopeTable, withoutDropped } from './scope.js';
import { systemColumns } from './system-columns.js';

/** @throws SqlError 42P01, 3F000 with the position of the name */
export function findRelation(cx: BindContext, range: RangeVar): RelationDesc {
  const name = range.relname ?? '';
  if (range.catalogname !== undefined && range.catalogname !== '' && range.catalogname !== cx.services.database) {
    throw cx.error(
      'feature_not_supported',
      `cross-database references are not implemented: "${range.catalogname}.${range.schemaname}.${name}"`,
      range.location,
    );
  }
  const schema = range.schemaname ?? null;
  if (schema !== null && cx.catalog.namespaceByName(schema) === undefined) {
    throw cx.error('undefined_table', `relation "${schema}.${name}" does not exist`, range.location);
  }
  const namespace = namespaceOid(cx, schema, range.location ?? -1);
  if (namespace !== null) requireUsage(cx, namespace, range.location);
  const relation = cx.catalog.relationByName(name, namespace);
  if (relation === undefined) {
    const shown = schema === null ? name : `${schema}.${name}`;
    const fields =
      schema === null && cx.laterCtes.has(name)
        ? {
            detail: `There is a WITH item named "${name}", but it cannot be referenced from this part of the query.`,
            hint: 'Use WITH RECURSIVE, or re-order the WITH items to remove forward references.',
          }
        : {};
    throw cx.error('undefined_table', `relation "${shown}" does not exist`, range.location, fields);
  }
  return relation;
}

/** Columns of a relation under fresh ids, one per attribute; the visible ones leave dropped attributes out. */
export function relationColumns(
  cx: BindContext,
  relation: RelationDesc,
): { all: ScopeColumn[]; visible: ScopeColumn[] } {
  const ids = relation.attributes.map((attribute) => cx.newColumn(attribute.name));
  const all = attributeColumns(relation, ids);
  return { all, visible: withoutDropped(relation, all) };
}

/** Nothing can be granted on a system column by itself. */
const SYSTEM_COLUMN = -1;

/** A scan whose system columns can still be asked for. */
export interface TableSource extends FromItem {
  readonly relation: RelationDesc;
  /** What the statement does with it. */
  readonly access: TableAccess;
  readonly allColumns: readonly ScopeColumn[];
  systemColumn(column: SystemColumn): number;
}

export function bindTableSource(
  cx: BindContext,
  relation: RelationDesc,
  alias: string,
  aliasNode: Alias | undefined,
  access: TableAccess,
): TableSource {
  const { all, visible } = relationColumns(cx, relation);
  const { system, systemIds, systemColumn } = systemColumns(cx);
  cx.access.expose(access, all);
  const columns = renameColumns(cx, visible, aliasNode, alias);
  const table: ScopeTable = {
    ...relationTable(alias, relation, columns),
    schema: aliasNode === undefined ? (cx.catalog.namespace(relation.namespace)?.name ?? null) : null,
    system: (column) => {
      if (column !== 'row id') readColumn(access, SYSTEM_COLUMN);
      return systemColumn(column);
    },
  };
  return {
    relation,
    access,
    allColumns: all,
    systemColumn,
    tables: [table],
    columns,
    build: () => ({
      kind: 'seq scan',
      relation,
      alias,
      system,
      filter: null,
      columns: [...all.map((column) => column.id), ...systemIds],
      rows: 0,
      cost: 0,
    }),
  };
}
