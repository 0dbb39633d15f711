/**
 * Transactions whose updates and deletes do not fit into memory, against a naive model: what they see themselves, what
 * others see before and after the commit, and what savepoints, rollbacks and crashes leave. The budget is tiny.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import type { Heap, Index, RowId, Snapshot, Store, Transaction } from '../../src/storage/api.js';
import { binaryForm } from '../../src/storage/binary-form.js';
import { openPersistentStore } from '../../src/storage/open-store.js';
import { TEMPORARY_DIRECTORY } from '../../src/storage/store.js';
import type { Row } from '../../src/types/datum.js';
import { nextTurn, runTask, type Task } from '../../src/util/task.js';
import { allRows, candidates, commit, inTransaction, testSettings, updateRow } from './support.js';
import { TestDisk, TestKv, TestWal } from './test-disk.js';

const ROWS = 2000;
const dataDir = t.testdir();
const COLUMNS = { columns: 2 };

const open = (disk: TestDisk): Promise<Store> =>
  openPersistentStore(
    testSettings({ provider: 'level', writeSetMemory: 100, changeSetMemory: 3200, blockCacheSize: 100_000, dataDir }),
    {
      kv: new TestKv(disk),
      wal: new TestWal(disk),
      form: binaryForm,
    },
  );

/** A heap's indexes: one with a key for each row, one with few keys. */
const indexes = new WeakMap<Heap, readonly Index[]>();
const KEYS: readonly ((rowId: RowId) => string)[] = [
  (rowId) => String(rowId).padStart(6, '0'),
  (rowId) => `k${rowId % 40}`,
];

function table(store: Store, id: number): Heap {
  const heap = store.heap(id, COLUMNS);
  const own = KEYS.map((_, i) => store.index(id + 1 + i));
  for (const index of own) index.heap = id;
  indexes.set(heap, own);
  return heap;
}

function insertRow(tx: Transaction, heap: Heap, row: Row): RowId {
  const rowId = heap.insert(tx, row);
  indexes.get(heap)?.forEach((index, i) => index.insert(tx, KEYS[i](rowId), rowId, true));
  return rowId;
}

function deleteRow(tx: Transaction, heap: Heap, rowId: RowId): void {
  heap.delete(tx, rowId);
  indexes.get(heap)?.forEach((index, i) => index.delete(tx, KEYS[i](rowId), rowId));
}

/** The rows that the snapshot sees through each of the indexes are `expected`. */
async function sameThroughIndexes(
  heap: Heap,
  snapshot: Snapshot,
  expected: Map<RowId, Row>,
  what: string,
): Promise<void> {
  for (const [i, index] of (indexes.get(heap) ?? []).entries()) {
    const found = new Map<RowId, Row>();
    for (const [key, rowId] of await candidates(index, snapshot)) {
      if (key !== KEYS[i](rowId)) throw new Error(`${what}: row ${rowId} under ${key}`);
      const row = await runTask(heap.fetch(snapshot, rowId));
      if (row !== null) found.set(rowId, row);
    }
    same(found, expected, `${what}, by index ${i}`);
  }
}

async function prepare(disk: TestDisk): Promise<{ store: Store; heap: Heap; rows: Map<RowId, Row> }> {
  const store = await open(disk);
  const rows = new Map<RowId, Row>();
  const heap = await inTransaction(store, (tx) => {
    const id = store.create(tx, 'heap');
    for (const _ of KEYS) store.create(tx, 'index');
    const made = table(store, id);
    for (let i = 0; i < ROWS; i++) rows.set(insertRow(tx, made, [i, 'old']), [i, 'old']);
    return made;
  });
  return { store, heap, rows };
}

/** One command: changes the rows (null: deletes), spilling as statements do. Returns how often it had to. */
function* change(tx: Transaction, heap: Heap, ids: Iterable<RowId>, next: (row: Row) => Row | null): Task<number> {
  const snapshot = tx.snapshot();
  let spills = 0;
  let done = 0;
  for (const id of ids) {
    const locked = yield* heap.lockRow(tx, snapshot, id, 'update', 'wait');
    if (locked.status !== 'locked') throw new Error(`row ${id} is ${locked.status}`);
    const row = next(locked.row);
    if (row === null) deleteRow(tx, heap, id);
    else heap.update(tx, id, row);
    if (++done % 50 === 0 && tx.needsSpill) {
      yield* tx.spill();
      spills++;
    }
  }
  tx.releaseSnapshot(snapshot);
  tx.nextCommand();
  return spills;
}

