/** Write skew is found also when one of the two has more changes than stay in memory: stored early, or set aside. */
import pg from 'pg';
import t, { type Test } from 'tap';
import { startTestServer, type TestServer } from '../test-server.js';

let server: TestServer;
t.before(async () => {
  const env = { ORBIT_PERSISTENCE_WRITE_SET_MEMORY: '50000', ORBIT_PERSISTENCE_CHANGE_SET_MEMORY: '100000' };
  server = await startTestServer({ dataDir: t.testdir(), env });
});
t.teardown(() => server.stop());

async function client(): Promise<pg.Client> {
  const made = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await made.connect();
  return made;
}

/** Two tables; each transaction reads one and writes the other. `write` is what the large one does to `a`. */
async function skew(t: Test, name: string, write: string, read: string, largeFirst: boolean): Promise<void> {
  const [large, small] = [await client(), await client()];
  await large.query('DROP TABLE IF EXISTS a, b');
  await large.query('CREATE TABLE a (id int PRIMARY KEY, kind int, v int)');
  await large.query('CREATE TABLE b (id int PRIMARY KEY, v int)');
  await large.query('INSERT INTO a SELECT g, g % 100, 0 FROM generate_series(1, 3000) g');
  await large.query('CREATE INDEX a_kind ON a (kind)');
  await large.query('INSERT INTO b VALUES (1, 0)');
  await large.query('ANALYZE a');
  for (const one of [large, small]) await one.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
  const outcome = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof pg.DatabaseError ? String(error.code) : String(error)),
    );
  const steps = [
    () => large.query('SELECT sum(v) FROM b'),
    () => small.query(read),
    () => large.query(write),
    () => small.query('UPDATE b SET v = v + 1'),
  ];
  const outcomes: string[] = [];
  for (const step of steps) outcomes.push(await outcome(step()));
  for (const one of largeFirst ? [large, small] : [small, large]) outcomes.push(await outcome(one.query('COMMIT')));
  t.ok(outcomes.includes('40001'), `${name}: ${outcomes}`);
  t.ok(
    outcomes.every((one) => ['done', '40001', '25P02'].includes(one)),
    `${name}: ${outcomes}`,
  );
  await Promise.all([large.end(), small.end()]);
}

const INSERT = 'INSERT INTO a SELECT g, g % 100, 1 FROM generate_series(10001, 25000) g';
const CASES: readonly [name: string, write: string, read: string][] = [
  ['inserts and a count', INSERT, 'SELECT count(*) FROM a'],
  ['inserts and a range of an index', INSERT, 'SELECT count(*) FROM a WHERE kind = 7'],
  ['inserts and a key that is not there', INSERT, 'SELECT v FROM a WHERE id = 12345'],
  ['updates and a sum', 'UPDATE a SET v = v + 1', 'SELECT sum(v) FROM a'],
  ['updates and a row', 'UPDATE a SET v = v + 1', 'SELECT v FROM a WHERE id = 77'],
  ['deletes and a row', 'DELETE FROM a', 'SELECT v FROM a WHERE id = 77'],
  ['deletes and a range', 'DELETE FROM a', 'SELECT count(*) FROM a WHERE kind BETWEEN 3 AND 5'],
  ['changed keys and a range', 'UPDATE a SET kind = kind + 1000', 'SELECT count(*) FROM a WHERE kind = 1007'],
];

for (const [name, write, read] of CASES) {
  t.test(name, { timeout: 60_000 }, async (t) => {
    await skew(t, `${name}, the large one first`, write, read, true);
    await skew(t, `${name}, the small one first`, write, read, false);
  });
}

t.test('without a dependency both commit', { timeout: 60_000 }, async (t) => {
  const [large, small] = [await client(), await client()];
  await large.query('CREATE TABLE c (v int)');
  for (const one of [large, small]) await one.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
  await large.query('SELECT sum(v) FROM b');
  await small.query('SELECT sum(v) FROM c');
  await large.query('INSERT INTO a SELECT g, 5000, 1 FROM generate_series(30001, 45000) g');
  await small.query('UPDATE b SET v = v + 1');
  await large.query('COMMIT');
  await small.query('COMMIT');
  t.equal((await small.query('SELECT count(*)::int AS c FROM a WHERE kind = 5000')).rows[0].c, 15_000);
  await Promise.all([large.end(), small.end()]);
});
