/**
 * Prepared transactions over the test disk: after a crash or an orderly end, with and without checkpoints in between, they
 * are what they were.
 */
import t from 'tap';
import type { Heap, Index, Store, Transaction } from '../../../src/storage/api.js';
import { openPersistentStore } from '../../../src/storage/open-store.js';
import { STORED_PART_RECORD } from '../../../src/storage/stored-form.js';
import type { Row } from '../../../src/types/datum.js';
import { allRows, candidates, commit, fetchNow, inTransaction, run, testSettings, updateRow } from '../support.js';
import { JSON_FORM, TestDisk, TestKv, TestWal } from '../test-disk.js';

const RELATION = 70_000;
const HEAP_OPTIONS = { columns: 2, relation: RELATION };

const keyOf = (row: Row) => String(row[0]).padStart(8, '0');

function open(disk: TestDisk): Promise<Store> {
  return openPersistentStore(testSettings({ provider: 'level', writeSetMemory: 16 << 10 }), {
    kv: new TestKv(disk),
    wal: new TestWal(disk),
    form: JSON_FORM,
  });
}

/** A store with a table of ten rows, and its restarts. */
class Bench {
  private constructor(
    readonly disk: TestDisk,
    public store: Store,
    private readonly heapId: number,
    private readonly indexId: number,
  ) {}

  static async make(): Promise<Bench> {
    const disk = new TestDisk();
    const store = await open(disk);
    const ids = await inTransaction(store, (tx) => {
      const heap = store.heap(store.create(tx, 'heap'), HEAP_OPTIONS);
      const index = store.index(store.create(tx, 'index'));
      for (let i = 1; i <= 10; i++) index.insert(tx, keyOf([i]), heap.insert(tx, [i, 'old']));
      return [heap.id, index.id];
    });
    return new Bench(disk, store, ids[0], ids[1]);
  }

  get heap(): Heap {
    return this.store.heap(this.heapId, HEAP_OPTIONS);
  }

  get index(): Index {
    return this.store.index(this.indexId);
  }

  /** Some unsynced writes of the KvStore survive. */
  async restart(how: 'crash' | 'close'): Promise<void> {
    if (how === 'close') await this.store.close();
    this.disk.crash(how === 'close' ? 1000 : Math.floor(Math.random() * 4));
    this.store = await open(this.disk);
  }

  *insert(tx: Transaction, row: Row) {
    const conflict = yield* this.index.checkUnique(tx, this.heap, keyOf(row), keyOf, 0);
    if (conflict !== 0) return false;
    this.index.insert(tx, keyOf(row), this.heap.insert(tx, row), true);
    return true;
  }

  /** Inserts `rows` rows from 100 on, changes row 1, deletes row 2, locks row 3, makes a heap. Returns its id. */
  async prepare(gid: string, rows = 3, spill = false): Promise<number> {
    const { store, heap } = this;
    const tx = store.begin('read committed');
    const made = store.create(tx, 'heap');
    store.heap(made, { columns: 1 }).insert(tx, ['made']);
    for (let i = 0; i < rows; i++) await run(this.insert(tx, [100 + i, gid]));
    if (spill) {
      tx.nextCommand();
      await run(tx.spill());
      const level = tx.savepoint();
      for (let i = 0; i < rows; i++) await run(this.insert(tx, [100 + rows + i, 'cancelled']));
      await run(tx.spill());
      tx.rollbackTo(level);
      tx.release(level);
      await run(this.insert(tx, [99, gid]));
    }
    await run(updateRow(tx, heap, 1, () => [1, gid]));
    const snapshot = tx.snapshot();
    await run(heap.lockRow(tx, snapshot, 2, 'update', 'wait'));
    heap.delete(tx, 2);
    this.index.delete(tx, keyOf([2]), 2);
    await run(heap.lockRow(tx, snapshot, 3, 'key share', 'wait'));
    tx.releaseSnapshot(snapshot);
    await run(tx.lockTable(RELATION, 'RowExclusiveLock', 'wait'));
    await run(tx.lockObject('thing', true, 'wait'));
    await run(store.twoPhase.prepare(tx, { gid, owner: 10, preparedAt: 5, limit: 3 }));
    return made;
  }

  async end(gid: string, how: 'commit' | 'rollback'): Promise<void> {
    await run(this.store.twoPhase.take(gid)[how]());
  }

  /** Rows by their first column, as new snapshots see them, in the heap and through the index. */
  async rows(): Promise<Map<unknown, unknown>> {
    const tx = this.store.begin('read committed');
    const snapshot = tx.snapshot();
    const rows = new Map([...(await allRows(this.heap, snapshot)).values()].map((row) => [row[0], row[1]]));
    const found = new Set<unknown>();
    for (const [key, rowId] of await candidates(this.index, snapshot)) {
      const row = await run(this.heap.fetch(snapshot, rowId));
      if (row !== null && keyOf(row) === key) found.add(row[0]);
    }
    tx.rollback();
    if (found.size !== rows.size) throw new Error(`${rows.size} rows, ${found.size} through the index`);
    return rows;
  }

