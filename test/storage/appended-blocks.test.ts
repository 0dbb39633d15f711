/**
 * Entries that large transactions add behind all others are stored as blocks: random histories of such loads, of others in
 * between, rollbacks, savepoints, checkpoints and crashes, against a naive model.
 */
import fc from 'fast-check';
import t from 'tap';
import type { Index, RowId, Store, Transaction } from '../../src/storage/api.js';
import { binaryForm } from '../../src/storage/binary-form.js';
import { openPersistentStore } from '../../src/storage/open-store.js';
import { nextTurn, runTask } from '../../src/util/task.js';
import { candidates, commit, inTransaction, testSettings } from './support.js';
import { TestDisk, TestKv, TestWal } from './test-disk.js';

const dataDir = t.testdir();
t.setTimeout(240_000);

const open = (disk: TestDisk, blockCacheSize: number): Promise<Store> =>
  openPersistentStore(testSettings({ provider: 'level', writeSetMemory: 40_000, blockCacheSize, dataDir }), {
    kv: new TestKv(disk),
    wal: new TestWal(disk),
    form: binaryForm,
  });

type Step =
  | { readonly kind: 'load'; readonly count: number; readonly from: number; readonly end: LoadEnd }
  | { readonly kind: 'both'; readonly count: number; readonly stride: number }
  | { readonly kind: 'change'; readonly seed: number; readonly count: number }
  | { readonly kind: 'checkpoint' | 'crash' | 'close' };

type LoadEnd = 'commit' | 'rollback' | 'savepoint' | 'crash';

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('load' as const),
        count: fc.integer({ min: 1, max: 1500 }),
        // Of a hundred: where it begins, compared with what is there.
        from: fc.constantFrom(100, 100, 100, 120, 90, 50),
        end: fc.constantFrom<LoadEnd>('commit', 'commit', 'commit', 'rollback', 'savepoint', 'crash'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('both' as const),
        count: fc.integer({ min: 10, max: 900 }),
        stride: fc.constantFrom(1, 7, 400),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('change' as const),
        seed: fc.nat(1000),
        count: fc.constantFrom(1, 30, 700),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('checkpoint' as const, 'crash' as const, 'close' as const) }),
    },
  ),
  { minLength: 3, maxLength: 14 },
);

const keyOf = (n: number): string => `\x01${String(n).padStart(8, '0')}`;

class Run {
  /** Row ids by number, which is the key. */
  private readonly model = new Map<number, RowId>();
  private nextRow = 1;
  private end = 0;

  constructor(
    private readonly disk: TestDisk,
    private store: Store,
    private readonly heapId: number,
    private readonly id: number,
    private readonly cache: number,
  ) {}

  private get index(): Index {
    return this.store.index(this.id);
  }

  async step(step: Step): Promise<void> {
    if (step.kind === 'load') await this.load(step.count, Math.floor((this.end * step.from) / 100), step.end);
    else if (step.kind === 'both') await this.both(step.count, step.stride);
    else if (step.kind === 'change') await this.change(step.seed, step.count);
    else if (step.kind === 'checkpoint') await this.store.checkpoint();
    else {
      if (step.kind === 'close') await this.store.close();
      await this.reopen();
    }
    await this.check();
  }

  private async reopen(): Promise<void> {
    this.disk.crash(this.nextRow % 7);
    this.store = await open(this.disk, this.cache);
  }

  private async load(count: number, from: number, end: LoadEnd): Promise<void> {
    const { index } = this;
    const tx = this.store.begin('read committed');
    const added: [number, RowId][] = [];
    const counted = end === 'savepoint' ? count >> 1 : count;
    for (let i = 0, n = from; i < count; i++) {
      do n++;
      while (this.model.has(n));
      if (i === counted && i > 0) tx.savepoint();
      const rowId = this.nextRow++;
      // Every other load is of a unique index.
      if (count % 2 === 0 && !index.tryReserve(tx, keyOf(n))) await this.noneHas(tx, n);
      index.insert(tx, keyOf(n), rowId, true);
      if (i < counted) added.push([n, rowId]);
      this.end = Math.max(this.end, n);
      if (i % 50 === 0 && tx.needsSpill) await runTask(tx.spill());
    }
    if (end === 'savepoint' && counted > 0) tx.rollbackTo(1);
    if (end === 'rollback' || (end === 'savepoint' && counted === 0)) tx.rollback();
    else if (end === 'crash') await this.reopen();
    else {
      await commit(tx);
      for (const [n, rowId] of added) this.model.set(n, rowId);
    }
  }

  private async noneHas(tx: Transaction, n: number): Promise<void> {
    const heap = this.store.heap(this.heapId, { columns: 1 });
    const found = await runTask(this.index.checkUnique(tx, heap, keyOf(n), () => null, 0));
    if (found !== 0) throw new Error(`row ${found} has the key ${n}`);
  }

