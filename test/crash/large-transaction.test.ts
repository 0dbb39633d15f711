/**
 * The server dies while a transaction that is larger than its memory budget is under way, is being committed or is being
 * rolled back: afterwards all of it is there or nothing, in the table and in its indexes.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import t from 'tap';
import { CrashServer } from './crash-server.js';
import { connect } from './ledger.js';

const BEFORE = 500;
const ROWS = 40_000;
const LOAD = `INSERT INTO large SELECT g, g % 1000, 'row ' || g FROM generate_series(${BEFORE + 1}, ${BEFORE + ROWS}) g`;

interface Round {
  readonly name: string;
  readonly failpoints: string;
  readonly statements: readonly string[];
  /** Whether the rows may be there afterwards. */
  readonly mayCommit: boolean;
}

const ROUNDS: readonly Round[] = [
  { name: 'an early part', failpoints: 'after-stored-part:crash@3', statements: [LOAD], mayCommit: false },
  { name: 'a late part', failpoints: 'after-stored-part:crash@60', statements: [LOAD], mayCommit: false },
  {
    name: 'its changes on the way to LevelDB',
    failpoints: 'after-kv-write:crash@6',
    statements: ['BEGIN', LOAD, 'SELECT pg_sleep(5)'],
    mayCommit: false,
  },
  {
    name: 'a checkpoint in between',
    failpoints: 'after-checkpoint:crash@2',
    statements: ['BEGIN', LOAD, 'CHECKPOINT', 'CHECKPOINT', 'SELECT pg_sleep(5)'],
    mayCommit: false,
  },
  {
    name: 'a rollback',
    failpoints: 'after-kv-write:crash@8',
    statements: ['BEGIN', LOAD, 'ROLLBACK', 'SELECT pg_sleep(5)'],
    mayCommit: false,
  },
  { name: 'just before the commit', failpoints: 'before-append:crash', statements: [LOAD], mayCommit: false },
  { name: 'just after the commit', failpoints: 'after-flush:crash@9', statements: [LOAD], mayCommit: true },
];

async function count(client: pg.Client): Promise<number[]> {
  const numbers: number[] = [];
  for (const sql of [
    'SELECT count(*)::int AS n FROM large',
    'SELECT count(*)::int AS n FROM (SELECT id FROM large WHERE id > 0 ORDER BY id) s',
    'SELECT count(*)::int AS n FROM (SELECT k FROM large WHERE k >= 0 ORDER BY k) s',
  ]) {
    numbers.push((await client.query<{ n: number }>(sql)).rows[0].n);
  }
  return numbers;
}

/** Runs the statements until the server is dead. */
async function die(dataDir: string, { failpoints, statements }: Round): Promise<string | null> {
  const server = new CrashServer(dataDir, { failpoints });
  const client = await connect(await server.mustListen());
  client.on('error', () => undefined);
  for (const sql of statements) await client.query(sql).catch(() => undefined);
  // A failpoint that is not reached is no reason to wait for ever.
  await server.end('SIGKILL');
  await client.end().catch(() => undefined);
  return (await server.ended).signal;
}

t.test('a large transaction and a crash', { timeout: 150_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-large-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const first = new CrashServer(dataDir);
  const setup = await connect(await first.mustListen());
  await setup.query('CREATE TABLE large (id int PRIMARY KEY, k int, text text); CREATE INDEX ON large (k)');
  await setup.query(`INSERT INTO large SELECT g, g, 'old' FROM generate_series(1, ${BEFORE}) g`);
  await setup.end();
  await first.end('SIGKILL');
  for (const round of ROUNDS) {
    t.equal(await die(dataDir, round), 'SIGKILL', round.name);
    const again = new CrashServer(dataDir);
    const client = await connect(await again.mustListen());
    const counts = await count(client);
    const all = round.mayCommit && counts[0] === BEFORE + ROWS;
    t.same(counts, new Array(3).fill(all ? BEFORE + ROWS : BEFORE), round.name);
    // Its keys are free again, and its place is not in the way.
    await client.query(`DELETE FROM large WHERE id > ${BEFORE}`);
    await client.query(`INSERT INTO large VALUES (${BEFORE + 7}, 7, 'new')`);
    t.same(await count(client), new Array(3).fill(BEFORE + 1));
    await client.query(`DELETE FROM large WHERE id > ${BEFORE}`);
    await client.end();
    await again.end('SIGKILL');
  }
  const last = new CrashServer(dataDir);
  const client = await connect(await last.mustListen());
  await client.query(LOAD);
  await client.end();
  await last.end('SIGKILL');
  const checked = new CrashServer(dataDir);
  const reader = await connect(await checked.mustListen());
  t.same(await count(reader), new Array(3).fill(BEFORE + ROWS), 'an answered commit is there');
  await reader.end();
  await checked.end('SIGTERM');
});
