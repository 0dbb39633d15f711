/** Prepared transactions whose updates and deletes do not fit into memory, before and after a restart. */
import t from 'tap';
import type { Heap, Index, Store, Transaction } from '../../../src/storage/api.js';
import { binaryForm } from '../../../src/storage/binary-form.js';
import { openPersistentStore } from '../../../src/storage/open-store.js';
import { storeTransaction } from '../../../src/storage/transaction.js';
import type { Row } from '../../../src/types/datum.js';
import { allRows, candidates, inTransaction, run, testSettings, updateRow } from '../support.js';
import { TestDisk, TestKv, TestWal } from '../test-disk.js';

const ROWS = 2000;
const LITTLE = { writeSetMemory: 100, changeSetMemory: 3200, blockCacheSize: 100_000 };
const dataDir = t.testdir();
const keyOf = (row: Row) => String(row[0]).padStart(8, '0');

interface Table {
  readonly store: Store;
  readonly heap: Heap;
  readonly index: Index;
}

async function open(disk: TestDisk, ids: readonly number[]): Promise<Table> {
  const store = await openPersistentStore(testSettings({ provider: 'level', ...LITTLE, dataDir }), {
    kv: new TestKv(disk),
    wal: new TestWal(disk),
    form: binaryForm,
  });
  const index = store.index(ids[1]);
  index.heap = ids[0];
  return { store, heap: store.heap(ids[0], { columns: 2 }), index };
}

async function make(disk: TestDisk): Promise<readonly number[]> {
  const { store } = await open(disk, [20_000, 20_001]);
  const ids = await inTransaction(store, (tx) => {
    const [heap, index] = [
      store.heap(store.create(tx, 'heap'), { columns: 2 }),
      store.index(store.create(tx, 'index')),
    ];
    for (let i = 1; i <= ROWS; i++) index.insert(tx, keyOf([i]), heap.insert(tx, [i, 'old']));
    return [heap.id, index.id];
  });
  await store.close();
  return ids;
}

/** Changes the keys of two thirds of the rows, and deletes the others. */
async function change({ heap, index }: Table, tx: Transaction): Promise<void> {
  const rows = await allRows(heap, tx.latest());
  for (const [rowId, [number]] of rows) {
    if (Number(number) % 3 > 0) {
      const row = [Number(number) + 50_000, 'new'];
      await run(updateRow(tx, heap, rowId, () => row));
      index.insert(tx, keyOf(row), rowId);
    } else {
      await run(heap.lockRow(tx, tx.latest(), rowId, 'update', 'wait'));
      heap.delete(tx, rowId);
    }
    index.delete(tx, keyOf([number]), rowId);
    if (tx.needsSpill) await run(tx.spill());
  }
}

async function keys({ store, heap, index }: Table): Promise<string[]> {
  const tx = store.begin('read committed');
  const snapshot = tx.snapshot();
  const inHeap = [...(await allRows(heap, snapshot)).values()].map((row) => `${keyOf(row)} ${row[1]}`).sort();
  const inIndex: string[] = [];
  for (const [key, rowId] of await candidates(index, snapshot)) {
    const row = await run(heap.fetch(snapshot, rowId));
    if (row !== null && keyOf(row) === key) inIndex.push(`${key} ${row[1]}`);
  }
  tx.rollback();
  if (inHeap.join() !== inIndex.sort().join()) throw new Error('heap and index differ');
  if (heap.rowCount !== inHeap.length) throw new Error(`${inHeap.length} rows, counted ${heap.rowCount}`);
  return inHeap;
}

for (const how of ['crash', 'close'] as const) {
  for (const checkpoint of [false, true]) {
    for (const end of ['commit', 'rollback'] as const) {
      t.test(`${how}, ${checkpoint ? 'a' : 'no'} checkpoint, ${end}`, async (t) => {
        const disk = new TestDisk();
        const ids = await make(disk);
        let table = await open(disk, ids);
        const again = async (): Promise<void> => {
          if (how === 'close') await table.store.close();
          disk.crash(how === 'close' ? 1000 : 2);
          table = await open(disk, ids);
        };
        const before = await keys(table);
        const tx = table.store.begin('read committed');
        await change(table, tx);
        t.ok(storeTransaction(tx).aside, 'changes are in a file');
        await run(table.store.twoPhase.prepare(tx, { gid: 'x', owner: 10, preparedAt: 1, limit: 9 }));
        t.same(await keys(table), before);
        if (checkpoint) await table.store.checkpoint();
        for (let restarts = 0; restarts < 2; restarts++) {
          await again();
          t.same(await keys(table), before);
          const [restored] = table.store.twoPhase.transactions();
          t.ok(storeTransaction(restored).aside, 'they are in a file again');
          const other = table.store.begin('read committed');
          for (const rowId of [1, 3, 200]) {
            const { status } = await run(table.heap.lockRow(other, other.latest(), rowId, 'update', 'nowait'));
            t.equal(status, 'unavailable');
          }
          other.rollback();
        }
        await run(table.store.twoPhase.take('x')[end]());
        const after = await keys(table);
        if (end === 'rollback') t.same(after, before);
        else t.equal(after.filter((key) => key.endsWith('new')).length, after.length);
        t.equal(after.length, end === 'rollback' ? ROWS : ROWS - Math.floor(ROWS / 3));
        for (let restarts = 0; restarts < 2; restarts++) {
          await again();
          t.same(await keys(table), after);
        }
        await table.store.close();
      });
    }
  }
}
