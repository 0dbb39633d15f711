/**
 * Restart, crash, eviction and write-behind over the test disk, and a random history against a naive model.
 */
import fc from 'fast-check';
import t from 'tap';
import type { Store } from '../../src/storage/api.js';
import { openPersistentStore } from '../../src/storage/open-store.js';
import type { Row } from '../../src/types/datum.js';
import { runTask } from '../../src/util/task.js';
import { allRows, candidates, commit, fetchNow, inTransaction, testSettings, updateRow } from './support.js';
import { JSON_FORM, TestDisk, TestKv, TestWal } from './test-disk.js';

function open(disk: TestDisk, changes = {}): Promise<Store> {
  return openPersistentStore(testSettings({ provider: 'level', ...changes }), {
    kv: new TestKv(disk),
    wal: new TestWal(disk),
    form: JSON_FORM,
  });
}

const keyOf = (row: Row) => String(row[0]).padStart(8, '0');

t.test('everything is there after an orderly end, and after a crash', async (t) => {
  for (const end of ['close', 'crash']) {
    const disk = new TestDisk();
    let store = await open(disk);
    const [heapId, indexId, sequenceId] = await inTransaction(store, (tx) => {
      const heap = store.heap(store.create(tx, 'heap'), { columns: 2 });
      const index = store.index(store.create(tx, 'index'));
      const sequence = store.create(tx, 'sequence');
      for (let i = 0; i < 3000; i++) index.insert(tx, keyOf([i]), heap.insert(tx, [i, 'x'.repeat(100)]));
      store.writeSequence(sequence, { lastValue: 41, isCalled: true }, tx);
      return [heap.id, index.id, sequence];
    });
    store.writeMeta('name', Buffer.from('value'));
    await inTransaction(store, (tx) => updateRow(tx, store.heap(heapId, { columns: 2 }), 5, () => [4, 'new']));
    if (end === 'close') await store.close();
    disk.crash(end === 'close' ? 1000 : 0);
    store = await open(disk);
    const heap = store.heap(heapId, { columns: 2 });
    t.equal(heap.rowCount, 3000, end);
    t.same(await fetchNow(store, heap, 5), [4, 'new']);
    t.same(store.readSequence(sequenceId), { lastValue: 41, isCalled: true });
    t.same(store.readMeta('name'), Buffer.from('value'));
    t.ok(store.allocateStorageId() > sequenceId);
    const tx = store.begin('read committed');
    t.equal((await candidates(store.index(indexId), tx.snapshot())).length, 3000);
    t.equal((await candidates(store.index(indexId), tx.snapshot(), null, null, true)).length, 3000);
    t.ok(heap.insert(tx, [1, 'a']) > 3000);
    tx.rollback();
    await store.close();
  }
});

t.test('data larger than the cache: reads, writes and index scans', async (t) => {
  const disk = new TestDisk();
  let store = await open(disk, { blockCacheSize: 200_000 });
  const COUNT = 40_000;
  const [heapId, indexId] = await inTransaction(store, (tx) => {
    const heap = store.heap(store.create(tx, 'heap'), { columns: 2 });
    const index = store.index(store.create(tx, 'index'));
    for (let i = 0; i < COUNT; i++) index.insert(tx, keyOf([i]), heap.insert(tx, [i, 0]));
    return [heap.id, index.id];
  });
  for (const restart of [false, true]) {
    await store.checkpoint();
    if (restart) {
      disk.crash(0);
      store = await open(disk, { blockCacheSize: 200_000 });
    }
    const heap = store.heap(heapId, { columns: 2 });
    const index = store.index(indexId);
    for (let i = 0; i < 300; i++) {
      const key = keyOf([(i * 7919) % COUNT]);
      await inTransaction(store, function* (tx) {
        const scan = index.scan(tx.latest(), { lo: key, hi: `${key}\0` }, false);
        const batch = yield* scan.next();
        yield* updateRow(tx, heap, batch?.rowIds[0] ?? 0, ([n, c]) => [n, Number(c) + 1]);
      });
    }
    const reader = store.begin('read committed');
    const rows = await allRows(heap, reader.snapshot());
    t.equal(rows.size, COUNT);
    t.equal(
      [...rows.values()].reduce((sum, row) => sum + Number(row[1]), 0),
      restart ? 600 : 300,
    );
    const entries = await candidates(index, reader.snapshot(), keyOf([1000]), keyOf([9000]));
    t.equal(entries.length, 8000);
    t.same(await candidates(index, reader.snapshot(), keyOf([1000]), keyOf([9000]), true), entries.slice().reverse());
    t.equal((await candidates(index, reader.snapshot(), null, null, true))[0][0], keyOf([COUNT - 1]));
    reader.rollback();
  }
  await store.close();
});

t.test('a dropped storage is cleared, also when a crash comes in between', async (t) => {
  for (const crash of [false, true]) {
    const disk = new TestDisk();
    let store = await open(disk);
    const id = await inTransaction(store, (tx) => {
      const heap = store.heap(store.create(tx, 'heap'), { columns: 1 });
      for (let i = 0; i < 600; i++) heap.insert(tx, [i]);
      return heap.id;
    });
    await store.checkpoint();
    const reader = store.begin('repeatable read');
    const snapshot = reader.snapshot();
    await inTransaction(store, (tx) => store.drop(tx, id));
    await store.checkpoint();
    t.equal((await allRows(store.heap(id, { columns: 1 }), snapshot)).size, 600, 'an old snapshot still reads it');
    if (crash) {
      disk.crash(0);
      store = await open(disk);
    } else {
      reader.rollback();
      await store.checkpoint();
    }
    t.equal(disk.kv.range({ ...JSON_FORM.storageRange(id) }).length, 0);
    await store.close();
  }
});

