/**
 * Who sees which version: the table of cases, the classic anomalies, savepoints and undo.
 */
import t from 'tap';
import { allRows, candidates, commit, fetchNow, inTransaction, openMemoryStore, run, updateRow } from './support.js';

async function oneRow() {
  const store = await openMemoryStore();
  const heap = await inTransaction(store, (tx) => {
    const heap = store.heap(store.create(tx, 'heap'), { columns: 1 });
    heap.insert(tx, ['old']);
    return heap;
  });
  return { store, heap };
}

t.test('insert, update and delete as seen by old, new and own snapshots', async (t) => {
  const cases = [
    { change: 'update', old: ['old'], own: ['new'], later: ['new'] },
    { change: 'delete', old: ['old'], own: null, later: null },
    { change: 'insert', old: null, own: ['new'], later: ['new'] },
  ] as const;
  for (const { change, old, own, later } of cases) {
    const { store, heap } = await oneRow();
    const reader = store.begin('repeatable read');
    const before = reader.snapshot();
    const writer = store.begin('read committed');
    const statement = writer.snapshot();
    let rowId = 1;
    if (change === 'insert') rowId = heap.insert(writer, ['new']);
    else {
      await run(heap.lockRow(writer, statement, 1, 'update', 'wait'));
      if (change === 'update') heap.update(writer, 1, ['new']);
      else heap.delete(writer, 1);
    }
    t.same(heap.tryFetch(statement, rowId), old, `${change}: not yet seen by its own command`);
    writer.nextCommand();
    t.same(heap.tryFetch(writer.snapshot(), rowId), own, `${change}: seen by the next command`);
    t.equal(heap.recheck, true);
    t.same(heap.tryFetch(before, rowId), old, `${change}: no dirty read`);
    await commit(writer);
    t.same(heap.tryFetch(before, rowId), old, `${change}: repeatable`);
    t.same([...(await allRows(heap, before)).values()].at(-1), old ?? ['old'], `${change}: by scan, too`);
    t.same(await fetchNow(store, heap, rowId), later, `${change}: seen after commit`);
    await commit(reader);
  }
});

t.test('read committed sees new commits with each statement; repeatable read does not (read skew)', async (t) => {
  const { store, heap } = await oneRow();
  const rc = store.begin('read committed');
  const rr = store.begin('repeatable read');
  t.same(heap.tryFetch(rc.snapshot(), 1), ['old']);
  t.same(heap.tryFetch(rr.snapshot(), 1), ['old']);
  await inTransaction(store, (tx) => updateRow(tx, heap, 1, () => ['new']));
  t.same(heap.tryFetch(rc.snapshot(), 1), ['new']);
  t.same(heap.tryFetch(rr.snapshot(), 1), ['old']);
});

t.test('no lost update at read committed: the second writer works on the newest version', async (t) => {
  const { store, heap } = await oneRow();
  await inTransaction(store, (tx) => updateRow(tx, heap, 1, () => [0]));
  await Promise.all(
    Array.from({ length: 20 }, () => inTransaction(store, (tx) => updateRow(tx, heap, 1, ([n]) => [Number(n) + 1]))),
  );
  t.same(await fetchNow(store, heap, 1), [20]);
});

t.test('a row changed by the current command is left alone', async (t) => {
  const { store, heap } = await oneRow();
  const tx = store.begin('read committed');
  const snapshot = tx.snapshot();
  await run(heap.lockRow(tx, snapshot, 1, 'no key update', 'wait'));
  heap.update(tx, 1, ['new']);
  t.same(await run(heap.lockRow(tx, snapshot, 1, 'no key update', 'wait')), { status: 'self modified' });
  tx.rollback();
  t.same(await fetchNow(store, heap, 1), ['old']);
});

t.test('savepoints nest, and give back rows, entries and locks', async (t) => {
  const { store, heap } = await oneRow();
  const tx = store.begin('read committed');
  const index = store.index(store.create(tx, 'index'));
  const outer = tx.savepoint();
  await run(updateRow(tx, heap, 1, () => ['outer']));
  const inner = tx.savepoint();
  await run(updateRow(tx, heap, 1, () => ['inner']));
  const added = heap.insert(tx, ['added']);
  index.insert(tx, 'added', added);
  tx.nextCommand();
  t.same(heap.tryFetch(tx.snapshot(), 1), ['inner']);
  tx.rollbackTo(inner);
  t.same(heap.tryFetch(tx.snapshot(), 1), ['outer']);
  t.equal(heap.tryFetch(tx.snapshot(), added), null);
  t.same(await candidates(index, tx.snapshot()), []);
  tx.release(inner);
  tx.rollbackTo(outer);
  t.same(heap.tryFetch(tx.snapshot(), 1), ['old']);
  t.equal(tx.hasChanged(heap.id), false);
  const other = store.begin('read committed');
  t.equal((await run(heap.lockRow(other, other.latest(), 1, 'update', 'nowait'))).status, 'locked');
  other.rollback();
  await commit(tx);
  t.same(await fetchNow(store, heap, 1), ['old']);
});

t.test('superseded index entries stay for old snapshots, and go after them', async (t) => {
  const { store, heap } = await oneRow();
  const index = await inTransaction(store, (tx) => {
    const index = store.index(store.create(tx, 'index'));
    index.insert(tx, 'old', 1);
    return index;
  });
  const reader = store.begin('repeatable read');
  const snapshot = reader.snapshot();
  await inTransaction(store, function* (tx) {
    yield* updateRow(tx, heap, 1, () => ['new']);
    index.delete(tx, 'old', 1);
    index.insert(tx, 'new', 1);
  });
  t.same(await candidates(index, snapshot), [
    ['new', 1],
    ['old', 1],
  ]);
  heap.tryFetch(snapshot, 1);
  t.equal(heap.recheck, true);
  const now = store.begin('read committed');
  heap.tryFetch(now.snapshot(), 1);
  t.equal(heap.recheck, true, 'the newest version, but stale entries are about');
  now.rollback();
  await commit(reader);
  const later = store.begin('read committed');
  t.same(await candidates(index, later.snapshot()), [['new', 1]]);
  heap.tryFetch(later.snapshot(), 1);
  t.equal(heap.recheck, false);
});

t.test('rows are widened when columns were added', async (t) => {
  const { store, heap } = await oneRow();
  store.heap(heap.id, { columns: 3, missing: [null, 7] });
  t.same(await fetchNow(store, heap, 1), ['old', 7, null]);
});

t.test('a commit that was answered is seen, though a large one before it is still being installed', async (t) => {
  const { store, heap } = await oneRow();
  const large = store.begin('read committed');
  for (let i = 0; i < 100_000; i++) heap.insert(large, [`row ${i}`]);
  const small = store.begin('read committed');
  await run(updateRow(small, heap, 1, () => ['new']));
  const installed = commit(large);
  await commit(small);
  t.same(await fetchNow(store, heap, 1), ['new']);
  await installed;
});
