/** A transaction's own index entries: many of one key, and those that earlier commands still see. */
import t from 'tap';
import { candidates, openMemoryStore } from './support.js';

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
