import t from 'tap';
import { Bench, type ForeignKeySpec } from './bench.js';

async function family(more: Partial<ForeignKeySpec>, children = {}): Promise<Bench> {
  const bench = await Bench.open();
  await bench.table('p', { columns: { id: 'int4', v: 'int4' }, primaryKey: ['id'] });
  await bench.table('c', {
    columns: { id: 'int4', a: 'int8' },
    defaults: { a: '0' },
    primaryKey: ['id'],
    foreignKeys: [{ name: 'c_a_fkey', columns: ['a'], references: 'p', key: ['id'], ...more }],
    ...children,
  });
  const c = bench.connect();
  await c.run('INSERT INTO p VALUES (1, 0), (2, 0), (3, 0)');
  await c.run('INSERT INTO c VALUES (10, 1), (11, 1), (20, 2), (30, NULL)');
  return bench;
}

t.test('references are checked', async (t) => {
  const bench = await family({});
  const c = bench.connect();
  const missing = (value: string) => ({
    code: '23503',
    message: 'insert or update on table "c" violates foreign key constraint "c_a_fkey"',
    fields: { detail: `Key (a)=(${value}) is not present in table "p".`, table: 'c', constraint: 'c_a_fkey' },
  });
  await t.rejects(c.run('INSERT INTO c VALUES (40, 4)'), missing('4'));
  await t.rejects(c.run('INSERT INTO c VALUES (40, 5000000000)'), missing('5000000000'));
  await t.rejects(c.run('UPDATE c SET a = 9 WHERE id = 10'), missing('9'));
  t.same((await c.run('UPDATE c SET a = NULL WHERE id = 10')).affected, 1);
  t.same((await c.run('WITH n AS (INSERT INTO p VALUES (7, 0)) INSERT INTO c VALUES (70, 7)')).affected, 1);
  const still = {
    code: '23503',
    message: 'update or delete on table "p" violates foreign key constraint "c_a_fkey" on table "c"',
    fields: { detail: 'Key (id)=(2) is still referenced from table "c".', table: 'c', constraint: 'c_a_fkey' },
  };
  await t.rejects(c.run('DELETE FROM p WHERE id = 2'), still);
  await t.rejects(c.run('UPDATE p SET id = 12 WHERE id = 2'), still);
  t.same((await c.run('UPDATE p SET v = 1')).affected, 4);
  t.same((await c.run('DELETE FROM p WHERE id = 3')).affected, 1);
  t.same((await c.run('WITH d AS (DELETE FROM c WHERE a = 2) DELETE FROM p WHERE id = 2')).affected, 1);
  await bench.close();
});

t.test('a key that another row has taken over satisfies NO ACTION, not RESTRICT', async (t) => {
  for (const onUpdate of ['a', 'r']) {
    const bench = await family({ onUpdate });
    const c = bench.connect();
    await c.run('DELETE FROM c');
    await c.run('DELETE FROM p');
    await c.run('INSERT INTO p VALUES (3, 0), (2, 0)');
    await c.run('INSERT INTO c VALUES (10, 3)');
    const shift = c.run('UPDATE p SET id = id + 1');
    if (onUpdate === 'a') t.same((await shift).affected, 2);
    else await t.rejects(shift, { code: '23503', fields: { detail: /^Key \(id\)=\(3\) is still referenced/ } });
    await bench.close();
  }
});

t.test('above READ COMMITTED', async (t) => {
  const bench = await family({ onDelete: 'c' });
  const [a, b] = [bench.connect(), bench.connect()];
  const begin = async (): Promise<void> => {
    a.begin('repeatable read');
    await a.rows('SELECT count(*) FROM p');
  };
  await begin();
  await b.run('INSERT INTO p VALUES (4, 0)');
  await t.rejects(a.run('INSERT INTO c VALUES (40, 4)'), { code: '23503' }, 'a row that the snapshot does not see');
  await begin();
  await b.run('DELETE FROM p WHERE id = 4');
  await t.rejects(a.run('INSERT INTO c VALUES (40, 4)'), {
    code: '40001',
    message: 'could not serialize access due to concurrent update',
  });
  await begin();
  await b.run('UPDATE p SET v = 8 WHERE id = 3');
  t.same((await a.run('INSERT INTO c VALUES (40, 3)')).affected, 1, 'another column was changed');
  a.rollback();
  await begin();
  await b.run('INSERT INTO c VALUES (50, 2)');
  await t.rejects(a.run('DELETE FROM p WHERE id = 2'), { code: '40001' });
  await bench.close();
});

t.test('CASCADE', async (t) => {
  for (const children of [{}, { indexes: [{ name: 'c_a', on: ['a', 'id'] }], checks: { small: 'a < 50' } }]) {
    const bench = await family({ onDelete: 'c', onUpdate: 'c' }, children);
    await bench.table('g', {
      columns: { id: 'int4', c: 'int4' },
      foreignKeys: [{ name: 'g_c_fkey', columns: ['c'], references: 'c', key: ['id'], onDelete: 'c' }],
    });
    const c = bench.connect();
    await c.run('INSERT INTO g VALUES (1, 10), (2, 11), (3, 20)');
    t.same((await c.run('UPDATE p SET id = id + 10 WHERE id = 1')).affected, 1);
    t.same(await c.rows('SELECT id, a FROM c ORDER BY id'), [
      [10, 11],
      [11, 11],
      [20, 2],
      [30, null],
    ]);
    t.same(await c.rows('SELECT id FROM c WHERE a = 11 ORDER BY id'), [[10], [11]]);
    t.same((await c.run('DELETE FROM p WHERE id = 11')).affected, 1);
    t.same(await c.rows('SELECT id FROM c ORDER BY id'), [[20], [30]]);
    t.same(await c.rows('SELECT id FROM g'), [[3]], 'and on to the grandchildren');
    if ('checks' in children) {
      await t.rejects(c.run('UPDATE p SET id = 99 WHERE id = 2'), { code: '23514', fields: { constraint: 'small' } });
    }
    await bench.close();
  }
});

