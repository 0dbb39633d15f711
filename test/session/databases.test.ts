/** Several databases in one store: each has its own catalogs and data, roles are everybody's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import t, { type Test } from 'tap';
import { startTestServer } from '../test-server.js';

async function connect(t: Test, port: number, database: string): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'orbit', database });
  // The server ends the connections that are left when it stops.
  client.on('error', () => undefined);
  await client.connect();
  t.teardown(() => client.end());
  return client;
}

async function value(client: pg.Client, query: string): Promise<unknown> {
  const { rows } = await client.query({ text: query, rowMode: 'array' });
  return rows[0]?.[0];
}

t.test('what is made in one database is not in the others, and outlives a restart', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'orbit-databases-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  const first = await startTestServer({ dataDir });
  for (const [name, rows] of [
    ['actors', 300],
    ['postgres', 700],
  ] as const) {
    const client = await connect(t, first.port, name);
    t.equal(await value(client, 'SELECT current_database()'), name);
    t.equal(await value(client, 'SELECT current_catalog'), name);
    await client.query('CREATE TABLE item (id int PRIMARY KEY, tag text DEFAULT current_database())');
    await client.query(`INSERT INTO item SELECT g FROM generate_series(1, ${rows}) g`);
    await client.query(`CREATE ROLE r_${name}`);
    await client.end();
  }
  await first.stop();

  const second = await startTestServer({ dataDir });
  t.teardown(() => second.stop());
  const actors = await connect(t, second.port, 'actors');
  const postgres = await connect(t, second.port, 'postgres');
  const template = await connect(t, second.port, 'template1');
  t.equal(await value(actors, 'SELECT count(*)::int FROM item'), 300);
  t.equal(await value(postgres, 'SELECT count(*)::int FROM item'), 700);
  t.equal(await value(postgres, 'SELECT tag FROM item WHERE id = 700'), 'postgres');
  t.equal(await value(template, "SELECT count(*)::int FROM pg_class WHERE relname = 'item'"), 0);
  for (const client of [actors, postgres, template])
    t.equal(
      await value(client, "SELECT string_agg(rolname, ' ' ORDER BY 1) FROM pg_roles WHERE rolname ~ '^r_'"),
      'r_actors r_postgres',
    );
});

t.test('tables of the same OID in two databases are locked apart', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const actors = await connect(t, server.port, 'actors');
  const postgres = await connect(t, server.port, 'postgres');
  await actors.query('BEGIN; LOCK TABLE pg_class IN ACCESS EXCLUSIVE MODE; SELECT pg_advisory_lock(1)');
  await postgres.query("BEGIN; SET LOCAL lock_timeout = '10s'; LOCK TABLE pg_class IN ACCESS EXCLUSIVE MODE");
  t.equal(await value(postgres, 'SELECT pg_try_advisory_lock(1)'), true);
  const locks = await postgres.query({
    text: `SELECT datname, count(*)::int FROM pg_locks l JOIN pg_database d ON d.oid = l.database
      WHERE mode = 'AccessExclusiveLock' AND relation = 'pg_class'::regclass GROUP BY 1 ORDER BY 1`,
    rowMode: 'array',
  });
  t.same(locks.rows, [
    ['actors', 1],
    ['postgres', 1],
  ]);
  await actors.query('LOCK TABLE pg_authid IN SHARE MODE');
  await t.rejects(postgres.query('LOCK TABLE pg_authid IN SHARE UPDATE EXCLUSIVE MODE NOWAIT'), { code: '55P03' });
});

t.test('a prepared transaction is finished where it was prepared', async (t) => {
  const server = await startTestServer({ env: { ORBIT_TRANSACTION_MAX_PREPARED_TRANSACTIONS: '5' } });
  t.teardown(() => server.stop());
  const actors = await connect(t, server.port, 'actors');
  const postgres = await connect(t, server.port, 'postgres');
  await postgres.query("BEGIN; CREATE TABLE two (a int); PREPARE TRANSACTION 'x'");
  t.equal(await value(actors, "SELECT database FROM pg_prepared_xacts WHERE gid = 'x'"), 'postgres');
  await t.rejects(actors.query("COMMIT PREPARED 'x'"), {
    code: '0A000',
    message: 'prepared transaction belongs to another database',
    hint: 'Connect to the database where the transaction was prepared to finish it.',
  });
  await postgres.query("COMMIT PREPARED 'x'");
  t.equal(await value(postgres, 'SELECT count(*)::int FROM two'), 0);
});

t.test('template0 takes no connections, and what is not there is told', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const client = (database: string): pg.Client =>
    new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database });
  await t.rejects(client('template0').connect(), {
    code: '55000',
    message: 'database "template0" is not currently accepting connections',
  });
  await t.rejects(client('nowhere').connect(), { code: '3D000', message: 'database "nowhere" does not exist' });
});

/** A server with a database `source` that has something of every kind. */
async function withSource(
  t: Test,
  dataDir?: string,
): Promise<{ port: number; stop: () => Promise<void>; admin: pg.Client }> {
  const server = await startTestServer(dataDir === undefined ? {} : { dataDir });
  const admin = await connect(t, server.port, 'actors');
  await admin.query('CREATE DATABASE source');
  const source = await connect(t, server.port, 'source');
  await source.query(`
    CREATE TABLE item (id serial PRIMARY KEY, tag text UNIQUE, note text);
    INSERT INTO item (tag) SELECT 'tag ' || g FROM generate_series(1, 2000) g;
    DELETE FROM item WHERE id % 7 = 0;
    UPDATE item SET tag = tag || '!' WHERE id % 5 = 0;
    CREATE INDEX partial ON item (note) WHERE id < 100;
    ALTER TABLE item ADD COLUMN late int DEFAULT 7;
    CREATE VIEW few AS SELECT tag FROM item WHERE id < 4;
    CREATE TYPE mood AS ENUM ('sad', 'ok')`);
  await source.end();
  return { port: server.port, stop: () => server.stop(), admin };
}

