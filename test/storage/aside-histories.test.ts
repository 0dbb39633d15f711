/**
 * Random histories of transactions whose changes do not fit into memory, against a naive model: one large transaction at a
 * time, which changes keys as well, small ones beside it, savepoints, snapshots of any age, prepared ones, crashes.
 */
import fc from 'fast-check';
import t from 'tap';
import type { Heap, RowId, Snapshot, Store, Transaction } from '../../src/storage/api.js';
import type { Row } from '../../src/types/datum.js';
import { nextTurn, runTask, type Task } from '../../src/util/task.js';
import {
  change,
  indexesOf,
  insertRow,
  now,
  openAside,
  prepareTable,
  replaceRow,
  same,
  sameThroughIndexes,
  table,
  toggled,
} from './aside-table.js';
import { allRows, candidates, commit, inTransaction } from './support.js';
import { TestDisk } from './test-disk.js';

const dataDir = t.testdir();
t.setTimeout(240_000);

/** All changes stay in memory, and all leaves. */
const AMPLE = 8 << 20;
const cacheFor = (memory: number): number => (memory === AMPLE ? AMPLE : 100_000);

type ChangeKind = 'text' | 'toggle' | 'delete';

const SIMPLE = [
  'small',
  'small',
  'checkpoint',
  'hold',
  'hold',
  'letGo',
  'look',
  'look',
  'cursor',
  'snapshot',
  'release',
  'savepoint',
  'savepoint',
  'back',
  'back',
  'forward',
  'commit',
  'commit',
] as const;
const RARE = ['rollback', 'crash'] as const;

type Simple = (typeof SIMPLE)[number] | (typeof RARE)[number];

