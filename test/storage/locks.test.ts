/**
 * Waiting, fairness, deadlocks and timeouts of row, table, object and unique-key locks.
 */
import t from 'tap';
import { SqlError } from '../../src/errors/sql-error.js';
import type { Row } from '../../src/types/datum.js';
import { commit, fetchNow, inTransaction, openMemoryStore, run, updateRow } from './support.js';

async function tableOf(count: number) {
  const store = await openMemoryStore();
  const { heap, index } = await inTransaction(store, (tx) => {
    const heap = store.heap(store.create(tx, 'heap'), { columns: 1 });
    const index = store.index(store.create(tx, 'index'));
    for (let i = 0; i < count; i++) index.insert(tx, `k${i}`, heap.insert(tx, [i]));
    return { heap, index };
  });
  return { store, heap, index };
}

const tick = () => new Promise((resolve) => setImmediate(resolve));
const keyOf = (row: Row) => `k${row[0]}`;

t.test('a writer waits for the holder, then sees its version', async (t) => {
  const { store, heap } = await tableOf(1);
  const a = store.begin('read committed');
  const b = store.begin('read committed');
  await run(updateRow(a, heap, 1, ([n]) => [Number(n) + 1]));
  let done = false;
  const waiting = run(updateRow(b, heap, 1, ([n]) => [Number(n) + 10])).then(() => {
    done = true;
  });
  await tick();
  t.equal(done, false);
  t.equal(store.locks().filter((lock) => !lock.granted).length, 1);
  await commit(a);
  await waiting;
  await commit(b);
  t.same(await fetchNow(store, heap, 1), [11]);
  t.same(store.locks(), []);
});

t.test('first updater wins at repeatable read', async (t) => {
  const { store, heap } = await tableOf(2);
  const b = store.begin('repeatable read');
  b.snapshot();
  await inTransaction(store, (tx) => updateRow(tx, heap, 1, () => [5]));
  await inTransaction(store, function* (tx) {
    yield* heap.lockRow(tx, tx.snapshot(), 2, 'update', 'wait');
    heap.delete(tx, 2);
  });
  await t.rejects(run(updateRow(b, heap, 1, () => [6])), {
    code: '40001',
    message: 'could not serialize access due to concurrent update',
  });
  await t.rejects(run(updateRow(b, heap, 2, () => [6])), {
    code: '40001',
    message: 'could not serialize access due to concurrent delete',
  });
  b.rollback();
});

t.test('a deadlock is found after deadlock_timeout, in PostgreSQL words', async (t) => {
  const { store, heap } = await tableOf(2);
  const a = store.begin('read committed', { group: store.lockGroup(101) });
  const hasty = store.lockGroup(102);
  hasty.deadlockTimeout = 1;
  const b = store.begin('read committed', { group: hasty });
  await run(updateRow(a, heap, 1, () => [1]));
  await run(updateRow(b, heap, 2, () => [2]));
  const waiting = run(updateRow(a, heap, 2, () => [1]));
  await tick();
  const error = await run(updateRow(b, heap, 1, () => [2])).catch((e: unknown) => e);
  t.ok(error instanceof SqlError);
  t.match(error, { code: '40P01', message: 'deadlock detected' });
  t.equal(
    (error as SqlError).fields.detail,
    `Process 102 waits for ShareLock on transaction ${a.xid}; blocked by process 101.\nProcess 101 waits for ShareLock on transaction ${b.xid}; blocked by process 102.`,
  );
  b.rollback();
  t.equal(await waiting, true);
  await commit(a);
  t.same(store.locks(), []);
});

t.test('lock timeout, cancellation, nowait', async (t) => {
  const { store, heap } = await tableOf(1);
  const a = store.begin('read committed');
  await run(updateRow(a, heap, 1, () => [1]));
  const impatient = store.lockGroup(2);
  impatient.lockTimeout = 5;
  const b = store.begin('read committed', { group: impatient });
  await t.rejects(run(updateRow(b, heap, 1, () => [1])), {
    code: '55P03',
    message: 'canceling statement due to lock timeout',
  });
  const c = store.begin('read committed');
  const waiting = run(updateRow(c, heap, 1, () => [1]));
  c.cancelWait(new Error('enough'));
  await t.rejects(waiting, { message: 'enough' });
  t.equal((await run(heap.lockRow(c, c.latest(), 1, 'share', 'nowait'))).status, 'unavailable');
  t.equal((await run(heap.lockRow(c, c.latest(), 1, 'key share', 'nowait'))).status, 'locked', 'a foreign key check');
  a.rollback();
  t.equal((await run(heap.lockRow(b, b.latest(), 1, 'no key update', 'nowait'))).status, 'locked');
  t.equal((await run(heap.lockRow(b, b.latest(), 1, 'update', 'nowait'))).status, 'unavailable');
  c.rollback();
  t.equal((await run(heap.lockRow(b, b.latest(), 1, 'update', 'nowait'))).status, 'locked', 'upgrade');
  b.rollback();
  t.same(store.locks(), []);
});

