/**
 * Transactions whose inserts go to the store before the commit: who sees them when, and what a rollback, a savepoint or a
 * crash leaves behind. The budget is so small that some hundred rows exceed it.
 */
import t from 'tap';
import type { Store, Transaction } from '../../src/storage/api.js';
import { openPersistentStore } from '../../src/storage/open-store.js';
import { runTask } from '../../src/util/task.js';
import { allRows, candidates, commit, fetchNow, inTransaction, testSettings, updateRow } from './support.js';
import { JSON_FORM, TestDisk, TestKv, TestWal } from './test-disk.js';

const ROWS = 3000;
const keyOf = (n: number) => String(n).padStart(8, '0');

function open(disk: TestDisk): Promise<Store> {
  const settings = testSettings({ provider: 'level', writeSetMemory: 1000, blockCacheSize: 100_000 });
  return openPersistentStore(settings, { kv: new TestKv(disk), wal: new TestWal(disk), form: JSON_FORM });
}

/** A heap and an index with one row in them, committed. */
async function prepare(disk: TestDisk) {
  const store = await open(disk);
  const ids = await inTransaction(store, (tx) => {
    const heap = store.heap(store.create(tx, 'heap'), { columns: 2 });
    const index = store.index(store.create(tx, 'index'));
    index.insert(tx, keyOf(0), heap.insert(tx, [0, 'first']), true);
    return { heap: heap.id, index: index.id };
  });
  return { store, ids };
}

type Ids = Awaited<ReturnType<typeof prepare>>['ids'];

function tables(store: Store, ids: Ids) {
  return { heap: store.heap(ids.heap, { columns: 2 }), index: store.index(ids.index) };
}

/** Inserts rows `from` to `to` and spills as often as asked for. */
async function load(store: Store, ids: Ids, tx: Transaction, from = 1, to = ROWS): Promise<void> {
  const { heap, index } = tables(store, ids);
  for (let i = from; i <= to; i++) {
    index.insert(tx, keyOf(i), heap.insert(tx, [i, 'x'.repeat(20)]), true);
    if (i % 100 === 0 && tx.needsSpill) await runTask(tx.spill());
  }
}

async function count(
  store: Store,
  ids: Ids,
  tx = store.begin('read committed'),
): Promise<[rows: number, found: number]> {
  const { heap, index } = tables(store, ids);
  const snapshot = tx.snapshot();
  const rows = await allRows(heap, snapshot);
  let found = 0;
  for (const [key, rowId] of await candidates(index, snapshot)) {
    const row = await runTask(heap.fetch(snapshot, rowId));
    if (row !== null && keyOf(Number(row[0])) === key) found++;
  }
  tx.releaseSnapshot(snapshot);
  return [rows.size, found];
}

/** Of heaps and indexes, without the marks of those that have, or had, blocks. */
function recordsOf(disk: TestDisk): number {
  const found = disk.kv.range({ gte: Buffer.from('s'), lt: Buffer.from('t') });
  return found.filter(([key]) => !key.toString('latin1').endsWith('/\u00fe')).length;
}

t.test('rows are seen by their own transaction alone until it commits, then by newer snapshots', async (t) => {
  const { store, ids } = await prepare(new TestDisk());
  const { heap, index } = tables(store, ids);
  const before = store.begin('repeatable read');
  before.snapshot();
  const tx = store.begin('read committed');
  const current = tx.snapshot();
  await load(store, ids, tx);
  t.notOk(tx.needsSpill);
  t.equal((await allRows(heap, current)).size, 1, 'a command does not see its own rows');
  t.equal((await runTask(index.checkUnique(tx, heap, keyOf(7), (row) => keyOf(Number(row[0])), 0))) > 0, true);
  tx.releaseSnapshot(current);
  tx.nextCommand();
  t.same(await count(store, ids, tx), [ROWS + 1, ROWS + 1]);
  t.same(await count(store, ids), [1, 1]);
  t.equal(heap.rowCount, 1);
  await commit(tx);
  t.same(await count(store, ids), [ROWS + 1, ROWS + 1]);
  t.same(await count(store, ids, before), [1, 1], 'an older snapshot');
  t.same([heap.rowCount, index.entryCount], [ROWS + 1, ROWS + 1]);
  before.rollback();
  t.same(await count(store, ids), [ROWS + 1, ROWS + 1]);
  await store.close();
});

t.test('own rows can be changed again, and the last version counts', async (t) => {
  const disk = new TestDisk();
  let { store, ids } = await prepare(disk);
  let tx = store.begin('read committed');
  await load(store, ids, tx);
  tx.nextCommand();
  const { heap } = tables(store, ids);
  const rows = await allRows(heap, tx.snapshot());
  const [five, six] = [5, 6].map((n) => [...rows].find(([, row]) => row[0] === n)?.[0] ?? 0);
  await runTask(updateRow(tx, heap, five, () => [5, 'changed']));
  await runTask(heap.lockRow(tx, tx.snapshot(), six, 'update', 'wait'));
  heap.delete(tx, six);
  tx.nextCommand();
  t.same(await runTask(heap.fetch(tx.snapshot(), five)), [5, 'changed']);
  t.equal(await runTask(heap.fetch(tx.snapshot(), six)), null);
  await commit(tx);
  for (const when of ['now', 'after a crash']) {
    const again = tables(store, ids).heap;
    t.same(await fetchNow(store, again, five), [5, 'changed'], when);
    t.equal(await fetchNow(store, again, six), null);
    t.equal(again.rowCount, ROWS);
    disk.crash(0);
    store = await open(disk);
  }
  tx = store.begin('read committed');
  t.equal((await count(store, ids, tx))[0], ROWS);
  await store.close();
});

