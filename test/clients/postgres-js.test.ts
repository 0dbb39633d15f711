/** postgres.js: types, bulk inserts, transactions, cursors, COPY streams, LISTEN, errors. Holds for PostgreSQL as well (target.ts). */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import postgres from 'postgres';
import t, { type Test } from 'tap';
import { withTarget } from './target.js';

type Sql = postgres.Sql;

/** The code of the error that `work` fails with. */
async function codeOf(work: PromiseLike<unknown>): Promise<string> {
  try {
    await work;
    return 'no error';
  } catch (error) {
    return error instanceof postgres.PostgresError ? error.code : String(error);
  }
}

async function types(t: Test, sql: Sql): Promise<void> {
  await sql`CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')`;
  await sql`CREATE TABLE kinds (id serial PRIMARY KEY, i int, big int8, dec numeric(10,2), f float8, b bool, s text, raw bytea,
    doc jsonb, ints int[], texts text[], moods mood[], m mood, u uuid, at timestamptz, day date)`;
  const at = new Date('2024-02-29T12:34:56.789Z');
  const uuid = '00000000-0000-4000-8000-00000000abcd';
  const row = {
    i: -5,
    big: '9007199254740993',
    dec: '1234.50',
    f: 0.1,
    b: true,
    s: 'ü\'"',
    raw: Buffer.from([0, 255]),
    u: uuid,
  };
  const arrays = { ints: [1, 2], texts: ['a,b', '"', ''], m: 'ok', at, doc: sql.json({ a: [1, null, { b: 'c' }] }) };
  const [made] =
    await sql`INSERT INTO kinds ${sql({ ...row, ...arrays })} RETURNING *, ${at}::timestamptz = at AS same`;
  t.match(made, {
    id: 1,
    ...row,
    ints: [1, 2],
    texts: ['a,b', '"', ''],
    m: 'ok',
    at,
    doc: { a: [1, null, { b: 'c' }] },
    same: true,
  });
  const [read] =
    await sql`SELECT dec * 2 AS double, array_agg(x) AS all, ${null} AS nothing, ARRAY[[1,2],[3,4]] AS nested
    FROM kinds, generate_series(1, 3) x GROUP BY dec`;
  t.same(read, {
    double: '2469.00',
    all: [1, 2, 3],
    nothing: null,
    nested: [
      [1, 2],
      [3, 4],
    ],
  });
  const statement = sql`SELECT i, s, m, ints FROM kinds WHERE id = ANY(${[1, 2]})`;
  const described = await statement.describe();
  t.same(
    described.columns.map((column) => column.name),
    ['i', 's', 'm', 'ints'],
  );
  t.same(described.types, [1007], 'the parameter is an array of integers');
  t.same((await sql`SELECT 1 AS a, 'x' AS b`.values()).flat(), [1, 'x']);
  t.equal((await sql.unsafe('SELECT 1 AS a; SELECT 2 AS a; SELECT 3 AS a')).length, 3);
}

async function bulk(t: Test, sql: Sql): Promise<void> {
  await sql`CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL, owner int)`;
  const rows = Array.from({ length: 500 }, (_, id) => ({ id, name: `n${id}`, owner: id % 7 }));
  const inserted = await sql`INSERT INTO item ${sql(rows, 'id', 'name', 'owner')}`;
  t.equal(inserted.count, 500);
  t.equal(inserted.command, 'INSERT');
  const changes = [
    [1, 'one'],
    [2, 'two'],
  ];
  const updated = await sql`UPDATE item SET name = v.name FROM (VALUES ${sql(changes)}) AS v (id, name)
    WHERE item.id = v.id::int RETURNING item.id, item.name`;
  t.same(
    [...updated].sort((a, b) => a.id - b.id),
    [
      { id: 1, name: 'one' },
      { id: 2, name: 'two' },
    ],
  );
  const columns = ['id', 'name'];
  t.same(await sql`SELECT ${sql(columns)} FROM ${sql('item')} WHERE id IN ${sql([1, 3])} ORDER BY id`, [
    { id: 1, name: 'one' },
    { id: 3, name: 'n3' },
  ]);
  const upsert =
    await sql`INSERT INTO item VALUES (1, 'again', 0) ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING name`;
  t.same(upsert[0], { name: 'again' });
}

