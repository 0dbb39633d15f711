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
  wal.fullFile = '/data/wal/new-7';
  await t.rejects(insert('refused'), {
    code: '53100',
    message: 'could not write to file "/data/wal/new-7": No space left on device',
  });
  t.same(await values(), ['before'], 'readable, without what was refused');
  wal.fullFile = null;
  await insert('after');
  t.same(await values(), ['before', 'after']);
  await store.close();
});
