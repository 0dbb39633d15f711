/**
 * Dependencies on roles (pg_shdepend): who owns an object ('o'), and whom its access control list names ('a'). Objects
 * of the cluster (databases, tablespaces, parameters) are recorded without a database.
 */
import type { Task } from '../../util/task.js';
import { type Acl, aclMembers } from '../acl/acl.js';
import type { CatalogEntry, CatalogWriter } from '../catalog-writer.js';
import { CLASS, FIRST_UNPINNED_OID } from '../known-oids.js';
import type { ObjectAddress } from './dependencies.js';

type SharedDependencyType = 'o' | 'a';

/** Records who owns an object. */
export function* recordOwner(writer: CatalogWriter, object: ObjectAddress, role: number): Task<void> {
  yield* record(writer, object, role, 'o');
}

/** Replaces the owner of an object; its privileges are not recorded besides. */
export function* changeOwner(writer: CatalogWriter, object: ObjectAddress, role: number): Task<void> {
  for (const row of recorded(writer, object)) {
    const isOwner = row.text('deptype') === 'o';
    if (isOwner || row.number('refobjid') === role) yield* writer.delete(row);
  }
  yield* recordOwner(writer, object, role);
}

/** Records whom a list names after a change of it. The owner is recorded as such. */
export function* changeGrantees(
  writer: CatalogWriter,
  object: ObjectAddress,
  owner: number,
  before: Acl,
  after: Acl,
): Task<void> {
  const old = aclMembers(before);
  const now = aclMembers(after);
  for (const role of now) if (role !== owner && !old.has(role)) yield* record(writer, object, role, 'a');
  for (const row of recorded(writer, object))
    if (row.text('deptype') === 'a' && !now.has(row.number('refobjid'))) yield* writer.delete(row);
}

/** Forgets what is recorded about a dropped object; of a whole object, also about its columns. */
export function* forgetShared(writer: CatalogWriter, { classId, objectId, subId }: ObjectAddress): Task<void> {
  const key = [databaseOf(writer, classId), classId, objectId];
  yield* writer.deleteAll('pg_shdepend_depender_index', subId === 0 ? key : [...key, subId]);
}

function* record(writer: CatalogWriter, object: ObjectAddress, role: number, type: SharedDependencyType): Task<void> {
  if (role < FIRST_UNPINNED_OID) return;
  yield* writer.insert('pg_shdepend', {
    dbid: databaseOf(writer, object.classId),
    classid: object.classId,
    objid: object.objectId,
    objsubid: object.subId,
    refclassid: CLASS.pg_authid,
    refobjid: role,
    deptype: type,
  });
}

function recorded(writer: CatalogWriter, { classId, objectId, subId }: ObjectAddress): CatalogEntry[] {
  return writer.find('pg_shdepend_depender_index', [databaseOf(writer, classId), classId, objectId, subId]);
}

function databaseOf(writer: CatalogWriter, classId: number): number {
  const shared = classId === CLASS.pg_database || classId === CLASS.pg_tablespace || classId === CLASS.pg_parameter_acl;
  return shared ? 0 : writer.catalog.database;
}
