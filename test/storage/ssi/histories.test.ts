/**
 * Random histories of list appends, interleaved by a seed, at each isolation level, and their dependencies checked.
 * ORBIT_HISTORIES: number of seeds (default 150).
 */
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { SqlError } from '../../../src/errors/sql-error.js';
import type { Heap, Index, IsolationLevel, Store, Transaction } from '../../../src/storage/api.js';
import type { Row } from '../../../src/types/datum.js';
import type { Task, Wait } from '../../../src/util/task.js';
import { dependencies, findCycle, snapshotOrder, type TransactionRecord, union } from '../../history-checker.js';
import { seededRandom } from '../../wal/simulated-files.js';
import { allRows, openMemoryStore } from '../support.js';

const SEEDS = Number(process.env.ORBIT_HISTORIES ?? 150);
const CLIENTS = 5;
const TRANSACTIONS = 12;
const KEYS = 6;

/** Lets the scheduler choose who goes on. */
const PAUSE: Wait = {
  subscribe(resume) {
    resume();
  },
};

function random(seed: number): (below: number) => number {
  const next = seededRandom(seed);
  return (below) => Math.floor(next() * below);
}

const keyText = (key: number): string => `k${key}`;
const listOf = (row: Row): number[] => (row[1] === '' ? [] : String(row[1]).split(',').map(Number));

class Table {
  readonly heap: Heap;
  readonly index: Index;

  constructor(store: Store) {
    this.heap = store.heap(20000, { columns: 2 });
    this.index = store.index(20001);
  }

  /** The row id of the key that the snapshot sees, and its list. */
  *find(tx: Transaction, key: number): Task<{ rowId: number; list: number[] } | null> {
    const snapshot = tx.snapshot();
    try {
      const rowId = this.index.tryGet(snapshot, keyText(key));
      if (rowId < 0) throw new Error('several rows of a key');
      const row = rowId === 0 ? null : yield* this.heap.fetch(snapshot, rowId);
      return row === null ? null : { rowId, list: listOf(row) };
    } finally {
      tx.releaseSnapshot(snapshot);
    }
  }

  /** All lists through the heap, or those of keys `from` <= key < `to` through the index. */
  *readMany(tx: Transaction, from: number, to: number, wholeHeap: boolean): Task<Map<number, number[]>> {
    const found = new Map<number, number[]>();
    for (let key = from; key < to; key++) found.set(key, []);
    const snapshot = tx.snapshot();
    try {
      if (wholeHeap) {
        const scan = this.heap.scan(snapshot);
        for (let batch = yield* scan.next(); batch !== null; batch = yield* scan.next()) {
          for (const row of batch.rows.slice(0, batch.length)) found.set(Number(row[0]), listOf(row));
        }
      } else {
        const scan = this.index.scan(snapshot, { lo: keyText(from), hi: keyText(to) }, (from & 1) === 1);
        for (let batch = yield* scan.next(); batch !== null; batch = yield* scan.next()) {
          for (const rowId of batch.rowIds) {
            const row = yield* this.heap.fetch(snapshot, rowId);
            if (row !== null) found.set(Number(row[0]), listOf(row));
          }
        }
      }
    } finally {
      tx.releaseSnapshot(snapshot);
    }
    return found;
  }

  *append(tx: Transaction, key: number, value: number): Task<void> {
    const found = yield* this.find(tx, key);
    if (found === null) {
      const conflict = yield* this.index.checkUnique(tx, this.heap, keyText(key), (row) => keyText(Number(row[0])), 0);
      if (conflict !== 0) throw new SqlError('unique_violation', 'duplicate');
      const rowId = this.heap.insert(tx, [key, String(value)]);
      this.index.insert(tx, keyText(key), rowId);
      return;
    }
    const snapshot = tx.snapshot();
    const locked = yield* this.heap.lockRow(tx, snapshot, found.rowId, 'no key update', 'wait');
    tx.releaseSnapshot(snapshot);
    if (locked.status !== 'locked') throw new Error(locked.status);
    this.heap.update(tx, found.rowId, [key, [...listOf(locked.row), value].join(',')]);
  }
}

interface Client {
  task: Task<void>;
  transaction: Transaction | null;
  ready: boolean;
  done: boolean;
}