type Step = readonly [
  kind: 'insert' | 'update' | 'delete' | 'begin' | 'commit' | 'rollback' | 'checkpoint' | 'wait' | 'crash' | 'read',
  a: number,
  b: number,
];

t.test('random histories against a model', async (t) => {
  const step: fc.Arbitrary<Step> = fc.tuple(
    fc.constantFrom(
      'insert',
      'insert',
      'update',
      'update',
      'delete',
      'begin',
      'commit',
      'commit',
      'rollback',
      'checkpoint',
      'wait',
      'wait',
      'crash',
      'read',
    ),
    fc.nat(1000),
    fc.nat(1000),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120, size: 'max' }), fc.nat(3), (steps, keep) => history(steps, keep)),
    { numRuns: 60 },
  );
  t.pass('no difference');
});

/** One writer at a time against the model, with an old snapshot held open, and crashes. */
async function history(steps: readonly Step[], keep: number): Promise<void> {
  const disk = new TestDisk();
  const settings = { blockCacheSize: 1 };
  let store = await open(disk, settings);
  const [heapId, indexId] = await inTransaction(store, (tx) => {
    const heap = store.heap(store.create(tx, 'heap'), { columns: 2 });
    return [heap.id, store.create(tx, 'index')];
  });
  let committed = new Map<number, Row>();
  let working = new Map<number, Row>();
  let tx = store.begin('read committed');
  let old: { tx: typeof tx; rows: Map<number, Row> } | null = null;
  const begin = () => {
    tx = store.begin('read committed');
    working = new Map(committed);
  };
  for (const [kind, a, b] of steps) {
    const heap = store.heap(heapId, { columns: 2 });
    const index = store.index(indexId);
    const target = [...working.keys()][a % Math.max(1, working.size)];
    if (kind === 'insert') {
      for (let i = 0; i < (b % 5 === 0 ? 900 : 1); i++) {
        const row: Row = [a % 97, b + i];
        const rowId = heap.insert(tx, row);
        index.insert(tx, keyOf(row), rowId);
        working.set(rowId, row);
      }
      tx.nextCommand();
    } else if (kind === 'update' && target !== undefined) {
      const row: Row = [b % 97, a];
      await runTask(updateRow(tx, heap, target, () => row));
      if (keyOf(row) !== keyOf(working.get(target)!)) {
        index.delete(tx, keyOf(working.get(target)!), target);
        index.insert(tx, keyOf(row), target);
      }
      tx.nextCommand();
      working.set(target, row);
    } else if (kind === 'delete' && target !== undefined) {
      await runTask(heap.lockRow(tx, tx.latest(), target, 'update', 'wait'));
      heap.delete(tx, target);
      index.delete(tx, keyOf(working.get(target)!), target);
      tx.nextCommand();
      working.delete(target);
    } else if (kind === 'begin') {
      old?.tx.rollback();
      old = { tx: store.begin('repeatable read'), rows: new Map(committed) };
      old.tx.snapshot();
    } else if (kind === 'commit') {
      await commit(tx);
      committed = working;
      begin();
    } else if (kind === 'rollback') {
      tx.rollback();
      begin();
    } else if (kind === 'checkpoint') {
      if (b % 2 === 0) await store.checkpoint();
      else void store.checkpoint().catch(() => undefined);
    } else if (kind === 'wait') await new Promise((resolve) => setImmediate(resolve));
    else if (kind === 'crash') {
      disk.crash(keep);
      store = await open(disk, settings);
      old = null;
      begin();
    } else await compare(store, heapId, indexId, tx, working);
    if (old !== null && b % 7 === 0) await compare(store, heapId, indexId, old.tx, old.rows);
  }
  await compare(store, heapId, indexId, tx, working);
  tx.rollback();
  old?.tx.rollback();
  const end = store.begin('read committed');
  await compare(store, heapId, indexId, end, committed);
  if (store.heap(heapId, { columns: 2 }).rowCount !== committed.size) throw new Error('row count');
  await store.close();
  disk.crash(0);
  store = await open(disk, settings);
  await compare(store, heapId, indexId, store.begin('read committed'), committed);
  await store.close();
}

async function compare(
  store: Store,
  heapId: number,
  indexId: number,
  tx: ReturnType<Store['begin']>,
  rows: Map<number, Row>,
): Promise<void> {
  const heap = store.heap(heapId, { columns: 2 });
  const snapshot = tx.snapshot();
  const sorted = (map: Map<number, Row>) => JSON.stringify([...map].sort(([x], [y]) => x - y));
  const seen = await allRows(heap, snapshot);
  if (sorted(seen) !== sorted(rows)) throw new Error(`rows differ: ${sorted(seen)} instead of ${sorted(rows)}`);
  const byIndex: string[] = [];
  const up = await candidates(store.index(indexId), snapshot);
  const down = await candidates(store.index(indexId), snapshot, null, null, true);
  if (JSON.stringify(up) !== JSON.stringify(down.reverse())) throw new Error('a descending scan differs');
  for (const [key, rowId] of up) {
    const row = await runTask(heap.fetch(snapshot, rowId));
    if (row === null) continue;
    if (heap.recheck && keyOf(row) !== key) continue;
    if (keyOf(row) !== key) throw new Error(`stale entry ${key} of row ${rowId} without recheck`);
    byIndex.push(`${key}/${rowId}`);
  }
  const expected = [...rows].map(([rowId, row]) => `${keyOf(row)}/${rowId}`);
  if (JSON.stringify(byIndex.slice().sort()) !== JSON.stringify(expected.sort())) {
    throw new Error(`index differs: ${byIndex} instead of ${expected}`);
  }
  tx.releaseSnapshot(snapshot);
}
