/** Readers are in conflict with what a serializable transaction has put out of memory, and not with the rest of its indexes. */
import t from 'tap';
import type { Heap, Index, RowId, Store, Transaction } from '../../../src/storage/api.js';
import { binaryForm } from '../../../src/storage/binary-form.js';
import { openPersistentStore } from '../../../src/storage/open-store.js';
import { type StoreTransaction, storeTransaction } from '../../../src/storage/transaction.js';
import { runTask, type Task } from '../../../src/util/task.js';
import { commit, inTransaction, testSettings } from '../support.js';
import { TestDisk, TestKv, TestWal } from '../test-disk.js';

const ROWS = 2000;
const SETTINGS = testSettings({
  provider: 'level',
  writeSetMemory: 2000,
  changeSetMemory: 20_000,
  entryMemory: 10_000_000,
  dataDir: t.testdir(),
});

interface Table {
  readonly store: Store;
  readonly heap: Heap;
  readonly index: Index;
  readonly rowIds: readonly RowId[];
}

const keyOf = (letter: string, i: number): string => `${letter}${String(i).padStart(5, '0')}`;

async function prepare(): Promise<Table> {
  const disk = new TestDisk();
  const parts = { kv: new TestKv(disk), wal: new TestWal(disk), form: binaryForm };
  const store = await openPersistentStore(SETTINGS, parts);
  const made = await inTransaction(store, (tx) => {
    const heap = store.heap(store.create(tx, 'heap'), { columns: 1 });
    const index = store.index(store.create(tx, 'index'));
    index.heap = heap.id;
    const rowIds = Array.from({ length: ROWS }, (_, i) => heap.insert(tx, [i]));
    for (const [i, rowId] of rowIds.entries()) index.insert(tx, keyOf('a', i), rowId, true);
    return { heap, index, rowIds };
  });
  return { store, ...made };
}

/** Begins, and takes its snapshot. */
function serializable(store: Store): StoreTransaction {
  const tx = store.begin('serializable');
  tx.releaseSnapshot(tx.snapshot());
  return storeTransaction(tx);
}

/** Gives every second row another key. */
function* changeKeys(tx: Transaction, { heap, index, rowIds }: Table): Task<void> {
  for (let i = 0; i < ROWS; i += 2) {
    yield* heap.lockRow(tx, tx.snapshot(), rowIds[i], 'update', 'wait');
    heap.update(tx, rowIds[i], [i]);
    index.delete(tx, keyOf('a', i), rowIds[i]);
    index.insert(tx, keyOf('m', i), rowIds[i]);
    if (i % 50 === 0 && tx.needsSpill) yield* tx.spill();
  }
  yield* tx.spill();
}

function* insertMany(tx: Transaction, { heap, index }: Table): Task<void> {
  for (let i = 0; i < ROWS; i += 2) {
    index.insert(tx, keyOf('m', i), heap.insert(tx, [i]), true);
    if (i % 50 === 0 && tx.needsSpill) yield* tx.spill();
  }
  yield* tx.spill();
}

/** Reads a range of the index with its rows. */
function* read(tx: Transaction, { heap, index }: Table, lo: string, hi: string): Task<void> {
  const snapshot = tx.snapshot();
  const scan = index.scan(snapshot, { lo, hi }, false);
  for (let batch = yield* scan.next(); batch !== null; batch = yield* scan.next())
    for (const rowId of batch.rowIds.slice(0, batch.length)) yield* heap.fetch(snapshot, rowId);
}

/** Whether the reader has found out that it does not see changes of the writer. */
async function meets(table: Table, writer: StoreTransaction, lo: string, hi: string): Promise<boolean> {
  const reader = serializable(table.store);
  const { serial } = writer;
  await runTask(read(reader, table, lo, hi));
  const met = serial !== null && reader.serial?.writers.has(serial) === true;
  reader.rollback();
  return met;
}

for (const [what, work] of [
  ['changed keys', changeKeys],
  ['inserted rows', insertMany],
] as const) {
  t.test(`${what} that are not in memory`, async (t) => {
    const table = await prepare();
    const writer = serializable(table.store);
    await runTask(work(writer, table));
    const inMemory = [...(writer.indexWrites?.values() ?? [])].reduce((sum, { byKey }) => sum + byKey.size, 0);
    t.ok(inMemory < 200, `${inMemory} keys are in memory`);
    t.ok(await meets(table, writer, keyOf('m', 1000), keyOf('m', 1001)), 'a key');
    t.ok(await meets(table, writer, keyOf('m', 1001), keyOf('m', 1003)), 'a range');
    t.notOk(await meets(table, writer, keyOf('m', 1001), keyOf('m', 1002)), 'another key between them');
    t.notOk(await meets(table, writer, 'x', 'z'), 'another range');
    t.equal(await meets(table, writer, keyOf('a', 1000), keyOf('a', 1001)), what === 'changed keys', 'the former key');
    t.notOk(await meets(table, writer, keyOf('a', 1001), keyOf('a', 1002)), 'a row that was left alone');

    const before = [serializable(table.store), serializable(table.store)];
    const { serial } = writer;
    await commit(writer);
    await runTask(read(before[0], table, keyOf('m', 1000), keyOf('m', 1001)));
    await runTask(read(before[1], table, keyOf('m', 1001), keyOf('m', 1002)));
    t.same(
      before.map((reader) => serial !== null && reader.serial?.writers.has(serial)),
      [true, false],
      'after the commit',
    );
    for (const reader of before) reader.rollback();
    await table.store.close();
  });
}
