/**
 * New schemas.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { Task } from '../../util/task.js';
import type { CatalogWriter } from '../catalog-writer.js';
import { giveDefaultPrivileges } from './default-privileges.js';
import { address } from './dependencies.js';
import { recordOwner } from './shared-dependencies.js';

/** Returns the OID. Throws 42P06 when the name is taken. The caller refuses names that begin with `pg_`. */
export function* createNamespace(writer: CatalogWriter, name: string, owner: number): Task<number> {
  if (writer.findOne('pg_namespace_nspname_index', [name]) !== undefined) {
    throw sqlError('duplicate_schema', `schema "${name}" already exists`);
  }
  const oid = writer.allocateOid();
  yield* writer.insert('pg_namespace', { oid, nspname: name, nspowner: owner });
  yield* recordOwner(writer, address('pg_namespace', oid), owner);
  yield* giveDefaultPrivileges(writer, 'n', oid, owner, 0);
  return oid;
}
