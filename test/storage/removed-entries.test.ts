/**
 * Entries of rows that a large transaction deletes, where neither they nor the leaves leave memory: what the transaction, older
 * snapshots and others find through the indexes, before and after what was removed is forgotten, and after a crash.
 */
import t from 'tap';
import type { Heap, RowId, Store, Transaction } from '../../src/storage/api.js';
import type { Row } from '../../src/types/datum.js';
import { nextTurn, runTask } from '../../src/util/task.js';
import {
  change,
  indexesOf,
  insertRow,
  now,
  openAside,
  prepareTable,
  same,
  sameThroughIndexes,
  table,
  UNIQUE,
} from './aside-table.js';
import { candidates, commit, inTransaction } from './support.js';
import { TestDisk } from './test-disk.js';

const dataDir = t.testdir();
const AMPLE = 8 << 20;
const open = (disk: TestDisk): Promise<Store> => openAside(disk, dataDir, AMPLE, AMPLE);

const without = (rows: Map<RowId, Row>, isGone: (rowId: RowId) => boolean): Map<RowId, Row> =>
  new Map([...rows].filter(([rowId]) => !isGone(rowId)));

/** What is committed is `rows`, by the heap and by the indexes, in which there is nothing else. */
async function isAll(store: Store, heap: Heap, rows: Map<RowId, Row>, what: string): Promise<void> {
  same(await now(store, heap), rows, what);
  const tx = store.begin('read committed');
  const snapshot = tx.snapshot();
  await sameThroughIndexes(heap, snapshot, rows, what);
  for (const [i, index] of indexesOf(heap).entries()) {
    let length = -1;
    for (let turn = 0; turn < 500 && length !== rows.size; turn++) {
      length = (await candidates(index, snapshot)).length;
      await nextTurn();
    }
    if (length !== rows.size || index.entryCount !== rows.size)
      throw new Error(
        `${what}: index ${i} has ${length} entries and counts ${index.entryCount}, for ${rows.size} rows`,
      );
  }
  tx.releaseSnapshot(snapshot);
  tx.rollback();
}

async function ownViewIs(tx: Transaction, heap: Heap, rows: Map<RowId, Row>): Promise<void> {
  const snapshot = tx.snapshot();
  await sameThroughIndexes(heap, snapshot, rows, 'its own view');
  tx.releaseSnapshot(snapshot);
}

async function deleteRows(store: Store, heap: Heap, ids: Iterable<RowId>): Promise<void> {
  const tx = store.begin('read committed');
  await runTask(change(tx, heap, ids, () => null));
  await commit(tx);
}

t.test('of some rows of each leaf, and of all', async (t) => {
  for (const every of [2, 3, 1]) {
    const disk = new TestDisk();
    let store = await open(disk);
    let { heap, rows } = await prepareTable(store);
    const isGone = (rowId: RowId): boolean => rowId % every === 0;
    const older = store.begin('repeatable read');
    const before = older.snapshot();
    const tx = store.begin('read committed');
    await runTask(change(tx, heap, [...rows.keys()].filter(isGone), () => null));
    const left = without(rows, isGone);
    await ownViewIs(tx, heap, left);
    same(await now(store, heap), rows, 'not committed');
    await commit(tx);
    await sameThroughIndexes(heap, before, rows, 'an older snapshot');
    older.rollback();
    await isAll(store, heap, left, 'afterwards');
    disk.crash(0);
    store = await open(disk);
    heap = table(store, heap.id);
    await isAll(store, heap, left, 'after a crash');
    await store.close();
  }
  t.end();
});

t.test('rolled back', async (t) => {
  const store = await open(new TestDisk());
  const { heap, rows } = await prepareTable(store);
  const tx = store.begin('read committed');
  await runTask(change(tx, heap, rows.keys(), () => null));
  tx.rollback();
  await isAll(store, heap, rows, 'rolled back');
  await store.close();
  t.end();
});

t.test(
  'keys of deleted rows are given again, in the same transaction and by others, while a snapshot is older',
  async (t) => {
    const store = await open(new TestDisk());
    const { heap, rows } = await prepareTable(store);
    const older = store.begin('repeatable read');
    const before = older.snapshot();
    const ids = [...rows.keys()];
    const tx = store.begin('read committed');
    await runTask(change(tx, heap, ids.slice(0, 1000), () => null));
    const expected = new Map([...rows].slice(1000));
    for (const n of [1, 2, 3]) expected.set(await runTask(insertRow(tx, heap, [n, 'again'])), [n, 'again']);
    tx.nextCommand();
    await ownViewIs(tx, heap, expected);
    const waiting = store.begin('read committed');
    const taken = runTask(indexesOf(heap)[UNIQUE].checkUnique(waiting, heap, 'v500', ([n]) => `v${n}`, 0));
    await commit(tx);
    t.equal(await taken, 0, 'who wants a key of a deleted row waits for the transaction, and gets it');
    waiting.rollback();
    await inTransaction(store, function* (other) {
      for (const n of [4, 5]) expected.set(yield* insertRow(other, heap, [n, 'again']), [n, 'again']);
    });
    // Their leaves have changed since the first ones were removed.
    await deleteRows(store, heap, ids.slice(1500));
    for (const id of ids.slice(1500)) expected.delete(id);
    await sameThroughIndexes(heap, before, rows, 'an older snapshot');
    older.rollback();
    await isAll(store, heap, expected, 'afterwards');
    await store.close();
    t.end();
  },
);