  /** What a transaction of somebody else cannot have. */
  async taken(): Promise<string[]> {
    const tx = this.store.begin('read committed');
    const snapshot = tx.snapshot();
    const taken: string[] = [];
    for (const [rowId, mode] of [
      [1, 'key share'],
      [1, 'no key update'],
      [2, 'key share'],
      [3, 'no key update'],
      [3, 'update'],
      [4, 'update'],
    ] as const) {
      const { status } = await run(this.heap.lockRow(tx, snapshot, rowId, mode, 'nowait'));
      if (status === 'unavailable') taken.push(`${rowId} ${mode}`);
    }
    if (!(await run(tx.lockTable(RELATION, 'ShareLock', 'nowait')))) taken.push('table');
    if (!(await run(tx.lockObject('thing', false, 'nowait')))) taken.push('thing');
    tx.rollback();
    return taken;
  }
}

const TAKEN = ['1 no key update', '2 key share', '3 update', 'table', 'thing'];

for (const how of ['crash', 'close'] as const) {
  for (const checkpoints of [0, 1, 2]) {
    t.test(`${how} with ${checkpoints} checkpoints between`, async (t) => {
      for (const end of ['commit', 'rollback'] as const) {
        const bench = await Bench.make();
        const made = await bench.prepare('x');
        const before = await bench.rows();
        t.same([before.size, before.get(1), before.has(2)], [10, 'old', true], 'nothing is visible');
        const [facts] = bench.store.twoPhase.list();
        t.same(await bench.taken(), TAKEN);
        for (let i = 0; i < checkpoints; i++) await bench.store.checkpoint();
        for (let restarts = 0; restarts < 2; restarts++) {
          await bench.restart(how);
          t.same(bench.store.twoPhase.list(), [facts], 'it is there again');
          t.same(await bench.rows(), before);
          t.same(await bench.taken(), TAKEN);
        }
        const late = bench.store.begin('read committed');
        t.ok(bench.heap.insert(late, [50, 'late']) > 13, 'its row ids are not given out again');
        t.ok(late.ensureXid() > facts.xid);
        t.ok(bench.store.create(late, 'heap') > made);
        late.rollback();
        await bench.end('x', end);
        t.same(await bench.taken(), []);
        const after = await bench.rows();
        for (const check of ['now', 'after a restart', 'after another']) {
          if (end === 'commit') t.same([after.size, after.get(1), after.has(2)], [12, 'x', false], check);
          else t.same(after, before, check);
          const heap = bench.store.heap(made, { columns: 1 });
          t.same(await fetchNow(bench.store, heap, 1), end === 'commit' ? ['made'] : null);
          t.equal(bench.heap.rowCount, after.size);
          t.same(bench.store.twoPhase.list(), []);
          if (check === 'now') await bench.store.checkpoint();
          await bench.restart(how);
          t.same(await bench.rows(), after);
        }
        await bench.store.close();
      }
    });
  }
}

t.test('a reserved key is waited for after a restart', async (t) => {
  for (const end of ['commit', 'rollback'] as const) {
    const bench = await Bench.make();
    await bench.prepare('x');
    await bench.restart('crash');
    const tx = bench.store.begin('read committed');
    let inserted: boolean | null = null;
    const waiting = run(bench.insert(tx, [101, 'other'])).then((done) => {
      inserted = done;
    });
    await new Promise((resolve) => setImmediate(resolve));
    t.equal(inserted, null, 'it waits');
    await bench.end('x', end);
    await waiting;
    t.equal(inserted, end === 'rollback');
    await commit(tx);
    t.equal((await bench.rows()).get(101), end === 'commit' ? 'x' : 'other');
    await bench.store.close();
  }
});

t.test('a transaction of many records', async (t) => {
  const rows = 9_000;
  for (const checkpoint of [false, true]) {
    const bench = await Bench.make();
    await bench.prepare('large', rows);
    if (checkpoint) await bench.store.checkpoint();
    await bench.restart('crash');
    t.equal((await bench.rows()).size, 10);
    await bench.end('large', 'commit');
    await bench.restart('crash');
    t.equal((await bench.rows()).size, rows + 9);
    await bench.store.close();
  }
});

t.test('commits of others, row ids and checkpoints around it', async (t) => {
  const bench = await Bench.make();
  await bench.prepare('x');
  await inTransaction(bench.store, (tx) => bench.insert(tx, [20, 'beside']));
  await bench.store.checkpoint();
  await inTransaction(bench.store, (tx) => updateRow(tx, bench.heap, 5, () => [5, 'beside']));
  await bench.restart('crash');
  await inTransaction(bench.store, (tx) => bench.insert(tx, [21, 'beside']));
  await bench.end('x', 'commit');
  await bench.restart('crash');
  const rows = await bench.rows();
  t.equal(rows.size, 14);
  t.same(
    [rows.get(1), rows.get(5), rows.get(20), rows.get(21), rows.get(102)],
    ['x', 'beside', 'beside', 'beside', 'x'],
  );
  await bench.store.close();
});

