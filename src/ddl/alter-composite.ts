/**
 * ALTER TYPE … ADD, DROP and ALTER ATTRIBUTE. A composite type has columns but no rows; what stores its values is looked
 * for before fields change (row-type-users.ts). CASCADE concerns typed tables, of which there are none.
 */
import type { ColumnDef } from '@pgsql/types';
import { addColumn, setColumnType } from '../catalog/ddl/alter-relation.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import { columnOf } from './alter-column.js';
import { refuseDependents } from './alter-column-type.js';
import { columnDefinition } from './column-definition.js';
import type { DdlContext } from './ddl-context.js';
import { refuseRowTypeUsers } from './row-type-users.js';

export function* addAttribute(cx: DdlContext, type: RelationDesc, def: ColumnDef): Task<void> {
  const column = columnDefinition(cx, def, type.name);
  refuseOwnMember(cx, type, column.type);
  yield* addColumn(cx.writer, type.oid, { ...column, identity: '', generated: '' });
}

export function* alterAttributeType(cx: DdlContext, type: RelationDesc, name: string, def: ColumnDef): Task<void> {
  const attribute = columnOf(type, name);
  const wanted = columnDefinition(cx, { ...def, colname: name }, type.name);
  refuseOwnMember(cx, type, wanted.type);
  refuseRowTypeUsers(cx, type);
  refuseDependents(cx, type, attribute);
  yield* setColumnType(cx.writer, type.oid, attribute.number, wanted);
}

/** @throws SqlError 42P16 when values of the type would hold values of their own type */
function refuseOwnMember(cx: DdlContext, type: RelationDesc, member: number): void {
  if (!holds(cx, member, type.rowType, new Set())) return;
  throw sqlError('invalid_table_definition', `composite type ${type.name} cannot be made a member of itself`);
}

function holds(cx: DdlContext, outer: number, inner: number, seen: Set<number>): boolean {
  if (outer === inner) return true;
  const type = cx.view().type(outer);
  if (type === undefined || seen.has(outer)) return false;
  seen.add(outer);
  const parts = [type.element, type.baseType];
  if (type.kind === 'c') {
    for (const field of cx.view().relation(type.relation)?.attributes ?? []) if (!field.dropped) parts.push(field.type);
  }
  return parts.some((part) => part !== 0 && holds(cx, part, inner, seen));
}
