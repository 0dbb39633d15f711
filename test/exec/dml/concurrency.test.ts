/** Many connections at once: nothing is lost, and no constraint is violated by any interleaving. */
import t from 'tap';
import { SqlError } from '../../../src/errors/sql-error.js';
import { DeferredChecks } from '../../../src/exec/deferred-checks.js';
import { runTask } from '../../../src/util/task.js';
import { Bench, type Connection } from './bench.js';

/** The same sequence of numbers below `n` in every run. */
function numbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor(state / 65536) % n;
  };
}

/** Lets the others run. */
const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function attempt(work: () => Promise<unknown>, allowed: readonly string[]): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SqlError) || !allowed.includes(error.code)) throw error;
  }
}

t.test('upserts of the same keys all count', async (t) => {
  const bench = await Bench.open();
  await bench.table('t', { columns: { id: 'int4', n: 'int4' }, primaryKey: ['id'] });
  const sql = 'INSERT INTO t VALUES ($1::int4, 1) ON CONFLICT (id) DO UPDATE SET n = t.n + excluded.n';
  const worker = async (c: Connection, seed: number): Promise<void> => {
    const random = numbers(seed);
    for (let i = 0; i < 40; i++) {
      c.begin();
      await c.run(sql, [random(3)]);
      if (random(2) === 0) await pause();
      await c.commit();
    }
  };
  await Promise.all(Array.from({ length: 6 }, (_, i) => worker(bench.connect(), i + 1)));
  t.same(await bench.connect().rows('SELECT sum(n), count(*) FROM t'), [[240, 3]]);
  await bench.close();
});

t.test('no child without its parent', async (t) => {
  const bench = await Bench.open();
  await bench.table('p', { columns: { id: 'int4', v: 'int4' }, primaryKey: ['id'] });
  const key = { references: 'p', key: ['id'] };
  await bench.table('c', {
    columns: { a: 'int4', b: 'int4' },
    foreignKeys: [
      { ...key, name: 'c_a', columns: ['a'] },
      { ...key, name: 'c_b', columns: ['b'], onDelete: 'n', onUpdate: 'c' },
    ],
  });
  const worker = async (c: Connection, seed: number): Promise<void> => {
    const random = numbers(seed);
    for (let i = 0; i < 60; i++) {
      const [x, y] = [random(5), random(5)];
      const statements = [
        `INSERT INTO p VALUES (${x}, 0) ON CONFLICT DO NOTHING`,
        `INSERT INTO c VALUES (${x}, ${y})`,
        `DELETE FROM p WHERE id = ${x}`,
        `UPDATE p SET id = ${y} WHERE id = ${x}`,
        `UPDATE p SET v = v + 1`,
        `DELETE FROM c WHERE a = ${x}`,
        `UPDATE c SET b = ${y} WHERE a = ${x}`,
      ];
      const work = async (): Promise<void> => {
        c.begin();
        await c.run(statements[random(statements.length)]);
        if (random(2) === 0) await pause();
        await c.commit();
      };
      // Refused by a constraint, or the victim of a deadlock.
      await attempt(work, ['23503', '23505', '40P01']);
    }
  };
  await Promise.all(Array.from({ length: 5 }, (_, i) => worker(bench.connect(), i + 10)));
  const orphans = await bench
    .connect()
    .rows('SELECT * FROM c WHERE a NOT IN (SELECT id FROM p) OR b NOT IN (SELECT id FROM p)');
  t.same(orphans, []);
  await bench.close();
});

t.test('a write that is given up while it waits', async (t) => {
  const bench = await Bench.open();
  await bench.table('t', { columns: { id: 'int4', n: 'int4' }, primaryKey: ['id'] });
  const [a, b] = [bench.connect(), bench.connect()];
  await a.run('INSERT INTO t VALUES (1, 0)');
  a.begin();
  await a.run('UPDATE t SET n = 1');
  const transaction = b.begin();
  const execution = b.prepare('UPDATE t SET n = 2 RETURNING n');
  execution.start(transaction, transaction.snapshot(), []);
  t.equal(execution.tryNextBatch(), undefined, 'it waits for the lock');
  execution.close();
  b.rollback();
  await a.commit();
  const again = b.begin();
  execution.start(again, again.snapshot(), []);
  const batch = await runTask(execution.nextBatch());
  t.same(batch?.rows[0], [2], 'and can be run again');
  t.equal(execution.rowsAffected, 1);
  execution.close();
  await b.commit();
  await bench.close();
});

t.test('SET CONSTRAINTS and savepoints', async (t) => {
  const bench = await Bench.open();
  await bench.table('p', { columns: { id: 'int4' }, primaryKey: ['id'] });
  await bench.table('c', {
    columns: { a: 'int4' },
    foreignKeys: [{ name: 'c_a', columns: ['a'], references: 'p', key: ['id'], deferrable: 'immediate' }],
  });
  const c = bench.connect();
  await t.rejects(c.run('INSERT INTO c VALUES (1)'), { code: '23503' });
  let deferred = DeferredChecks.of(c.begin());
  await runTask(deferred.setConstraints(null, true));
  await c.run('INSERT INTO c VALUES (1)');
  await t.rejects(runTask(deferred.setConstraints(null, false)), { code: '23503' });
  c.rollback();
  const transaction = c.begin();
  deferred = DeferredChecks.of(transaction);
  const table = c.catalog.relationByName('c', null);
  const constraint = table?.constraints[0].oid ?? 0;
  await runTask(deferred.setConstraints([constraint], true));
  const level = transaction.savepoint();
  const mark = deferred.savepoint();
  await c.run('INSERT INTO c VALUES (1)');
  t.ok(deferred.isPending(table?.oid ?? 0));
  transaction.rollbackTo(level);
  deferred.rollbackTo(mark);
  t.notOk(deferred.isPending(table?.oid ?? 0));
  await c.run('INSERT INTO c VALUES (2)');
  await c.run('INSERT INTO p VALUES (2)');
  await c.commit();
  t.same(await c.rows('SELECT a FROM c'), [[2]]);
  await bench.close();
});

t.test('keys of different types', async (t) => {
  const bench = await Bench.open();
  await bench.table('p', { columns: { id: 'numeric', k: 'int2' }, primaryKey: ['id'] });
  await bench.table('c', {
    columns: { a: 'int4' },
    foreignKeys: [{ name: 'c_a', columns: ['a'], references: 'p', key: ['id'], onUpdate: 'c', onDelete: 'c' }],
  });
  const c = bench.connect();
  await c.run('INSERT INTO p VALUES (1.0, 1), (2.5, 2)');
  await c.run('INSERT INTO c VALUES (1)');
  await t.rejects(c.run('INSERT INTO c VALUES (2)'), { code: '23503' });
  t.same((await c.run('DELETE FROM p WHERE id = 2.5')).affected, 1, 'nothing can refer to it');
  await c.run('UPDATE p SET id = 7.00');
  t.same(await c.rows('SELECT a FROM c'), [[7]]);
  await c.run('DELETE FROM p');
  t.same(await c.rows('SELECT a FROM c'), []);
  await bench.close();
});