t.test('SET NULL and SET DEFAULT', async (t) => {
  const bench = await family({ onDelete: 'n', onUpdate: 'd' });
  const c = bench.connect();
  await c.run('DELETE FROM p WHERE id = 1');
  t.same(await c.rows('SELECT id, a FROM c ORDER BY id'), [
    [10, null],
    [11, null],
    [20, 2],
    [30, null],
  ]);
  await t.rejects(c.run('UPDATE p SET id = 22 WHERE id = 2'), {
    code: '23503',
    fields: { detail: 'Key (a)=(0) is not present in table "p".' },
  });
  await c.run('INSERT INTO p VALUES (0, 0)');
  await c.run('UPDATE p SET id = 22 WHERE id = 2');
  t.same(await c.rows('SELECT a FROM c WHERE id = 20'), [[0]]);
  await t.rejects(c.run('UPDATE p SET id = 5 WHERE id = 0'), {
    code: '23503',
    fields: { detail: 'Key (id)=(0) is still referenced from table "c".' },
  });
  await bench.close();
});

t.test('a table that refers to itself', async (t) => {
  const bench = await Bench.open();
  await bench.table('tree', { columns: { id: 'int4', up: 'int4' }, primaryKey: ['id'] });
  const c = bench.connect();
  await bench.addForeignKey('tree', {
    name: 'tree_up',
    columns: ['up'],
    references: 'tree',
    key: ['id'],
    onDelete: 'c',
  });
  await c.run('INSERT INTO tree VALUES (2, 1), (3, 2), (1, NULL), (4, 4), (5, 3)');
  t.same((await c.run('DELETE FROM tree WHERE id IN (1, 4)')).affected, 2);
  t.same(await c.rows('SELECT * FROM tree'), []);
  await bench.close();
});

t.test('MATCH FULL', async (t) => {
  const bench = await Bench.open();
  await bench.table('p', { columns: { a: 'int4', b: 'text' }, primaryKey: ['a', 'b'] });
  await bench.table('c', {
    columns: { x: 'text', y: 'int4' },
    foreignKeys: [{ name: 'c_fk', columns: ['x', 'y'], references: 'p', key: ['b', 'a'], match: 'f' }],
  });
  const c = bench.connect();
  await c.run("INSERT INTO p VALUES (1, 'one')");
  t.same((await c.run("INSERT INTO c VALUES ('one', 1), (NULL, NULL)")).affected, 2);
  await t.rejects(c.run("INSERT INTO c VALUES ('one', NULL)"), {
    code: '23503',
    fields: { detail: 'MATCH FULL does not allow mixing of null and nonnull key values.' },
  });
  await t.rejects(c.run("INSERT INTO c VALUES ('two', 1)"), {
    code: '23503',
    fields: { detail: 'Key (x, y)=(two, 1) is not present in table "p".' },
  });
  await t.rejects(c.run('DELETE FROM p'), {
    code: '23503',
    fields: { detail: 'Key (b, a)=(one, 1) is still referenced from table "c".' },
  });
  await bench.close();
});

t.test('deferred foreign keys', async (t) => {
  const bench = await family({ deferrable: 'deferred' });
  const c = bench.connect();
  c.begin();
  await c.run('INSERT INTO c VALUES (50, 5)');
  await c.run('DELETE FROM p WHERE id = 2');
  await c.run('INSERT INTO p VALUES (5, 0)');
  await c.run('INSERT INTO p VALUES (2, 1)');
  await c.commit();
  c.begin();
  await c.run('INSERT INTO c VALUES (60, 6)');
  await t.rejects(c.commit(), { code: '23503', fields: { detail: 'Key (a)=(6) is not present in table "p".' } });
  c.begin();
  await c.run('DELETE FROM p WHERE id = 1');
  await t.rejects(c.commit(), {
    code: '23503',
    fields: { detail: 'Key (id)=(1) is still referenced from table "c".' },
  });
  t.same(await c.rows('SELECT count(*) FROM p'), [[4]]);
  await bench.close();
});

t.test('referenced rows are locked against their end, not against other changes', async (t) => {
  const bench = await family({});
  const [a, b] = [bench.connect(), bench.connect()];
  a.begin();
  await a.run('INSERT INTO c VALUES (40, 3)');
  t.same((await b.run('UPDATE p SET v = 9 WHERE id = 3')).affected, 1);
  const deleting = b.run('DELETE FROM p WHERE id = 3');
  await a.commit();
  await t.rejects(deleting, { code: '23503' });
  a.begin();
  await a.run('DELETE FROM c WHERE a = 3');
  await a.run('DELETE FROM p WHERE id = 3');
  const inserting = b.run('INSERT INTO c VALUES (41, 3)');
  await a.commit();
  await t.rejects(inserting, { code: '23503' });
  await bench.close();
});
