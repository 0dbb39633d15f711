/**
 * Changes of existing relations: columns added, changed or without their default, new storage, planner statistics.
 * Rewriting stored rows, and checks of them, are the caller's.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { StorageId } from '../../storage/api.js';
import { type Datum, PgArray } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import type { CatalogEntry, CatalogWriter, ColumnValues } from '../catalog-writer.js';
import { CLASS } from '../known-oids.js';
import { addColumnRow, type ColumnSpec } from './create-relation.js';
import { address, recordDependency } from './dependencies.js';
import { removeObject } from './remove-object.js';

/** The pg_class row. Throws an internal error when there is none. */
export function relationRow(writer: CatalogWriter, relation: number): CatalogEntry {
  const row = writer.findOne('pg_class_oid_index', [relation]);
  if (row === undefined) throw new Error(`relation ${relation} does not exist`);
  return row;
}

/** Changes columns of the pg_class row: reltuples, reloptions, relpersistence, … */
export function* updateRelation(writer: CatalogWriter, relation: number, values: ColumnValues): Task<void> {
  yield* writer.update(relationRow(writer, relation), values);
}

/** Puts a relation (or index) on another storage; the old one goes when the transaction commits. */
export function* setStorage(writer: CatalogWriter, relation: number, storage: StorageId): Task<void> {
  const row = relationRow(writer, relation);
  writer.store.drop(writer.transaction, row.number('relfilenode') || relation);
  yield* writer.update(row, { relfilenode: storage });
}

/**
 * ADD COLUMN. `missing` is the value of rows stored before, when that is not NULL. Returns the column's number.
 * Throws 42701 when the relation has a column of that name.
 */
export function* addColumn(
  writer: CatalogWriter,
  relation: number,
  column: ColumnSpec,
  missing: Datum = null,
): Task<number> {
  const row = relationRow(writer, relation);
  if (writer.findOne('pg_attribute_relid_attnam_index', [relation, column.name]) !== undefined) {
    const name = row.text('relname');
    throw sqlError('duplicate_column', `column "${column.name}" of relation "${name}" already exists`);
  }
  const number = row.number('relnatts') + 1;
  const value = missing === null ? null : PgArray.of(column.type, [missing]);
  yield* addColumnRow(writer, relation, number, column, { atthasmissing: value !== null, attmissingval: value });
  yield* writer.update(row, { relnatts: number });
  return number;
}

/** Changes columns of a pg_attribute row: attnotnull, attidentity, attstattarget, … */
export function* updateColumn(
  writer: CatalogWriter,
  relation: number,
  attribute: number,
  values: ColumnValues,
): Task<void> {
  const row = writer.findOne('pg_attribute_relid_attnum_index', [relation, attribute]);
  if (row === undefined) throw new Error(`relation ${relation} has no column ${attribute}`);
  yield* writer.update(row, values);
}

/** ALTER COLUMN TYPE: the column's row and its dependencies on type and collation. */
export function* setColumnType(
  writer: CatalogWriter,
  relation: number,
  attribute: number,
  column: Pick<ColumnSpec, 'type' | 'typmod' | 'collation' | 'dimensions'>,
): Task<void> {
  const type = writer.findOne('pg_type_oid_index', [column.type]);
  if (type === undefined) throw sqlError('undefined_object', `type with OID ${column.type} does not exist`);
  const self = address('pg_class', relation, attribute);
  const old = writer
    .find('pg_depend_depender_index', [self.classId, relation, attribute])
    .filter((row) => row.text('deptype') === 'n');
  for (const row of old) yield* writer.delete(row);
  const collation = column.collation ?? type.number('typcollation');
  yield* updateColumn(writer, relation, attribute, {
    atttypid: column.type,
    atttypmod: column.typmod,
    attndims: column.dimensions ?? 0,
    attlen: type.number('typlen'),
    attbyval: type.boolean('typbyval'),
    attalign: type.text('typalign'),
    attstorage: type.text('typstorage'),
    attcollation: collation,
    atthasmissing: false,
    attmissingval: null,
  });
  yield* recordDependency(writer, self, address('pg_type', column.type), 'n');
  if (collation !== 0) yield* recordDependency(writer, self, address('pg_collation', collation), 'n');
  yield* forgetStatistics(writer, relation, attribute);
}

/** Of the column, and of expressions that indexes have over it. */
function* forgetStatistics(writer: CatalogWriter, relation: number, attribute: number): Task<void> {
  yield* writer.deleteAll('pg_statistic_relid_att_inh_index', [relation, attribute]);
  for (const row of writer.find('pg_depend_reference_index', [CLASS.pg_class, relation, attribute]))
    if (row.number('classid') === CLASS.pg_class)
      yield* writer.deleteAll('pg_statistic_relid_att_inh_index', [row.number('objid')]);
}

/** DROP DEFAULT (or the expression of a generated column). Returns false when the column has none. */
export function* dropDefault(writer: CatalogWriter, relation: number, attribute: number): Task<boolean> {
  const row = writer.findOne('pg_attrdef_adrelid_adnum_index', [relation, attribute]);
  if (row === undefined) return false;
  yield* removeObject(writer, address('pg_attrdef', row.number('oid')));
  return true;
}
