import t from 'tap';
import { runTask } from '../../../src/util/task.js';
import { Bench } from './bench.js';

t.test('rows are stored, counted and returned', async (t) => {
  const bench = await Bench.open();
  await bench.table('t', { columns: { id: 'int4', v: 'text' }, defaults: { v: "'none'" }, primaryKey: ['id'] });
  const c = bench.connect();
  t.same(await c.run("INSERT INTO t VALUES (1, 'a'), (2, 'b')"), { rows: [], affected: 2 });
  t.same(await c.run('INSERT INTO t (id) VALUES (3) RETURNING id + 1, v'), { rows: [[4, 'none']], affected: 1 });
  t.same(await c.run('INSERT INTO t SELECT id + 10, v FROM t WHERE id < 3'), { rows: [], affected: 2 });
  t.same(await c.rows('SELECT id, v FROM t ORDER BY id'), [
    [1, 'a'],
    [2, 'b'],
    [3, 'none'],
    [11, 'a'],
    [12, 'b'],
  ]);
  t.same(await c.rows('SELECT v FROM t WHERE id = 11'), [['a']], 'the index has the row');
  await bench.close();
});

t.test('much RETURNING', async (t) => {
  const bench = await Bench.open();
  await bench.table('t', { columns: { id: 'int4' } });
  const c = bench.connect();
  const rows = await c.rows('INSERT INTO t SELECT i FROM generate_series(1, 1000) i RETURNING id');
  t.same(
    rows.map(([id]) => id),
    Array.from({ length: 1000 }, (_, i) => i + 1),
  );
  const transaction = c.begin();
  const run = c.prepare('DELETE FROM t RETURNING id');
  run.start(transaction, transaction.snapshot(), []);
  const first = await runTask(run.nextBatch());
  t.equal(first?.length, 256);
  t.equal(run.rowsAffected, 1000, 'everything is done before the first row is given');
  run.close();
  c.rollback();
  await bench.close();
});

t.test('constraints', async (t) => {
  const bench = await Bench.open();
  await bench.table('t', {
    columns: { id: 'int4', a: 'text not null', b: 'int4', long: 'text' },
    primaryKey: ['id'],
    checks: { b_small: 'b < 100' },
  });
  const c = bench.connect();
  await t.rejects(c.run('INSERT INTO t (id, b) VALUES (1, 5)'), {
    code: '23502',
    message: 'null value in column "a" of relation "t" violates not-null constraint',
    fields: { detail: 'Failing row contains (1, null, 5, null).', schema: 'public', table: 't', column: 'a' },
  });
  await t.rejects(c.run("INSERT INTO t VALUES (1, 'x', 100, repeat('ä', 40))"), {
    code: '23514',
    message: 'new row for relation "t" violates check constraint "b_small"',
    fields: {
      detail: `Failing row contains (1, x, 100, ${'ä'.repeat(32)}...).`,
      schema: 'public',
      table: 't',
      constraint: 'b_small',
    },
  });
  t.same((await c.run("INSERT INTO t VALUES (1, 'x', NULL)")).affected, 1, 'an unknown CHECK passes');
  await t.rejects(c.run("INSERT INTO t VALUES (2, 'x'), (1, 'y')"), {
    code: '23505',
    message: 'duplicate key value violates unique constraint "t_pkey"',
    fields: { detail: 'Key (id)=(1) already exists.', schema: 'public', table: 't', constraint: 't_pkey' },
  });
  t.same(await c.rows('SELECT id FROM t'), [[1]], 'nothing of the failed statement is left');
  await bench.close();
});

t.test('kinds of unique indexes', async (t) => {
  const bench = await Bench.open();
  await bench.table('t', {
    columns: { a: 'int4', b: 'text', c: 'bool', d: 'int4' },
    indexes: [
      { name: 'two', on: ['a', 'b'], unique: true },
      { name: 'low', on: ['lower(b)'], unique: true, where: 'c' },
      { name: 'nulls', on: ['d'], unique: true, nullsNotDistinct: true },
    ],
  });
  const c = bench.connect();
  await c.run("INSERT INTO t VALUES (1, 'x', false, 1), (1, NULL, false, 2), (1, NULL, false, 3)");
  await t.rejects(c.run("INSERT INTO t VALUES (1, 'x', false, 4)"), {
    code: '23505',
    fields: { detail: 'Key (a, b)=(1, x) already exists.' },
  });
  await c.run("INSERT INTO t VALUES (2, 'X', true, 5), (3, 'x', false, NULL)");
  await t.rejects(c.run("INSERT INTO t VALUES (4, 'x', true, 6)"), {
    code: '23505',
    fields: { detail: 'Key (lower(b))=(x) already exists.', constraint: 'low' },
  });
  await t.rejects(c.run("INSERT INTO t VALUES (5, 'z', false, NULL)"), {
    code: '23505',
    fields: { detail: 'Key (d)=(null) already exists.', constraint: 'nulls' },
  });
  await bench.close();
});