  /** Two loads at the same time, with keys of the one between those of the other; they do not get each other's. */
  private async both(count: number, stride: number): Promise<void> {
    const { index, store, model } = this;
    const loads = [store.begin('read committed'), store.begin('read committed')];
    const added: [number, RowId][] = [];
    for (let i = 0; i < count; i++) {
      const tx = loads[Math.floor(i / stride) % 2];
      const n = ++this.end;
      if (!index.tryReserve(tx, keyOf(n))) await this.noneHas(tx, n);
      added.push([n, this.nextRow]);
      index.insert(tx, keyOf(n), this.nextRow++, true);
      if (index.tryReserve(tx === loads[0] ? loads[1] : loads[0], keyOf(n))) throw new Error(`${n} is reserved twice`);
      if (i % 97 === 0 && index.tryGet(tx.latest(), keyOf(n)) === 0) throw new Error(`${n} is not found`);
      if (i % 50 === 0 && tx.needsSpill) await runTask(tx.spill());
    }
    await Promise.all(loads.map((tx) => commit(tx)));
    for (const [n, rowId] of added) model.set(n, rowId);
  }

  /** Others delete some entries, give some of them back, and add some anywhere. */
  private async change(seed: number, count: number): Promise<void> {
    const { model, index } = this;
    const numbers = [...model.keys()];
    const back: [number, RowId][] = [];
    await inTransaction(this.store, (tx) => {
      for (let i = 0; i < count && numbers.length > 0; i++) {
        const n = numbers[(seed * 31 + i * 17) % numbers.length];
        const rowId = model.get(n);
        if (rowId === undefined) continue;
        index.delete(tx, keyOf(n), rowId);
        model.delete(n);
        if (i % 5 === 0) back.push([n, rowId]);
      }
    });
    await inTransaction(this.store, (tx) => {
      for (const [n, rowId] of back) {
        index.insert(tx, keyOf(n), rowId);
        model.set(n, rowId);
      }
      for (let i = 0; i < 3; i++) {
        const n = (seed * 7919 + i * 104_729) % (this.end + 10);
        if (model.has(n)) continue;
        index.insert(tx, keyOf(n), this.nextRow, true);
        model.set(n, this.nextRow++);
        this.end = Math.max(this.end, n);
      }
    });
  }

  /** Waits for what is cleaned up in the background. */
  private async check(): Promise<void> {
    const expected = [...this.model].sort((a, b) => a[0] - b[0]).map(([n, rowId]) => `${keyOf(n)} ${rowId}`);
    let difference = 'not looked';
    for (let look = 0; look < 200 && difference !== ''; look++) {
      const tx = this.store.begin('read committed');
      const snapshot = tx.snapshot();
      const found = (await candidates(this.index, snapshot)).map(([key, rowId]) => `${key} ${rowId}`);
      const down = (await candidates(this.index, snapshot, null, null, true)).map(([key, rowId]) => `${key} ${rowId}`);
      tx.releaseSnapshot(snapshot);
      tx.rollback();
      difference = firstDifference(found, expected) || firstDifference(down.reverse(), expected);
      if (difference === '') break;
      for (let turn = 0; turn < 10; turn++) await nextTurn();
    }
    if (difference !== '') throw new Error(difference);
    if (this.index.entryCount !== expected.length)
      throw new Error(`${this.index.entryCount} entries are counted, not ${expected.length}`);
  }

  async finish(): Promise<void> {
    await this.store.checkpoint();
    await this.reopen();
    await this.check();
    await this.store.close();
  }
}

function firstDifference(found: readonly string[], expected: readonly string[]): string {
  if (found.length !== expected.length) return `${found.length} entries, not ${expected.length}`;
  const at = found.findIndex((entry, i) => entry !== expected[i]);
  return at < 0 ? '' : `entry ${at} is ${found[at]}, not ${expected[at]}`;
}

t.test('random histories against a model', async (t) => {
  let blocks = 0;
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(30_000, 8 << 20), async (history, cache) => {
      const disk = new TestDisk();
      const store = await open(disk, cache);
      const heap = await inTransaction(store, (tx) => store.create(tx, 'heap'));
      const id = await inTransaction(store, (tx) => store.create(tx, 'index'));
      const run = new Run(disk, store, heap, id, cache);
      for (const step of history) await run.step(step);
      await run.finish();
      blocks += disk.kv.range({ ...binaryForm.entryBlockRange(id) }).length;
    }),
    { numRuns: Number(process.env.ORBIT_BLOCK_RUNS ?? 15), endOnFailure: process.env.ORBIT_SHRINK === undefined },
  );
  t.ok(blocks > 20, `${blocks} blocks`);
});
