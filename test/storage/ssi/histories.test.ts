/**
 * Random histories of list appends, interleaved by a seed, at each isolation level, and their dependencies checked.
 * ORBIT_HISTORIES: number of seeds (default 150).
 */
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { SqlError } from '../../../src/errors/sql-error.js';
import type { IsolationLevel, Store, Transaction } from '../../../src/storage/api.js';
import { openPersistentStore } from '../../../src/storage/open-store.js';
import type { Task } from '../../../src/util/task.js';
import { type Anomaly, type AnomalyName, findAnomalies, type Level } from '../../history-checker.js';
import { HistoryRecorder, type SnapshotTicks, type TransactionRecorder } from '../../history-recorder.js';
import { seededRandom } from '../../wal/simulated-files.js';
import { openMemoryStore, run, testSettings } from '../support.js';
import { JSON_FORM, TestDisk, TestKv, TestWal } from '../test-disk.js';
import { ListTable, MemberTable, PAUSE } from './history-tables.js';

const SEEDS = Number(process.env.ORBIT_HISTORIES ?? 150);
const CLIENTS = 5;
const TRANSACTIONS = 12;
const KEYS = 6;
const GROUPS = 3;
const WRITES = ['append', 'append', 'append', 'replace', 'undo', 'insert', 'insert', 'delete'];
const READS = ['read', 'read', 'all', 'range', 'members', 'members'];

function random(seed: number): (below: number) => number {
  const next = seededRandom(seed);
  return (below) => Math.floor(next() * below);
}

interface Client {
  task: Task<void>;
  transaction: Transaction | null;
  ready: boolean;
  done: boolean;
}

/** One history on the way. */
class Run {
  readonly recorder: HistoryRecorder;
  readonly lists: ListTable;
  readonly rows: MemberTable;

  constructor(
    readonly store: Store,
    readonly level: IsolationLevel,
    readonly next: (below: number) => number,
  ) {
    this.recorder = new HistoryRecorder(level);
    this.lists = new ListTable(store, 20000);
    this.rows = new MemberTable(store, 20002);
  }

  *work(client: { transaction: Transaction | null }, pid: number): Task<void> {
    const group = this.store.lockGroup(pid);
    for (let n = 0; n < TRANSACTIONS; n++) {
      const tx = this.store.begin(this.level, { group });
      tx.readOnly = this.next(6) === 0;
      client.transaction = tx;
      const script = new Script(this, tx, this.recorder.begin());
      try {
        for (let operations = 1 + this.next(4); operations > 0; operations--) {
          yield PAUSE;
          yield* script.operation();
        }
        yield PAUSE;
        if (this.next(12) === 0) tx.rollback();
        else {
          yield* tx.commit({ synchronous: true });
          this.recorder.end(script.recorder.record, 'committed');
        }
      } catch (error) {
        if (!(error instanceof SqlError)) throw error;
        tx.rollback();
      }
      client.transaction = null;
    }
  }

  /** Anomalies that the level does not allow, and cycles that the next one would not. */
  async check(next: Level): Promise<{ anomalies: Anomaly[]; beyond: Anomaly[] }> {
    const reader = this.store.begin('read committed');
    const lists = await run(this.lists.readMany(reader, 0, KEYS, true));
    const final = new Map<string, readonly number[]>([...lists].map(([key, list]) => [String(key), list]));
    const present = await run(this.rows.read(reader, 0, GROUPS, true));
    reader.rollback();
    const anomalies = this.recorder.members.complete(new Set(present), final);
    anomalies.push(...findAnomalies(this.recorder.history, final, this.level));
    return { anomalies, beyond: findAnomalies(this.recorder.history, final, next) };
  }
}

/** What one transaction does. */
class Script {
  constructor(
    private readonly run: Run,
    private readonly tx: Transaction,
    readonly recorder: TransactionRecorder,
  ) {}

  *operation(): Task<void> {
    const { next } = this.run;
    const kinds = this.tx.readOnly ? READS : [...WRITES, ...READS];
    const kind = kinds[next(kinds.length)];
    const key = next(KEYS);
    if (kind === 'undo') yield* this.undo(key);
    else if (kind === 'append' || kind === 'replace') yield* this.append(key, kind === 'replace');
    else if (kind === 'insert') yield* this.insert(next(GROUPS));
    else if (kind === 'delete') yield* this.delete(next(GROUPS));
    else if (kind === 'members') yield* this.readMembers(next(GROUPS));
    else if (kind === 'all') yield* this.readLists(0, KEYS, true);
    else if (kind === 'range') yield* this.readLists(key, Math.min(key + 3, KEYS), false);
    else yield* this.readList(key);
  }