t.test('a unique key waits for the transaction that has it', async (t) => {
  const bench = await Bench.open();
  await bench.table('t', { columns: { id: 'int4' }, primaryKey: ['id'] });
  const [a, b] = [bench.connect(), bench.connect()];
  a.begin();
  await a.run('INSERT INTO t VALUES (1)');
  const blocked = b.run('INSERT INTO t VALUES (1)');
  a.rollback();
  t.same((await blocked).affected, 1, 'the other one has gone');
  a.begin();
  await a.run('INSERT INTO t VALUES (2)');
  const refused = b.run('INSERT INTO t VALUES (2)');
  await a.commit();
  await t.rejects(refused, { code: '23505' });
  await bench.close();
});

t.test('ON CONFLICT', async (t) => {
  const bench = await Bench.open();
  await bench.table('t', {
    columns: { id: 'int4', u: 'int4', n: 'int4' },
    primaryKey: ['id'],
    indexes: [{ name: 't_u', on: ['u'], unique: true }],
  });
  const c = bench.connect();
  await c.run('INSERT INTO t VALUES (1, 10, 0), (2, 20, 0)');
  t.same((await c.run('INSERT INTO t VALUES (1, 11, 5), (3, 20, 5), (4, 40, 5) ON CONFLICT DO NOTHING')).affected, 1);
  t.same(
    await c.run(
      'INSERT INTO t VALUES (1, 11, 7), (5, 50, 7) ON CONFLICT (id) DO UPDATE SET n = t.n + excluded.n RETURNING id, u, n',
    ),
    {
      rows: [
        [1, 10, 7],
        [5, 50, 7],
      ],
      affected: 2,
    },
  );
  t.same(
    (await c.run('INSERT INTO t VALUES (1, 1, 7) ON CONFLICT (id) DO UPDATE SET n = 100 WHERE t.n > 50')).affected,
    0,
  );
  await t.rejects(c.run('INSERT INTO t VALUES (9, 20, 0) ON CONFLICT (id) DO NOTHING'), { code: '23505' });
  await t.rejects(c.run('INSERT INTO t VALUES (6, 60, 1), (6, 61, 2) ON CONFLICT (id) DO UPDATE SET n = 3'), {
    code: '21000',
    message: 'ON CONFLICT DO UPDATE command cannot affect row a second time',
    fields: {
      hint: 'Ensure that no rows proposed for insertion within the same command have duplicate constrained values.',
    },
  });
  t.same((await c.run('INSERT INTO t VALUES (6, 60, 1), (6, 61, 2) ON CONFLICT DO NOTHING')).affected, 1);
  await bench.close();
});

t.test('ON CONFLICT waits for the other inserter', async (t) => {
  const bench = await Bench.open();
  await bench.table('t', { columns: { id: 'int4', n: 'int4' }, primaryKey: ['id'] });
  const [a, b] = [bench.connect(), bench.connect()];
  a.begin();
  await a.run('INSERT INTO t VALUES (1, 1)');
  const upsert = b.run('INSERT INTO t VALUES (1, 10) ON CONFLICT (id) DO UPDATE SET n = t.n + excluded.n RETURNING n');
  await a.commit();
  t.same((await upsert).rows, [[11]]);
  b.begin('repeatable read');
  await b.rows('SELECT * FROM t');
  await a.run('INSERT INTO t VALUES (2, 1)');
  await t.rejects(b.run('INSERT INTO t VALUES (2, 5) ON CONFLICT DO NOTHING'), {
    code: '40001',
    message: 'could not serialize access due to concurrent update',
  });
  await bench.close();
});

t.test('data-modifying WITH', async (t) => {
  const bench = await Bench.open();
  await bench.table('t', { columns: { id: 'int4' }, primaryKey: ['id'] });
  await bench.table('log', { columns: { id: 'int4' } });
  const c = bench.connect();
  const sql =
    'WITH n AS (INSERT INTO t VALUES (1), (2) RETURNING id), l AS (INSERT INTO log SELECT id FROM n) SELECT count(*) FROM t';
  t.same(await c.rows(sql), [[0]], 'the statement does not see its own rows');
  t.same(await c.rows('SELECT id FROM log ORDER BY id'), [[1], [2]]);
  await bench.close();
});
