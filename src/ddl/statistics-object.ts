/** Statistics objects by name, and ALTER STATISTICS … SET STATISTICS. */
import type { AlterStatsStmt, Node } from '@pgsql/types';
import type { CatalogEntry } from '../catalog/catalog-writer.js';
import { address, type ObjectAddress } from '../catalog/ddl/dependencies.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { nameParts, splitName } from '../sql/binder/ast.js';
import type { Task } from '../util/task.js';
import { requireOwner } from './access.js';
import { statisticsTarget } from './column-statistics.js';
import type { DdlContext } from './ddl-context.js';
import { skipMissing } from './skipping.js';

export interface StatisticsObject {
  readonly address: ObjectAddress;
  readonly row: CatalogEntry;
  readonly name: string;
  readonly owner: number;
  readonly namespace: number;
}

/** Objects in temporary schemas are found by their full name only. @throws SqlError 3F000 */
export function tryFindStatistics(cx: DdlContext, parts: readonly string[]): StatisticsObject | undefined {
  const { schema, name } = splitName(parts);
  const view = cx.view();
  let namespaces = view.searchPath.filter((oid) => view.namespace(oid)?.name.startsWith('pg_temp_') === false);
  if (schema === 'pg_temp') namespaces = view.searchPath.filter((oid) => !namespaces.includes(oid));
  else if (schema !== null) {
    const found = view.namespaceByName(schema);
    if (found === undefined) throw sqlError('invalid_schema_name', `schema "${schema}" does not exist`);
    namespaces = [found.oid];
  }
  for (const namespace of namespaces) {
    const row = cx.writer.findOne('pg_statistic_ext_name_index', [name, namespace]);
    if (row === undefined) continue;
    return {
      address: address('pg_statistic_ext', row.number('oid')),
      row,
      name,
      owner: row.number('stxowner'),
      namespace,
    };
  }
  return undefined;
}

export function missingStatistics(parts: readonly string[]): SqlError {
  return sqlError('undefined_object', `statistics object "${parts.join('.')}" does not exist`);
}

/** @throws SqlError 42704, 3F000 */
export function findStatistics(cx: DdlContext, parts: readonly string[]): StatisticsObject {
  const found = tryFindStatistics(cx, parts);
  if (found === undefined) throw missingStatistics(parts);
  return found;
}

/** The object that a node of a statement names, which the user has to own. @throws SqlError 42704, 3F000, 42501 */
export function ownStatistics(cx: DdlContext, node: Node | undefined): StatisticsObject {
  const parts = nameParts(node !== undefined && 'List' in node ? node.List.items : undefined);
  const found = findStatistics(cx, parts);
  requireOwner(cx, found.owner, 'statistics object', parts.join('.'));
  return found;
}

/** For RENAME and SET SCHEMA. @throws SqlError 42710 */
export function requireFreeStatistics(cx: DdlContext, name: string, namespace: number): void {
  if (cx.writer.findOne('pg_statistic_ext_name_index', [name, namespace]) === undefined) return;
  const schema = cx.view().namespace(namespace)?.name ?? '';
  throw sqlError('duplicate_object', `statistics object "${name}" already exists in schema "${schema}"`);
}

export function* alterStatisticsStatement(cx: DdlContext, statement: AlterStatsStmt): Task<string> {
  const target = statisticsTarget(cx, statement.stxstattarget ?? 0);
  const parts = nameParts(statement.defnames);
  const missing = missingStatistics(parts);
  const { schema } = splitName(parts);
  const isNowhere = statement.missing_ok === true && schema !== null && cx.view().namespaceByName(schema) === undefined;
  const found = isNowhere ? undefined : tryFindStatistics(cx, parts);
  if (found === undefined) skipMissing(cx, statement.missing_ok, missing);
  else {
    requireOwner(cx, found.owner, 'statistics object', parts.join('.'));
    yield* cx.writer.update(found.row, { stxstattarget: target });
  }
  return 'ALTER STATISTICS';
}
