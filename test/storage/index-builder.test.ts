/** Indexes that are built as a whole: their blocks, changes on top of them, crashes, against a naive model. */
import t from 'tap';
import type { Index, RowId, Store } from '../../src/storage/api.js';
import { binaryForm } from '../../src/storage/binary-form.js';
import { openPersistentStore } from '../../src/storage/open-store.js';
import { StoreEngine } from '../../src/storage/store.js';
import { nextTurn, runTask, type Task } from '../../src/util/task.js';
import { candidates, commit, inTransaction, openMemoryStore, testSettings } from './support.js';
import { TestDisk, TestKv, TestWal } from './test-disk.js';

type Entry = [key: string, rowId: RowId];

const dataDir = t.testdir();

const open = (disk: TestDisk, changes = {}): Promise<Store> =>
  openPersistentStore(testSettings({ provider: 'level', blockCacheSize: 60_000, dataDir, ...changes }), {
    kv: new TestKv(disk),
    wal: new TestWal(disk),
    form: binaryForm,
  });

/** Numbers from 0 to below 1 that are the same in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

const ordered = (entries: Iterable<Entry>): Entry[] =>
  [...entries].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1]));

function nothing(): Task<void> {
  return (function* (): Task<void> {})();
}

async function build(store: Store, entries: readonly Entry[], runs = 1): Promise<Index> {
  return inTransaction(store, function* (tx) {
    const index = store.index(store.create(tx, 'index'));
    const builder = index.build(tx);
    for (const [i, [key, rowId]] of entries.entries()) {
      if (runs > 1 && i > 0 && i % Math.ceil(entries.length / runs) === 0) yield* builder.endRun();
      builder.add(key, rowId);
    }
    yield* builder.finish(nothing);
    return index;
  });
}

async function read(
  store: Store,
  index: Index,
  descending = false,
  lo: string | null = null,
  hi: string | null = null,
) {
  const tx = store.begin('read committed');
  const snapshot = tx.snapshot();
  const scan = index.scan(snapshot, { lo, hi }, descending);
  const found: Entry[] = [];
  for (;;) {
    const batch = await runTask(scan.next());
    if (batch === null) break;
    for (let i = 0; i < batch.length; i++) found.push([batch.keys[i], batch.rowIds[i]]);
  }
  tx.releaseSnapshot(snapshot);
  tx.rollback();
  return found;
}

function blocksOf(disk: TestDisk, id: number): number {
  return disk.kv.range({ ...binaryForm.entryBlockRange(id) }).length;
}

/** Keys of several lengths, many of them of several rows; a zero byte ends each, so none is the beginning of another. */
function someEntries(count: number, random: () => number): Entry[] {
  const entries: Entry[] = [];
  for (let rowId = 1; rowId <= count; rowId++) {
    const n = Math.floor(random() * count);
    const key = random() < 0.3 ? `same for many${n % 7}` : random() < 0.5 ? `k${n}` : `\x80 long beginning ${n}é`;
    entries.push([`\x01${key}\0`, rowId]);
  }
  return entries;
}

t.test('the entries are ordered, however many runs there were', async (t) => {
  const random = randomNumbers(1);
  for (const [count, runs] of [
    [0, 1],
    [10, 1],
    [700, 1],
    [5000, 1],
    [5000, 3],
    [70_000, 1],
  ]) {
    const disk = new TestDisk();
    const store = await open(disk);
    const entries = someEntries(count, random);
    const index = await build(store, entries, runs);
    const expected = ordered(entries);
    t.same(await read(store, index), expected, `${count} entries in ${runs} runs`);
    t.same(await read(store, index, true), expected.reverse());
    t.equal(index.entryCount, count);
    await store.checkpoint();
    t.equal(blocksOf(disk, index.id) > 0, count > 512);
    await store.close();
  }
});

t.test('a store in memory builds the same index', async (t) => {
  const store = await openMemoryStore();
  const entries = someEntries(3000, randomNumbers(2));
  const index = await build(store, entries, 2);
  t.same(await read(store, index), ordered(entries));
  await store.close();
});

t.test('equal keys are told of once each', async (t) => {
  const store = await open(new TestDisk());
  const told: [RowId, RowId][] = [];
  await inTransaction(store, function* (tx) {
    const builder = store.index(store.create(tx, 'index')).build(tx);
    for (let rowId = 1; rowId <= 2000; rowId++) builder.add(`\x01${rowId % 1998}\0`, rowId);
    for (const rowId of [3001, 3002, 3003]) builder.add('\x01x\0', rowId);
    yield* builder.finish(function* (first, second): Task<void> {
      told.push([first, second]);
    });
  });
  t.same(
    told.sort((a, b) => a[0] - b[0]),
    [
      [1, 1999],
      [2, 2000],
      [3001, 3002],
    ],
  );
  await store.close();
});

