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
