/**
 * Brings the catalogs of a store of an earlier release up to date. Version 1 had one database; the others were rows of
 * pg_database that nobody could connect to. Doing it again does no harm.
 */
import type { Task } from '../util/task.js';
import { CatalogWriter } from './catalog-writer.js';
import { CLASS, DATABASE_COMMENTS, POSTGRES, TEMPLATE1 } from './known-oids.js';
import type { SystemAccess } from './system-access.js';
import { relationsOf } from './system-tables.js';

/** From version 1 to 2: the one database becomes the home database, postgres and template1 can be connected to. */
export function* addDatabases(access: SystemAccess): Task<void> {
  const { store, tables } = access;
  for (const name of ['pg_database', 'pg_shdescription']) {
    for (const relation of relationsOf(tables.table(name))) yield* store.pin(relation);
  }
  const transaction = store.begin('read committed');
  try {
    const allocateOid = (): never => {
      throw new Error('no object is made here');
    };
    const writer = new CatalogWriter({ access, database: 0, allocateOid, noteChange: () => undefined }, transaction);
    const rows = writer.scan('pg_database');
    const open = rows.filter((row) => row.boolean('datallowconn')).map((row) => row.number('oid'));
    store.setHomeDatabase(open.find((oid) => oid !== TEMPLATE1 && oid !== POSTGRES) ?? POSTGRES);
    for (const row of rows) {
      if (row.number('oid') === TEMPLATE1 || row.number('oid') === POSTGRES)
        yield* writer.update(row, { datallowconn: true });
    }
    for (const [objoid, description] of DATABASE_COMMENTS) {
      if (writer.findOne('pg_shdescription_o_c_index', [objoid, CLASS.pg_database]) === undefined)
        yield* writer.insert('pg_shdescription', { objoid, classoid: CLASS.pg_database, description });
    }
    yield* transaction.commit({ synchronous: true });
  } finally {
    if (transaction.state === 'active') transaction.rollback();
  }
}
