import t from 'tap';
import { bootstrapCatalog } from '../../src/catalog/bootstrap.js';
import { runTask } from '../../src/util/task.js';
import { keyCodecs, memoryStore } from './memory-store.js';
import { openCatalog, PATH } from './open-catalog.js';

t.test('a store of version 2 gets the lists of built-in objects', async (t) => {
  const store = memoryStore();
  const first = await openCatalog(store);
  const transaction = store.begin('read committed');
  const writer = first.writer(transaction);
  await runTask(
    (function* () {
      for (const row of writer.scan('pg_init_privs')) yield* writer.delete(row);
      for (const row of writer.scan('pg_class'))
        if (row.datum('relacl') !== null) yield* writer.update(row, { relacl: null });
      yield* transaction.commit({ synchronous: true });
    })(),
  );
  const version = Buffer.alloc(4);
  version.writeUInt32BE(2, 0);
  store.writeMeta('catalog.bootstrap_version', version);
  t.equal(await runTask(bootstrapCatalog(store, keyCodecs(), { superuser: 'orbit', database: 'actors' })), true);
  const view = (await openCatalog(store)).view(store.begin('read committed'), PATH);
  t.same(view.relationByName('pg_authid', null)?.acl, [{ grantee: 10, grantor: 10, privileges: 127, options: 0 }]);
  t.ok(view.rows('pg_init_privs_o_c_o_index', [1260, 1259]).length === 1);
});
