/** A transaction's own index entries: many of one key, and those that earlier commands still see. */
import t from 'tap';
import { candidates, commit, openMemoryStore } from './support.js';

t.test('many rows of one key', async (t) => {
  const store = await openMemoryStore();
  const tx = store.begin('read committed');
  const heap = store.heap(store.create(tx, 'heap'), { columns: 1 });
  const index = store.index(store.create(tx, 'index'));
  const ids: number[] = [];
  for (let i = 0; i < 20000; i++) {
    const rowId = heap.insert(tx, [i]);
    ids.push(rowId);
    index.insert(tx, 'same', rowId);
  }
  tx.nextCommand();
  for (const rowId of ids) if (rowId % 2 === 0) index.delete(tx, 'same', rowId);
  tx.nextCommand();
  for (const rowId of ids) if (rowId % 4 === 0) index.insert(tx, 'same', rowId);
  tx.nextCommand();
  const found = await candidates(index, tx.snapshot());
  t.equal(found.length, 15000);
  t.same(
    found.map(([, rowId]) => rowId),
    ids.filter((rowId) => rowId % 2 !== 0 || rowId % 4 === 0),
  );
  tx.rollback();
  await store.close();
});

t.test('entries that were deleted since a snapshot', async (t) => {
  const store = await openMemoryStore();
  const tx = store.begin('read committed');
  const heap = store.heap(store.create(tx, 'heap'), { columns: 1 });
  const index = store.index(store.create(tx, 'index'));
  const rowId = heap.insert(tx, ['a']);
  index.insert(tx, 'a', rowId);
  tx.nextCommand();
  const before = tx.snapshot();
  heap.update(tx, rowId, ['b']);
  index.delete(tx, 'a', rowId);
  index.insert(tx, 'b', rowId);
  tx.nextCommand();
  const after = tx.snapshot();
  t.equal(index.tryGet(before, 'a'), rowId);
  t.same(heap.tryFetch(before, rowId), ['a']);
  t.same(await candidates(index, before, 'a', 'b'), [['a', rowId]]);
  t.equal(index.tryGet(after, 'a'), 0);
  t.same(await candidates(index, after), [['b', rowId]]);
  tx.rollback();
  await store.close();
});

t.test('own entries among the committed ones of a key that fills many leaves', async (t) => {
  const store = await openMemoryStore();
  const first = store.begin('read committed');
  const heap = store.heap(store.create(first, 'heap'), { columns: 1 });
  const index = store.index(store.create(first, 'index'));
  const ids = Array.from({ length: 6000 }, (_, i) => heap.insert(first, [i]));
  const entries = (transaction: typeof first, own: boolean): void => {
    ids.forEach((rowId, i) => {
      if ((i % 2 === 0) === own) index.insert(transaction, i < 10 ? 'a' : 'same', rowId);
    });
  };
  entries(first, false);
  await commit(first);
  const second = store.begin('read committed');
  entries(second, true);
  second.nextCommand();
  const up = await candidates(index, second.snapshot(), 'same', 'samf');
  t.same(
    up.map(([, rowId]) => rowId),
    ids.slice(10),
  );
  t.same(await candidates(index, second.snapshot(), 'same', 'samf', true), up.slice().reverse());
  second.rollback();
  await store.close();
});