async function transactions(t: Test, sql: Sql): Promise<void> {
  const count = async (s: Sql | postgres.TransactionSql): Promise<unknown> =>
    (await s`SELECT count(*)::int AS n FROM item`)[0]?.n;
  await sql.begin(async (tx) => {
    await tx`DELETE FROM item WHERE id >= 400`;
    const failed = tx.savepoint(async (inner) => {
      await inner`DELETE FROM item`;
      await inner`INSERT INTO item VALUES (1, null)`;
    });
    t.equal(await codeOf(failed), '23502');
    t.equal(await count(tx), 400, 'the savepoint is undone');
  });
  t.equal(await count(sql), 400);
  t.equal(await codeOf(sql.begin('read only', (tx) => tx`DELETE FROM item`)), '25006');
  const level = await sql.begin('isolation level serializable', (tx) => tx`SHOW transaction_isolation`);
  t.same(level[0], { transaction_isolation: 'serializable' });
  const piped = await sql.begin((tx) => [tx`SELECT 1 AS a`, tx`SELECT 2 AS b`]);
  t.same(
    piped.map((result) => result[0]),
    [{ a: 1 }, { b: 2 }],
  );
}

async function streams(t: Test, sql: Sql): Promise<void> {
  const sizes: number[] = [];
  for await (const rows of sql`SELECT id FROM item ORDER BY id`.cursor(150)) sizes.push(rows.length);
  t.same(sizes, [150, 150, 100]);
  let seen = 0;
  await sql`SELECT id FROM item ORDER BY id`.cursor(10, () => (++seen === 3 ? sql.CLOSE : undefined));
  t.equal(seen, 3, 'closed in the middle');
  let sum = 0;
  await sql`SELECT id FROM item`.forEach((row) => {
    sum += row.id;
  });
  t.equal(sum, (399 * 400) / 2);

  await sql`CREATE TABLE copied (a int, b text)`;
  await pipeline(
    Readable.from(['1\tone\n2\t', 'two\\nlines\n', '3\t\\N\n']),
    await sql`COPY copied FROM STDIN`.writable(),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of await sql`COPY (SELECT * FROM copied ORDER BY a) TO STDOUT (FORMAT csv, HEADER)`.readable())
    chunks.push(chunk);
  t.equal(Buffer.concat(chunks).toString(), 'a,b\n1,one\n2,"two\nlines"\n3,\n');
}

async function listening(t: Test, sql: Sql): Promise<void> {
  const heard: string[] = [];
  const two = new Promise<void>((resolve) => {
    void sql
      .listen('news', (payload) => {
        if (heard.push(payload) === 2) resolve();
      })
      .then(async () => {
        await sql.notify('news', 'first');
        await sql.begin(async (tx) => {
          await tx`SELECT pg_notify('news', 'second')`;
        });
      });
  });
  await two;
  t.same(heard, ['first', 'second']);
}

async function errors(t: Test, sql: Sql): Promise<void> {
  const wrong: [string, string][] = [
    ['SELECT * FROM nope', '42P01'],
    ['SELECT nope FROM item', '42703'],
    ['SELECT 1/0', '22012'],
    ["SELECT 'x'::int", '22P02'],
    ['SELEC 1', '42601'],
    ["INSERT INTO item VALUES (1, 'x')", '23505'],
    ["SELECT 'angry'::mood", '22P02'],
  ];
  for (const [text, code] of wrong) t.equal(await codeOf(sql.unsafe(text)), code, text);
  const error = await sql`INSERT INTO item VALUES (${1}, ${'x'})`.catch((error) => error);
  t.match(error, {
    severity: 'ERROR',
    code: '23505',
    table_name: 'item',
    constraint_name: 'item_pkey',
    detail: 'Key (id)=(1) already exists.',
  });
  const sleeping = sql`SELECT pg_sleep(30)`.execute();
  const cancelled = codeOf(sleeping);
  setTimeout(() => sleeping.cancel(), 50);
  t.equal(await cancelled, '57014');
}

t.test('postgres.js', (t) =>
  withTarget(async (target) => {
    const sql = postgres({ ...target, max: 4, onnotice: () => {} });
    try {
      await t.test('types', (t) => types(t, sql));
      await t.test('bulk statements', (t) => bulk(t, sql));
      await t.test('transactions', (t) => transactions(t, sql));
      await t.test('cursors and COPY', (t) => streams(t, sql));
      await t.test('notifications', (t) => listening(t, sql));
      await t.test('errors', (t) => errors(t, sql));
    } finally {
      await sql.end();
    }
  }),
);
