/**
 * Brings stores of earlier catalog versions to version 3: built-in objects get the access control lists that initdb gives them,
 * which those versions did not keep. Their lists named roles; they were those of the schema public and of templates.
 */
import { PgArray } from '../types/datum.js';
import { ACLITEM } from '../types/oids.js';
import type { Task } from '../util/task.js';
import { CatalogWriter } from './catalog-writer.js';
import type { SystemAccess } from './system-access.js';
import { type JsonValue, readSystemData } from './system-data.js';
import { datumOfJson } from './system-tables.js';

/** Tables with lists of their own, the column of the list, and the index and columns that find a row. */
const LISTS = [
  { table: 'pg_class', acl: 'relacl', index: 'pg_class_oid_index', key: ['oid'] },
  { table: 'pg_proc', acl: 'proacl', index: 'pg_proc_oid_index', key: ['oid'] },
  { table: 'pg_namespace', acl: 'nspacl', index: 'pg_namespace_oid_index', key: ['oid'] },
  {
    table: 'pg_attribute',
    acl: 'attacl',
    index: 'pg_attribute_relid_attnum_index',
    key: ['attrelid', 'attnum'],
  },
] as const;

/** One transaction. */
export function* addInitialPrivileges(access: SystemAccess): Task<void> {
  const transaction = access.store.begin('read committed');
  const writer = new CatalogWriter(
    {
      access,
      database: 0,
      allocateOid: () => {
        throw new Error('lists need no OIDs');
      },
      noteChange: () => undefined,
    },
    transaction,
  );
  try {
    yield* access.pin();
    for (const list of LISTS) yield* fillLists(writer, list);
    const rights = readSystemData('pg_init_privs');
    for (const row of rights.rows)
      yield* writer.insert(
        'pg_init_privs',
        Object.fromEntries(rights.columns.map((name, i) => [name, datumOfJson(row[i], typeOf(access, name))])),
      );
    for (const database of writer.scan('pg_database'))
      if (database.boolean('datistemplate'))
        yield* writer.update(database, { datacl: PgArray.of(ACLITEM, ['0=c/10', '10=CTc/10']) });
    yield* transaction.commit({ synchronous: true });
  } finally {
    if (transaction.state === 'active') transaction.rollback();
  }
}

function typeOf(access: SystemAccess, column: string): number {
  const table = access.tables.table('pg_init_privs');
  return table.columns[table.position(column)].type;
}

function* fillLists(writer: CatalogWriter, list: (typeof LISTS)[number]): Task<void> {
  const facts = readSystemData(list.table);
  const at = (name: string): number => facts.columns.indexOf(name);
  for (const fact of facts.rows) {
    const acl = fact[at(list.acl)];
    if (acl === null) continue;
    const key = list.key.map((name) => Number(fact[at(name)]));
    const row = writer.findOne(list.index, key);
    if (row !== undefined) yield* writer.update(row, { [list.acl]: aclDatum(acl) });
  }
}

function aclDatum(value: JsonValue): PgArray {
  return PgArray.of(ACLITEM, Array.isArray(value) ? value : []);
}