async function now(store: Store, heap: Heap): Promise<Map<RowId, Row>> {
  const tx = store.begin('read committed');
  const snapshot = tx.snapshot();
  const rows = await allRows(heap, snapshot);
  tx.releaseSnapshot(snapshot);
  tx.rollback();
  return rows;
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
    for (const index of indexes.get(heap) ?? []) {
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
    await inTransaction(store, (tx) => updateRow(tx, heap, some, () => [0, 'newer']));
    expected.set(some, [0, 'newer']);
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

type Step =
  | { readonly kind: 'change' | 'delete'; readonly from: number; readonly count: number; readonly every: number }
  | { readonly kind: 'insert'; readonly count: number }
  | {
      readonly kind:
        | 'small'
        | 'checkpoint'
        | 'look'
        | 'cursor'
        | 'snapshot'
        | 'release'
        | 'savepoint'
        | 'back'
        | 'commit';
    }
  | { readonly kind: 'rollback' | 'crash' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constantFrom('change' as const, 'change' as const, 'delete' as const),
        from: fc.nat(1500),
        count: fc.integer({ min: 1, max: 1200 }),
        every: fc.integer({ min: 1, max: 3 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('insert' as const), count: fc.nat(600) }) },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          'small' as const,
          'checkpoint',
          'look',
          'cursor',
          'snapshot',
          'release',
          'savepoint',
          'back',
          'commit',
        ),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('rollback' as const, 'crash') }) },
  ),
  { minLength: 6, maxLength: 30 },
);

/** One large transaction at a time, small ones beside it, snapshots of any age. */
class Run {
  private tx: Transaction;
  /** What the large transaction sees. */
  private own: Map<RowId, Row>;
  private savepoints: { readonly level: number; readonly own: Map<RowId, Row> }[] = [];
  /** Rows that it has locked. */
  private locked = new Set<RowId>();
  private snapshots: { readonly tx: Transaction; readonly snapshot: Snapshot; readonly rows: Map<RowId, Row> }[] = [];
  /** What earlier commands of the large transaction have opened. */
  private cursors: { readonly snapshot: Snapshot; readonly rows: Map<RowId, Row>; readonly depth: number }[] = [];
  private version = 0;
  spills = 0;

  constructor(
    private readonly disk: TestDisk,
    private store: Store,
    private heap: Heap,
    private committed: Map<RowId, Row>,
  ) {
    this.own = new Map(committed);
    this.tx = store.begin('read committed');
  }

  private begin(): void {
    this.tx = this.store.begin('read committed');
    this.own = new Map(this.committed);
    this.savepoints = [];
    this.locked = new Set();
    this.cursors = [];
  }

  private closeCursors(): void {
    for (const { snapshot } of this.cursors) this.tx.releaseSnapshot(snapshot);
    this.cursors = [];
  }

  async step(step: Step): Promise<void> {
    const { store, heap, tx } = this;
    switch (step.kind) {
      case 'change':
      case 'delete': {
        const ids = [...this.own.keys()].slice(step.from).filter((_, i) => i % step.every === 0);
        const next = (): Row | null => (step.kind === 'delete' ? null : [++this.version, 'changed']);
        const some = ids.slice(0, step.count);
        this.spills += await runTask(
          change(tx, heap, some, () => {
            return next();
          }),
        );
        // The model sees the same versions in the same order.
        this.version -= step.kind === 'delete' ? 0 : some.length;
        for (const id of some) {
          this.locked.add(id);
          const row = next();
          if (row === null) this.own.delete(id);
          else this.own.set(id, row);
        }
        break;
      }
      case 'insert': {
        const snapshot = tx.snapshot();
        for (let i = 0; i < step.count; i++) {
          const row = [++this.version, 'inserted'];
          const id = insertRow(tx, heap, row);
          this.own.set(id, row);
          this.locked.add(id);
          if (i % 100 === 0 && tx.needsSpill) await runTask(tx.spill());
        }
        tx.releaseSnapshot(snapshot);
        tx.nextCommand();
        break;
      }
      case 'small': {
        const id = [...this.committed.keys()].find((key) => !this.locked.has(key) && key % 7 === this.version % 7);
        if (id === undefined) break;
        const row = [++this.version, 'small'];
        await inTransaction(store, (other) => updateRow(other, heap, id, () => row));
        this.committed.set(id, row);
        this.own.set(id, row);
        // A savepoint does not bring others' commits back.
        for (const { own } of this.savepoints) own.set(id, row);
        break;
      }
      case 'cursor': {
        const snapshot = tx.snapshot();
        this.cursors.push({ snapshot, rows: new Map(this.own), depth: this.savepoints.length });
        break;
      }
      case 'checkpoint':
        await store.checkpoint();
        break;
      case 'look':
        await this.look();
        break;
      case 'snapshot': {
        const reader = store.begin('repeatable read');
        this.snapshots.push({ tx: reader, snapshot: reader.snapshot(), rows: new Map(this.committed) });
        break;
      }
      case 'release':
        this.snapshots.shift()?.tx.rollback();
        this.closeCursors();
        break;
      case 'savepoint':
        this.savepoints.push({ level: tx.savepoint(), own: new Map(this.own) });
        break;
      case 'back': {
        const mark = this.savepoints.at(-1);
        if (mark === undefined) break;
        tx.rollbackTo(mark.level);
        this.own = new Map(mark.own);
        for (const { snapshot, depth } of this.cursors)
          if (depth >= this.savepoints.length) tx.releaseSnapshot(snapshot);
        this.cursors = this.cursors.filter(({ depth }) => depth < this.savepoints.length);
        break;
      }
      case 'commit':
        this.closeCursors();
        await commit(tx);
        this.committed = this.own;
        this.begin();
        break;
      case 'rollback':
        this.closeCursors();
        tx.rollback();
        this.begin();
        break;
      case 'crash':
        this.disk.crash(this.version % 5);
        this.store = await open(this.disk);
        this.heap = table(this.store, heap.id);
        this.snapshots = [];
        this.begin();
        await this.look();
    }
  }

