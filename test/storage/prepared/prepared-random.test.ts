/**
 * Random histories with prepared transactions, checkpoints beside them and crashes. Each transaction has rows of its own, so
 * that what it has become can be seen: there as a whole, or not at all while it is prepared or was rolled back.
 */
import fc from 'fast-check';
import t from 'tap';
import type { Heap, Store, Transaction } from '../../../src/storage/api.js';
import { openPersistentStore } from '../../../src/storage/open-store.js';
import type { Row } from '../../../src/types/datum.js';
import type { Task } from '../../../src/util/task.js';
import { allRows, candidates, inTransaction, run, testSettings, updateRow } from '../support.js';
import { JSON_FORM, TestDisk, TestKv, TestWal } from '../test-disk.js';

const HEAP_OPTIONS = { columns: 2 };
const keyOf = (row: Row) => String(row[0]).padStart(8, '0');

type State = 'gone' | 'prepared' | 'committed';

/** What may have become of a transaction, of which one step after the other is answered. */
interface Fate {
  readonly gid: string;
  /** Row ids that it changes: one before, and the keys it adds. */
  readonly target: number;
  readonly rows: number;
  possible: ReadonlySet<State>;
}

class History {
  private readonly disk = new TestDisk();
  private store!: Store;
  private heapId = 0;
  private indexId = 0;
  private readonly fates: Fate[] = [];
  private running: Promise<unknown>[] = [];

  async begin(): Promise<void> {
    this.store = await this.open();
    const { store } = this;
    await inTransaction(store, (tx) => {
      this.heapId = store.create(tx, 'heap');
      this.indexId = store.create(tx, 'index');
      for (let i = 1; i <= 60; i++) this.insert(tx, [i, 'old']);
    });
  }

  private open(): Promise<Store> {
    return openPersistentStore(testSettings({ provider: 'level', writeSetMemory: 1 << 10, blockCacheSize: 1 }), {
      kv: new TestKv(this.disk),
      wal: new TestWal(this.disk),
      form: JSON_FORM,
    });
  }

  private get heap(): Heap {
    return this.store.heap(this.heapId, HEAP_OPTIONS);
  }

  private insert(tx: Transaction, row: Row): void {
    this.store.index(this.indexId).insert(tx, keyOf(row), this.heap.insert(tx, row), true);
  }

  /** Prepares a transaction; `spill`: with rows that are stored before. */
  private async prepare(fate: Fate, spill: boolean): Promise<void> {
    // After a crash there is another one, which has nothing to do with it.
    const { store, heap } = this;
    const tx = store.begin('read committed');
    const first = fate.target * 10_000;
    for (let i = 0; i < fate.rows; i++) this.insert(tx, [first + i, fate.gid]);
    tx.nextCommand();
    if (spill && tx.needsSpill) {
      await run(tx.spill());
      await run(this.deleteSome(tx, first, fate.rows));
    }
    await run(updateRow(tx, heap, fate.target, () => [fate.target, fate.gid]));
    await run(store.twoPhase.prepare(tx, { gid: fate.gid, owner: 10, preparedAt: 1, limit: 99 }));
  }

  /** Deletes every seventh row again, and inserts it under another row id. */
  private *deleteSome(tx: Transaction, first: number, rows: number): Task<void> {
    const index = this.store.index(this.indexId);
    for (let key = first; key < first + rows; key += 7) {
      const rowId = index.tryGet(tx.latest(), keyOf([key]));
      if (rowId <= 0) continue;
      yield* this.heap.lockRow(tx, tx.latest(), rowId, 'update', 'wait');
      const row = yield* this.heap.newest(tx, rowId);
      this.heap.delete(tx, rowId);
      index.delete(tx, keyOf([key]), rowId);
      tx.nextCommand();
      if (row !== null) this.insert(tx, row);
    }
  }

  /** Starts `work`; once it is answered, the transaction is in the state. */
  private start(fate: Fate, state: State, work: Promise<void>): Promise<void> {
    fate.possible = new Set([...fate.possible, state]);
    const { epoch } = this.disk;
    const answered = work.then(
      () => {
        if (this.disk.epoch === epoch) fate.possible = new Set([state]);
      },
      (error: unknown) => {
        if (this.disk.epoch === epoch) throw error;
      },
    );
    this.running.push(answered);
    return answered;
  }

