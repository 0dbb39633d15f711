/**
 * SQL inside transactions that store their inserts before the commit, with a budget that a hundred rows exceed. The
 * expected counts were recorded from PostgreSQL 15.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { CrashServer } from './crash-server.js';
import { connect } from './ledger.js';

/** A statement, and the only value of its first row, or the SQLSTATE it ends with. */
const STEPS: readonly (readonly [sql: string, expected?: string])[] = [
  ['CREATE TABLE p (id int PRIMARY KEY, v int)'],
  ['CREATE TABLE c (id int PRIMARY KEY, pid int REFERENCES p, t text)'],
  ['BEGIN'],
  ['INSERT INTO p SELECT g, g FROM generate_series(1, 5000) g'],
  ['INSERT INTO p SELECT id + 5000, v FROM p'],
  ['SELECT count(*) FROM p', '10000'],
  ['INSERT INTO p VALUES (77, 1)', '23505'],
  ['ROLLBACK'],
  ['SELECT count(*) FROM p', '0'],
  ['BEGIN'],
  ['INSERT INTO p SELECT g, g FROM generate_series(1, 5000) g'],
  ['INSERT INTO p SELECT g, -1 FROM generate_series(4990, 6000) g ON CONFLICT (id) DO UPDATE SET v = p.v + 1'],
  ["SELECT count(*) || ' ' || sum(v) FROM p", '6000 12501511'],
  ["INSERT INTO c SELECT g, 1 + g % 6000, 'x' || g FROM generate_series(1, 20000) g"],
  ['SELECT count(*) FROM c JOIN p ON p.id = c.pid', '20000'],
  ['SAVEPOINT a'],
  ["INSERT INTO c SELECT g, 1 + g % 6000, 'y' FROM generate_series(20001, 40000) g"],
  ['DELETE FROM c WHERE id % 2 = 0'],
  ['SELECT count(*) FROM c', '20000'],
  ['ROLLBACK TO a'],
  ["SELECT count(*) || ' ' || sum(id) FROM c", '20000 200010000'],
  ['SAVEPOINT b'],
  ["INSERT INTO c SELECT g, 6001, 'z' FROM generate_series(40001, 50000) g", '23503'],
  ['ROLLBACK TO b'],
  ["UPDATE c SET t = 'u' WHERE id <= 15000"],
  ["SELECT count(*) FROM c WHERE t = 'u'", '15000'],
  ['CREATE UNIQUE INDEX ON c (id, t)'],
  ['COMMIT'],
  ["SELECT count(*) || ' ' || max(t) FROM c", '20000 x20000'],
];

t.test('statements over stored rows', { timeout: 60_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-stored-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  process.env.ORBIT_PERSISTENCE_WRITE_SET_MEMORY = '1000';
  const server = new CrashServer(dataDir);
  const client = await connect(await server.mustListen());
  for (const [sql, expected] of STEPS) {
    const found = await client.query<unknown[]>({ text: sql, rowMode: 'array' }).then(
      ({ rows }) => rows[0]?.[0],
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
    );
    t.equal(found, expected, sql);
  }
  await client.end();
  await server.end('SIGTERM');
});
