/** EXPLAIN of a prepared statement runs it with the arguments of its EXECUTE. */
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';

t.test('EXPLAIN ANALYZE EXECUTE uses the arguments', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await client.connect();
  t.teardown(() => client.end());
  await client.query('CREATE TABLE n (a int); INSERT INTO n SELECT generate_series(1, 10)');
  await client.query('PREPARE below(int) AS SELECT * FROM n WHERE a <= $1');
  await client.query('PREPARE add(int) AS UPDATE n SET a = a + $1 WHERE a = 10');
  const explain = 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE';
  const { rows } = await client.query(`${explain} below(3)`);
  t.match(rows[0]['QUERY PLAN'], 'actual rows=3 loops=1');
  await client.query(`${explain} add(5)`);
  t.same((await client.query('SELECT max(a) FROM n')).rows, [{ max: 15 }]);
  await t.rejects(client.query(`${explain} add(5, 6)`), { code: '42601' });
  await t.rejects(client.query('EXPLAIN ANALYZE CREATE TABLE made AS SELECT 1'), { code: '0A000' });
});
