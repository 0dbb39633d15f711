/**
 * Renaming, moving to another schema and changing the owner, for any kind of object: with what belongs to it (row
 * types, array types, indexes, constraints, owned sequences).
 */
import { sqlError } from '../../errors/sql-error.js';
import type { Datum } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import { withOwner } from '../acl/acl.js';
import { aclDatum, aclOf } from '../acl/stored-acl.js';
import type { CatalogEntry, CatalogWriter } from '../catalog-writer.js';
import { CLASS } from '../known-oids.js';
import { arrayTypeName, claimTypeName, findType } from './array-type.js';
import { address, changeReference, type ObjectAddress } from './dependencies.js';
import { changeOwner } from './shared-dependencies.js';

interface Columns {
  /** Index that finds the row by OID. */
  readonly index: string;
  readonly name: string;
  readonly namespace?: string;
  readonly owner?: string;
  readonly acl?: string;
}

const COLUMNS: ReadonlyMap<number, Columns> = new Map<number, Columns>([
  [
    CLASS.pg_class,
    { index: 'pg_class_oid_index', name: 'relname', namespace: 'relnamespace', owner: 'relowner', acl: 'relacl' },
  ],
  [
    CLASS.pg_type,
    { index: 'pg_type_oid_index', name: 'typname', namespace: 'typnamespace', owner: 'typowner', acl: 'typacl' },
  ],
  [
    CLASS.pg_proc,
    { index: 'pg_proc_oid_index', name: 'proname', namespace: 'pronamespace', owner: 'proowner', acl: 'proacl' },
  ],
  [
    CLASS.pg_operator,
    { index: 'pg_operator_oid_index', name: 'oprname', namespace: 'oprnamespace', owner: 'oprowner' },
  ],
  [
    CLASS.pg_collation,
    { index: 'pg_collation_oid_index', name: 'collname', namespace: 'collnamespace', owner: 'collowner' },
  ],
  [
    CLASS.pg_statistic_ext,
    { index: 'pg_statistic_ext_oid_index', name: 'stxname', namespace: 'stxnamespace', owner: 'stxowner' },
  ],
  [CLASS.pg_namespace, { index: 'pg_namespace_oid_index', name: 'nspname', owner: 'nspowner', acl: 'nspacl' }],
  [CLASS.pg_database, { index: 'pg_database_oid_index', name: 'datname', owner: 'datdba', acl: 'datacl' }],
  [CLASS.pg_constraint, { index: 'pg_constraint_oid_index', name: 'conname', namespace: 'connamespace' }],
  [CLASS.pg_trigger, { index: 'pg_trigger_oid_index', name: 'tgname' }],
  [CLASS.pg_policy, { index: 'pg_policy_oid_index', name: 'polname' }],
  [CLASS.pg_rewrite, { index: 'pg_rewrite_oid_index', name: 'rulename' }],
]);

function rowOf(
  writer: CatalogWriter,
  object: ObjectAddress,
): { readonly row: CatalogEntry; readonly columns: Columns } {
  const columns = COLUMNS.get(object.classId);
  if (columns === undefined) throw new Error(`objects of system table ${object.classId} cannot be altered`);
  const row = writer.findOne(columns.index, [object.objectId]);
  if (row === undefined)
    throw sqlError('undefined_object', `object ${object.classId}/${object.objectId} does not exist`);
  return { row, columns };
}

/**
 * Gives an object (or a column, `subId`) another name. Row types and array types follow. Throws 42P07, 42710 or
 * 42P06 when the name is taken. A constraint with an index renames that too, and the other way round.
 */
export function* renameObject(writer: CatalogWriter, object: ObjectAddress, name: string): Task<void> {
  if (object.subId !== 0) {
    yield* renameColumn(writer, object, name);
    return;
  }
  const { row, columns } = rowOf(writer, object);
  checkName(writer, object, row, name);
  if (object.classId === CLASS.pg_type) yield* renameType(writer, row, name);
  else yield* writer.update(row, { [columns.name]: name });
  if (object.classId === CLASS.pg_class) {
    const rowType = row.number('reltype');
    const type = rowType === 0 ? undefined : writer.findOne('pg_type_oid_index', [rowType]);
    if (type !== undefined) yield* renameType(writer, type, name);
    if (row.text('relkind') === 'i') yield* renameConstraintOf(writer, object, name);
  }
  if (object.classId === CLASS.pg_constraint && row.number('conindid') !== 0 && row.text('contype') !== 'f') {
    const index = writer.findOne('pg_class_oid_index', [row.number('conindid')]);
    if (index !== undefined && index.text('relname') !== name) yield* writer.update(index, { relname: name });
  }
}