t.test('waiters are served in order of arrival', async (t) => {
  const { store, heap } = await tableOf(1);
  const a = store.begin('read committed');
  await run(updateRow(a, heap, 1, () => [0]));
  const order: number[] = [];
  const all = [1, 2, 3, 4].map(async (n) => {
    const tx = store.begin('read committed');
    await run(updateRow(tx, heap, 1, () => [n]));
    order.push(n);
    await commit(tx);
  });
  await tick();
  await commit(a);
  await Promise.all(all);
  t.same(order, [1, 2, 3, 4]);
});

t.test('table locks: conflicts, queue, upgrade', async (t) => {
  const store = await openMemoryStore();
  const a = store.begin('read committed');
  const hasty = store.lockGroup(1);
  hasty.deadlockTimeout = 1;
  const b = store.begin('read committed', { group: hasty });
  t.equal(await run(a.lockTable(7, 'RowExclusiveLock', 'wait')), true);
  t.equal(await run(b.lockTable(7, 'RowExclusiveLock', 'nowait')), true);
  t.equal(await run(b.lockTable(7, 'ShareLock', 'nowait')), false);
  const exclusive = run(a.lockTable(7, 'AccessExclusiveLock', 'wait'));
  const c = store.begin('read committed');
  t.equal(await run(c.lockTable(7, 'AccessShareLock', 'nowait')), false, 'behind the waiter');
  await t.rejects(run(b.lockTable(7, 'AccessExclusiveLock', 'wait')), { code: '40P01' });
  b.rollback();
  t.equal(await exclusive, true);
  a.rollback();
  c.rollback();
  t.same(store.locks(), []);
});

t.test('session locks are counted and do not conflict with their own transactions', async (t) => {
  const store = await openMemoryStore();
  const group = store.lockGroup(1);
  const session = store.sessionLocks(group);
  const other = store.begin('read committed');
  const own = store.begin('read committed', { group });
  t.equal(await run(session.lock('advisory lock [5,0,1,1]', true, 'wait')), true);
  t.equal(await run(session.lock('advisory lock [5,0,1,1]', true, 'wait')), true);
  t.equal(await run(own.lockObject('advisory lock [5,0,1,1]', true, 'nowait')), true);
  own.rollback();
  t.equal(await run(other.lockObject('advisory lock [5,0,1,1]', false, 'nowait')), false);
  t.equal(session.unlock('advisory lock [5,0,1,1]', true), true);
  t.equal(await run(other.lockObject('advisory lock [5,0,1,1]', false, 'nowait')), false);
  t.equal(session.unlock('advisory lock [5,0,1,1]', true), true);
  t.equal(session.unlock('advisory lock [5,0,1,1]', true), false);
  t.equal(await run(other.lockObject('advisory lock [5,0,1,1]', false, 'nowait')), true);
});

t.test('unique keys: live rows, reservations, deletions in progress, savepoints', async (t) => {
  const { store, heap, index } = await tableOf(1);
  const a = store.begin('read committed');
  const b = store.begin('read committed');
  t.equal(await run(index.checkUnique(a, heap, 'k0', keyOf, 0)), 1);
  t.equal(await run(index.checkUnique(a, heap, 'k0', keyOf, 1)), 0, 'the row itself');
  t.equal(await run(index.checkUnique(a, heap, 'k5', keyOf, 0)), 0);
  index.insert(a, 'k5', heap.insert(a, [5]));
  t.not(await run(index.checkUnique(a, heap, 'k5', keyOf, 0)), 0, 'own row');
  const waiting = run(index.checkUnique(b, heap, 'k5', keyOf, 0));
  await commit(a);
  t.not(await waiting, 0, 'the other one has committed');
  const c = store.begin('read committed');
  await run(heap.lockRow(c, c.latest(), 1, 'update', 'wait'));
  heap.delete(c, 1);
  index.delete(c, 'k0', 1);
  const afterDelete = run(index.checkUnique(b, heap, 'k0', keyOf, 0));
  await commit(c);
  t.equal(await afterDelete, 0, 'the row has gone');
  const level = b.savepoint();
  t.equal(await run(index.checkUnique(b, heap, 'k9', keyOf, 0)), 0);
  const d = store.begin('read committed');
  const free = run(index.checkUnique(d, heap, 'k9', keyOf, 0));
  b.rollbackTo(level);
  t.equal(await free, 0, 'freed with the savepoint');
  b.rollback();
  d.rollback();
  t.same(store.locks(), []);
});
