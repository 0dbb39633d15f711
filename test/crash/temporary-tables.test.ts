/** Temporary tables go with their session, however it ends: by itself, terminated, with the server, or killed with it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import t from 'tap';
import { CrashServer } from './crash-server.js';
import { connect } from './ledger.js';

/** A session with temporary objects of several kinds. Its end is no error. */
async function withTemporaries(port: number): Promise<{ client: pg.Client; pid: number }> {
  const client = await connect(port);
  client.on('error', () => undefined);
  await client.query('CREATE TEMP TABLE mine (id serial PRIMARY KEY, text text)');
  await client.query('CREATE TEMP VIEW shown AS SELECT text FROM mine');
  await client.query("INSERT INTO mine (text) SELECT 'mine' FROM generate_series(1, 100)");
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  return { client, pid: rows[0].pid };
}

/** Names of what sessions have left; those that end take a moment for it. */
async function left(observer: pg.Client): Promise<string[]> {
  const sessions = 'SELECT count(*)::int AS n FROM pg_stat_activity WHERE pid <> pg_backend_pid()';
  for (let i = 0; i < 500 && (await observer.query(sessions)).rows[0].n > 0; i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  const { rows } = await observer.query(
    "SELECT relname AS name FROM pg_class WHERE relpersistence = 't' UNION ALL SELECT nspname FROM pg_namespace WHERE nspname ~ 'temp'",
  );
  return rows.map(({ name }) => name);
}

t.test('temporary tables go with their session', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-temporary-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
    const server = new CrashServer(dataDir);
    const port = await server.mustListen();
    const observer = await connect(port);
    observer.on('error', () => undefined);
    t.same(await left(observer), [], 'nothing is there after the start');
    await (await withTemporaries(port)).client.end();
    t.same(await left(observer), [], 'nor after the end of a session');
    const { pid } = await withTemporaries(port);
    await observer.query('SELECT pg_terminate_backend($1)', [pid]);
    t.same(await left(observer), [], 'nor when it was terminated');
    const inBlock = await withTemporaries(port);
    await inBlock.client.query('BEGIN');
    await inBlock.client.query('UPDATE mine SET text = NULL');
    await inBlock.client.query('DECLARE c CURSOR FOR SELECT * FROM mine');
    await inBlock.client.end();
    t.same(await left(observer), [], 'nor when it was in the middle of a transaction');
    await Promise.all(Array.from({ length: 5 }, () => withTemporaries(port)));
    await server.end(signal);
  }
  const server = new CrashServer(dataDir);
  const observer = await connect(await server.mustListen());
  t.same(await left(observer), []);
  await observer.end();
  t.equal((await server.end('SIGTERM')).code, 0);
});
