/**
 * Random transactions over a few rows, tables and keys, with savepoints, cancelled waits, timeouts and deadlocks. At
 * every step no two backends hold what conflicts and nobody waits for what is free; at the end nothing is left.
 */
import t from 'tap';
import { SqlError, sqlError } from '../../src/errors/sql-error.js';
import type { Heap, LockGroup, RowLockMode, Store, TableLockMode, Transaction } from '../../src/storage/api.js';
import { ROW_LOCKS, TABLE_LOCK_MODES, TABLE_LOCKS } from '../../src/storage/lock-modes.js';
import { commit, inTransaction, openMemoryStore, run } from './support.js';

const ROWS = 3;
const TABLES = [101, 102];
const BACKENDS = 5;
const STEPS = 400;
const ROW_MODES: readonly RowLockMode[] = ['key share', 'share', 'no key update', 'update'];

/** Numbers that look random and are the same in every run (a linear congruential generator). */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

class Backend {
  transaction: Transaction | null = null;
  savepoints = 0;
  waiting: Promise<void> | null = null;

  constructor(
    readonly store: Store,
    readonly group: LockGroup,
  ) {}

  begin(): Transaction {
    this.transaction ??= this.store.begin('read committed', { group: this.group });
    return this.transaction;
  }

  /** Runs a step that may wait; an error ends the transaction. */
  start(work: (transaction: Transaction) => Promise<unknown>): void {
    const transaction = this.begin();
    this.waiting = work(transaction).then(
      () => {
        this.waiting = null;
      },
      (error: unknown) => {
        this.waiting = null;
        if (!(error instanceof SqlError)) throw error;
        this.end('rollback');
      },
    );
  }

  end(how: 'commit' | 'rollback'): void {
    const { transaction } = this;
    this.transaction = null;
    this.savepoints = 0;
    if (transaction === null) return;
    if (how === 'rollback') transaction.rollback();
    else
      this.waiting = commit(transaction).then(() => {
        this.waiting = null;
      });
  }
}

/** What is wrong with the locks held now; empty when nothing is. */
function faults(store: Store): string[] {
  const found: string[] = [];
  const locks = store.locks();
  for (const a of locks) {
    if (!a.granted) continue;
    for (const b of locks) {
      if (!b.granted || a.pid >= b.pid) continue;
      if (a.tag.kind === 'row' && b.tag.kind === 'row' && a.tag.rowId === b.tag.rowId) {
        const conflicts = ROW_LOCKS.conflicts[ROW_LOCKS.names.indexOf(a.mode)];
        if ((conflicts & (1 << ROW_LOCKS.names.indexOf(b.mode))) !== 0) found.push(`row ${a.mode} beside ${b.mode}`);
      }
      if (a.tag.kind === 'relation' && b.tag.kind === 'relation' && a.tag.relation === b.tag.relation) {
        const conflicts = TABLE_LOCKS.conflicts[TABLE_LOCKS.names.indexOf(a.mode)];
        if ((conflicts & (1 << TABLE_LOCKS.names.indexOf(b.mode))) !== 0) found.push(`${a.mode} beside ${b.mode}`);
      }
    }
  }
  return found;
}

function randomStep(backend: Backend, heap: Heap, random: (below: number) => number): void {
  if (backend.waiting !== null) {
    if (random(4) === 0) backend.transaction?.cancelWait(sqlError('query_canceled', 'canceled'));
    return;
  }
  switch (random(8)) {
    case 0:
    case 1:
    case 2: {
      const mode = ROW_MODES[random(ROW_MODES.length)];
      const policy = random(4) === 0 ? 'nowait' : 'wait';
      const rowId = 1 + random(ROWS);
      backend.start((tx) => run(heap.lockRow(tx, tx.latest(), rowId, mode, policy)));
      return;
    }
    case 3:
    case 4: {
      const mode: TableLockMode = TABLE_LOCK_MODES[random(TABLE_LOCK_MODES.length)];
      const table = TABLES[random(TABLES.length)];
      backend.start((tx) => run(tx.lockTable(table, mode, random(4) === 0 ? 'nowait' : 'wait')));
      return;
    }
    case 5:
      backend.begin().savepoint();
      backend.savepoints++;
      return;
    case 6:
      if (backend.savepoints > 0) {
        const level = 1 + random(backend.savepoints);
        backend.transaction?.rollbackTo(level);
        backend.savepoints = level;
      }
      return;
    default:
      backend.end(random(2) === 0 ? 'commit' : 'rollback');
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

for (let seed = 1; seed <= 12; seed++) {
  t.test(`seed ${seed}`, async (t) => {
    const random = randomNumbers(seed);
    const store = await openMemoryStore();
    const heap = await inTransaction(store, (tx) => {
      const heap = store.heap(store.create(tx, 'heap'), { columns: 1 });
      for (let i = 0; i < ROWS; i++) heap.insert(tx, [i]);
      return heap;
    });
    const backends = Array.from({ length: BACKENDS }, (_, i) => {
      const group = store.lockGroup(i + 1);
      group.deadlockTimeout = 1;
      group.lockTimeout = i === 0 ? 3 : 0;
      return new Backend(store, group);
    });
    for (let step = 0; step < STEPS; step++) {
      randomStep(backends[random(BACKENDS)], heap, random);
      if (random(3) === 0) await turn();
      const wrong = faults(store);
      if (wrong.length > 0) t.fail(`step ${step}: ${wrong.join(', ')}`);
    }
    // Whoever is not waiting ends; that lets the others go, or deadlocks end them.
    for (
      let round = 0;
      round < 1000 && backends.some(({ transaction, waiting }) => transaction !== null || waiting !== null);
      round++
    ) {
      for (const backend of backends) if (backend.waiting === null) backend.end('rollback');
      await turn();
    }
    t.same(
      backends.map(({ waiting }) => waiting),
      backends.map(() => null),
      'nobody waits for ever',
    );
    t.same(store.locks(), [], 'nothing is left');
  });
}
