/** Locks on indexes that statements plan with: notes until somebody wants an index for itself. */
import t from 'tap';
import type { PlannedIndexes, TableLockMode, Transaction } from '../../src/storage/api.js';
import { openMemoryStore, run } from './support.js';

const READ: PlannedIndexes = { indexes: [101, 102], mode: 'AccessShareLock' };
const READ_ONE: PlannedIndexes = { indexes: [102], mode: 'AccessShareLock' };
const WRITE: PlannedIndexes = { indexes: [101, 102], mode: 'RowExclusiveLock' };

const tick = () => new Promise((resolve) => setImmediate(resolve));

interface Waiting {
  done: boolean;
  readonly end: Promise<unknown>;
}

function lock(transaction: Transaction, index: number, mode: TableLockMode = 'AccessExclusiveLock'): Waiting {
  return watch(run(transaction.lockTable(index, mode, 'wait')));
}

function watch(end: Promise<unknown>): Waiting {
  const waiting = { done: false, end };
  void end.then(() => {
    waiting.done = true;
  });
  return waiting;
}

t.test('a change of an index waits for those who have planned with it, and they for it', async (t) => {
  const store = await openMemoryStore();
  const reader = store.begin('read committed');
  const owner = store.begin('read committed');
  t.equal(reader.tryLockIndexes(READ), true);
  const waiting = lock(owner, 101);
  await tick();
  t.equal(waiting.done, false);
  const late = store.begin('read committed');
  t.equal(late.tryLockIndexes(READ), false, 'behind the waiter');
  t.equal(late.tryLockIndexes(READ_ONE), true, 'nobody wants that one');
  const behind = watch(run(late.lockIndexes(READ)));
  reader.rollback();
  await waiting.end;
  t.equal(behind.done, false);
  owner.rollback();
  await behind.end;
  late.rollback();
  t.same(store.locks(), []);
  const last = store.begin('read committed');
  t.equal(last.tryLockIndexes(READ), true, 'nobody is left who wants it');
  last.rollback();
});

t.test('pg_locks has each once, noted or not', async (t) => {
  const store = await openMemoryStore();
  const reader = store.begin('read committed');
  const listed = () =>
    store
      .locks()
      .flatMap(({ tag, mode, granted }) => (tag.kind === 'relation' && granted ? `${tag.relation} ${mode}` : []))
      .sort();
  reader.tryLockIndexes(READ);
  reader.tryLockIndexes(READ_ONE);
  const expected = ['101 AccessShareLock', '102 AccessShareLock'];
  t.same(listed(), expected);
  const owner = store.begin('read committed');
  const waiting = lock(owner, 102);
  t.same(listed(), expected);
  reader.tryLockIndexes(WRITE);
  t.same(listed(), expected, 'one of them is contested');
  reader.rollback();
  await waiting.end;
  t.same(listed(), ['102 AccessExclusiveLock']);
  owner.rollback();
});

t.test('savepoints', async (t) => {
  const store = await openMemoryStore();
  const reader = store.begin('read committed');
  const owner = store.begin('read committed');
  reader.tryLockIndexes(READ_ONE);
  const level = reader.savepoint();
  reader.tryLockIndexes(READ);
  const first = lock(owner, 101);
  const second = lock(store.begin('read committed'), 102);
  await tick();
  t.equal(first.done, false);
  reader.rollbackTo(level);
  await first.end;
  await tick();
  t.equal(second.done, false, 'locked before the savepoint, too');
  reader.rollback();
  await second.end;
  t.pass('freed at the end');
});

t.test('what a transaction takes for itself leaves its own notes as they were', async (t) => {
  const store = await openMemoryStore();
  const own = store.begin('read committed');
  own.tryLockIndexes(READ);
  const level = own.savepoint();
  await run(own.lockTable(101, 'AccessExclusiveLock', 'wait'));
  t.equal(own.tryLockIndexes(READ), true);
  t.equal(own.tryLockIndexes(WRITE), false);
  await run(own.lockIndexes(WRITE));
  own.rollbackTo(level);
  const waiting = lock(store.begin('read committed'), 101);
  await tick();
  t.equal(waiting.done, false, 'it reads the index still');
  own.rollback();
  await waiting.end;
  t.pass('freed at the end');
});