function* work(
  store: Store,
  table: Table,
  client: { transaction: Transaction | null },
  level: IsolationLevel,
  next: (below: number) => number,
  history: TransactionRecord[],
): Task<void> {
  for (let n = 0; n < TRANSACTIONS; n++) {
    const tx = store.begin(level);
    tx.readOnly = next(6) === 0;
    client.transaction = tx;
    const record: TransactionRecord = { id: history.length + 1, outcome: 'aborted', appends: [], reads: [] };
    history.push(record);
    try {
      for (let operations = 1 + next(4); operations > 0; operations--) {
        yield PAUSE;
        yield* operation(table, tx, record, next);
        tx.nextCommand();
      }
      yield PAUSE;
      if (next(12) === 0) tx.rollback();
      else {
        yield* tx.commit({ synchronous: true });
        record.outcome = 'committed';
      }
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      tx.rollback();
    }
    client.transaction = null;
  }
}

function* operation(
  table: Table,
  tx: Transaction,
  record: TransactionRecord,
  next: (below: number) => number,
): Task<void> {
  const key = next(KEYS);
  const kind = next(8);
  if (kind < 4 && !tx.readOnly) {
    const value = record.id * 100 + record.appends.length;
    record.appends.push({ key, value });
    yield* table.append(tx, key, value);
    return;
  }
  const seen =
    kind < 6
      ? new Map([[key, (yield* table.find(tx, key))?.list ?? []]])
      : yield* kind === 6 ? table.readMany(tx, 0, KEYS, true) : table.readMany(tx, key, Math.min(key + 3, KEYS), false);
  for (const [read, list] of seen) {
    if (!record.appends.some((append) => append.key === read)) record.reads.push({ key: read, list });
  }
}

async function runHistory(
  seed: number,
  level: IsolationLevel,
): Promise<{ history: TransactionRecord[]; store: Store }> {
  const store = await openMemoryStore();
  const next = random(seed);
  const table = new Table(store);
  const history: TransactionRecord[] = [];
  const clients: Client[] = [];
  for (let i = 0; i < CLIENTS; i++) {
    const holder: { transaction: Transaction | null } = { transaction: null };
    const task = work(store, table, holder, level, next, history);
    clients.push(Object.assign(holder, { task, ready: true, done: false }));
  }
  for (let idle = 0; clients.some(({ done }) => !done); ) {
    const ready = clients.filter((client) => client.ready);
    if (ready.length > 0) {
      idle = 0;
      step(ready[next(ready.length)]);
      continue;
    }
    await turn();
    // Everybody waits for somebody: the scheduler is the deadlock detector.
    if (++idle > 3) {
      const victim = clients.find(({ done, transaction }) => !done && transaction !== null);
      victim?.transaction?.cancelWait(new SqlError('deadlock_detected', 'deadlock'));
    }
  }
  return { history, store };
}

function step(client: Client): void {
  const state = client.task.next();
  if (state.done === true) {
    client.done = true;
    client.ready = false;
    return;
  }
  client.ready = false;
  state.value.subscribe(() => {
    client.ready = true;
  });
}

for (const level of ['read committed', 'repeatable read', 'serializable'] as const) {
  t.test(level, async (t) => {
    let committed = 0;
    let skewed = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { history, store } = await runHistory(seed, level);
      const final = new Map<number, number[]>();
      const reader = store.begin('read committed');
      const rows = await allRows(store.heap(20000, { columns: 2 }), reader.snapshot());
      for (const row of rows.values()) final.set(Number(row[0]), listOf(row));
      reader.rollback();
      await store.close();
      const found = dependencies(history, final);
      committed += history.filter(({ outcome }) => outcome === 'committed').length;
      if (level !== 'read committed') {
        const cycle = findCycle(snapshotOrder(found));
        if (cycle !== null) t.fail(`seed ${seed}: cycle ${cycle} that snapshots do not allow`);
      }
      const direct = findCycle(found.direct);
      if (direct !== null) t.fail(`seed ${seed}: G1c ${direct}`);
      if (found.violations.length > 0) t.fail(`seed ${seed}: ${found.violations.join('; ')}`);
      const cycle = findCycle(union(found.direct, found.rw));
      if (cycle !== null) skewed++;
      if (cycle !== null && level === 'serializable') t.fail(`seed ${seed}: cycle ${cycle}`);
    }
    t.ok(committed > SEEDS * CLIENTS * 2, `${committed} transactions have committed`);
    if (level === 'repeatable read') t.ok(skewed > 0, 'the workload does produce write skew');
  });
}
