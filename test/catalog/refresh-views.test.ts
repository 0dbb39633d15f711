import t from 'tap';
import { bootstrapCatalog } from '../../src/catalog/bootstrap.js';
import { runTask } from '../../src/util/task.js';
import { keyCodecs, memoryStore } from './memory-store.js';
import { openCatalog, PATH } from './open-catalog.js';

t.test('a store of version 3 gets the queries of system views that this release has', async (t) => {
  const store = memoryStore();
  const first = await openCatalog(store);
  const transaction = store.begin('read committed');
  const current = first.view(transaction, PATH).relationByName('pg_stats', null)?.viewQuery;
  const writer = first.writer(transaction);
  await runTask(
    (function* () {
      for (const row of writer.scan('pg_rewrite')) yield* writer.update(row, { ev_action: 'SELECT 1' });
      yield* transaction.commit({ synchronous: true });
    })(),
  );
  const version = Buffer.alloc(4);
  version.writeUInt32BE(3, 0);
  store.writeMeta('catalog.bootstrap_version', version);
  t.equal(await runTask(bootstrapCatalog(store, keyCodecs(), { superuser: 'orbit', database: 'actors' })), true);
  const view = (await openCatalog(store)).view(store.begin('read committed'), PATH);
  t.match(current, /has_column_privilege/);
  t.equal(view.relationByName('pg_stats', null)?.viewQuery, current);
  t.equal(await runTask(bootstrapCatalog(store, keyCodecs(), { superuser: 'orbit', database: 'actors' })), false);
});
