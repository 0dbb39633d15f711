/**
 * Statements that would need more memory than they may have end with 53200, whichever operator gathers the rows; what
 * they held is given back, and statements that let go of their rows are not charged for them.
 */
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';

const SERIES = 'generate_series(1, 3000000)';
const GATHERING: Readonly<Record<string, string>> = {
  sort: `SELECT g FROM ${SERIES} g ORDER BY -g OFFSET 2999999`,
  'long values': `SELECT md5(g::text) || repeat('x', 10000) AS v FROM generate_series(1, 30000) g ORDER BY 1 OFFSET 29999`,
  'top rows': `SELECT md5(g::text) || repeat('x', 10000) AS v FROM generate_series(1, 30000) g ORDER BY 1 LIMIT 20000`,
  groups: `SELECT count(*) FROM (SELECT g FROM ${SERIES} g GROUP BY g) x`,
  'distinct rows': `SELECT count(*) FROM (SELECT DISTINCT g FROM ${SERIES} g) x`,
  'distinct arguments': `SELECT count(DISTINCT g) FROM ${SERIES} g`,
  'hash join': `SELECT count(*) FROM ${SERIES} a JOIN ${SERIES} b ON a = b`,
  'nested loop': `SELECT count(*) FROM generate_series(1, 1) a JOIN ${SERIES} b ON a > b`,
  'set operation': `SELECT count(*) FROM (SELECT g FROM ${SERIES} g INTERSECT SELECT g FROM ${SERIES} g) x`,
  union: `SELECT count(*) FROM (SELECT g FROM ${SERIES} g UNION SELECT g FROM ${SERIES} g) x`,
  window: `SELECT count(*) FROM (SELECT sum(g) OVER () FROM ${SERIES} g) x`,
  'materialized CTE': `WITH c AS MATERIALIZED (SELECT g FROM ${SERIES} g) SELECT count(*) FROM c a, c b WHERE a.g = b.g`,
  'recursive CTE': `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT x FROM n, ${SERIES} x WHERE i = 1) SELECT count(*) FROM n`,
  'recursive CTE without duplicates': `WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 3000000) SELECT count(*) FROM n`,
  'array of a subquery': `SELECT cardinality(ARRAY(SELECT g FROM ${SERIES} g))`,
  'list of a subquery': `SELECT count(*) FROM generate_series(1, 2) x WHERE x NOT IN (SELECT g + 5 FROM ${SERIES} g)`,
  'quantified subquery': `SELECT count(*) FROM generate_series(1, 2) x WHERE x > ALL (SELECT -g FROM ${SERIES} g)`,
  array_agg: `SELECT cardinality(array_agg(g)) FROM ${SERIES} g`,
  string_agg: `SELECT length(string_agg(md5(g::text), ',')) FROM ${SERIES} g`,
  json_agg: `SELECT length(json_agg(g)::text) FROM ${SERIES} g`,
  jsonb_agg: `SELECT jsonb_array_length(jsonb_agg(g)) FROM ${SERIES} g`,
  percentile: `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY g) FROM ${SERIES} g`,
  'ordered aggregate': `SELECT string_agg('x', '' ORDER BY g) FROM ${SERIES} g`,
  returning: `INSERT INTO held SELECT g FROM ${SERIES} g RETURNING *`,
};

t.test('query_memory_limit', async (t) => {
  const server = await startTestServer();
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await client.connect();
  t.teardown(async () => {
    await client.end();
    await server.stop();
  });
  const one = async (sql: string): Promise<unknown> =>
    Object.values((await client.query(sql)).rows[0] ?? { none: null })[0];

  await client.query('CREATE TABLE held (g int)');
  t.match(await one('SHOW query_memory_limit'), /^\d+(kB|MB|GB)$/, 'a default from the size of the heap');
  await client.query("SET query_memory_limit = '32MB'");
  t.equal(await one('SHOW query_memory_limit'), '32MB');

  for (const [name, sql] of Object.entries(GATHERING)) {
    await t.rejects(
      client.query(sql),
      { code: '53200', message: 'out of memory', detail: /^Failed on request of size \d+ in/ },
      name,
    );
    // As much again: nothing of what failed is still charged.
    t.equal(
      await one('SELECT count(*)::int FROM (SELECT DISTINCT g FROM generate_series(1, 50000) g) x'),
      50_000,
      name,
    );
  }

  t.equal(
    await one(
      'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000) SELECT count(*)::int FROM n',
    ),
    400_000,
    'rounds of a recursion that are over are not charged',
  );
  t.equal(
    await one(
      'SELECT count(*)::int FROM generate_series(1, 200) a, LATERAL (SELECT g FROM generate_series(1, 3000) g ORDER BY g % 7, a OFFSET 2999) x',
    ),
    200,
    'nor are runs of an inner plan that are over',
  );
  t.equal(
    await one(
      'SELECT sum((SELECT count(*) FROM (SELECT DISTINCT a + g FROM generate_series(1, 3000) g) x))::int FROM generate_series(1, 200) a',
    ),
    600_000,
    'nor those of a correlated subquery',
  );
  t.equal(await one(`SELECT count(*)::int FROM ${SERIES}`), 3_000_000, 'rows that pass through are free');

  await client.query('BEGIN');
  await client.query('DECLARE c CURSOR FOR SELECT g FROM generate_series(1, 100000) g ORDER BY -g');
  await client.query('FETCH 1 FROM c');
  await t.rejects(client.query('SELECT g FROM generate_series(1, 250000) g ORDER BY -g OFFSET 249999'), {
    code: '53200',
  });
  await client.query('ROLLBACK');
  t.equal(
    await one('SELECT g FROM generate_series(1, 250000) g ORDER BY -g OFFSET 249999'),
    1,
    'a cursor holds until it is closed',
  );
});
