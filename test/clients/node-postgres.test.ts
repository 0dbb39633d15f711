/** The driver of most Node programs against the server: values, errors, transactions, many clients at once, cancelling. */
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';

t.test('node-postgres', async (t) => {
  const server = await startTestServer();
  const target = { host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' };
  const pool = new pg.Pool({ ...target, max: 20 });
  // A connection that is closing while the server stops is told so; a query that it concerns rejects by itself.
  pool.on('error', () => {});
  t.teardown(async () => {
    await pool.end();
    await server.stop();
  });

  await t.test('columns of domains are told to be of the base type', async (t) => {
    await pool.query('CREATE DOMAIN short_name AS varchar(10); CREATE DOMAIN shorter AS short_name');
    const { fields } = await pool.query(
      "SELECT 'x'::shorter AS name, ordinal_position FROM information_schema.columns",
    );
    t.same(
      fields.map(({ dataTypeID, dataTypeModifier, dataTypeSize }) => [dataTypeID, dataTypeModifier, dataTypeSize]),
      [
        [1043, 14, -1],
        [23, -1, 4],
      ],
    );
  });

  await t.test('values of many types, as parameters and back', async (t) => {
    await pool.query(`CREATE TABLE kinds (id int PRIMARY KEY, small int2, big int8, real4 float4, real8 float8, dec numeric(12,3),
      yes bool, t text, v varchar(10), raw bytea, doc jsonb, js json, ints int[], texts text[], at timestamptz, ts timestamp, day date,
      span interval, ident uuid)`);
    const at = new Date('2024-02-29T12:34:56.789Z');
    const values = [
      1,
      -5,
      '9007199254740993',
      1.5,
      0.1,
      '123456.789',
      true,
      "it's ü",
      'short',
      Buffer.from([0, 1, 255]),
      { a: [1, null] },
      JSON.stringify([1, 'x']),
      [1, 2, null],
      ['a,b', '"', null],
      at,
      '2024-01-02 03:04:05',
      '2024-02-29',
      '1 day 02:03:04',
      '00000000-0000-4000-8000-00000000abcd',
    ];
    const marks = values.map((_, index) => `$${index + 1}`).join(', ');
    const inserted = await pool.query(
      `INSERT INTO kinds VALUES (${marks}) RETURNING *, day::text AS day_text, ts::text AS ts_text`,
      values,
    );
    const row = inserted.rows[0];
    t.match(row, {
      id: 1,
      small: -5,
      big: '9007199254740993',
      real4: 1.5,
      real8: 0.1,
      dec: '123456.789',
      yes: true,
      t: "it's ü",
      v: 'short',
      doc: { a: [1, null] },
      js: [1, 'x'],
      ints: [1, 2, null],
      texts: ['a,b', '"', null],
      ident: '00000000-0000-4000-8000-00000000abcd',
      day_text: '2024-02-29',
      ts_text: '2024-01-02 03:04:05',
    });
    t.same(row.raw, Buffer.from([0, 1, 255]));
    t.same(row.at, at);
    t.match(row.span, { days: 1, hours: 2, minutes: 3, seconds: 4 });
    const nulls = await pool.query(`INSERT INTO kinds VALUES (${marks}) RETURNING *`, [
      2,
      ...values.slice(1).map(() => null),
    ]);
    t.same(
      Object.values(nulls.rows[0]).filter((value) => value !== null),
      [2],
    );
  });

  await t.test('results in binary', async (t) => {
    const client = new pg.Client(target);
    await client.connect();
    // The driver takes `binary`, its types do not tell of it.
    const query = {
      text: 'SELECT $1::int4 AS i, $2::text AS s, $3::bool AS b',
      values: [258, 'ü', true],
      binary: true,
    };
    t.same((await client.query(query)).rows, [{ i: 258, s: 'ü', b: true }]);
    await client.end();
  });

  await t.test('the shape of results', async (t) => {
    const result = await pool.query('SELECT id, v, t AS renamed, id + 1 FROM kinds WHERE id = $1', [1]);
    t.equal(result.command, 'SELECT');
    t.equal(result.rowCount, 1);
    const oid = Number((await pool.query("SELECT 'kinds'::regclass::oid AS oid")).rows[0].oid);
    t.match(result.fields, [
      { name: 'id', tableID: oid, columnID: 1, dataTypeID: 23, dataTypeSize: 4, dataTypeModifier: -1, format: 'text' },
      { name: 'v', tableID: oid, columnID: 9, dataTypeID: 1043, dataTypeSize: -1, dataTypeModifier: 14 },
      { name: 'renamed', tableID: oid, columnID: 8, dataTypeID: 25 },
      { name: '?column?', tableID: 0, columnID: 0, dataTypeID: 23 },
    ]);
    const many = await pool.query(
      'CREATE TABLE many (a int); INSERT INTO many VALUES (1), (2); SELECT a FROM many ORDER BY a; DROP TABLE many',
    );
    t.ok(Array.isArray(many));
    const results: unknown = many;
    t.match(results, [
      { command: 'CREATE' },
      { command: 'INSERT', rowCount: 2 },
      { command: 'SELECT', rows: [{ a: 1 }, { a: 2 }] },
      { command: 'DROP' },
    ]);
  });

  await t.test('named statements', async (t) => {
    const client = await pool.connect();
    for (let id = 1; id <= 3; id++) {
      const found = await client.query({ name: 'by-id', text: 'SELECT id FROM kinds WHERE id = $1', values: [id] });
      t.equal(found.rowCount, id < 3 ? 1 : 0);
    }
    await t.rejects(client.query({ name: 'broken', text: 'SELECT nope FROM kinds WHERE id = $1', values: [1] }), {
      code: '42703',
    });
    t.same((await client.query({ name: 'by-id', text: 'SELECT id FROM kinds WHERE id = $1', values: [2] })).rows, [
      { id: 2 },
    ]);
    await client.query('ALTER TABLE kinds ADD COLUMN extra int DEFAULT 7');
    t.same((await client.query({ name: 'extra', text: 'SELECT extra FROM kinds WHERE id = $1', values: [2] })).rows, [
      { extra: 7 },
    ]);
    client.release();
  });

  await t.test('errors carry their fields', async (t) => {
    await pool.query('CREATE TABLE strict (id int PRIMARY KEY, n int NOT NULL CHECK (n > 0), k int REFERENCES kinds)');
    const failures: [string, unknown[], { code: string; [field: string]: string }][] = [
      [
        'INSERT INTO strict VALUES (1, NULL)',
        [],
        { code: '23502', schema: 'public', table: 'strict', column: 'n', severity: 'ERROR' },
      ],
      ['INSERT INTO strict VALUES (1, $1)', [-1], { code: '23514', constraint: 'strict_n_check', table: 'strict' }],
      [
        'INSERT INTO strict VALUES (1, 1, 99)',
        [],
        { code: '23503', constraint: 'strict_k_fkey', detail: 'Key (k)=(99) is not present in table "kinds".' },
      ],
      [
        'INSERT INTO strict VALUES (1, 1), (1, 1)',
        [],
        { code: '23505', constraint: 'strict_pkey', detail: 'Key (id)=(1) already exists.' },
      ],
      ['SELECT nope', [], { code: '42703', position: '8' }],
      ['SELECT $1::int', ['x'], { code: '22P02', message: 'invalid input syntax for type integer: "x"' }],
      ['SELEC 1', [], { code: '42601', position: '1' }],
      ['CREATE TABLE parted (a int) PARTITION BY RANGE (a)', [], { code: '0A000' }],
      ['SELECT $1::int', [], { code: '42P02' }],
    ];
    for (const [text, values, fields] of failures) await t.rejects(pool.query(text, values), fields);
    t.same((await pool.query('SELECT count(*)::int AS n FROM strict')).rows, [{ n: 0 }]);
  });

  await t.test('transactions', async (t) => {
    const [one, two] = [await pool.connect(), await pool.connect()];
    const count = async (client: pg.PoolClient): Promise<number> =>
      (await client.query('SELECT count(*)::int AS n FROM tx')).rows[0].n;
    await one.query('CREATE TABLE tx (id int PRIMARY KEY, n int)');
    await one.query('BEGIN');
    await one.query('INSERT INTO tx VALUES (1, 1)');
    t.same([await count(one), await count(two)], [1, 0], 'unseen before commit');
    await one.query('COMMIT');
    t.equal(await count(two), 1);

    await one.query('BEGIN');
    await one.query('UPDATE tx SET n = n + 1 WHERE id = 1');
    const waiting = two.query('UPDATE tx SET n = n + 10 WHERE id = 1 RETURNING n');
    await one.query('COMMIT');
    t.same((await waiting).rows, [{ n: 12 }], 'the second writer waits and sees the first');

    for (const client of [one, two]) await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    t.same([await count(one), await count(two)], [1, 1]);
    await one.query('UPDATE tx SET n = 0');
    await one.query('COMMIT');
    await t.rejects(two.query('UPDATE tx SET n = 1'), { code: '40001' });
    await t.rejects(two.query('SELECT 1'), { code: '25P02' });
    t.equal((await two.query('COMMIT')).command, 'ROLLBACK');

    await one.query('INSERT INTO tx VALUES (2, 0)');
    for (const client of [one, two]) await client.query('BEGIN');
    await one.query('UPDATE tx SET n = 1 WHERE id = 1');
    await two.query('UPDATE tx SET n = 2 WHERE id = 2');
    const crossing = await Promise.allSettled([
      one.query('UPDATE tx SET n = 1 WHERE id = 2'),
      two.query('UPDATE tx SET n = 2 WHERE id = 1'),
    ]);
    const lost = crossing.filter((outcome) => outcome.status === 'rejected');
    t.match(lost, [{ reason: { code: '40P01', message: 'deadlock detected' } }], 'one of them is the victim');
    for (const client of [one, two]) await client.query('ROLLBACK');
    one.release();
    two.release();
  });

  await t.test('20 clients move money at once', async (t) => {
    await pool.query('CREATE TABLE accounts (id int PRIMARY KEY, balance int NOT NULL)');
    await pool.query('INSERT INTO accounts SELECT g, 100 FROM generate_series(1, 10) g');
    const transfer = async (client: pg.PoolClient, from: number, to: number): Promise<void> => {
      await client.query('BEGIN');
      for (const [id, amount] of from < to
        ? [
            [from, -1],
            [to, 1],
          ]
        : [
            [to, 1],
            [from, -1],
          ])
        await client.query('UPDATE accounts SET balance = balance + $1 WHERE id = $2', [amount, id]);
      await client.query('COMMIT');
    };
    await Promise.all(
      Array.from({ length: 20 }, async (_, number) => {
        const client = await pool.connect();
        for (let round = 0; round < 25; round++) {
          const from = ((number * 7 + round * 3) % 10) + 1;
          await transfer(client, from, ((from + round) % 9) + 1 === from ? 10 : ((from + round) % 9) + 1);
        }
        client.release();
      }),
    );
    const sums = await pool.query('SELECT sum(balance)::int AS total, count(*)::int AS n FROM accounts');
    t.same(sums.rows, [{ total: 1000, n: 10 }]);
  });

  await t.test('queries sent without waiting are answered in order', async (t) => {
    const client = new pg.Client(target);
    await client.connect();
    const answers = await Promise.allSettled(
      Array.from({ length: 100 }, (_, index) => client.query('SELECT 10 / ($1::int % 10) AS n', [index])),
    );
    t.equal(answers.filter((answer) => answer.status === 'rejected').length, 10, 'each failure is its own');
    t.match(answers[12], { status: 'fulfilled', value: { rows: [{ n: 5 }] } });
    await client.end();
  });

  await t.test('cancelling a statement', async (t) => {
    const client = await pool.connect();
    const pid = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
    const long = client.query('SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b');
    const ended = t.rejects(long, { code: '57014', message: 'canceling statement due to user request' });
    t.same((await pool.query('SELECT pg_cancel_backend($1) AS sent', [pid])).rows, [{ sent: true }]);
    await ended;
    t.same((await client.query('SELECT 1 AS one')).rows, [{ one: 1 }], 'the connection lives on');
    await client.query("SET statement_timeout = '50ms'");
    await t.rejects(client.query('SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b'), {
      code: '57014',
      message: 'canceling statement due to statement timeout',
    });
    await client.query('RESET statement_timeout');
    client.release();
  });

  await t.test('connections that cannot be', async (t) => {
    const client = new pg.Client({ ...target, database: 'nowhere' });
    await t.rejects(client.connect(), { code: '3D000', message: 'database "nowhere" does not exist' });
    const stranger = new pg.Client({ ...target, user: 'stranger' });
    await t.rejects(stranger.connect(), { code: '28000' });
  });

  await t.test('a large result', async (t) => {
    const result = await pool.query("SELECT g, repeat('x', 100) AS pad FROM generate_series(1, 50000) g");
    t.equal(result.rowCount, 50_000);
    t.match(result.rows.at(-1), { g: 50_000, pad: 'x'.repeat(100) });
  });
});
