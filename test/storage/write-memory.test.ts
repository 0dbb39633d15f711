/** Changed rows and index entries leave memory, before savepoints too; what stays is limited. */
import t from 'tap';
import type { Heap, Index, RowId, Store, Transaction } from '../../src/storage/api.js';
import { binaryForm } from '../../src/storage/binary-form.js';
import { openPersistentStore } from '../../src/storage/open-store.js';
import { storeTransaction } from '../../src/storage/transaction.js';
import { runTask, type Task } from '../../src/util/task.js';
import { candidates, commit, inTransaction, testSettings } from './support.js';
import { TestDisk, TestKv, TestWal } from './test-disk.js';

const ROWS = 3000;
const SETTINGS = testSettings({
  provider: 'level',
  writeSetMemory: 1000,
  changeSetMemory: 20_000,
  entryMemory: 350_000,
  dataDir: t.testdir(),
});

interface Prepared {
  readonly store: Store;
  readonly heap: Heap;
  readonly index: Index;
  readonly rowIds: readonly RowId[];
}

const keyOf = (i: number): string => `a${i}`;

/** `stride`: how far apart rows are that are changed one after the other. */
async function prepare(stride = 1): Promise<Prepared> {
  const disk = new TestDisk();
  const parts = { kv: new TestKv(disk), wal: new TestWal(disk), form: binaryForm };
  const store = await openPersistentStore(SETTINGS, parts);
  const made = await inTransaction(store, (tx) => {
    const heap = store.heap(store.create(tx, 'heap'), { columns: 1 });
    const index = store.index(store.create(tx, 'index'));
    index.heap = heap.id;
    const rowIds = new Array<RowId>(ROWS).fill(0);
    for (let place = 0; place < ROWS; place++) {
      const i = (place * stride) % ROWS;
      rowIds[i] = heap.insert(tx, [i]);
    }
    for (const [i, rowId] of rowIds.entries()) index.insert(tx, keyOf(i), rowId, true);
    return { heap, index, rowIds };
  });
  return { store, ...made };
}

/** Gives rows a key with another first letter, or deletes them, spilling as statements do. */
function* change(
  tx: Transaction,
  { heap, index, rowIds }: Prepared,
  from: number,
  to: number,
  letter: string | null,
): Task<void> {
  const snapshot = tx.snapshot();
  for (let i = from; i < to; i++) {
    yield* heap.lockRow(tx, snapshot, rowIds[i], 'update', 'wait');
    index.delete(tx, keyOf(i), rowIds[i]);
    if (letter === null) heap.delete(tx, rowIds[i]);
    else {
      heap.update(tx, rowIds[i], [letter]);
      index.insert(tx, `${letter}${i}`, rowIds[i]);
    }
    if (i % 50 === 0 && tx.needsSpill) yield* tx.spill();
  }
}

t.test('changed keys of one command are not limited', async (t) => {
  const prepared = await prepare();
  const { store, index } = prepared;
  const few = store.begin('read committed');
  await runTask(change(few, prepared, 0, 500, 'b'));
  const many = store.begin('read committed');
  await runTask(change(many, prepared, 500, ROWS, 'c'));
  await commit(few);
  await commit(many);
  const reader = store.begin('read committed');
  for (const [key, at] of [['b499', 499] as const, ['c500', 500] as const, ['c2999', 2999] as const])
    t.same(await candidates(index, reader.latest(), key, `${key}!`), [[key, prepared.rowIds[at]]]);
  reader.rollback();
  await store.close();
});

t.test('too many before savepoints end with 53200, and nothing is left of them', async (t) => {
  const prepared = await prepare();
  const { store, index } = prepared;
  const many = store.begin('read committed');
  const failure = { code: '53200', message: 'out of memory' };
  const inSteps = async (): Promise<void> => {
    for (let from = 0; from < ROWS; from += 60) {
      many.savepoint();
      await runTask(change(many, prepared, from, from + 60, 'c'));
    }
  };
  await t.rejects(inSteps(), failure);
  many.rollback();
  const reader = store.begin('read committed');
  t.equal(index.tryGet(reader.latest(), 'c501'), 0);
  t.equal(index.tryGet(reader.latest(), 'a501'), prepared.rowIds[501]);
  reader.rollback();
  await store.close();
});

/** What the transaction has in memory. */
function inMemory(tx: Transaction): { keys: number; pages: number } {
  const { heapWrites, indexWrites } = storeTransaction(tx);
  const keys = [...(indexWrites?.values() ?? [])].reduce((sum, { byKey }) => sum + byKey.size, 0);
  const pages = [...(heapWrites?.values() ?? [])].reduce((sum, writes) => sum + writes.pages.size, 0);
  return { keys, pages };
}

const STEPS = 50;
const STEP = ROWS / STEPS;

for (const [where, stride] of [
  ['side by side', 1],
  ['all over the pages', 257],
] as const) {
  t.test(`before savepoints rows ${where} leave memory, and a rollback to each is exact`, async (t) => {
    const prepared = await prepare(stride);
    const { store, heap, index, rowIds } = prepared;
    const tx = store.begin('read committed');
    const levels: number[] = [];
    const older = { keys: 0, pages: 0 };
    for (let step = 0; step < STEPS; step++) {
      if (tx.needsSpillForSavepoint) await runTask(tx.spillForSavepoint());
      const { keys, pages } = inMemory(tx);
      older.keys = Math.max(older.keys, keys);
      older.pages = Math.max(older.pages, pages);
      levels.push(tx.savepoint());
      await runTask(change(tx, prepared, step * STEP, (step + 1) * STEP, 'd'));
    }
    t.same(older, { keys: 0, pages: 0 }, 'nothing is left before a savepoint');
    const look = async (changed: number, what: string): Promise<void> => {
      const wrong: number[] = [];
      for (let i = 0; i < ROWS; i += 7) {
        const isChanged = i < changed;
        const row = await runTask(heap.fetch(tx.latest(), rowIds[i]));
        const found = await candidates(index, tx.latest(), keyOf(i), `${keyOf(i)}!`);
        const own = await candidates(index, tx.latest(), `d${i}`, `d${i}!`);
        if (row?.[0] !== (isChanged ? 'd' : i) || (isChanged ? own : found).length !== 1) wrong.push(i);
        if (!isChanged && own.length > 0) wrong.push(i);
      }
      t.same(wrong, [], what);
    };
    tx.nextCommand();
    await look(ROWS, 'all of them');
    for (const step of [49, 30, 29, 10]) {
      tx.rollbackTo(levels[step]);
      await look(step * STEP, `back to savepoint ${step}`);
    }
    await runTask(change(tx, prepared, 10 * STEP, 12 * STEP, 'd'));
    tx.nextCommand();
    await look(12 * STEP, 'changed again');
    await commit(tx);
    const reader = store.begin('read committed');
    const committed = await candidates(index, reader.latest(), 'd', 'e');
    t.equal(committed.length, 12 * STEP);
    t.same(await runTask(heap.fetch(reader.latest(), rowIds[12 * STEP])), [12 * STEP]);
    reader.rollback();
    await store.close();
  });
}

t.test('entries of deleted rows are not limited', async (t) => {
  const prepared = await prepare();
  const tx = prepared.store.begin('read committed');
  await runTask(change(tx, prepared, 0, ROWS, null));
  await commit(tx);
  t.equal(prepared.heap.rowCount, 0);
  await prepared.store.close();
});
