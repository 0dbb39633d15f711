/** Savepoints in number: nested deeply, and one after another, with deferred checks pending. */
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';

const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

t.test('many savepoints', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await client.connect();
  await client.query('CREATE TABLE p (id int PRIMARY KEY)');
  await client.query('CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p DEFERRABLE INITIALLY DEFERRED)');
  const pairs = async (): Promise<number> =>
    (await client.query('SELECT count(*)::int AS n FROM c JOIN p ON c.p = p.id')).rows[0].n;

  await t.test('a thousand levels', async (t) => {
    const down = numbers(1000).map(
      (i) => `SAVEPOINT s${i}; INSERT INTO c VALUES (${i}, ${i}); INSERT INTO p VALUES (${i})`,
    );
    await client.query(`BEGIN; ${down.join('; ')}`);
    await client.query('ROLLBACK TO s500');
    t.equal(await pairs(), 500);
    const up = numbers(500).map((i) => `RELEASE s${499 - i}`);
    await client.query(up.join('; '));
    await client.query('COMMIT');
    t.equal(await pairs(), 500);
    await client.query('TRUNCATE c, p');
  });

  for (const [end, left] of [
    ['RELEASE s', 10000],
    ['SELECT', 10000],
    ['ROLLBACK TO s', 0],
  ] as const) {
    await t.test(`ten thousand, each followed by ${end}`, async (t) => {
      const parts = numbers(10000).map(
        (i) => `SAVEPOINT s; INSERT INTO c VALUES (${i}, ${i}); INSERT INTO p VALUES (${i}); ${end}`,
      );
      await client.query(`BEGIN; ${parts.join('; ')}; COMMIT`);
      t.equal(await pairs(), left);
      await client.query('TRUNCATE c, p');
    });
  }
  await client.end();
});

t.test('ROLLBACK TO undoes very many changes, and others run meanwhile', async (t) => {
  const server = await startTestServer();
  const open = async (): Promise<pg.Client> => {
    const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
    await client.connect();
    return client;
  };
  const client = await open();
  const other = await open();
  t.teardown(async () => {
    await client.end();
    await other.end();
    await server.stop();
  });
  await client.query(
    'CREATE TABLE m (id int PRIMARY KEY, v int); INSERT INTO m SELECT i, 0 FROM generate_series(1, 30000) i',
  );
  await client.query('BEGIN; UPDATE m SET v = 1 WHERE id <= 100; SAVEPOINT s');
  await client.query('UPDATE m SET v = v + 2; DELETE FROM m WHERE id % 2 = 0; INSERT INTO m VALUES (-1, 5)');
  const sums = 'SELECT count(*)::int AS n, sum(v)::int AS sum FROM m';
  let ended = false;
  const undone = client.query('ROLLBACK TO s').then(() => {
    ended = true;
  });
  const seen: unknown[] = [];
  while (!ended) seen.push(...(await other.query('SELECT v FROM m WHERE id = 50')).rows);
  await undone;
  t.ok(seen.length > 0);
  t.ok(seen.every((row) => JSON.stringify(row) === '{"v":0}'));
  t.same((await client.query(sums)).rows, [{ n: 30000, sum: 100 }]);
  t.same((await other.query(sums)).rows, [{ n: 30000, sum: 0 }]);
  await client.query('UPDATE m SET v = 7; ROLLBACK TO s; COMMIT');
  t.same((await other.query(sums)).rows, [{ n: 30000, sum: 100 }]);
});