  async step(kind: string, a: number, b: number): Promise<void> {
    const open = this.fates.filter(({ possible }) => possible.size === 1 && possible.has('prepared'));
    const target = open[a % Math.max(1, open.length)];
    if (kind === 'prepare' && this.fates.length < 50) {
      const number = this.fates.length + 1;
      const fate: Fate = {
        gid: `g${number}`,
        target: number,
        rows: b % 3 === 0 ? 700 : 2,
        possible: new Set(['gone']),
      };
      this.fates.push(fate);
      const done = this.start(fate, 'prepared', this.prepare(fate, b % 2 === 0));
      if (a % 3 > 0) await done;
    } else if ((kind === 'commit' || kind === 'rollback') && target !== undefined) {
      const taken = this.store.twoPhase.take(target.gid);
      const done = this.start(target, kind === 'commit' ? 'committed' : 'gone', run(taken[kind]()));
      if (b % 3 > 0) await done;
    } else if (kind === 'checkpoint') {
      const { epoch } = this.disk;
      const done = this.store.checkpoint().catch((error: unknown) => {
        if (this.disk.epoch === epoch) throw error;
      });
      this.running.push(done);
      if (a % 4 === 0) await done;
    } else if (kind === 'wait') for (let i = 0; i < a % 20; i++) await new Promise((resolve) => setImmediate(resolve));
    else if (kind === 'crash') await this.crash(b % 5);
  }

  private async crash(keep: number): Promise<void> {
    this.disk.crash(keep);
    this.running = [];
    this.store = await this.open();
    await this.check();
  }

  /** Everything is as the fates allow; from now on it is known what they are. */
  private async check(): Promise<void> {
    const tx = this.store.begin('read committed');
    const snapshot = tx.snapshot();
    const listed = new Set(this.store.twoPhase.list().map(({ gid }) => gid));
    const counts = new Map<unknown, number>();
    let rowCount = 0;
    for (const [rowId, [key, tag]] of await allRows(this.heap, snapshot)) {
      rowCount++;
      counts.set(tag, (counts.get(tag) ?? 0) + 1);
      if (tag === 'old' && key !== rowId) throw new Error(`row ${rowId} is ${key}`);
    }
    let entries = 0;
    for (const [key, rowId] of await candidates(this.store.index(this.indexId), snapshot)) {
      const row = await run(this.heap.fetch(snapshot, rowId));
      if (row !== null && keyOf(row) === key) entries++;
    }
    if (entries !== rowCount) throw new Error(`${rowCount} rows, ${entries} in the index`);
    if (this.heap.rowCount !== rowCount) throw new Error(`${rowCount} rows, counted ${this.heap.rowCount}`);
    for (const fate of this.fates) {
      const seen = counts.get(fate.gid) ?? 0;
      if (seen !== 0 && seen !== fate.rows + 1) throw new Error(`${fate.gid} is there by half`);
      if (seen > 0 && listed.has(fate.gid)) throw new Error(`${fate.gid} is visible and prepared`);
      const state: State = listed.has(fate.gid) ? 'prepared' : seen > 0 ? 'committed' : 'gone';
      if (!fate.possible.has(state)) throw new Error(`${fate.gid} is ${state}, not ${[...fate.possible].join(' or ')}`);
      fate.possible = new Set([state]);
      const { status } = await run(this.heap.lockRow(tx, snapshot, fate.target, 'update', 'nowait'));
      if ((status === 'unavailable') !== (state === 'prepared')) throw new Error(`${fate.gid}: its row is ${status}`);
    }
    tx.rollback();
  }

  async end(): Promise<void> {
    await Promise.all(this.running);
    await this.check();
    await this.store.close();
    await this.crash(1000);
    for (const fate of this.fates) {
      if (fate.possible.has('prepared'))
        await this.start(fate, 'gone', run(this.store.twoPhase.take(fate.gid).rollback()));
    }
    await this.store.checkpoint();
    await this.crash(0);
    await this.store.close();
    const left = this.disk.kv.range({ gte: Buffer.from('!prepared'), lt: Buffer.from('!prepared~') });
    if (left.length > 0) throw new Error(`${left.length} keys of copies are left`);
  }
}

t.test('random histories', { timeout: 120_000 }, async (t) => {
  const step = fc.tuple(
    fc.constantFrom('prepare', 'prepare', 'commit', 'rollback', 'checkpoint', 'checkpoint', 'wait', 'crash'),
    fc.nat(1000),
    fc.nat(1000),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const history = new History();
      await history.begin();
      for (const [kind, a, b] of steps) await history.step(kind, a, b);
      await history.end();
    }),
    { numRuns: 40 },
  );
  t.pass('no difference');
});
