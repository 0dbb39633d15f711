/** A transaction with very many locked rows: pg_locks goes on, and others get what they are told to. */
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';

const ROWS = 200_000;

t.test('many row locks', { timeout: 60_000 }, async (t) => {
  const server = await startTestServer({ dataDir: t.testdir() });
  const client = async (): Promise<pg.Client> => {
    const made = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
    await made.connect();
    return made;
  };
  const [large, other] = [await client(), await client()];
  await large.query(`CREATE TABLE many AS SELECT g AS id, 0 AS v FROM generate_series(1, ${ROWS}) g`);
  await large.query('BEGIN');
  await large.query('UPDATE many SET v = 1');
  const { rows } = await other.query("SELECT mode, granted FROM pg_locks WHERE relation = 'many'::regclass");
  t.same(rows, [{ mode: 'RowExclusiveLock', granted: true }], 'locks of rows are not shown');
  const skipped = await other.query('SELECT id FROM many FOR UPDATE SKIP LOCKED');
  t.equal(skipped.rows.length, 0);
  await t.rejects(other.query(`SELECT id FROM many WHERE id = ${ROWS} FOR UPDATE NOWAIT`), { code: '55P03' });
  await large.query('ROLLBACK');
  t.equal((await other.query('SELECT id FROM many FOR UPDATE SKIP LOCKED')).rows.length, ROWS);
  await Promise.all([large.end(), other.end()]);
  await server.stop();
});