t.test('names', async (t) => {
  const bench = await Bench.make();
  const empty = (gid: string) => {
    const tx = bench.store.begin('read committed');
    return run(bench.store.twoPhase.prepare(tx, { gid, owner: 10, preparedAt: 5, limit: 3 })).catch(
      (error: unknown) => {
        tx.rollback();
        throw error;
      },
    );
  };
  for (const gid of ['a', 'b', 'c']) await empty(gid);
  await t.rejects(empty('a'), { code: '42710' });
  await t.rejects(empty('d'), { code: '53200' });
  await bench.restart('crash');
  t.same(
    bench.store.twoPhase.list().map(({ gid }) => gid),
    ['a', 'b', 'c'],
  );
  await t.rejects(empty('a'), { code: '42710' });
  const taken = bench.store.twoPhase.take('b');
  t.throws(() => bench.store.twoPhase.take('b'), { code: '55000' });
  taken.letGo();
  await bench.end('b', 'rollback');
  t.throws(() => bench.store.twoPhase.take('b'), { code: '42704' });
  await empty('b');
  await bench.restart('close');
  t.same(
    bench.store.twoPhase
      .list()
      .map(({ gid }) => gid)
      .sort(),
    ['a', 'b', 'c'],
  );
  await bench.store.close();
});

t.test('serializability after a restart', async (t) => {
  const bench = await Bench.make();
  const read = async (tx: Transaction) => allRows(bench.heap, tx.snapshot());
  const tx = bench.store.begin('serializable');
  await read(tx);
  await run(updateRow(tx, bench.heap, 1, () => [1, 'x']));
  await run(bench.store.twoPhase.prepare(tx, { gid: 'x', owner: 10, preparedAt: 5, limit: 3 }));
  await bench.restart('crash');
  const reader = bench.store.begin('serializable');
  await t.rejects(run(bench.heap.fetch(reader.snapshot(), 1)), { code: '40001' }, 'it may be a pivot');
  reader.rollback();
  const writer = bench.store.begin('serializable');
  await run(updateRow(writer, bench.heap, 4, () => [4, 'w']));
  await t.rejects(commit(writer), { code: '40001' }, 'what it has read is remembered');
  await bench.end('x', 'commit');
  const later = bench.store.begin('serializable');
  t.equal((await read(later)).get(1)?.[1], 'x');
  await run(updateRow(later, bench.heap, 4, () => [4, 'w']));
  await commit(later);
  await bench.store.close();
});

t.test('what was stored before', async (t) => {
  const rows = 2000;
  for (const how of ['crash', 'close'] as const) {
    for (const checkpoints of [0, 1, 2, 3]) {
      for (const end of ['commit', 'rollback'] as const) {
        const bench = await Bench.make();
        const before = await bench.rows();
        await bench.prepare('x', rows, true);
        const taken = await bench.taken();
        for (let i = 0; i < checkpoints; i++) await bench.store.checkpoint();
        const what = `${how}, ${checkpoints} checkpoints, ${end}`;
        const parts = bench.disk.records.filter(({ type }) => type === STORED_PART_RECORD).length;
        const copies = keysOf(bench.disk, '!prepared').filter((key) => key.includes('/stored/')).length;
        if (checkpoints < 2) t.ok(parts > 8, `${parts} stored parts in the log`);
        else t.ok(parts <= 8, 'the log is not held for what counts');
        t.equal(copies > 4, checkpoints > 0, `${copies} copies of stored parts`);
        if (checkpoints < 3) {
          for (let restarts = 0; restarts < 2; restarts++) {
            await bench.restart(how);
            t.same(await bench.rows(), before, what);
            t.same(await bench.taken(), taken);
            const other = bench.store.begin('read committed');
            other.cancelWait(new Error('nobody waits'));
            const waiting = run(bench.insert(other, [150, 'other']));
            await new Promise((resolve) => setTimeout(resolve, 5));
            other.cancelWait(new Error('enough'));
            await t.rejects(waiting, { message: 'enough' }, 'a stored key is taken');
            other.rollback();
          }
        }
        await bench.end('x', end);
        for (let restarts = 0; restarts < 3; restarts++) {
          const after = await bench.rows();
          if (end === 'commit')
            t.same([after.size, after.get(150), after.has(100 + rows)], [rows + 10, 'x', false], what);
          else t.same(after, before, what);
          t.equal(bench.heap.rowCount, after.size, what);
          if (restarts === 1) await inTransaction(bench.store, (tx) => bench.insert(tx, [50, 'more']));
          if (restarts === 1) before.set(50, 'more');
          if (restarts === 1) after.set(50, 'more');
          await bench.restart(how);
          t.same(await bench.rows(), after, what);
          if (restarts === 1) break;
        }
        t.equal(keysOf(bench.disk, '!prepared').length, 0, 'no copy is left');
        await bench.store.close();
      }
    }
  }
});

function keysOf(disk: TestDisk, prefix: string): string[] {
  const range = { gte: Buffer.from(prefix), lt: Buffer.from(`${prefix}~`) };
  return disk.kv.range(range).map(([key]) => key.toString('latin1'));
}