function checkName(writer: CatalogWriter, object: ObjectAddress, row: CatalogEntry, name: string): void {
  if (object.classId === CLASS.pg_class) {
    if (writer.findOne('pg_class_relname_nsp_index', [name, row.number('relnamespace')]) !== undefined) {
      throw sqlError('duplicate_table', `relation "${name}" already exists`);
    }
  } else if (object.classId === CLASS.pg_namespace) {
    if (writer.findOne('pg_namespace_nspname_index', [name]) !== undefined) {
      throw sqlError('duplicate_schema', `schema "${name}" already exists`);
    }
  } else if (object.classId === CLASS.pg_constraint) {
    const key = [row.number('conrelid'), row.number('contypid'), name];
    if (writer.findOne('pg_constraint_conrelid_contypid_conname_index', key) !== undefined) {
      const table = writer.findOne('pg_class_oid_index', [row.number('conrelid')])?.text('relname') ?? '';
      throw sqlError('duplicate_object', `constraint "${name}" for relation "${table}" already exists`);
    }
  }
}

function* renameColumn(writer: CatalogWriter, { objectId, subId }: ObjectAddress, name: string): Task<void> {
  const column = writer.findOne('pg_attribute_relid_attnum_index', [objectId, subId]);
  if (column === undefined) throw sqlError('undefined_column', `column ${subId} does not exist`);
  if (writer.findOne('pg_attribute_relid_attnam_index', [objectId, name]) !== undefined) {
    const table = writer.findOne('pg_class_oid_index', [objectId])?.text('relname') ?? '';
    throw sqlError('duplicate_column', `column "${name}" of relation "${table}" already exists`);
  }
  yield* writer.update(column, { attname: name });
}

function* renameType(writer: CatalogWriter, type: CatalogEntry, name: string): Task<void> {
  const namespace = type.number('typnamespace');
  const taken = findType(writer, name, namespace);
  if (taken?.number('oid') !== type.number('oid')) yield* claimTypeName(writer, name, namespace);
  const current = writer.findOne('pg_type_oid_index', [type.number('oid')]) ?? type;
  yield* writer.update(current, { typname: name });
  const array = writer.findOne('pg_type_oid_index', [type.number('typarray')]);
  if (array !== undefined) yield* writer.update(array, { typname: arrayTypeName(writer, name, namespace) });
  if (type.text('typtype') !== 'c') return;
  const relation = writer.findOne('pg_class_oid_index', [type.number('typrelid')]);
  if (relation?.text('relkind') === 'c' && relation.text('relname') !== name) {
    yield* writer.update(relation, { relname: name });
  }
}

/** The constraint that an index implements has its name. */
function* renameConstraintOf(writer: CatalogWriter, index: ObjectAddress, name: string): Task<void> {
  const owner = writer
    .find('pg_depend_depender_index', [index.classId, index.objectId])
    .find((row) => row.text('deptype') === 'i' && row.number('refclassid') === CLASS.pg_constraint);
  if (owner === undefined) return;
  const constraint = writer.findOne('pg_constraint_oid_index', [owner.number('refobjid')]);
  if (constraint !== undefined) yield* writer.update(constraint, { conname: name });
}

/** Moves an object to another schema, with its types, indexes, constraints and owned sequences. */
export function* setObjectNamespace(writer: CatalogWriter, object: ObjectAddress, namespace: number): Task<void> {
  const { row, columns } = rowOf(writer, object);
  if (columns.namespace === undefined) throw new Error('the object is in no schema');
  const from = row.number(columns.namespace);
  if (from === namespace) return;
  if (object.classId === CLASS.pg_class) {
    const name = row.text('relname');
    if (writer.findOne('pg_class_relname_nsp_index', [name, namespace]) !== undefined) {
      const schema = writer.findOne('pg_namespace_oid_index', [namespace])?.text('nspname') ?? '';
      throw sqlError('duplicate_table', `relation "${name}" already exists in schema "${schema}"`);
    }
  }
  yield* writer.update(row, { [columns.namespace]: namespace });
  yield* changeReference(writer, object, address('pg_namespace', from), address('pg_namespace', namespace));
  for (const part of partsOf(writer, object, row)) yield* setObjectNamespace(writer, part, namespace);
}

