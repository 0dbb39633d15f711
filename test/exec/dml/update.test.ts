import t from 'tap';
import { Bench } from './bench.js';

t.test('UPDATE and DELETE', async (t) => {
  const bench = await Bench.open();
  await bench.table('t', {
    columns: { id: 'int4', n: 'int4', g: 'int4' },
    generated: { g: 'n * 2' },
    primaryKey: ['id'],
    indexes: [
      { name: 't_n', on: ['n'] },
      { name: 't_odd', on: ['id'], where: 'n > 100' },
    ],
    checks: { n_positive: 'n > 0' },
  });
  const c = bench.connect();
  await c.run('INSERT INTO t (id, n) VALUES (1, 10), (2, 20), (3, 30)');
  t.same(await c.run('UPDATE t SET n = n + 1 WHERE id = 2 RETURNING *'), { rows: [[2, 21, 42]], affected: 1 });
  t.same(await c.rows('SELECT id FROM t WHERE n = 20'), [], 'the old entry is gone');
  t.same(await c.rows('SELECT id FROM t WHERE n = 21'), [[2]]);
  await t.rejects(c.run('UPDATE t SET n = 0 WHERE id = 1'), {
    code: '23514',
    fields: { detail: 'Failing row contains (1, 0, 0).' },
  });
  await t.rejects(c.run('UPDATE t SET id = 3 WHERE id = 1'), {
    code: '23505',
    fields: { detail: 'Key (id)=(3) already exists.' },
  });
  t.same((await c.run('UPDATE t SET id = id')).affected, 3);
  t.same((await c.run('UPDATE t SET id = id + 100 WHERE id < 3')).affected, 2);
  t.same(await c.rows('SELECT id FROM t WHERE id = 101'), [[101]]);
  t.same(await c.run('DELETE FROM t WHERE id > 100 RETURNING id, g'), {
    rows: [
      [101, 20],
      [102, 42],
    ],
    affected: 2,
  });
  t.same(await c.rows('SELECT id FROM t'), [[3]]);
  t.same((await c.run('INSERT INTO t (id, n) VALUES (101, 1)')).affected, 1, 'the key is free again');
  await bench.close();
});

t.test('joins: only the first of several matches counts', async (t) => {
  const bench = await Bench.open();
  await bench.table('t', { columns: { id: 'int4', n: 'int4' }, primaryKey: ['id'] });
  await bench.table('s', { columns: { id: 'int4', v: 'int4' } });
  const c = bench.connect();
  await c.run('INSERT INTO t VALUES (1, 0), (2, 0)');
  await c.run('INSERT INTO s VALUES (1, 5), (1, 6), (3, 7)');
  t.same((await c.run('UPDATE t SET n = n + 1 FROM s WHERE s.id = t.id RETURNING t.id, n')).rows, [[1, 1]]);
  t.same((await c.run('DELETE FROM t USING s WHERE s.id = t.id RETURNING t.id, s.id')).rows, [[1, 1]]);
  await bench.close();
});

t.test('READ COMMITTED looks again at a row that has moved', async (t) => {
  const bench = await Bench.open();
  await bench.table('t', { columns: { id: 'int4', n: 'int4' }, primaryKey: ['id'] });
  const [a, b] = [bench.connect(), bench.connect()];
  await a.run('INSERT INTO t VALUES (1, 10), (2, 20), (3, 30)');
  a.begin();
  await a.run('UPDATE t SET n = n + 1 WHERE id = 1');
  await a.run('UPDATE t SET n = 0 WHERE id = 2');
  await a.run('DELETE FROM t WHERE id = 3');
  const waiting = b.run('UPDATE t SET n = n * 2 WHERE n > 5 RETURNING id, n');
  await a.commit();
  t.same((await waiting).rows, [[1, 22]]);
  await a.run('UPDATE t SET n = 50 WHERE id = 2');
  a.begin();
  await a.run('UPDATE t SET n = 60 WHERE id = 2');
  const deleting = b.run('DELETE FROM t WHERE n = 50');
  await a.commit();
  t.same((await deleting).affected, 0);
  await bench.close();
});

t.test('REPEATABLE READ fails instead', async (t) => {
  const bench = await Bench.open();
  await bench.table('t', { columns: { id: 'int4', n: 'int4' }, primaryKey: ['id'] });
  const [a, b] = [bench.connect(), bench.connect()];
  await a.run('INSERT INTO t VALUES (1, 10)');
  b.begin('repeatable read');
  await b.rows('SELECT * FROM t');
  await a.run('UPDATE t SET n = 11');
  await t.rejects(b.run('UPDATE t SET n = 12'), { code: '40001' });
  await bench.close();
});

t.test('a deferrable unique constraint is checked at the end', async (t) => {
  const bench = await Bench.open();
  await bench.table('s', {
    columns: { id: 'int4' },
    indexes: [{ name: 's_id', on: ['id'], unique: true, deferrable: 'immediate' }],
  });
  await bench.table('d', {
    columns: { id: 'int4' },
    indexes: [{ name: 'd_id', on: ['id'], unique: true, deferrable: 'deferred' }],
  });
  const c = bench.connect();
  await c.run('INSERT INTO s VALUES (1), (2), (3)');
  t.same((await c.run('UPDATE s SET id = id + 1')).affected, 3);
  await t.rejects(c.run('INSERT INTO s VALUES (2)'), {
    code: '23505',
    fields: { detail: 'Key (id)=(2) already exists.' },
  });
  c.begin();
  await c.run('INSERT INTO d VALUES (1), (1)');
  await c.run('UPDATE d SET id = 2 WHERE id = 1');
  await t.rejects(c.commit(), { code: '23505', fields: { detail: 'Key (id)=(2) already exists.' } });
  c.begin();
  await c.run('INSERT INTO d VALUES (1)');
  await c.run('INSERT INTO d VALUES (1)');
  await c.run('DELETE FROM d');
  await c.commit();
  t.same(await c.rows('SELECT * FROM d'), []);
  await bench.close();
});

t.test('FOR UPDATE', async (t) => {
  const bench = await Bench.open();
  await bench.table('t', { columns: { id: 'int4', n: 'int4' }, primaryKey: ['id'] });
  const [a, b] = [bench.connect(), bench.connect()];
  await a.run('INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)');
  a.begin();
  t.same(await a.rows('SELECT id FROM t ORDER BY id LIMIT 1 FOR UPDATE'), [[1]]);
  t.same(await b.rows('SELECT id FROM t ORDER BY id FOR UPDATE SKIP LOCKED'), [[2], [3]], 'LIMIT bounds the locks');
  await t.rejects(b.rows('SELECT id FROM t FOR SHARE NOWAIT'), {
    code: '55P03',
    message: 'could not obtain lock on row in relation "t"',
  });
  t.same((await b.rows('SELECT id FROM t FOR KEY SHARE SKIP LOCKED')).length, 2);
  await a.run('UPDATE t SET n = 10 WHERE id = 1');
  const waiting = b.rows('SELECT id, n FROM t WHERE n < 20 FOR UPDATE');
  await a.commit();
  t.same(
    await waiting,
    [
      [1, 10],
      [2, 2],
      [3, 3],
    ],
    'the newest version is given',
  );
  a.begin();
  await a.run('UPDATE t SET n = 30 WHERE id = 1');
  const rechecked = b.rows('SELECT id FROM t WHERE n < 20 FOR NO KEY UPDATE');
  await a.commit();
  t.same(await rechecked, [[2], [3]], 'and must still satisfy the condition');
  await bench.close();
});
