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
