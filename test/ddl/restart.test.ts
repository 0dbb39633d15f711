/** Definitions are there after a restart, and work. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import t from 'tap';
import { startTestServer, type TestServer } from '../test-server.js';

async function connect(server: TestServer): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await client.connect();
  return client;
}

t.test('definitions survive a restart', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-ddl-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  let server = await startTestServer({ dataDir });
  let client = await connect(server);
  for (const sql of [
    "CREATE TYPE mood AS ENUM ('sad', 'happy')",
    "CREATE TABLE t (id serial PRIMARY KEY, n int CHECK (n > 0), m mood DEFAULT 'happy')",
    'INSERT INTO t (n) VALUES (1), (2)',
    'ALTER TABLE t ADD COLUMN late int DEFAULT 7',
    'CREATE UNIQUE INDEX tn ON t ((n * 2)) WHERE n < 100',
    'CREATE VIEW v AS SELECT * FROM t WHERE n > 1',
    'ALTER TABLE t RENAME COLUMN n TO number',
  ]) {
    await client.query(sql);
  }
  await client.end();
  await server.stop();
  server = await startTestServer({ dataDir });
  t.teardown(() => server.stop());
  client = await connect(server);
  t.same((await client.query('SELECT * FROM v')).rows, [{ id: 2, n: 2, m: 'happy', late: 7 }]);
  await t.rejects(client.query('INSERT INTO t (number) VALUES (2)'), { code: '23505', constraint: 'tn' });
  await t.rejects(client.query('INSERT INTO t (number) VALUES (0)'), { code: '23514', constraint: 't_n_check' });
  const { rows } = await client.query('INSERT INTO t (number) VALUES (5) RETURNING late, m');
  t.same(rows, [{ late: 7, m: 'happy' }]);
  await client.end();
});

t.test('a rolled back definition leaves nothing behind', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const client = await connect(server);
  await client.query('CREATE TABLE t (a int)');
  await client.query('BEGIN');
  await client.query('INSERT INTO t VALUES (1)');
  await client.query('ALTER TABLE t ALTER COLUMN a TYPE text');
  await client.query('CREATE TABLE gone (a int)');
  await client.query('ROLLBACK');
  t.same((await client.query('SELECT * FROM t')).rows, []);
  await client.query('INSERT INTO t VALUES (3)');
  t.same((await client.query('SELECT a + 1 AS b FROM t')).rows, [{ b: 4 }]);
  await t.rejects(client.query('SELECT * FROM gone'), { code: '42P01' });
  await client.end();
});