  async look(): Promise<void> {
    const { store, heap, tx } = this;
    const snapshot = tx.snapshot();
    same(await allRows(heap, snapshot), this.own, 'its own view');
    await sameThroughIndexes(heap, snapshot, this.own, 'its own view');
    tx.releaseSnapshot(snapshot);
    same(await now(store, heap), this.committed, 'what is committed');
    for (const { snapshot: older, rows } of [...this.cursors, ...this.snapshots]) {
      same(await allRows(heap, older), rows, 'an older snapshot');
      await sameThroughIndexes(heap, older, rows, 'an older snapshot');
    }
    const [some] = this.own;
    if (some !== undefined) {
      const found = await runTask(heap.fetch(tx.latest(), some[0]));
      if (String(found) !== String(some[1])) throw new Error(`row ${some[0]} is ${found}, not ${some[1]}`);
    }
  }

  async end(): Promise<void> {
    await this.look();
    for (const { tx } of this.snapshots) tx.rollback();
    this.closeCursors();
    this.tx.rollback();
    same(await now(this.store, this.heap), this.committed, 'in the end');
    if (this.heap.rowCount !== this.committed.size)
      throw new Error(`${this.heap.rowCount} rows are counted, not ${this.committed.size}`);
    if (this.store.locks().length > 0) throw new Error('locks are left');
    // It is cleaned up in the background.
    let left = 'something';
    for (let turn = 0; turn < 500 && left !== ''; turn++) {
      await nextTurn();
      left = await this.leftovers();
    }
    if (left !== '') throw new Error(left);
    await this.store.close();
  }

  /** What is in memory or in the indexes though nobody can need it. */
  private async leftovers(): Promise<string> {
    if (this.heap.superseded().length > 0) return 'old versions are left';
    const reader = this.store.begin('read committed');
    const { size } = this.committed;
    let left = '';
    for (const [i, index] of (indexes.get(this.heap) ?? []).entries()) {
      const { length } = await candidates(index, reader.latest());
      if (length !== size || index.entryCount !== size)
        left = `index ${i} has ${length} entries and counts ${index.entryCount}, for ${size} rows`;
    }
    reader.rollback();
    return left;
  }
}

function same(found: Map<RowId, Row>, expected: Map<RowId, Row>, what: string): void {
  if (found.size !== expected.size) throw new Error(`${what}: ${found.size} rows, not ${expected.size}`);
  for (const [id, row] of expected) {
    const other = found.get(id);
    if (other === undefined || other[0] !== row[0] || other[1] !== row[1])
      throw new Error(`${what}: row ${id} is ${other}, not ${row}`);
  }
}

t.test('random histories against a model', async (t) => {
  let spills = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const disk = new TestDisk();
      const { store, heap, rows } = await prepare(disk);
      const run = new Run(disk, store, heap, rows);
      for (const step of history) await run.step(step);
      await run.end();
      spills += run.spills;
    }),
    { numRuns: Number(process.env.ORBIT_ASIDE_RUNS ?? 40), endOnFailure: false },
  );
  t.ok(spills > 20, `${spills} spills`);
});
