/**
 * Bulk work in one store in memory: many rows, many index entries, splits, scans both ways.
 */
import t from 'tap';
import { allRows, candidates, commit, inTransaction, openMemoryStore, run, updateRow } from './support.js';

t.test('rows and entries survive splits and are found in order', async (t) => {
  const store = await openMemoryStore();
  const tx = store.begin('read committed');
  const heap = store.heap(store.create(tx, 'heap'), { columns: 2 });
  const index = store.index(store.create(tx, 'index'));
  const ids: number[] = [];
  for (let i = 0; i < 5000; i++) {
    const rowId = heap.insert(tx, [i, `v${i}`]);
    ids.push(rowId);
    index.insert(tx, String((i * 7919) % 5000).padStart(5, '0'), rowId);
  }
  tx.nextCommand();
  t.equal((await allRows(heap, tx.snapshot())).size, 5000, 'own rows are seen');
  t.equal((await candidates(index, tx.snapshot(), '00100', '00200')).length, 100, 'own entries are seen');
  await commit(tx);
  const reader = store.begin('read committed');
  const snapshot = reader.snapshot();
  t.equal((await allRows(heap, snapshot)).size, 5000);
  const up = await candidates(index, snapshot);
  t.equal(up.length, 5000);
  t.same(
    up.map(([key]) => key),
    up.map((_, i) => String(i).padStart(5, '0')),
  );
  t.same(await candidates(index, snapshot, null, null, true), up.slice().reverse());
  t.same((await candidates(index, snapshot, '00990', '01010')).length, 20);
  t.same((await candidates(index, snapshot, '00990', '01010', true)).length, 20);
  t.equal(index.tryGet(snapshot, '00042'), up[42][1]);
  t.equal(index.tryGet(snapshot, 'x'), 0);
  await inTransaction(store, (w) => updateRow(w, heap, ids[0], () => [0, 'new']));
  t.same(heap.tryFetch(snapshot, ids[0]), [0, 'v0'], 'the snapshot keeps the old version');
  t.equal(heap.recheck, true);
  reader.releaseSnapshot(snapshot);
  t.same(heap.tryFetch(reader.snapshot(), ids[0]), [0, 'new']);
  await run(reader.commit({ synchronous: true }));
  t.equal(heap.rowCount, 5000);
  await store.close();
});
