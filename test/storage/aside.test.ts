/**
 * Transactions whose updates and deletes do not fit into memory: what they see themselves, what others see before and after
 * the commit, and what savepoints, rollbacks and crashes leave. aside-histories.test.ts has random ones.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Heap, RowId, Snapshot, Store, Transaction } from '../../src/storage/api.js';
import { TEMPORARY_DIRECTORY } from '../../src/storage/store.js';
import { storeTransaction } from '../../src/storage/transaction.js';
import type { Row } from '../../src/types/datum.js';
import { nextTurn, runTask } from '../../src/util/task.js';
import {
  change,
  indexesOf,
  now,
  openAside,
  prepareTable,
  ROWS,
  sameThroughIndexes,
  table,
  toggled,
  UNIQUE,
} from './aside-table.js';
import { allRows, candidates, commit, inTransaction, updateRow } from './support.js';
import { TestDisk } from './test-disk.js';

const dataDir = t.testdir();
t.setTimeout(240_000);
const open = (disk: TestDisk): Promise<Store> => openAside(disk, dataDir);

async function prepare(disk: TestDisk): Promise<{ store: Store; heap: Heap; rows: Map<RowId, Row> }> {
  const store = await open(disk);
  return { store, ...(await prepareTable(store)) };
}

t.test(
  'an update of all rows: own view, others before, after, with an older snapshot, and after a crash',
  async (t) => {
    const disk = new TestDisk();
    let { store, heap, rows } = await prepare(disk);
    const older = store.begin('repeatable read');
    const before = older.snapshot();
    const tx = store.begin('read committed');
    const spills = await runTask(change(tx, heap, rows.keys(), ([n]) => [n, 'new']));
    t.ok(spills > 5, `${spills} spills`);
    const changed = new Map([...rows].map(([id, [n]]) => [id, [n, 'new']]));
    t.same(await allRows(heap, tx.snapshot()), changed, 'its own view');
    t.same(await now(store, heap), rows, 'not committed');
    await commit(tx);
    for (let round = 0; round < 2; round++) {
      t.same(await allRows(heap, before), rows, 'an older snapshot');
      t.same(await now(store, heap), changed);
    }
    const [some] = rows.keys();
    await inTransaction(store, (other) => updateRow(other, heap, some, () => [0, 'newer']));
    t.same((await allRows(heap, before)).get(some), [0, 'old'], 'a page that somebody else has changed since');
    await t.rejects(runTask(heap.lockRow(older, before, [...rows.keys()][9], 'update', 'wait')), { code: '40001' });
    changed.set(some, [0, 'newer']);
    older.rollback();
    t.same(await now(store, heap), changed);
    await store.checkpoint();
    disk.crash(0);
    store = await open(disk);
    heap = table(store, heap.id);
    t.same(await now(store, heap), changed, 'after a crash');
    await store.close();
  },
);

t.test('before the changes are in the store, the log is kept', async (t) => {
  const disk = new TestDisk();
  let { store, heap, rows } = await prepare(disk);
  const older = store.begin('repeatable read');
  older.snapshot();
  await inTransaction(store, (tx) => change(tx, heap, rows.keys(), ([n]) => (Number(n) % 3 === 0 ? null : [n, 'new'])));
  const expected = [...rows].filter(([, [n]]) => Number(n) % 3 !== 0).map(([id, [n]]) => [id, [n, 'new']]);
  t.equal(heap.rowCount, expected.length);
  await store.checkpoint();
  disk.crash(1000);
  for (const when of ['after a crash', 'after an orderly end']) {
    store = await open(disk);
    heap = table(store, heap.id);
    t.same([...(await now(store, heap))], expected, when);
    for (const index of indexesOf(heap)) {
      const reader = store.begin('read committed');
      t.equal((await candidates(index, reader.latest())).length, expected.length, 'no entries of deleted rows');
      t.equal(index.entryCount, expected.length);
      reader.rollback();
    }
    t.equal(heap.rowCount, expected.length);
    await store.close();
  }
});

t.test('a checkpoint frees the log while a snapshot still needs the old rows', async (t) => {
  for (const end of ['crash', 'release']) {
    const disk = new TestDisk();
    let { store, heap, rows } = await prepare(disk);
    const older = store.begin('repeatable read');
    const before = older.snapshot();
    await inTransaction(store, (tx) =>
      change(tx, heap, rows.keys(), ([n]) => (Number(n) % 3 === 0 ? null : [n, 'new'])),
    );
    const expected = new Map<RowId, Row>();
    for (const [id, [n]] of rows) if (Number(n) % 3 !== 0) expected.set(id, [n, 'new']);
    await store.checkpoint();
    t.same(disk.records, [], 'nothing of the log is kept');
    t.same(await allRows(heap, before), rows, 'the old rows');
    await sameThroughIndexes(heap, before, rows, 'the old rows');
    const [some] = expected.keys();
    await inTransaction(store, (tx) => updateRow(tx, heap, some, () => [1, 'newer']));
    expected.set(some, [1, 'newer']);
    t.same(await allRows(heap, before), rows, 'after a page was changed again');
    t.same(await now(store, heap), expected);
    if (end === 'release') {
      older.rollback();
      await store.checkpoint();
      t.same(heap.superseded(), [], 'nothing is left of the old rows');
    }
    disk.crash(0);
    store = await open(disk);
    heap = table(store, heap.id);
    t.same(await now(store, heap), expected, 'after a crash');
    await store.close();
  }
});

t.test('others wait for the rows, and get them when the transaction is over', async (t) => {
  for (const end of ['commit', 'rollback']) {
    const { store, heap, rows } = await prepare(new TestDisk());
    const tx = store.begin('read committed');
    await runTask(change(tx, heap, rows.keys(), ([n]) => [n, 'new']));
    const ids = [...rows.keys()];
    const other = store.begin('read committed');
    const snapshot = other.snapshot();
    t.same(await runTask(heap.lockRow(other, snapshot, ids[3], 'update', 'nowait')), { status: 'unavailable' });
    const waiting = runTask(heap.lockRow(other, snapshot, ids[700], 'update', 'wait'));
    if (end === 'commit') await commit(tx);
    else tx.rollback();
    const version = end === 'commit' ? 'new' : 'old';
    t.match(await waiting, { status: 'locked', row: [700, version], moved: end === 'commit' });
    t.match(await runTask(heap.lockRow(other, snapshot, ids[3], 'update', 'nowait')), { status: 'locked' });
    other.rollback();
    t.same(store.locks(), [], 'nothing is left locked');
    t.equal((await now(store, heap)).get(ids[1999])?.[1], version);
    await store.close();
  }
});

t.test('two large commits, and snapshots before, between and after them', async (t) => {
  const { store, heap, rows } = await prepare(new TestDisk());
  const readers: { tx: Transaction; snapshot: Snapshot; version: string }[] = [];
  for (const version of ['old', 'second', 'third']) {
    if (version !== 'old') await inTransaction(store, (tx) => change(tx, heap, rows.keys(), ([n]) => [n, version]));
    const tx = store.begin('repeatable read');
    readers.push({ tx, snapshot: tx.snapshot(), version });
  }
  for (const { snapshot, version } of readers) {
    const found = await allRows(heap, snapshot);
    t.same(new Set([...found.values()].map((row) => row[1])), new Set([version]));
    t.equal(found.size, ROWS);
  }
  for (const { tx } of readers) tx.rollback();
  await store.close();
});

t.test('a savepoint takes back changes that were set aside, and gives their locks back', async (t) => {
  const { store, heap, rows } = await prepare(new TestDisk());
  const ids = [...rows.keys()];
  const tx = store.begin('read committed');
  const snapshot = tx.snapshot();
  await runTask(heap.lockRow(tx, snapshot, ids[0], 'no key update', 'wait'));
  const level = tx.savepoint();
  await runTask(heap.lockRow(tx, snapshot, ids[0], 'update', 'wait'));
  t.ok((await runTask(change(tx, heap, ids.slice(1), ([n]) => [n, 'new']))) > 0);
  tx.rollbackTo(level);
  t.notOk(tx.hasChanged(heap.id));
  const other = store.begin('read committed');
  const lock = async (id: RowId, mode: 'key share' | 'update'): Promise<string> =>
    (await runTask(heap.lockRow(other, other.latest(), id, mode, 'nowait'))).status;
  t.equal(await lock(ids[0], 'update'), 'unavailable');
  t.equal(await lock(ids[0], 'key share'), 'locked');
  t.equal(await lock(ids[1000], 'update'), 'locked');
  other.rollback();
  tx.releaseSnapshot(snapshot);
  tx.rollback();
  await store.close();
});

t.test('a packed lock can become a stronger one', async (t) => {
  const { store, heap, rows } = await prepare(new TestDisk());
  const ids = [...rows.keys()];
  const tx = store.begin('read committed');
  const snapshot = tx.snapshot();
  for (const id of ids) {
    await runTask(heap.lockRow(tx, snapshot, id, 'no key update', 'wait'));
    heap.update(tx, id, [0, 'new']);
    if (tx.needsSpill) await runTask(tx.spill());
  }
  tx.releaseSnapshot(snapshot);
  tx.nextCommand();
  await runTask(heap.lockRow(tx, tx.latest(), ids[1], 'update', 'wait'));
  const other = store.begin('read committed');
  for (const [id, status] of [[ids[0], 'locked'] as const, [ids[1], 'unavailable'] as const])
    t.match(await runTask(heap.lockRow(other, other.latest(), id, 'key share', 'nowait')), { status });
  other.rollback();
  tx.rollback();
  t.same(store.locks(), []);
  await store.close();
});

t.test('temporary files leave no name behind', async (t) => {
  const { store, heap, rows } = await prepare(new TestDisk());
  const tx = store.begin('read committed');
  t.ok((await runTask(change(tx, heap, rows.keys(), () => null))) > 0);
  t.same(readdirSync(join(dataDir, TEMPORARY_DIRECTORY)), []);
  tx.rollback();
  t.same(await now(store, heap), rows);
  await store.close();
});

t.test('keys that were set aside are taken until the transaction ends', async (t) => {
  for (const end of ['commit', 'rollback', 'back'] as const) {
    const { store, heap, rows } = await prepare(new TestDisk());
    const [some] = rows.keys();
    const unique = indexesOf(heap)[UNIQUE];
    const tx = store.begin('read committed');
    const level = tx.savepoint();
    await runTask(change(tx, heap, rows.keys(), ([n]) => [toggled(n), 'new']));
    const check = (who: Transaction, key: string): Promise<RowId> =>
      runTask(unique.checkUnique(who, heap, key, ([n]) => `v${n}`, 0));
    t.equal(await check(tx, 'v-1'), some, 'it has the key itself');
    t.equal(await check(tx, 'v5000'), 0);
    t.equal(await check(tx, 'v1'), 0, 'it has given the key up');
    const other = store.begin('read committed');
    t.notOk(unique.tryReserve(other, 'v-1'));
    let found: RowId | null = null;
    const waiting = check(other, 'v-1').then((rowId) => {
      found = rowId;
    });
    await nextTurn();
    t.equal(found, null, 'somebody else waits');
    if (end === 'commit') await commit(tx);
    else if (end === 'rollback') tx.rollback();
    else tx.rollbackTo(level);
    await waiting;
    t.equal(found, end === 'commit' ? some : 0);
    other.rollback();
    tx.rollback();
    t.same(store.locks(), []);
    await store.close();
  }
});

t.test('a checkpoint with changed keys, and a snapshot that needs the old ones', async (t) => {
  const disk = new TestDisk();
  let { store, heap, rows } = await prepare(disk);
  const older = store.begin('repeatable read');
  const before = older.snapshot();
  await inTransaction(store, (tx) => change(tx, heap, rows.keys(), ([n]) => [toggled(n), 'new']));
  const expected = new Map([...rows].map(([id, [n]]): [RowId, Row] => [id, [toggled(n), 'new']]));
  await sameThroughIndexes(heap, before, rows, 'before it is in the store');
  await store.checkpoint();
  t.same(disk.records, [], 'nothing of the log is kept');
  await sameThroughIndexes(heap, before, rows, 'the old keys');
  const [some] = rows.keys();
  await inTransaction(store, (tx) => change(tx, heap, [some], ([n]) => [toggled(n), 'back']));
  expected.set(some, [0, 'back']);
  await sameThroughIndexes(heap, before, rows, 'the old keys');
  const newer = store.begin('read committed');
  await sameThroughIndexes(heap, newer.latest(), expected, 'the new keys');
  newer.rollback();
  older.rollback();
  disk.crash(0);
  store = await open(disk);
  heap = table(store, heap.id);
  const reader = store.begin('read committed');
  await sameThroughIndexes(heap, reader.latest(), expected, 'after a crash');
  for (const index of indexesOf(heap)) t.equal((await candidates(index, reader.latest())).length, ROWS);
  reader.rollback();
  await store.close();
});

t.test('keys that a savepoint takes back do not come with the commit', async (t) => {
  const { store, heap, rows } = await prepare(new TestDisk());
  const expected = new Map(rows);
  const ids = [...rows.keys()];
  const tx = store.begin('read committed');
  // The last ones are not set aside before the savepoint, and share keys with others.
  const half = ids.slice(0, 1003);
  await runTask(change(tx, heap, half, ([n]) => [toggled(n), 'kept']));
  for (const id of half) expected.set(id, [toggled(rows.get(id)?.[0]), 'kept']);
  const level = tx.savepoint();
  await runTask(change(tx, heap, ids, ([n]) => [toggled(n), 'taken back']));
  tx.rollbackTo(level);
  tx.release(level);
  await sameThroughIndexes(heap, tx.latest(), expected, 'its own view');
  await commit(tx);
  await store.checkpoint();
  const reader = store.begin('read committed');
  await sameThroughIndexes(heap, reader.latest(), expected, 'what is committed');
  for (const index of indexesOf(heap)) {
    t.equal((await candidates(index, reader.latest())).length, ROWS);
    t.equal(index.entryCount, ROWS);
  }
  reader.rollback();
  await store.close();
});

t.test('changes of others before the background task has got to the entries', async (t) => {
  const disk = new TestDisk();
  let { store, heap, rows } = await prepare(disk);
  const ids = [...rows.keys()];
  const expected = new Map(rows);
  const set = async (some: readonly RowId[], text: string): Promise<void> => {
    await inTransaction(store, (tx) => change(tx, heap, some, ([n]) => [toggled(n), text]));
    for (const id of some) expected.set(id, [toggled(expected.get(id)?.[0]), text]);
  };
  const look = async (what: string): Promise<void> => {
    const reader = store.begin('read committed');
    const snapshot = reader.snapshot();
    await sameThroughIndexes(heap, snapshot, expected, what);
    reader.releaseSnapshot(snapshot);
    reader.rollback();
  };
  await store.checkpoint();
  disk.hold();
  await set(ids, 'first');
  // The rows are settled, and nobody needs the old ones: only the flag says that they have to be looked at.
  for (let turn = 0; turn < 100; turn++) await nextTurn();
  await look('before');
  await set(ids.slice(10, 30), 'back');
  await set(ids.slice(20, 40), 'again');
  await look('after small changes');
  await set(ids, 'second');
  await set(ids.slice(15, 35), 'back');
  await look('after two large ones');
  disk.letGo();
  await store.checkpoint();
  await look('in the end');
  t.same(disk.records, []);
  disk.crash(0);
  store = await open(disk);
  heap = table(store, heap.id);
  await look('after a crash');
  const reader = store.begin('read committed');
  for (const index of indexesOf(heap)) t.equal((await candidates(index, reader.latest())).length, ROWS);
  reader.rollback();
  await store.close();
});

t.test('no checkpoint before the background task has brought everything in', async (t) => {
  const disk = new TestDisk();
  let { store, heap, rows } = await prepare(disk);
  await store.checkpoint();
  disk.hold();
  const tx = store.begin('read committed');
  const { engine } = storeTransaction(tx);
  await runTask(change(tx, heap, rows.keys(), ([n]) => [toggled(n), 'new']));
  await commit(tx);
  const taken = engine.materializer?.checkpoint();
  for (let turn = 0; turn < 100; turn++) await nextTurn();
  disk.letGo();
  await taken;
  disk.crash(0);
  store = await open(disk);
  heap = table(store, heap.id);
  const expected = new Map([...rows].map(([id, [n]]): [RowId, Row] => [id, [toggled(n), 'new']]));
  const reader = store.begin('read committed');
  t.same(await allRows(heap, reader.latest()), expected);
  await sameThroughIndexes(heap, reader.latest(), expected, 'after a crash');
  reader.rollback();
  await store.close();
});
