/**
 * A read from the KvStore that began before a write-behind round and ends after it must not lose the round's changes.
 */
import t from 'tap';
import type { KvRange } from '../../src/kv/kv-store.js';
import { StoreHeap } from '../../src/storage/heap.js';
import { openPersistentStore } from '../../src/storage/open-store.js';
import { candidates, commit, fetchNow, inTransaction, run, testSettings, updateRow } from './support.js';
import { JSON_FORM, TestDisk, TestKv, TestWal } from './test-disk.js';

/** Looks at once, but gives the result only when the gate opens. */
class GatedKv extends TestKv {
  gate: Promise<void> | null = null;

  constructor(private readonly content: TestDisk) {
    super(content);
  }

  override async range(range: KvRange): Promise<[Buffer, Buffer][]> {
    const result = this.content.kv.range(range);
    await this.gate;
    return result;
  }
}

t.test('changes flushed during a load are in what is loaded', async (t) => {
  const disk = new TestDisk();
  const open = async () => {
    const kv = new GatedKv(disk);
    const parts = { kv, wal: new TestWal(disk), form: JSON_FORM };
    return { kv, store: await openPersistentStore(testSettings({ provider: 'level' }), parts) };
  };
  const first = await open();
  const [heapId, indexId] = await inTransaction(first.store, (tx) => {
    const heap = first.store.heap(first.store.create(tx, 'heap'), { columns: 1 });
    const index = first.store.index(first.store.create(tx, 'index'));
    index.insert(tx, 'a', heap.insert(tx, ['old']));
    return [heap.id, index.id];
  });
  await first.store.close();
  const { kv, store } = await open();
  const heap = store.heap(heapId, { columns: 1 });
  const index = store.index(indexId);
  if (!(heap instanceof StoreHeap)) throw new Error('another heap');

  const writer = store.begin('read committed');
  await run(updateRow(writer, heap, 1, () => ['new']));
  heap.pages[0]?.evict();
  index.insert(writer, 'b', 1);
  let openGate = (): void => {};
  kv.gate = new Promise((resolve) => {
    openGate = resolve;
  });
  const reader = store.begin('read committed');
  const row = fetchNow(store, heap, 1);
  const entries = candidates(index, reader.snapshot());
  await commit(writer);
  await store.checkpoint();
  openGate();
  t.same(await row, ['old'], 'the snapshot was taken before the commit');
  await entries;
  t.same(await fetchNow(store, heap, 1), ['new']);
  t.same(await candidates(index, reader.snapshot()), [
    ['a', 1],
    ['b', 1],
  ]);
  reader.rollback();
  await store.close();
});
