/** What the planner expects by the statistics that ANALYZE has stored, against PostgreSQL; again after a restart. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import t, { type Test } from 'tap';
import { startTestServer } from '../test-server.js';

const dataDir = mkdtempSync(join(tmpdir(), 'orbit-estimates-'));
t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));

const TABLES = `
  CREATE TABLE c (id int PRIMARY KEY, a int, b text, f bool, g float8, n numeric(10,2), dt date, tags text[],
    v varchar(20), w char(4));
  INSERT INTO c SELECT i, (i * i) % 97, 'w' || (i * 7919) % 500 || '-' || md5(i::text), i % 3 = 0,
    CASE WHEN i % 4 = 0 THEN NULL ELSE i * 0.5 END, (i % 1000) / 7.0, '2020-01-01'::date + i % 1000,
    ARRAY['t' || i % 5, 'u' || i % 11], CASE WHEN i % 10 < 7 THEN 'common' ELSE 'x' || i % 100 END, 'z' || i % 3
    FROM generate_series(1, 20000) i;
  CREATE TABLE d (id int PRIMARY KEY, c_id int, k int, s text);
  INSERT INTO d SELECT i, (i * 31) % 20000 + 1, CASE WHEN i % 10 < 5 THEN 1 ELSE i % 50 END, 'n' || i % 1000
    FROM generate_series(1, 30000) i;
  CREATE TABLE e (k int, t text);
  INSERT INTO e SELECT CASE WHEN i % 10 < 3 THEN 1 ELSE i % 70 END, 't' || i FROM generate_series(1, 1000) i;
  ANALYZE`;

const cases = readFileSync('test/session/row-estimates.txt', 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, rows, sql] = /^ *(\d+) {2}(.*)$/.exec(line) ?? [];
    return sql === undefined ? [] : [{ rows: Number(rows), sql }];
  });

/** Rounding, and where a sum is rounded, may differ. */
function isNear(mine: number, theirs: number): boolean {
  return Math.abs(mine - theirs) <= Math.max(1, theirs / 100);
}

async function check(t: Test, client: pg.Client): Promise<void> {
  for (const { rows, sql } of cases) {
    const result = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`);
    const found = Number(/rows=(\d+)/.exec(result.rows[0]['QUERY PLAN'])?.[1]);
    t.ok(isNear(found, rows), `${sql}: ${found} rows, ${rows} in PostgreSQL`);
  }
}

async function withServer(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const server = await startTestServer({ dataDir });
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
    await server.stop();
  }
}

t.test('after ANALYZE', async (t) => {
  await withServer(async (client) => {
    await client.query(TABLES);
    await check(t, client);
  });
});

t.test('after a restart', async (t) => {
  await withServer((client) => check(t, client));
});