t.test('a template with contents is copied, and the copy lives on its own', async (t) => {
  const { port, stop, admin } = await withSource(t);
  t.teardown(stop);
  await admin.query('CREATE DATABASE copy TEMPLATE source');
  const copy = await connect(t, port, 'copy');
  const source = await connect(t, port, 'source');
  const sum =
    'SELECT count(*)::int || $$ $$ || sum(id) || $$ $$ || min(late) || $$ $$ || count(DISTINCT tag) FROM item';
  t.equal(await value(copy, sum), await value(source, sum));
  await copy.query('SET enable_seqscan = off');
  t.equal(await value(copy, "SELECT id FROM item WHERE tag = 'tag 1990!'"), 1990);
  t.equal(await value(copy, "SELECT id FROM item WHERE tag = 'tag 1990'"), undefined);
  t.equal(await value(copy, "INSERT INTO item (tag) VALUES ('new') RETURNING id"), 2001);
  t.equal(await value(source, "INSERT INTO item (tag) VALUES ('other') RETURNING id"), 2001);
  await t.rejects(copy.query("INSERT INTO item (tag) VALUES ('tag 3')"), { code: '23505' });
  t.equal(await value(copy, "SELECT 'sad'::mood < 'ok'::mood"), true);
  await copy.query('DROP TABLE item CASCADE');
  t.equal(await value(source, 'SELECT count(*)::int FROM few'), 3);
});

t.test('template1 gives what it has to new databases, template0 does not', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const template = await connect(t, server.port, 'template1');
  await template.query('CREATE TABLE everywhere (a int); INSERT INTO everywhere VALUES (42)');
  await template.end();
  const admin = await connect(t, server.port, 'actors');
  await admin.query('CREATE DATABASE one');
  await admin.query('CREATE DATABASE zero TEMPLATE template0');
  const one = await connect(t, server.port, 'one');
  const zero = await connect(t, server.port, 'zero');
  t.equal(await value(one, 'SELECT a FROM everywhere'), 42);
  await t.rejects(zero.query('SELECT a FROM everywhere'), { code: '42P01' });
});

