/** How pages are stored: blocks, records on top of them, and what is left of either, against a naive model. */
import fc from 'fast-check';
import t from 'tap';
import type { Heap, RowId, Store, Transaction } from '../../src/storage/api.js';
import { binaryForm } from '../../src/storage/binary-form.js';
import { openPersistentStore } from '../../src/storage/open-store.js';
import type { Row } from '../../src/types/datum.js';
import { runTask, type Task } from '../../src/util/task.js';
import { allRows, inTransaction, testSettings } from './support.js';
import { TestDisk, TestKv, TestWal } from './test-disk.js';

const open = (disk: TestDisk, changes = {}): Promise<Store> =>
  openPersistentStore(testSettings({ provider: 'level', ...changes }), {
    kv: new TestKv(disk),
    wal: new TestWal(disk),
    form: binaryForm,
  });

/** Puts other rows in the place of those with the ids; null deletes. */
function* change(tx: Transaction, heap: Heap, ids: readonly RowId[], row: () => Row | null): Task<void> {
  const snapshot = tx.snapshot();
  for (const id of ids) {
    const locked = yield* heap.lockRow(tx, snapshot, id, 'update', 'wait');
    if (locked.status !== 'locked') throw new Error(`row ${id} is ${locked.status}`);
    const next = row();
    if (next === null) heap.delete(tx, id);
    else heap.update(tx, id, next);
  }
  tx.releaseSnapshot(snapshot);
}

async function rowsOf(store: Store, heap: Heap): Promise<Map<RowId, Row>> {
  const tx = store.begin('read committed');
  const rows = await allRows(heap, tx.snapshot());
  tx.rollback();
  return rows;
}

/** Numbers of a heap's blocks, of its rows' records, and of records that only say that a row is gone. */
function stored(disk: TestDisk, heap: number): { blocks: number; rows: number; gone: number } {
  const { gte, lt } = binaryForm.storageRange(heap);
  const found = disk.kv.range({ gte, lt });
  const records = found.filter(([key]) => binaryForm.slotOf(key) >= 0);
  const gone = records.filter(([, value]) => value.length === 0).length;
  return { blocks: found.length - records.length, rows: records.length - gone, gone };
}

async function filled(disk: TestDisk, rows: number): Promise<[Store, Heap, RowId[]]> {
  const store = await open(disk);
  const ids: RowId[] = [];
  const heap = await inTransaction(store, (tx) => {
    const made = store.heap(store.create(tx, 'heap'), { columns: 2 });
    for (let i = 0; i < rows; i++) ids.push(made.insert(tx, [i, `row ${i}`]));
    return made;
  });
  await store.checkpoint();
  return [store, heap, ids];
}

t.test('many new rows are stored as blocks, a few changes as records, many as a block again', async (t) => {
  const disk = new TestDisk();
  const [store, heap, ids] = await filled(disk, 2560);
  const before = stored(disk, heap.id);
  t.ok(before.blocks >= 9 && before.rows < 64, JSON.stringify(before));
  const page = ids.filter((id) => Math.floor(id / 256) === 4);
  const update = async (count: number, text: string): Promise<void> => {
    await inTransaction(store, (tx) => change(tx, heap, page.slice(0, count), () => [1, text]));
    await store.checkpoint();
  };
  await update(10, 'a');
  t.same(stored(disk, heap.id), { ...before, rows: before.rows + 10 });
  await update(100, 'b');
  t.same(stored(disk, heap.id), before, 'records went into the block');
  await store.close();
});

t.test('nothing is left of a page whose rows are all deleted', async (t) => {
  const disk = new TestDisk();
  const [store, heap, ids] = await filled(disk, 1024);
  for (const some of [ids.slice(0, 30), ids.slice(30, 900), ids.slice(900)]) {
    await inTransaction(store, (tx) => change(tx, heap, some, () => null));
    await store.checkpoint();
  }
  t.same(stored(disk, heap.id), { blocks: 0, rows: 0, gone: 0 });
  await store.close();
});

t.test('nothing is left of rows that were stored before a rollback', async (t) => {
  const disk = new TestDisk();
  const store = await open(disk, { writeSetMemory: 20_000 });
  const heap = await inTransaction(store, (tx) => store.heap(store.create(tx, 'heap'), { columns: 2 }));
  const tx = store.begin('read committed');
  for (let i = 0; i < 5000; i++) {
    heap.insert(tx, [i, 'x'.repeat(50)]);
    if (tx.needsSpill) {
      tx.nextCommand();
      await runTask(tx.spill());
    }
  }
  await store.checkpoint();
  t.ok(stored(disk, heap.id).blocks > 10, 'stored early');
  tx.rollback();
  await store.close();
  const again = await open(disk);
  t.equal((await rowsOf(again, again.heap(heap.id, { columns: 2 }))).size, 0);
  await again.close();
  t.same(stored(disk, heap.id), { blocks: 0, rows: 0, gone: 0 });
});

interface Step {
  readonly kind: 'insert' | 'update' | 'delete' | 'checkpoint' | 'crash' | 'close';
  readonly from: number;
  readonly count: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('insert', 'update', 'update', 'delete', 'delete', 'checkpoint', 'crash', 'close'),
  from: fc.nat(1500),
  count: fc.nat(400),
});

t.test('a random history, with crashes, against a map', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), fc.boolean(), async (steps, small) => {
      const disk = new TestDisk();
      const options = small ? { blockCacheSize: 100_000 } : {};
      let store = await open(disk, options);
      const id = (await inTransaction(store, (tx) => store.heap(store.create(tx, 'heap'), { columns: 2 }))).id;
      let heap = store.heap(id, { columns: 2 });
      const model = new Map<RowId, Row>();
      let version = 0;
      for (const { kind, from, count } of steps) {
        const some = [...model.keys()].slice(from, from + count);
        if (kind === 'insert') {
          await inTransaction(store, (tx) => {
            for (let i = 0; i < count + 300; i++) {
              const row = [++version, 'new'];
              model.set(heap.insert(tx, row), row);
            }
          });
        } else if (kind === 'update' || kind === 'delete') {
          const next = some[Symbol.iterator]();
          const row = (): Row | null => {
            const rowId = Number(next.next().value);
            if (kind === 'delete') {
              model.delete(rowId);
              return null;
            }
            const changed: Row = [++version, 'changed'];
            model.set(rowId, changed);
            return changed;
          };
          await inTransaction(store, (tx) => change(tx, heap, some, row));
        } else if (kind === 'checkpoint') await store.checkpoint();
        else {
          if (kind === 'close') await store.close();
          disk.crash(kind === 'close' ? Number.POSITIVE_INFINITY : from % 4);
          store = await open(disk, options);
          heap = store.heap(id, { columns: 2 });
        }
        t.strictSame(await rowsOf(store, heap), new Map([...model].sort(([a], [b]) => a - b)), kind);
        t.equal(heap.rowCount, model.size);
      }
      await store.close();
    }),
    { numRuns: 40 },
  );
});