t.test('a build that is rolled back, or cut off by a crash, leaves nothing', async (t) => {
  const disk = new TestDisk();
  let store = await open(disk);
  const entries = someEntries(3000, randomNumbers(3));
  const start = async (): Promise<[ReturnType<Store['begin']>, number]> => {
    const tx = store.begin('read committed');
    const index = store.index(store.create(tx, 'index'));
    const builder = index.build(tx);
    for (const [key, rowId] of entries) builder.add(key, rowId);
    await runTask(builder.finish(null));
    return [tx, index.id];
  };
  const [tx, id] = await start();
  tx.rollback();
  await store.checkpoint();
  t.equal(disk.kv.range({ ...binaryForm.entryBlockRange(id) }).length, 0);
  const [, other] = await start();
  await build(store, entries);
  disk.crash(1000);
  store = await open(disk);
  t.equal(disk.kv.range({ ...binaryForm.entryBlockRange(other) }).length, 0);
  t.equal(store.index(other).entryCount, 0);
  await store.close();
});

/** Waits until superseded entries are gone, which readers would have to check otherwise. */
async function settled(store: Store): Promise<void> {
  while (store instanceof StoreEngine && store.undo.length > 0) await nextTurn();
}

t.test('changes on top of blocks survive flushes, evictions and crashes', async (t) => {
  for (let seed = 1; seed <= 4; seed++) {
    const random = randomNumbers(seed * 77);
    const disk = new TestDisk();
    let store = await open(disk);
    const built = someEntries(6000, random);
    const model = new Map(built.map((entry) => [`${entry[0]}${entry[1]}`, entry]));
    const { id } = await build(store, built);
    let nextRow = 100_000;
    for (let round = 0; round < 12; round++) {
      const index = store.index(id);
      const tx = store.begin('read committed');
      const many = random() < 0.3 ? 1500 : 40;
      const keys = [...model.keys()];
      const touched = new Set<string>();
      for (let i = 0; i < many; i++) {
        const name = keys[Math.floor(random() * keys.length)];
        const victim = random() < 0.6 && !touched.has(name) ? model.get(name) : undefined;
        if (victim !== undefined) {
          touched.add(`${victim[0]}${victim[1]}`);
          index.delete(tx, ...victim);
          model.delete(`${victim[0]}${victim[1]}`);
        } else {
          // Some come back that were deleted.
          const again = built[Math.floor(random() * built.length)];
          const entry: Entry = random() < 0.5 ? again : [again[0], nextRow++];
          const made = `${entry[0]}${entry[1]}`;
          if (model.has(made) || touched.has(made)) continue;
          touched.add(made);
          index.insert(tx, ...entry);
          model.set(made, entry);
        }
      }
      await commit(tx);
      const what = random();
      if (what < 0.3) await store.checkpoint();
      else if (what < 0.6) {
        disk.crash(Math.floor(random() * 20));
        store = await open(disk);
      } else if (what < 0.75) {
        await store.close();
        store = await open(disk);
      }
      await settled(store);
      const expected = ordered(model.values());
      const current = store.index(id);
      const message = `seed ${seed}, round ${round}`;
      const descending = random() < 0.5;
      const found = await read(store, current, descending);
      t.same(descending ? found.reverse() : found, expected, message);
      const [lo] = expected[Math.floor(random() * expected.length)];
      const above = expected.filter(([key]) => key >= lo);
      t.same(await read(store, current, false, lo), above, `${message}, from ${lo}`);
      t.same((await read(store, current, true, lo)).reverse(), above);
      t.equal(current.entryCount, expected.length);
    }
    await store.close();
  }
});

t.test('rows under one key', async (t) => {
  const disk = new TestDisk();
  const store = await open(disk);
  const entries: Entry[] = Array.from({ length: 2000 }, (_, i) => ['\x01one\0', i + 1]);
  const index = await build(store, [...entries].reverse());
  const tx = store.begin('read committed');
  t.equal(index.tryGet(tx.snapshot(), '\x01one\0'), -1);
  t.equal(index.tryGet(tx.snapshot(), '\x01other\0'), 0);
  t.same((await candidates(index, tx.snapshot())).length, 2000);
  tx.rollback();
  t.same(await read(store, index), entries);
  await store.close();
});

t.test('blocks lose removed entries, and go with the last one', async (t) => {
  const disk = new TestDisk();
  let store = await open(disk);
  const entries = ordered(someEntries(3000, randomNumbers(8)));
  const { id } = await build(store, entries);
  await store.checkpoint();
  const singles = (): number => disk.kv.range({ ...binaryForm.entryRange(id) }).length;
  const blocks = blocksOf(disk, id);
  const remove = async (some: readonly Entry[]): Promise<void> => {
    await inTransaction(store, (tx) => {
      for (const [key, rowId] of some) store.index(id).delete(tx, key, rowId);
    });
    await settled(store);
    await store.checkpoint();
  };
  const few = entries.filter((_, i) => i % 50 === 0);
  await remove(few);
  t.same([blocksOf(disk, id), singles()], [blocks, few.length], 'a few are marked');
  const rest = entries.filter((entry) => !few.includes(entry));
  await remove(rest.slice(0, 1500));
  t.same(await read(store, store.index(id)), rest.slice(1500));
  disk.crash(0);
  store = await open(disk);
  t.same(await read(store, store.index(id)), rest.slice(1500), 'after a crash');
  await remove(rest.slice(1500));
  t.same(await read(store, store.index(id)), []);
  // Leaves and blocks have different ends.
  t.ok(singles() < 2 * few.length, `${singles()} records`);
  await store.close();
  t.end();
});