type Step =
  | { readonly kind: ChangeKind; readonly from: number; readonly count: number; readonly every: number }
  | { readonly kind: 'insert'; readonly count: number }
  | { readonly kind: 'prepare'; readonly crash: boolean; readonly checkpoint: boolean; readonly commit: boolean }
  | { readonly kind: Simple };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc.record({
        kind: fc.constantFrom<ChangeKind>('text', 'toggle', 'toggle', 'delete'),
        from: fc.nat(1500),
        count: fc.integer({ min: 1, max: 1200 }),
        every: fc.integer({ min: 1, max: 3 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('insert' as const), count: fc.nat(600) }) },
    { weight: 9, arbitrary: fc.record({ kind: fc.constantFrom<Simple>(...SIMPLE) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('prepare' as const),
        crash: fc.boolean(),
        checkpoint: fc.boolean(),
        commit: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom<Simple>(...RARE) }) },
  ),
  { minLength: 6, maxLength: 30 },
);

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
    private readonly memory: number,
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

  private async reopen(): Promise<void> {
    this.disk.crash(this.version % 5);
    this.store = await openAside(this.disk, dataDir, this.memory, cacheFor(this.memory));
    this.heap = table(this.store, this.heap.id);
    this.snapshots = [];
  }

  async step(step: Step): Promise<void> {
    const { store, tx } = this;
    switch (step.kind) {
      case 'text':
      case 'toggle':
      case 'delete':
        return this.change(step.kind, step);
      case 'insert':
        return runTask(this.insert(step.count));
      case 'small':
        return this.small();
      case 'cursor': {
        const snapshot = tx.snapshot();
        this.cursors.push({ snapshot, rows: new Map(this.own), depth: this.savepoints.length });
        return;
      }
      case 'checkpoint':
        this.disk.letGo();
        return store.checkpoint();
      case 'hold':
        return this.disk.hold();
      case 'letGo':
        return this.disk.letGo();
      case 'look':
        return this.look();
      case 'snapshot': {
        const reader = store.begin('repeatable read');
        this.snapshots.push({ tx: reader, snapshot: reader.snapshot(), rows: new Map(this.committed) });
        return;
      }
      case 'release':
        this.snapshots.shift()?.tx.rollback();
        return this.closeCursors();
      case 'savepoint':
        if (tx.needsSpillForSavepoint && this.version % 3 > 0) await runTask(tx.spillForSavepoint());
        this.savepoints.push({ level: tx.savepoint(), own: new Map(this.own) });
        return;
      case 'forward': {
        const mark = this.savepoints.pop();
        if (mark !== undefined) tx.release(mark.level);
        return;
      }
      case 'back':
        return this.back();
      case 'prepare':
        return this.prepare(step);
      case 'commit':
        this.closeCursors();
        await commit(tx);
        this.committed = this.own;
        return this.begin();
      case 'rollback':
        this.closeCursors();
        tx.rollback();
        return this.begin();
      case 'crash':
        await this.reopen();
        this.begin();
        await this.look();
        await this.onlyLiveEntries();
    }
  }

  private async change(kind: ChangeKind, range: { from: number; count: number; every: number }): Promise<void> {
    const { tx, heap, own } = this;
    const next = (row: Row): Row | null => {
      if (kind === 'delete') return null;
      return [kind === 'toggle' ? toggled(row[0]) : row[0], `${kind} ${++this.version}`];
    };
    const some = [...own.keys()]
      .slice(range.from)
      .filter((_, i) => i % range.every === 0)
      .slice(0, range.count);
    const from = this.version;
    this.spills += await runTask(change(tx, heap, some, next));
    // The model sees the same versions in the same order.
    this.version = from;
    for (const id of some) {
      this.locked.add(id);
      const row = next(own.get(id) ?? []);
      if (row === null) own.delete(id);
      else own.set(id, row);
    }
  }

  private *insert(count: number): Task<void> {
    const { tx, heap } = this;
    const snapshot = tx.snapshot();
    for (let i = 0; i < count; i++) {
      const row = [100_000 + ++this.version, 'inserted'];
      const id = yield* insertRow(tx, heap, row);
      this.own.set(id, row);
      this.locked.add(id);
      if (i % 100 === 0 && tx.needsSpill) yield* tx.spill();
    }
    tx.releaseSnapshot(snapshot);
    tx.nextCommand();
  }

  /** Another transaction changes some rows, mostly such as a large one has changed before. */
  private async small(): Promise<void> {
    const { store, heap } = this;
    const ids = [...this.committed.keys()].filter((key) => !this.locked.has(key) && key % 7 === this.version % 7);
    for (const id of ids.slice(0, 5)) {
      const old = this.committed.get(id) ?? [];
      const row = [toggled(old[0]), `small ${++this.version}`];
      await inTransaction(store, function* (other) {
        const snapshot = other.snapshot();
        yield* heap.lockRow(other, snapshot, id, 'update', 'wait');
        yield* replaceRow(other, heap, id, old, row);
        other.releaseSnapshot(snapshot);
      });
      this.committed.set(id, row);
      this.own.set(id, row);
      // A savepoint does not bring others' commits back.
      for (const { own } of this.savepoints) own.set(id, row);
    }
  }

  private back(): void {
    const { tx } = this;
    const mark = this.savepoints.at(-1);
    if (mark === undefined) return;
    tx.rollbackTo(mark.level);
    this.own = new Map(mark.own);
    for (const { snapshot, depth } of this.cursors) if (depth >= this.savepoints.length) tx.releaseSnapshot(snapshot);
    this.cursors = this.cursors.filter(({ depth }) => depth < this.savepoints.length);
  }

  private async prepare(how: { crash: boolean; checkpoint: boolean; commit: boolean }): Promise<void> {
    this.closeCursors();
    if (!this.tx.hasChanged(this.heap.id)) return;
    const gid = `step ${this.version}`;
    await runTask(this.store.twoPhase.prepare(this.tx, { gid, owner: 10, preparedAt: 5, limit: 3 }));
    const { own } = this;
    this.disk.letGo();
    if (how.checkpoint) await this.store.checkpoint();
    if (how.crash) await this.reopen();
    this.begin();
    await this.look();
    await this.keysAreTaken(own);
    const taken = this.store.twoPhase.take(gid);
    await runTask(how.commit ? taken.commit() : taken.rollback());
    if (how.commit) this.committed = own;
    this.tx.rollback();
    this.begin();
    await this.look();
  }

  /** Whoever wants a key that the prepared transaction has made waits for it. */
  private async keysAreTaken(own: Map<RowId, Row>): Promise<void> {
    const changed = [...own].filter(([id, row]) => this.committed.get(id)?.[0] !== row[0]);
    const index = indexesOf(this.heap)[2];
    for (const [, row] of changed.slice(0, 2)) {
      const other = this.store.begin('read committed');
      const check = runTask(index.checkUnique(other, this.heap, `v${row[0]}`, ([n]) => `v${n}`, 0));
      const outcome = check.then(
        (found) => `found ${found}`,
        (error: unknown) => String(error),
      );
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      other.cancelWait(new Error('it waits'));
      const said = await outcome;
      other.rollback();
      if (said !== 'Error: it waits') throw new Error(`a key that is taken: ${said}`);
    }
  }

  async look(): Promise<void> {
    const { store, heap, tx } = this;
    const snapshot = tx.snapshot();
    same(await allRows(heap, snapshot), this.own, 'its own view');
    await sameThroughIndexes(heap, snapshot, this.own, 'its own view');
    tx.releaseSnapshot(snapshot);
    same(await now(store, heap), this.committed, 'what is committed');
    const reader = store.begin('read committed');
    const newest = { snapshot: reader.snapshot(), rows: this.committed };
    for (const { snapshot: older, rows } of [...this.cursors, ...this.snapshots, newest]) {
      same(await allRows(heap, older), rows, 'an older snapshot');
      await sameThroughIndexes(heap, older, rows, 'an older snapshot');
    }
    reader.releaseSnapshot(newest.snapshot);
    reader.rollback();
    const [some] = this.own;
    if (some === undefined) return;
    const found = await runTask(heap.fetch(tx.latest(), some[0]));
    if (String(found) !== String(some[1])) throw new Error(`row ${some[0]} is ${found}, not ${some[1]}`);
    const byKey = indexesOf(heap)[2].tryGet(tx.latest(), `v${some[1][0]}`);
    if (byKey !== some[0] && byKey !== -1) throw new Error(`row ${byKey} is found under the key of row ${some[0]}`);
  }

  async end(): Promise<void> {
    await this.look();
    this.disk.letGo();
    for (const { tx } of this.snapshots) tx.rollback();
    this.closeCursors();
    this.tx.rollback();
    same(await now(this.store, this.heap), this.committed, 'in the end');
    if (this.heap.rowCount !== this.committed.size)
      throw new Error(`${this.heap.rowCount} rows are counted, not ${this.committed.size}`);
    if (this.store.locks().length > 0) throw new Error('locks are left');
    await this.onlyLiveEntries();
    await this.store.close();
    this.snapshots = [];
    await this.reopen();
    this.begin();
    await this.look();
    await this.onlyLiveEntries();
    this.tx.rollback();
    await this.store.close();
  }

  /** Cleaning up ends, and leaves nothing behind. REQUIRES: no other transactions, and no snapshots. */
  private async onlyLiveEntries(): Promise<void> {
    // It is cleaned up in the background.
    let left = 'something';
    for (let look = 0; look < 100 && left !== ''; look++) {
      for (let turn = 0; turn < 10; turn++) await nextTurn();
      left = await this.leftovers();
    }
    if (left !== '') throw new Error(left);
  }

  /** What is in memory or in the indexes though nobody can need it. */
  private async leftovers(): Promise<string> {
    if (this.heap.superseded().length > 0) return 'old versions are left';
    const reader = this.store.begin('read committed');
    const { size } = this.committed;
    let left = '';
    for (const [i, index] of indexesOf(this.heap).entries()) {
      const { length } = await candidates(index, reader.latest());
      if (length !== size || index.entryCount !== size)
        left = `index ${i} has ${length} entries and counts ${index.entryCount}, for ${size} rows`;
    }
    reader.rollback();
    return left;
  }
}

t.test('random histories against a model', async (t) => {
  let spills = 0;
  await fc.assert(
    // With the larger budget changes stay in memory, though there are many.
    fc.asyncProperty(steps, fc.constantFrom(3200, 3200, AMPLE), async (history, memory) => {
      const disk = new TestDisk();
      const store = await openAside(disk, dataDir, memory, cacheFor(memory));
      const { heap, rows } = await prepareTable(store);
      const run = new Run(disk, store, heap, rows, memory);
      for (const step of history) await run.step(step);
      await run.end();
      spills += run.spills;
    }),
    { numRuns: Number(process.env.ORBIT_ASIDE_RUNS ?? 16), endOnFailure: process.env.ORBIT_SHRINK === undefined },
  );
  t.ok(spills > 20, `${spills} spills`);
});