t.test('a dropped database is gone for good, its sessions with FORCE', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'orbit-databases-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  const { port, stop, admin } = await withSource(t, dataDir);
  const inside = await connect(t, port, 'source');
  const ended = new Promise<Error>((resolve) => inside.on('error', resolve));
  await admin.query("SET statement_timeout = '300ms'");
  await t.rejects(admin.query('DROP DATABASE source'), { code: '57014' });
  await admin.query('RESET statement_timeout');
  t.equal(await value(inside, 'SELECT count(*)::int FROM few'), 3);
  await admin.query('DROP DATABASE source WITH (FORCE)');
  t.match(await ended, { code: '57P01' });
  t.equal(await value(admin, 'SELECT count(*)::int FROM pg_database'), 4);
  await admin.query('CREATE DATABASE source');
  await stop();
  const again = await startTestServer({ dataDir });
  t.teardown(() => again.stop());
  const source = await connect(t, again.port, 'source');
  t.equal(await value(source, "SELECT count(*)::int FROM pg_class WHERE relname = 'item'"), 0);
});

t.test('who is in a template keeps it from being copied', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const admin = await connect(t, server.port, 'actors');
  await connect(t, server.port, 'template1');
  await t.rejects(admin.query('CREATE DATABASE one'), {
    code: '55006',
    message: 'source database "template1" is being accessed by other users',
    detail: 'There is 1 other session using the database.',
  });
});

t.test('settings of databases and roles hold from the beginning of a session, the most special first', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const admin = await connect(t, server.port, 'actors');
  for (const text of [
    'CREATE DATABASE one',
    "ALTER ROLE ALL SET work_mem = '1MB'",
    "ALTER ROLE ALL SET statement_timeout = '1min'",
    "ALTER DATABASE one SET work_mem = '2MB'",
    "ALTER DATABASE one SET timezone = 'Europe/Berlin'",
    "ALTER DATABASE one SET search_path = 'Odd one', public",
    "ALTER ROLE orbit SET work_mem = '3MB'",
    "ALTER ROLE orbit IN DATABASE one SET work_mem = '4MB'",
  ])
    await admin.query(text);
  const one = await connect(t, server.port, 'one');
  const other = await connect(t, server.port, 'postgres');
  const show = (client: pg.Client, name: string): Promise<unknown> => value(client, `SHOW ${name}`);
  t.equal(await show(one, 'work_mem'), '4MB');
  t.equal(await show(other, 'work_mem'), '3MB');
  t.equal(await show(one, 'statement_timeout'), '1min');
  t.equal(await show(one, 'timezone'), 'Europe/Berlin');
  t.equal(await show(one, 'search_path'), '"Odd one", public');
  await one.query("SET work_mem = '9MB'; RESET work_mem");
  t.equal(await show(one, 'work_mem'), '4MB');
  t.equal(await show(admin, 'work_mem'), '4MB', 'what is running is not changed');
});

t.test('limits of connections, and databases that take none', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const admin = await connect(t, server.port, 'actors');
  await admin.query('CREATE ROLE guest LOGIN; CREATE ROLE stranger LOGIN');
  await admin.query('CREATE DATABASE one CONNECTION LIMIT 1');
  const client = (user: string): pg.Client => {
    const made = new pg.Client({ host: '127.0.0.1', port: server.port, user, database: 'one' });
    made.on('error', () => undefined);
    t.teardown(() => made.end());
    return made;
  };
  await client('guest').connect();
  await t.rejects(client('guest').connect(), { code: '53300', message: 'too many connections for database "one"' });
  await client('orbit').connect();
  await admin.query('ALTER DATABASE one CONNECTION LIMIT 0; ALTER DATABASE one ALLOW_CONNECTIONS false');
  await t.rejects(client('orbit').connect(), { code: '55000' });
  await admin.query('ALTER DATABASE one ALLOW_CONNECTIONS true CONNECTION LIMIT -1');
  await admin.query('REVOKE CONNECT ON DATABASE one FROM PUBLIC; GRANT CONNECT ON DATABASE one TO guest');
  await t.rejects(client('stranger').connect(), {
    code: '42501',
    message: 'permission denied for database "one"',
    detail: 'User does not have CONNECT privilege.',
  });
  await client('guest').connect();
});