/** What moves with an object. */
function partsOf(writer: CatalogWriter, object: ObjectAddress, row: CatalogEntry): ObjectAddress[] {
  const parts: ObjectAddress[] = [];
  if (object.classId === CLASS.pg_class) {
    if (row.number('reltype') !== 0 && row.text('relkind') !== 'c')
      parts.push(address('pg_type', row.number('reltype')));
    for (const index of writer.find('pg_index_indrelid_index', [object.objectId])) {
      parts.push(address('pg_class', index.number('indexrelid')));
    }
    for (const constraint of writer.find('pg_constraint_conrelid_contypid_conname_index', [object.objectId])) {
      parts.push(address('pg_constraint', constraint.number('oid')));
    }
    for (const sequence of ownedSequences(writer, object.objectId)) parts.push(address('pg_class', sequence));
  } else if (object.classId === CLASS.pg_type) {
    if (row.number('typarray') !== 0) parts.push(address('pg_type', row.number('typarray')));
    const relation = writer.findOne('pg_class_oid_index', [row.number('typrelid')]);
    if (relation?.text('relkind') === 'c') parts.push(address('pg_class', relation.number('oid')));
  }
  return parts;
}

/** Sequences that belong to columns of a table. */
export function ownedSequences(writer: CatalogWriter, relation: number): number[] {
  return writer
    .find('pg_depend_reference_index', [CLASS.pg_class, relation])
    .filter((row) => row.number('classid') === CLASS.pg_class && row.number('refobjsubid') > 0)
    .map((row) => row.number('objid'))
    .filter((oid) => writer.findOne('pg_class_oid_index', [oid])?.text('relkind') === 'S');
}

/**
 * Gives an object another owner, with its indexes, types and owned sequences. What the old owner had and gave by access
 * control lists, those of columns included, is the new one's.
 */
export function* setObjectOwner(writer: CatalogWriter, object: ObjectAddress, role: number): Task<void> {
  const { row, columns } = rowOf(writer, object);
  if (columns.owner === undefined) return;
  const from = row.number(columns.owner);
  yield* writer.update(row, { [columns.owner]: role, ...aclUnder(row, columns.acl, from, role) });
  if (object.classId === CLASS.pg_class) yield* setColumnsOwner(writer, object.objectId, from, role);
  const isPart =
    (object.classId === CLASS.pg_type && (row.number('typelem') !== 0 || row.text('typtype') === 'c')) ||
    (object.classId === CLASS.pg_class && 'iIc'.includes(row.text('relkind')));
  if (!isPart || isCompositeType(writer, object, row)) yield* changeOwner(writer, object, role);
  for (const part of partsOf(writer, object, row)) yield* setObjectOwner(writer, part, role);
}

function aclUnder(row: CatalogEntry, column: string | undefined, from: number, to: number): Record<string, Datum> {
  const acl = column === undefined ? null : aclOf(row.datum(column));
  return column === undefined || acl === null ? {} : { [column]: aclDatum(withOwner(acl, from, to)) };
}

function* setColumnsOwner(writer: CatalogWriter, relation: number, from: number, to: number): Task<void> {
  for (const column of writer.find('pg_attribute_relid_attnum_index', [relation])) {
    const values = aclUnder(column, 'attacl', from, to);
    if (Object.keys(values).length > 0) yield* writer.update(column, values);
  }
}

function isCompositeType(writer: CatalogWriter, object: ObjectAddress, row: CatalogEntry): boolean {
  if (object.classId !== CLASS.pg_type || row.text('typtype') !== 'c') return false;
  return writer.findOne('pg_class_oid_index', [row.number('typrelid')])?.text('relkind') === 'c';
}