  private *append(key: number, replace: boolean): Task<void> {
    const value = this.recorder.appends(String(key));
    yield* this.statement(this.run.lists.append(this.tx, key, value, replace));
  }

  private *undo(key: number): Task<void> {
    const { next } = this.run;
    const savepoint = this.recorder.savepoint();
    const level = this.tx.savepoint();
    yield* this.append(key, next(2) === 0);
    if (next(2) === 0) yield* this.readList(key);
    if (next(2) === 0) yield* this.insert(next(GROUPS));
    else yield* this.delete(next(GROUPS));
    this.tx.rollbackTo(level);
    this.tx.release(level);
    this.recorder.hasRolledBackTo(savepoint);
  }

  private *insert(group: number): Task<void> {
    this.run.rows.insert(this.tx, group, this.recorder.inserts(group));
    this.tx.nextCommand();
  }

  private *delete(group: number): Task<void> {
    const { result } = yield* this.statement(this.run.rows.deleteFirst(this.tx, group));
    if (result !== null) this.recorder.hasDeleted(result);
  }

  private *readList(key: number): Task<void> {
    const { result, ticks } = yield* this.statement(this.run.lists.read(this.tx, key));
    this.recorder.hasRead(new Map([[String(key), result]]), ticks);
  }

  private *readLists(from: number, to: number, wholeHeap: boolean): Task<void> {
    const { result, ticks } = yield* this.statement(this.run.lists.readMany(this.tx, from, to, wholeHeap));
    this.recorder.hasRead(new Map([...result].map(([key, list]) => [String(key), list])), ticks);
  }

  /** Half of the ranges are read twice. */
  private *readMembers(low: number): Task<void> {
    const { rows, next } = this.run;
    const high = Math.min(low + 1 + next(2), GROUPS);
    const { result, ticks } = yield* this.statement(rows.read(this.tx, low, high, next(4) === 0));
    this.recorder.hasReadMembers(low, high, result, ticks);
    if (next(2) === 0) return;
    yield PAUSE;
    const again = yield* this.statement(rows.read(this.tx, low, high, next(4) === 0));
    this.recorder.hasCounted(result.length, again.result.length);
  }

  /** Runs one, and tells between which ticks its snapshot was taken. */
  private *statement<T>(task: Task<T>): Task<{ result: T; ticks: SnapshotTicks }> {
    const begun = this.run.recorder.tick();
    const result = yield* task;
    this.tx.nextCommand();
    return { result, ticks: this.recorder.snapshotOf(begun) };
  }
}

/** On a disk, commits are installed some time before they are durable, and only then seen by new snapshots. */
function openStoreOf(seed: number): Promise<Store> {
  if (seed % 2 === 0) return openMemoryStore();
  const disk = new TestDisk();
  return openPersistentStore(testSettings({ provider: 'level' }), {
    kv: new TestKv(disk),
    wal: new TestWal(disk),
    form: JSON_FORM,
  });
}

async function runHistory(seed: number, level: IsolationLevel): Promise<Run> {
  const run = new Run(await openStoreOf(seed), level, random(seed));
  const { next } = run;
  const clients: Client[] = [];
  for (let i = 0; i < CLIENTS; i++) {
    const holder: { transaction: Transaction | null } = { transaction: null };
    clients.push(Object.assign(holder, { task: run.work(holder, i + 1), ready: true, done: false }));
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
  return run;
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

/** Anomalies that the next level does not allow: the workload must show some, or it does not tell the levels apart. */
const BEYOND: Readonly<Record<Level, readonly AnomalyName[]>> = {
  'read committed': ['G-single', 'lost update'],
  'repeatable read': ['G2'],
  serializable: [],
};
const NEXT: Readonly<Record<Level, Level>> = {
  'read committed': 'repeatable read',
  'repeatable read': 'serializable',
  serializable: 'serializable',
};

for (const level of ['read committed', 'repeatable read', 'serializable'] as const) {
  t.test(level, async (t) => {
    let committed = 0;
    const beyond = new Set<AnomalyName>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = await runHistory(seed, level);
      committed += run.recorder.history.filter(({ outcome }) => outcome === 'committed').length;
      const found = await run.check(NEXT[level]);
      for (const { name, text } of found.anomalies) t.fail(`seed ${seed}: ${name}: ${text}`);
      for (const { name } of found.beyond) beyond.add(name);
      await run.store.close();
    }
    t.ok(committed > SEEDS * CLIENTS * 2, `${committed} transactions have committed`);
    if (SEEDS >= 100) t.same([...beyond].sort(), BEYOND[level], 'and show what the level allows');
  });
}
