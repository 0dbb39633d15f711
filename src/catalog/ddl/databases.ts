/** Rows of pg_database, and what goes with them when a database is dropped. The storages are whose who know the catalogs. */
import { sqlError } from '../../errors/sql-error.js';
import type { PgArray } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import type { CatalogEntry, CatalogWriter } from '../catalog-writer.js';
import { UTF8_ENCODING } from '../encodings.js';
import { CLASS, DEFAULT_TABLESPACE } from '../known-oids.js';
import { setComment } from './comments.js';
import { address } from './dependencies.js';
import { changeOwner, recordOwner } from './shared-dependencies.js';

export interface DatabaseSpec {
  readonly oid: number;
  readonly name: string;
  readonly owner: number;
  readonly collate: string;
  readonly ctype: string;
  readonly isTemplate: boolean;
  readonly allowConnections: boolean;
  readonly connectionLimit: number;
}

export function databaseRow(writer: CatalogWriter, name: string): CatalogEntry | undefined {
  return writer.findOne('pg_database_datname_index', [name]);
}

/** @throws SqlError 3D000 */
export function requiredDatabase(writer: CatalogWriter, name: string): CatalogEntry {
  const row = databaseRow(writer, name);
  if (row !== undefined) return row;
  throw sqlError('undefined_database', `database "${name}" does not exist`);
}

/** @throws SqlError 42P04 */
export function refuseTakenName(writer: CatalogWriter, name: string): void {
  if (databaseRow(writer, name) !== undefined)
    throw sqlError('duplicate_database', `database "${name}" already exists`);
}

export function* insertDatabase(writer: CatalogWriter, spec: DatabaseSpec): Task<void> {
  yield* writer.insert('pg_database', {
    oid: spec.oid,
    datname: spec.name,
    datdba: spec.owner,
    encoding: UTF8_ENCODING,
    datlocprovider: 'c',
    datistemplate: spec.isTemplate,
    datallowconn: spec.allowConnections,
    datconnlimit: spec.connectionLimit,
    datfrozenxid: 716,
    datminmxid: 1,
    dattablespace: DEFAULT_TABLESPACE,
    datcollate: spec.collate,
    datctype: spec.ctype,
  });
  yield* recordOwner(writer, address('pg_database', spec.oid), spec.owner);
}

/** `acl`: the access control list, which names owners too. */
export function* changeDatabaseOwner(
  writer: CatalogWriter,
  row: CatalogEntry,
  owner: number,
  acl: PgArray | null,
): Task<void> {
  yield* writer.update(row, { datdba: owner, datacl: acl });
  yield* changeOwner(writer, address('pg_database', row.number('oid')), owner);
}

/** Removes the row, and all rows of shared tables that are about the database or its objects. */
export function* removeDatabase(writer: CatalogWriter, row: CatalogEntry): Task<void> {
  const oid = row.number('oid');
  yield* setComment(writer, address('pg_database', oid), null);
  yield* writer.deleteAll('pg_db_role_setting_databaseid_rol_index', [oid]);
  yield* writer.deleteAll('pg_shdepend_depender_index', [oid]);
  yield* writer.deleteAll('pg_shdepend_depender_index', [0, CLASS.pg_database, oid]);
  yield* writer.delete(row);
}

/** What the template's objects depend on, the copies depend on as well. */
export function* copyOwners(writer: CatalogWriter, template: number, database: number): Task<void> {
  for (const row of writer.find('pg_shdepend_depender_index', [template])) {
    yield* writer.insert('pg_shdepend', {
      dbid: database,
      classid: row.number('classid'),
      objid: row.number('objid'),
      objsubid: row.number('objsubid'),
      refclassid: row.number('refclassid'),
      refobjid: row.number('refobjid'),
      deptype: row.text('deptype'),
    });
  }
}
