/**
 * Brings stores of earlier catalog versions to this version: the queries of all system views, in every database, are replaced by
 * those of this release. Doing it again does no harm.
 */
import type { Transaction } from '../storage/api.js';
import type { Task } from '../util/task.js';
import { CatalogWriter } from './catalog-writer.js';
import { DatabaseMap } from './database-map.js';
import { SystemAccess } from './system-access.js';
import { systemViewQueries } from './system-views/index.js';

const RETURN_RULE = '_RETURN';

/** One transaction. `home`: the system tables of the home database. */
export function* refreshViews(home: SystemAccess): Task<void> {
  const { store, tables, codecs } = home;
  const map = new DatabaseMap(store);
  yield* map.pin();
  yield* home.pin();
  const transaction = store.begin('read committed');
  try {
    yield* replaceQueries(home, transaction);
    for (const row of home.scan(transaction, tables.table('pg_database'))) {
      const oid = Number(row.row[tables.table('pg_database').position('oid')]);
      const storages = map.read(transaction, oid);
      if (storages === null) continue;
      const access = new SystemAccess(store, tables, codecs, (relation) =>
        tables.sharedRelations.has(relation) ? relation : storages.get(relation),
      );
      yield* access.pin();
      yield* replaceQueries(access, transaction);
      access.unpin();
    }
    yield* transaction.commit({ synchronous: true });
  } finally {
    if (transaction.state === 'active') transaction.rollback();
  }
}

function* replaceQueries(access: SystemAccess, transaction: Transaction): Task<void> {
  const allocateOid = (): never => {
    throw new Error('queries of views need no OIDs');
  };
  const writer = new CatalogWriter({ access, database: 0, allocateOid, noteChange: () => undefined }, transaction);
  for (const [view, query] of systemViewQueries()) {
    const rule = writer.findOne('pg_rewrite_rel_rulename_index', [view, RETURN_RULE]);
    if (rule !== undefined && rule.textOrNull('ev_action') !== query) yield* writer.update(rule, { ev_action: query });
  }
}