t.test('a rollback or a crash leaves nothing, checkpoint or not', async (t) => {
  for (const end of ['rollback', 'crash', 'checkpoint and crash', 'rollback and crash', 'close']) {
    const disk = new TestDisk();
    let { store, ids } = await prepare(disk);
    const tx = store.begin('read committed');
    await load(store, ids, tx);
    if (end.includes('checkpoint')) await store.checkpoint();
    if (end.includes('rollback')) {
      tx.rollback();
      t.same(await count(store, ids), [1, 1]);
    }
    if (end === 'rollback') {
      // Cleaning up goes on in the background.
      for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
      await store.checkpoint();
      t.ok(recordsOf(disk) <= 2, 'the store is clean');
    }
    if (end === 'close' || end === 'rollback') await store.close();
    disk.crash(1000);
    store = await open(disk);
    const { heap, index } = tables(store, ids);
    t.equal(recordsOf(disk), 2, end);
    t.same([heap.rowCount, index.entryCount], [1, 1], end);
    await inTransaction(store, (other) => {
      index.insert(other, keyOf(9), heap.insert(other, [9, 'new']), true);
    });
    t.same(await count(store, ids), [2, 2]);
    await store.close();
  }
});

t.test('a commit survives a crash, also when a checkpoint came between its parts', async (t) => {
  for (const lost of [0, 1000]) {
    const disk = new TestDisk();
    let { store, ids } = await prepare(disk);
    const tx = store.begin('read committed');
    await load(store, ids, tx, 1, 2000);
    await store.checkpoint();
    await load(store, ids, tx, 2001, ROWS);
    await commit(tx);
    disk.crash(lost);
    for (let round = 0; round < 2; round++) {
      store = await open(disk);
      t.same(await count(store, ids), [ROWS + 1, ROWS + 1]);
      const { heap, index } = tables(store, ids);
      t.same([heap.rowCount, index.entryCount], [ROWS + 1, ROWS + 1]);
      await store.close();
    }
  }
});

t.test('rolling back to a savepoint takes back what was stored since, and no more', async (t) => {
  for (const end of ['commit', 'crash']) {
    const disk = new TestDisk();
    let { store, ids } = await prepare(disk);
    const tx = store.begin('read committed');
    await load(store, ids, tx, 1, 1050);
    const level = tx.savepoint();
    await load(store, ids, tx, 1051, 2500);
    tx.savepoint();
    await load(store, ids, tx, 2501, 2990);
    tx.rollbackTo(level);
    t.same(await count(store, ids, tx), [1051, 1051]);
    await load(store, ids, tx, 2991, ROWS);
    tx.release(level);
    await load(store, ids, tx, 1051, 1999);
    tx.nextCommand();
    const expected = [1051 + 10 + 949, 1051 + 10 + 949];
    t.same(await count(store, ids, tx), expected);
    await commit(tx);
    t.same(await count(store, ids), expected, end);
    if (end === 'crash') disk.crash(1000);
    else await store.close();
    store = await open(disk);
    t.same(await count(store, ids), expected, end);
    const { heap, index } = tables(store, ids);
    t.same([heap.rowCount, index.entryCount], expected);
    await store.close();
  }
});

t.test('others wait for the transaction that has stored a unique key', async (t) => {
  for (const end of ['commit', 'rollback']) {
    const { store, ids } = await prepare(new TestDisk());
    const { heap, index } = tables(store, ids);
    const rowKey = (row: readonly unknown[]) => keyOf(Number(row[0]));
    const tx = store.begin('read committed');
    for (let i = 1; i <= ROWS; i++) {
      await runTask(index.checkUnique(tx, heap, keyOf(i), rowKey, 0));
      await load(store, ids, tx, i, i);
    }
    const other = store.begin('read committed');
    let found = -1;
    const waiting = runTask(index.checkUnique(other, heap, keyOf(10), rowKey, 0)).then((rowId) => {
      found = rowId;
    });
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    t.equal(found, -1, 'it waits');
    if (end === 'commit') await commit(tx);
    else tx.rollback();
    await waiting;
    t.equal(found > 0, end === 'commit', end);
    other.rollback();
    await store.close();
  }
});

t.test('a storage that was made and filled in vain is removed', async (t) => {
  const disk = new TestDisk();
  let { store } = await prepare(disk);
  const tx = store.begin('read committed');
  const made = { heap: store.create(tx, 'heap'), index: store.create(tx, 'index') };
  await load(store, made, tx);
  await store.checkpoint();
  tx.rollback();
  await store.close();
  store = await open(disk);
  t.equal(disk.kv.range({ gte: Buffer.from('s'), lt: Buffer.from('t') }).length, 2);
  await store.close();
});
