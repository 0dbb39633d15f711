/** While the log has no space, commits fail with 53100 and leave nothing; reading goes on, and so does writing later. */
import t from 'tap';
import { openPersistentStore } from '../../src/storage/open-store.js';
import { allRows, inTransaction, testSettings } from './support.js';
import { JSON_FORM, TestDisk, TestKv, TestWal } from './test-disk.js';

t.test('a full disk', async (t) => {
  const disk = new TestDisk();
  const wal = new TestWal(disk);
  const store = await openPersistentStore(testSettings({ provider: 'level' }), {
    kv: new TestKv(disk),
    wal,
    form: JSON_FORM,
  });
  const id = store.allocateStorageId();
  const heap = store.heap(id, { columns: 1 });
  const insert = (value: string): Promise<number> => inTransaction(store, (tx) => heap.insert(tx, [value]));
  const values = async (): Promise<unknown[]> => {
    const reader = store.begin('read committed');
    const rows = await allRows(heap, reader.latest());
    reader.rollback();
    return [...rows.values()].map(([value]) => value);
  };
  await insert('before');
  wal.shortage = { of: 'space', file: '/data/wal/new-7' };
  await t.rejects(insert('refused'), {
    code: '53100',
    message: 'could not write to file "/data/wal/new-7": No space left on device',
  });
  t.same(await values(), ['before'], 'readable, without what was refused');
  wal.shortage = null;
  await insert('after');
  t.same(await values(), ['before', 'after']);
  await store.close();
});

t.test('a full disk below the store', async (t) => {
  const disk = new TestDisk();
  const kv = new TestKv(disk);
  const settings = testSettings({ provider: 'level', dataDir: '/data' });
  let store = await openPersistentStore(settings, { kv, wal: new TestWal(disk), form: JSON_FORM });
  const id = store.allocateStorageId();
  const insert = (value: string): Promise<number> =>
    inTransaction(store, (tx) => store.heap(id, { columns: 1 }).insert(tx, [value]));
  const values = async (): Promise<unknown[]> => {
    const reader = store.begin('read committed');
    const rows = await allRows(store.heap(id, { columns: 1 }), reader.latest());
    reader.rollback();
    return [...rows.values()].map(([value]) => value);
  };
  await insert('before');
  kv.full = true;
  await insert('on its way');
  const message = 'could not write to file "/data/store": No space left on device';
  // The background round meets it.
  while (kv.refused === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await t.rejects(insert('refused'), { code: '53100', message });
  t.same(await values(), ['before', 'on its way'], 'readable, without what was refused');
  kv.full = false;
  while (kv.resumed === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await insert('after');
  await store.close();
  disk.crash(0);
  store = await openPersistentStore(settings, { kv: new TestKv(disk), wal: new TestWal(disk), form: JSON_FORM });
  t.same(await values(), ['before', 'on its way', 'after']);
  await store.close();
});
