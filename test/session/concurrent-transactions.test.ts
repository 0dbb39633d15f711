/**
 * Many connections that get into each other's way: transfers in random order (deadlocks, serialization failures), a job
 * queue, and inserts of keys that others insert too. Money is conserved, every job is done once, nobody is left waiting.
 */
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';

const CLIENTS = 8;
const ROUNDS = 25;
const ACCOUNTS = 6;
const JOBS = 100;
/** A deadlock, a serialization failure, a duplicate key: the transaction is to be tried again, or left. */
const EXPECTED = new Set(['40P01', '40001', '23505']);

/** Numbers that look random and are the same in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Runs the work in a transaction; gives the code of the expected error that has ended it, or null. */
async function inTransaction(client: pg.Client, level: string, work: () => Promise<void>): Promise<string | null> {
  await client.query(`BEGIN ISOLATION LEVEL ${level}`);
  try {
    await work();
    await client.query('COMMIT');
    return null;
  } catch (error) {
    await client.query('ROLLBACK');
    if (error instanceof pg.DatabaseError && error.code !== undefined && EXPECTED.has(error.code)) return error.code;
    throw error;
  }
}

async function transfer(client: pg.Client, level: string, random: (below: number) => number): Promise<void> {
  const from = random(ACCOUNTS);
  const to = random(ACCOUNTS);
  await inTransaction(client, level, async () => {
    await client.query('SELECT n FROM account WHERE id = $1 FOR NO KEY UPDATE', [from]);
    await client.query('UPDATE account SET n = n - 1 WHERE id = $1', [from]);
    if (random(4) === 0) await client.query('SAVEPOINT s');
    await client.query('UPDATE account SET n = n + 1 WHERE id = $1', [to]);
  });
}

async function takeJob(client: pg.Client): Promise<void> {
  await inTransaction(client, 'READ COMMITTED', async () => {
    const { rows } = await client.query<{ id: number }>(
      'DELETE FROM job WHERE id = (SELECT id FROM job ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id',
    );
    if (rows.length > 0) await client.query('INSERT INTO done VALUES ($1)', [rows[0].id]);
  });
}

async function claimKey(client: pg.Client, random: (below: number) => number): Promise<void> {
  const first = random(40);
  const second = random(40);
  await inTransaction(client, 'READ COMMITTED', async () => {
    await client.query('INSERT INTO claim VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET n = claim.n + 1', [first]);
    await client.query('INSERT INTO claim VALUES ($1, 1)', [second + 100]);
  });
}

t.test('many connections, few rows', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const config = { host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' };
  const observer = new pg.Client(config);
  await observer.connect();
  await observer.query(`CREATE TABLE account (id int PRIMARY KEY, n int);
    CREATE TABLE job (id int PRIMARY KEY);
    CREATE TABLE done (id int);
    CREATE TABLE claim (id int PRIMARY KEY, n int);
    INSERT INTO account SELECT g, 100 FROM generate_series(0, ${ACCOUNTS - 1}) g;
    INSERT INTO job SELECT g FROM generate_series(1, ${JOBS}) g;`);
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, i) => {
      const client = new pg.Client(config);
      await client.connect();
      await client.query("SET deadlock_timeout = '2ms'");
      const random = randomNumbers(i + 1);
      for (let round = 0; round < ROUNDS; round++) {
        await transfer(client, random(3) === 0 ? 'REPEATABLE READ' : 'READ COMMITTED', random);
        await takeJob(client);
        await claimKey(client, random);
      }
      await client.end();
    }),
  );
  const { rows } = await observer.query(`SELECT
    (SELECT sum(n)::int FROM account) AS money,
    (SELECT count(*)::int FROM job) + (SELECT count(*)::int FROM done) AS jobs,
    (SELECT count(DISTINCT id)::int FROM done) = (SELECT count(*)::int FROM done) AS once,
    (SELECT count(*)::int FROM job) AS left,
    (SELECT count(*)::int FROM pg_locks WHERE NOT granted) AS waiting`);
  t.same(rows, [{ money: 100 * ACCOUNTS, jobs: JOBS, once: true, left: 0, waiting: 0 }]);
  await observer.end();
});
