/** What cursors keep counts against query_memory_limit, and is given back; going forward keeps nothing. Cancelling. */
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';

t.test('memory of cursors', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await client.connect();
  await client.query("SET query_memory_limit = '2MB'");
  await client.query('CREATE TABLE t AS SELECT g FROM generate_series(1, 100000) g');
  const moved = async (sql: string): Promise<number | null> => (await client.query(sql)).rowCount;

  await t.test('forward', async (t) => {
    await client.query('BEGIN; DECLARE c CURSOR FOR SELECT g FROM t');
    t.equal(await moved('MOVE ALL IN c'), 100000);
    await t.rejects(moved('MOVE PRIOR IN c'), { code: '53200' });
    await client.query('ROLLBACK');
  });

  await t.test('kept', async (t) => {
    await client.query('BEGIN; DECLARE c SCROLL CURSOR FOR SELECT g FROM t');
    await t.rejects(moved('MOVE ALL IN c'), { code: '53200' });
    await client.query('ROLLBACK');
    await t.rejects(client.query('DECLARE c CURSOR WITH HOLD FOR SELECT g FROM t'), { code: '53200' });
    t.equal((await client.query('SELECT FROM pg_cursors')).rowCount, 0);
  });

  await t.test('given back', async (t) => {
    for (let round = 0; round < 8; round++) {
      await client.query('DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT g FROM t LIMIT 15000');
      t.equal(await moved('MOVE ALL IN c'), 15000);
      await client.query(round % 2 === 0 ? 'CLOSE c' : 'DISCARD ALL');
      await client.query("SET query_memory_limit = '2MB'");
    }
  });

  await t.test('a commit that fetches for a held cursor can be cancelled', async (t) => {
    await client.query('RESET query_memory_limit');
    const endless = 'SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b';
    await client.query("BEGIN; SET LOCAL statement_timeout = '50ms'");
    await client.query(`DECLARE c CURSOR WITH HOLD FOR ${endless}`);
    await t.rejects(client.query('COMMIT'), { code: '57014' });
    t.equal((await client.query('SELECT FROM pg_cursors')).rowCount, 0);
  });
  await client.end();
});
