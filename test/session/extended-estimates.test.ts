/** Statistics objects in the planner: the same expectations as PostgreSQL's, before and after they are made. */
import pg from 'pg';
import t, { type Test } from 'tap';
import { startTestServer } from '../test-server.js';

const server = await startTestServer();
t.teardown(() => server.stop());
const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
await client.connect();
t.teardown(() => client.end());
await client.query(`CREATE TABLE f (a int, b text, c int, d int);
  INSERT INTO f SELECT i % 100, i % 50, i % 25, CASE WHEN i % 2 = 0 THEN i % 7 END FROM generate_series(1, 5000) i;
  ANALYZE f`);

async function expect(t: Test, rows: number, sql: string): Promise<void> {
  const result = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`);
  t.equal(Number(/rows=(\d+)/.exec(result.rows[0]['QUERY PLAN'])?.[1]), rows, sql);
}

t.test('columns by themselves', async (t) => {
  await expect(t, 1, `SELECT * FROM f WHERE a = 1 AND b = '1' AND c = 1`);
  await expect(t, 4, 'SELECT * FROM f WHERE a IN (1, 51) AND c = 1 AND d IS NULL OR a = 3 AND c = 8');
  await expect(t, 500, 'SELECT a, b FROM f GROUP BY a, b');
});

t.test('dependencies', async (t) => {
  await client.query('CREATE STATISTICS s (dependencies) ON a, b, c FROM f; ANALYZE f');
  await expect(t, 50, `SELECT * FROM f WHERE a = 1 AND b = '1' AND c = 1`);
  await expect(t, 100, `SELECT * FROM f WHERE a IN (1, 51) AND b = '1'`);
  await expect(t, 500, 'SELECT a, b FROM f GROUP BY a, b');
  await client.query('DROP STATISTICS s');
});

t.test('numbers of combinations', async (t) => {
  await client.query('CREATE STATISTICS s (ndistinct) ON a, b, (c + 1) FROM f; ANALYZE f');
  await expect(t, 100, 'SELECT a, b FROM f GROUP BY a, b');
  await expect(t, 100, 'SELECT a, c + 1 FROM f GROUP BY a, c + 1');
  await client.query('DROP STATISTICS s');
});

t.test('common combinations', async (t) => {
  await client.query('CREATE STATISTICS s (mcv) ON a, b, d FROM f; ANALYZE f');
  await expect(t, 50, `SELECT * FROM f WHERE a = 1 AND b = '1'`);
  await expect(t, 1, `SELECT * FROM f WHERE a = 1 AND b = '2'`);
  await expect(t, 25, 'SELECT * FROM f WHERE a = 2 AND d IS NULL');
  await client.query('DROP STATISTICS s');
});

t.test('an expression', async (t) => {
  await client.query('CREATE STATISTICS s ON (a % 10) FROM f; ANALYZE f');
  await expect(t, 500, 'SELECT * FROM f WHERE a % 10 = 3');
  await expect(t, 1500, 'SELECT * FROM f WHERE a % 10 < 3');
  await client.query('DROP STATISTICS s; CREATE INDEX ON f ((c / 5)); ANALYZE f');
  await expect(t, 1000, 'SELECT * FROM f WHERE c / 5 = 3');
});
