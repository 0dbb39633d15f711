/** Row locks of a transaction with many are packed by page as they are taken: others still see each of them, and all are let go of. */
import t from 'tap';
import type { Heap, RowLockMode, Store, Transaction } from '../../src/storage/api.js';
import { inTransaction, openMemoryStore, run } from './support.js';

const ROWS = 2000;

async function filled(): Promise<{ store: Store; heap: Heap }> {
  const store = await openMemoryStore();
  const heap = await inTransaction(store, (tx) => store.heap(store.create(tx, 'heap'), { columns: 1 }));
  await inTransaction(store, (tx) => {
    for (let i = 1; i <= ROWS; i++) heap.insert(tx, [i]);
  });
  return { store, heap };
}

async function lock(heap: Heap, tx: Transaction, rowId: number, mode: RowLockMode = 'update'): Promise<boolean> {
  return (await run(heap.lockRow(tx, tx.latest(), rowId, mode, 'skip'))).status === 'locked';
}

/** Returns those of the rows that could be locked. */
async function lockAll(heap: Heap, tx: Transaction, rowIds: readonly number[], mode?: RowLockMode): Promise<number[]> {
  const locked: number[] = [];
  for (const rowId of rowIds) if (await lock(heap, tx, rowId, mode)) locked.push(rowId);
  return locked;
}

/** The rows of those asked for that nobody has locked. */
async function free({ store, heap }: { store: Store; heap: Heap }, rowIds: readonly number[]): Promise<number[]> {
  const tx = store.begin('read committed');
  const found = await lockAll(heap, tx, rowIds);
  tx.rollback();
  return found;
}

const all = Array.from({ length: ROWS }, (_, i) => i + 1);

t.test('every packed lock keeps others away, until the end', async (t) => {
  const { store, heap } = await filled();
  t.teardown(() => store.close());
  const tx = store.begin('read committed');
  t.same(await lockAll(heap, tx, all), all);
  t.same(await free({ store, heap }, all), []);
  t.same(await lockAll(heap, tx, all), all, 'its own');
  tx.rollback();
  t.same(await free({ store, heap }, all), all);
});

t.test('a rollback to a savepoint lets go of what was locked since', async (t) => {
  const { store, heap } = await filled();
  t.teardown(() => store.close());
  const tx = store.begin('read committed');
  await lockAll(heap, tx, all.slice(0, 1000));
  const level = tx.savepoint();
  // The first of them are in a page of which rows were locked before.
  await lockAll(heap, tx, all.slice(1000, 1500));
  tx.rollbackTo(level);
  t.same(await free({ store, heap }, all), all.slice(1000));
  await lockAll(heap, tx, all.slice(1000, 1010));
  tx.release(level);
  t.same(await free({ store, heap }, all), all.slice(1010));
  tx.rollback();
  t.same(await free({ store, heap }, all), all);
});

t.test('rows that others have asked for, or that were locked in another order, are let go of as well', async (t) => {
  const { store, heap } = await filled();
  t.teardown(() => store.close());
  const tx = store.begin('read committed');
  await lockAll(heap, tx, all.slice(0, 80));
  await lockAll(heap, tx, [601, 602]);
  // A lock of its own from now on.
  t.same(await free({ store, heap }, [601]), []);
  await lockAll(heap, tx, [1201, 603, 1202, 604, 605]);
  tx.rollback();
  t.same(await free({ store, heap }, all), all);
});

t.test('a weak lock that becomes a strong one, and goes back', async (t) => {
  const { store, heap } = await filled();
  t.teardown(() => store.close());
  const tx = store.begin('read committed');
  await lockAll(heap, tx, all.slice(0, 200), 'share');
  const level = tx.savepoint();
  await lockAll(heap, tx, all.slice(100, 200), 'update');
  const other = store.begin('read committed');
  t.notOk(await lock(heap, other, 150, 'share'));
  tx.rollbackTo(level);
  t.ok(await lock(heap, other, 150, 'share'));
  t.notOk(await lock(heap, other, 150, 'update'));
  tx.rollback();
  t.ok(await lock(heap, other, 150, 'update'));
  other.rollback();
  t.same(await free({ store, heap }, all), all);
});
