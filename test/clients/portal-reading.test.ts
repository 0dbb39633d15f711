/** Rows in parts through node-postgres: readers as its cursor and stream packages work, and its own paged queries. */
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';
import { PortalReader } from './portal-reader.js';

t.test('portals through node-postgres', async (t) => {
  const server = await startTestServer();
  const pool = new pg.Pool({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors', max: 4 });
  // A connection that is closing while the server stops is told so.
  pool.on('error', () => {});
  t.teardown(async () => {
    await pool.end();
    await server.stop();
  });
  await pool.query('CREATE TABLE t (id int PRIMARY KEY, v text)');
  await pool.query("INSERT INTO t SELECT g, 'v' || g FROM generate_series(1, 1000) g");

  await t.test('parts of a query', async (t) => {
    const client = await pool.connect();
    const reader = client.query(new PortalReader('SELECT id, v FROM t WHERE id > $1 ORDER BY id', ['990']));
    t.same(await reader.read(3), [
      ['991', 'v991'],
      ['992', 'v992'],
      ['993', 'v993'],
    ]);
    // Other sessions go on meanwhile, and what they commit is not seen.
    await pool.query("UPDATE t SET v = 'changed' WHERE id = 994");
    await pool.query('DELETE FROM t WHERE id = 995');
    t.same(await reader.read(2), [
      ['994', 'v994'],
      ['995', 'v995'],
    ]);
    t.equal((await reader.read(100)).length, 5);
    t.equal(reader.tag, 'SELECT 5');
    t.same(reader.columns, ['id', 'v']);
    t.same(await reader.read(1), []);
    await reader.done;
    client.release();
  });

  await t.test('a stream, read to its end and left early', async (t) => {
    const client = await pool.connect();
    let sum = 0;
    for await (const [id] of client.query(new PortalReader('SELECT id FROM t'))) sum += Number(id);
    t.equal(sum, 500500 - 995);
    for await (const [id] of client.query(new PortalReader('SELECT id FROM t ORDER BY id'))) if (id === '250') break;
    t.equal((await client.query('SELECT FROM pg_cursors')).rowCount, 0);
    client.release();
  });

  await t.test('errors in the middle', async (t) => {
    const client = await pool.connect();
    const reader = client.query(new PortalReader('SELECT 1 / (3 - id) FROM t'));
    t.equal((await reader.read(2)).length, 2);
    await t.rejects(reader.read(1), { code: '22012' });
    await reader.done;
    t.same((await client.query('SELECT 1 AS one')).rows, [{ one: 1 }]);
    client.release();
  });

  await t.test('rows of a change', async (t) => {
    const client = await pool.connect();
    const reader = client.query(new PortalReader("UPDATE t SET v = '!' WHERE id <= 5 RETURNING id"));
    t.equal((await reader.read(2)).length, 2);
    await reader.close();
    t.equal((await client.query("SELECT FROM t WHERE v = '!'")).rowCount, 5, 'all were changed');
    client.release();
  });

  await t.test('many at once, with changes between', async (t) => {
    const readers = Array.from({ length: 4 }, async () => {
      const client = await pool.connect();
      await client.query('BEGIN');
      let count = 0;
      for await (const row of client.query(new PortalReader('SELECT id FROM t ORDER BY v, id'))) count += row.length;
      await client.query("INSERT INTO t SELECT max(id) + 1, 'new' FROM t");
      await client.query('ROLLBACK');
      client.release();
      return count;
    });
    t.same(await Promise.all(readers), [999, 999, 999, 999]);
  });

  await t.test("the driver's own paged queries", async (t) => {
    const config = { text: 'SELECT id FROM t WHERE id > $1', values: [900], rows: 7 };
    t.equal((await pool.query(config)).rows.length, 99);
  });
});
