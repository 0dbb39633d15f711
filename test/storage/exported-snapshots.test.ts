/** Exported snapshots: what an importer sees, how long it can be imported, and by whom. */
import t from 'tap';
import type { Store } from '../../src/storage/api.js';
import { allRows, commit, inTransaction, openMemoryStore } from './support.js';

const ID = 20000;

async function storeWithRow(): Promise<{ store: Store; rows: (tx: ReturnType<Store['begin']>) => Promise<number> }> {
  const store = await openMemoryStore();
  const heap = store.heap(ID, { columns: 1 });
  await inTransaction(store, (tx) => heap.insert(tx, [1]));
  return { store, rows: async (tx) => (await allRows(heap, tx.snapshot())).size };
}

t.test('an importer sees what the exporter sees, also after later commits', async (t) => {
  const { store, rows } = await storeWithRow();
  const exporter = store.begin('read committed');
  const id = exporter.exportSnapshot();
  await inTransaction(store, (tx) => store.heap(ID, { columns: 1 }).insert(tx, [2]));
  t.equal(await rows(exporter), 2, 'READ COMMITTED goes on with new snapshots');
  const importer = store.begin('repeatable read');
  importer.importSnapshot(id);
  t.equal(await rows(importer), 1);
  await commit(exporter);
  t.equal(await rows(importer), 1, 'the exporter need not live on');
  const late = store.begin('repeatable read');
  t.throws(() => late.importSnapshot(id), { code: '22023', message: `invalid snapshot identifier: "${id}"` });
  late.rollback();
  importer.rollback();
  await store.close();
});

t.test('SERIALIZABLE imports from SERIALIZABLE only, and read-write from read-write', async (t) => {
  const { store } = await storeWithRow();
  const repeatable = store.begin('repeatable read');
  const readOnly = store.begin('serializable');
  readOnly.readOnly = true;
  const importer = store.begin('serializable');
  t.throws(() => importer.importSnapshot(repeatable.exportSnapshot()), { code: '0A000', message: /non-serializable/ });
  t.throws(() => importer.importSnapshot(readOnly.exportSnapshot()), { code: '0A000', message: /read-only/ });
  for (const tx of [repeatable, readOnly, importer]) tx.rollback();
  await store.close();
});

t.test('two that share a snapshot under SERIALIZABLE cannot skew each other', async (t) => {
  const { store, rows } = await storeWithRow();
  const heap = store.heap(ID, { columns: 1 });
  const exporter = store.begin('serializable');
  const id = exporter.exportSnapshot();
  const importer = store.begin('serializable');
  importer.importSnapshot(id);
  t.equal(await rows(exporter), 1);
  t.equal(await rows(importer), 1);
  heap.insert(exporter, [10]);
  heap.insert(importer, [20]);
  await commit(exporter);
  await t.rejects(commit(importer), { code: '40001' });
  await store.close();
});
