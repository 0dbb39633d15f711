/** CREATE TYPE (enums, composite types), ALTER TYPE … ADD VALUE and RENAME VALUE. */
import type { AlterEnumStmt, CompositeTypeStmt, CreateEnumStmt, Node } from '@pgsql/types';
import { addEnumLabel, createComposite, createEnum } from '../catalog/ddl/create-type.js';
import { sqlError } from '../errors/sql-error.js';
import { nameParts, splitName } from '../sql/binder/ast.js';
import type { Task } from '../util/task.js';
import { requireTypeOwner } from './access.js';
import { columnDefinition } from './column-definition.js';
import type { DdlContext } from './ddl-context.js';
import { creationNamespace, creationPlace } from './relation-names.js';
import { withReprint } from './reprint.js';
import { skipExisting } from './skipping.js';
import { typeByParts } from './type-names.js';

/** Schema and name of a new type. */
export function* typePlace(
  cx: DdlContext,
  nodes: readonly Node[] | undefined,
): Task<{ namespace: number; name: string }> {
  const { schema, name } = splitName(nameParts(nodes));
  return { namespace: yield* creationNamespace(cx, schema, name), name };
}

export function* createEnumStatement(cx: DdlContext, statement: CreateEnumStmt): Task<string> {
  const place = yield* typePlace(cx, statement.typeName);
  yield* createEnum(cx.writer, { ...place, owner: cx.role }, nameParts(statement.vals));
  return 'CREATE TYPE';
}

export function* createCompositeStatement(cx: DdlContext, statement: CompositeTypeStmt): Task<string> {
  const range = statement.typevar ?? {};
  const { namespace } = yield* creationPlace(cx, range);
  const name = range.relname ?? '';
  const columns = (statement.coldeflist ?? []).flatMap((node) =>
    'ColumnDef' in node ? [columnDefinition(cx, node.ColumnDef, name)] : [],
  );
  const seen = new Set<string>();
  for (const column of columns) {
    if (seen.has(column.name)) throw sqlError('duplicate_column', `column "${column.name}" specified more than once`);
    seen.add(column.name);
  }
  const specs = columns.map((column) => ({
    name: column.name,
    type: column.type,
    typmod: column.typmod,
    collation: column.collation,
    dimensions: column.dimensions,
  }));
  yield* createComposite(cx.writer, { name, namespace, owner: cx.role }, specs);
  return 'CREATE TYPE';
}

export function* alterEnumStatement(cx: DdlContext, statement: AlterEnumStmt): Task<string> {
  const parts = nameParts(statement.typeName);
  const type = typeByParts(cx, parts);
  if (type.kind !== 'e') throw sqlError('wrong_object_type', `${cx.bindContext().formatType(type.oid)} is not an enum`);
  requireTypeOwner(cx, type);
  const label = statement.newVal ?? '';
  if (statement.oldVal !== undefined) {
    const { oldVal } = statement;
    yield* withReprint(cx, oldVal, () => renameLabel(cx, type.oid, oldVal, label));
    return 'ALTER TYPE';
  }
  if (
    cx
      .view()
      .enumValues(type.oid)
      .some((value) => value.label === label)
  ) {
    const error = sqlError('duplicate_object', `enum label "${label}" already exists`);
    skipExisting(cx, statement.skipIfNewValExists, error);
    return 'ALTER TYPE';
  }
  yield* addEnumLabel(cx.writer, type.oid, label, sortOrder(cx, type.oid, statement));
  return 'ALTER TYPE';
}

/** A place at the end, or between two neighbours. */
function sortOrder(cx: DdlContext, type: number, statement: AlterEnumStmt): number {
  const values = [...cx.view().enumValues(type)].sort((a, b) => a.sortOrder - b.sortOrder);
  const neighbor = statement.newValNeighbor;
  if (neighbor === undefined) return (values.at(-1)?.sortOrder ?? 0) + 1;
  const at = values.findIndex((value) => value.label === neighbor);
  if (at < 0) throw sqlError('invalid_parameter_value', `"${neighbor}" is not an existing enum label`);
  const own = values[at].sortOrder;
  const next = values[statement.newValIsAfter ? at + 1 : at - 1]?.sortOrder;
  if (next === undefined) return own + (statement.newValIsAfter ? 1 : -1);
  return Math.fround((own + next) / 2);
}

function* renameLabel(cx: DdlContext, type: number, from: string, to: string): Task<void> {
  const row = cx.writer.findOne('pg_enum_typid_label_index', [type, from]);
  if (row === undefined) throw sqlError('invalid_parameter_value', `"${from}" is not an existing enum label`);
  if (cx.writer.findOne('pg_enum_typid_label_index', [type, to]) !== undefined) {
    throw sqlError('duplicate_object', `enum label "${to}" already exists`);
  }
  yield* cx.writer.update(row, { enumlabel: to });
}
