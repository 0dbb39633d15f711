/**
 * Who stores values of a relation's row type: columns of tables and materialized views, directly or inside of arrays,
 * domains, ranges and other composite types. Values are stored with their fields in order, so the fields that they have
 * may not change under them; new ones at the end read as NULL.
 */
import type { RelationDesc } from '../catalog/descriptors.js';
import { CLASS } from '../catalog/known-oids.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import type { DdlContext } from './ddl-context.js';

/** A column that stores values of the type. */
export interface RowTypeUser {
  readonly relation: RelationDesc;
  readonly column: string;
}

/** The first column that stores the relation's row type, undefined when none does. */
export function rowTypeUser(cx: DdlContext, relation: RelationDesc): RowTypeUser | undefined {
  return userOf(cx, relation.rowType, new Set());
}

function userOf(cx: DdlContext, type: number, seen: Set<number>): RowTypeUser | undefined {
  if (type === 0 || seen.has(type)) return undefined;
  seen.add(type);
  for (const row of cx.writer.find('pg_depend_reference_index', [CLASS.pg_type, type])) {
    const object = row.number('objid');
    let found: RowTypeUser | undefined;
    if (row.number('classid') === CLASS.pg_type) found = userOf(cx, object, seen);
    else if (row.number('classid') === CLASS.pg_class && row.number('objsubid') > 0) {
      found = columnUser(cx, object, row.number('objsubid'), seen);
    }
    if (found !== undefined) return found;
  }
  return undefined;
}

function columnUser(cx: DdlContext, oid: number, number: number, seen: Set<number>): RowTypeUser | undefined {
  const relation = cx.view().relation(oid);
  const column = relation?.attributes[number - 1];
  if (relation === undefined || column === undefined || column.dropped) return undefined;
  if (relation.kind === 'r' || relation.kind === 'm') return { relation, column: column.name };
  return userOf(cx, relation.rowType, seen);
}

/** Refuses a change that stored values could not follow. @throws SqlError 0A000 */
export function refuseRowTypeUsers(cx: DdlContext, relation: RelationDesc): void {
  const user = rowTypeUser(cx, relation);
  if (user === undefined) return;
  const column = `column "${user.relation.name}.${user.column}"`;
  throw refusal(
    relation.kind === 'c'
      ? `cannot alter type "${relation.name}" because ${column} uses it`
      : `cannot alter table "${relation.name}" because ${column} uses its row type`,
  );
}

/** PostgreSQL keeps values of dropped fields out of sight, which is not built here. @throws SqlError 0A000 */
export function refuseFieldDrop(cx: DdlContext, relation: RelationDesc, column: string): void {
  const user = rowTypeUser(cx, relation);
  if (user === undefined) return;
  const place = `column "${user.relation.name}.${user.column}"`;
  throw refusal(`dropping "${column}" of a row type that ${place} stores is not supported`);
}

function refusal(message: string): SqlError {
  return sqlError('feature_not_supported', message);
}
