/** What DDL asks of the executor: filling indexes, validating constraints, TRUNCATE. */
import t from 'tap';
import type { RelationDesc } from '../../../src/catalog/descriptors.js';
import { buildIndex } from '../../../src/exec/build-index.js';
import { ExecContext } from '../../../src/exec/exec-context.js';
import { instantiator } from '../../../src/exec/instantiate.js';
import { truncate, truncationOrder } from '../../../src/exec/truncate.js';
import { validateCheck, validateForeignKey, validateNotNull } from '../../../src/exec/validate-constraint.js';
import { writeOperators } from '../../../src/exec/write-operators.js';
import { runTask, type Task } from '../../../src/util/task.js';
import { Bench, type Connection } from './bench.js';

/** Runs work over a table in a transaction of its own. */
async function work<T>(
  c: Connection,
  table: string,
  run: (cx: ExecContext, relation: RelationDesc) => Task<T>,
): Promise<T> {
  const transaction = c.begin();
  const relation = c.catalog.relationByName(table, null);
  if (relation === undefined) throw new Error(`no table ${table}`);
  const cx = new ExecContext(c, instantiator(writeOperators));
  cx.begin(transaction, transaction.snapshot(), []);
  try {
    const result = await runTask(run(cx, relation));
    await c.commit();
    return result;
  } finally {
    cx.end();
    c.rollback();
  }
}

t.test('filling an index', async (t) => {
  const bench = await Bench.open();
  await bench.table('t', { columns: { a: 'int4', b: 'text' } });
  const c = bench.connect();
  await c.run("INSERT INTO t SELECT 1, 'x' UNION ALL SELECT 2, 'y' UNION ALL SELECT 3, NULL UNION ALL SELECT 4, NULL");
  const fill = (name: string) =>
    work(c, 't', (cx, relation) => {
      const target = c.cascade.target(relation);
      const index = target.indexes.find((candidate) => candidate.index.name === name);
      if (index === undefined) throw new Error('no index');
      return buildIndex(cx, relation, target.columns, index);
    });
  await bench.addIndex('t', { name: 't_b', on: ['b'], unique: true });
  await fill('t_b');
  t.same(await c.rows("SELECT a FROM t WHERE b = 'y'"), [[2]]);
  await t.rejects(c.run("INSERT INTO t VALUES (5, 'x')"), { code: '23505' });
  await c.run('UPDATE t SET a = 1 WHERE a = 2');
  await bench.addIndex('t', { name: 't_a', on: ['a'], unique: true });
  await t.rejects(fill('t_a'), {
    code: '23505',
    message: 'could not create unique index "t_a"',
    fields: { detail: 'Key (a)=(1) is duplicated.', schema: 'public', table: 't', constraint: 't_a' },
  });
  await bench.close();
});

t.test('validating constraints', async (t) => {
  const bench = await Bench.open();
  await bench.table('p', { columns: { id: 'int4' }, primaryKey: ['id'] });
  await bench.table('t', { columns: { a: 'int4', b: 'int4' } });
  const c = bench.connect();
  await c.run('INSERT INTO p VALUES (1), (2)');
  await c.run('INSERT INTO t VALUES (1, 5), (2, NULL)');
  await bench.addForeignKey('t', { name: 't_fk', columns: ['a'], references: 'p', key: ['id'] });
  const foreignKey = () =>
    work(c, 't', (cx, relation) =>
      validateForeignKey(cx, relation, relation.constraints[relation.constraints.length - 1]),
    );
  await foreignKey();
  await bench.addForeignKey('t', { name: 't_fk2', columns: ['b'], references: 'p', key: ['id'] });
  await t.rejects(foreignKey(), {
    code: '23503',
    message: 'insert or update on table "t" violates foreign key constraint "t_fk2"',
    fields: { detail: 'Key (b)=(5) is not present in table "p".' },
  });
  await work(c, 't', (cx, relation) => validateNotNull(cx, relation, [1]));
  await t.rejects(
    work(c, 't', (cx, relation) => validateNotNull(cx, relation, [1, 2])),
    {
      code: '23502',
      message: 'column "b" of relation "t" contains null values',
      fields: { schema: 'public', table: 't', column: 'b' },
    },
  );
  await bench.addCheck('t', 'small', 'b < 5');
  await t.rejects(
    work(c, 't', (cx, relation) => {
      const target = c.cascade.target(relation);
      return validateCheck(cx, relation, target.columns, target.checks[0]);
    }),
    { code: '23514', message: 'check constraint "small" of relation "t" is violated by some row' },
  );
  await bench.close();
});

t.test('TRUNCATE', async (t) => {
  const bench = await Bench.open();
  await bench.table('p', { columns: { id: 'int4' }, primaryKey: ['id'] });
  await bench.table('c', {
    columns: { id: 'int4' },
    foreignKeys: [{ name: 'c_fk', columns: ['id'], references: 'p', key: ['id'] }],
  });
  const c = bench.connect();
  await c.run('INSERT INTO p VALUES (1), (2)');
  await c.run('INSERT INTO c VALUES (1)');
  const empty = (cascade: boolean) =>
    work(c, 'p', (cx, relation) =>
      truncate(bench.catalog.writer(cx.transaction), truncationOrder(c.catalog, [relation], cascade)),
    );
  await t.rejects(empty(false), {
    code: '0A000',
    message: 'cannot truncate a table referenced in a foreign key constraint',
    fields: {
      detail: 'Table "c" references "p".',
      hint: 'Truncate table "c" at the same time, or use TRUNCATE ... CASCADE.',
    },
  });
  await empty(true);
  t.same(await c.rows('SELECT id FROM p UNION ALL SELECT id FROM c'), []);
  t.same((await c.run('INSERT INTO p VALUES (1)')).affected, 1, 'the index is empty too');
  await bench.close();
});
