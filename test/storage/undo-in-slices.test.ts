/** Large transactions are undone in slices: what others, and the transaction itself, may do in between and afterwards. */
import t, { type Test } from 'tap';
import type { Heap, Index, Store, Transaction } from '../../src/storage/api.js';
import type { Task } from '../../src/util/task.js';
import { allRows, inTransaction, openMemoryStore, run } from './support.js';

const ROWS = 6000;
/** Rows that follow one another are in different pages, so that their locks are not held by page. */
const ORDER = Array.from({ length: ROWS }, (_, i) => 1 + ((i * 1009) % ROWS));
const [FIRST, SECOND] = ORDER;
const [LATE, LAST] = ORDER.slice(-2);

/** Lets the clock go on by more than a slice with every look at it. */
function hurryClock(test: Test): void {
  const { now } = performance;
  let time = now.call(performance);
  performance.now = () => {
    time += 10;
    return time;
  };
  test.teardown(() => {
    performance.now = now;
  });
}

async function filled(): Promise<{ store: Store; heap: Heap; index: Index }> {
  const store = await openMemoryStore();
  const created = await inTransaction(store, (tx) => ({
    heap: store.heap(store.create(tx, 'heap'), { columns: 1 }),
    index: store.index(store.create(tx, 'index')),
  }));
  await inTransaction(store, (tx) => {
    for (let i = 1; i <= ROWS; i++) created.heap.insert(tx, [0]);
  });
  return { store, ...created };
}

function* change(heap: Heap, tx: Transaction, rowId: number, value: number): Task<string> {
  const { status } = yield* heap.lockRow(tx, tx.latest(), rowId, 'update', 'skip');
  if (status === 'locked') heap.update(tx, rowId, [value]);
  return status;
}

function* changeAll(heap: Heap, tx: Transaction, value: number): Task<void> {
  for (const rowId of ORDER) yield* change(heap, tx, rowId, value);
}

async function values(store: Store, heap: Heap): Promise<Map<number, number>> {
  const tx = store.begin('read committed');
  const snapshot = tx.snapshot();
  const rows = await allRows(heap, snapshot);
  tx.releaseSnapshot(snapshot);
  tx.rollback();
  return new Map([...rows].map(([rowId, [value]]) => [rowId, Number(value)]));
}

t.test(
  'a rollback to a savepoint: locks go from the last one on, and whoever has one keeps what it does',
  async (t) => {
    const { store, heap } = await filled();
    t.teardown(() => store.close());
    const tx = store.begin('read committed');
    await run(change(heap, tx, FIRST, 1));
    const level = tx.savepoint();
    await run(changeAll(heap, tx, 2));
    t.ok(tx.holdsMany);
    hurryClock(t);
    const undoing = tx.undoInSlices(level);
    const other = store.begin('read committed');
    let slices = 0;
    let isFree = false;
    while (!undoing.next().done) {
      slices++;
      if (!isFree) isFree = (await run(change(heap, other, LAST, 3))) === 'locked';
      else if (other.state === 'active') {
        t.equal(await run(change(heap, other, SECOND, 3)), 'unavailable', 'an earlier lock is still held');
        await run(other.commit({ synchronous: true }));
      }
    }
    t.ok(slices > ROWS / 256, 'others have had their turns');
    t.equal(other.state, 'committed');
    tx.rollbackTo(level);
    t.equal(await run(change(heap, tx, LATE, 4)), 'locked');
    t.equal(await run(change(heap, tx, LAST, 5)), 'locked');
    await run(tx.commit({ synchronous: true }));
    const found = await values(store, heap);
    t.same(
      [FIRST, SECOND, LATE, LAST].map((rowId) => found.get(rowId)),
      [1, 0, 4, 5],
    );
  },
);

t.test('a whole transaction: nothing of it is seen, and a cancellation does not stop it', async (t) => {
  const { store, heap, index } = await filled();
  t.teardown(() => store.close());
  const tx = store.begin('read committed');
  await run(changeAll(heap, tx, 2));
  for (let i = 0; i < ROWS; i++) {
    const key = String(i);
    if (!index.tryReserve(tx, key)) t.fail(`key ${key} is reserved`);
    index.insert(tx, key, heap.insert(tx, [9]), true);
  }
  hurryClock(t);
  const undoing = tx.undoInSlices(0);
  let step = undoing.next();
  for (let slices = 0; !step.done; slices++) {
    t.notOk((await values(store, heap)).has(2 * ROWS));
    step = slices === 2 ? undoing.throw(new Error('cancelled')) : undoing.next();
  }
  t.equal(tx.state, 'active');
  t.notOk(tx.holdsMany);
  const other = store.begin('read committed');
  t.equal(await run(change(heap, other, 1, 3)), 'locked');
  t.ok(index.tryReserve(other, '0'));
  tx.rollback();
  await run(other.commit({ synchronous: true }));
  const found = await values(store, heap);
  t.same([found.size, found.get(1), found.get(2)], [ROWS, 3, 0]);
});

t.test('a commit of locks alone frees them in slices', async (t) => {
  const { store, heap } = await filled();
  t.teardown(() => store.close());
  const tx = store.begin('read committed');
  for (const rowId of ORDER) await run(heap.lockRow(tx, tx.latest(), rowId, 'update', 'wait'));
  t.notOk(tx.tryCommit(), 'not in one go');
  hurryClock(t);
  const committing = tx.commit({ synchronous: true });
  let slices = 0;
  while (!committing.next().done) slices++;
  t.ok(slices > ROWS / 256);
  t.equal(tx.state, 'committed');
});
