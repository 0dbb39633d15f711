/** What the planner expects of conditions and joins, seen through EXPLAIN: figures from samples of the rows. */
import pg from 'pg';
import t, { type Test } from 'tap';
import { startTestServer } from '../test-server.js';

const server = await startTestServer();
t.teardown(() => server.stop());
const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
await client.connect();
t.teardown(() => client.end());
await client.query(`CREATE TABLE items (id int PRIMARY KEY, a int, b int, word text, owner int);
  INSERT INTO items SELECT g, g % 10, g % 10, CASE WHEN g % 4 = 0 THEN 'promo ' ELSE 'plain ' END || g, g / 5
    FROM generate_series(1, 4000) g;
  CREATE INDEX items_owner ON items (owner);
  CREATE TABLE owners (id int PRIMARY KEY, name text);
  INSERT INTO owners SELECT g, 'name ' || g FROM generate_series(0, 800) g`);

interface Plan {
  readonly 'Node Type': string;
  readonly 'Plan Rows': number;
}

async function plan(sql: string): Promise<Plan> {
  const types = { getTypeParser: () => String };
  const { rows } = await client.query<{ 'QUERY PLAN': string }>({ text: `EXPLAIN (FORMAT JSON) ${sql}`, types });
  return JSON.parse(rows[0]['QUERY PLAN'])[0].Plan;
}

async function expected(sql: string): Promise<number> {
  return (await plan(sql))['Plan Rows'];
}

function near(t: Test, rows: number, real: number): void {
  t.ok(rows >= real / 2 && rows <= real * 2, `${rows} rows for ${real}`);
}

t.test('conditions on one table', async (t) => {
  near(t, await expected('SELECT * FROM items WHERE a = 3'), 400);
  near(t, await expected('SELECT * FROM items WHERE a = 3 AND b = 3'), 400);
  near(t, await expected(`SELECT * FROM items WHERE word LIKE 'promo%'`), 1000);
  near(t, await expected('SELECT * FROM items WHERE a < 5 OR b = 7'), 2400);
  t.equal(await expected('SELECT * FROM items WHERE id = 77'), 1);
});

t.test('a condition that fails for a sampled row is no error of planning', async (t) => {
  t.ok((await expected('SELECT * FROM items WHERE 1 / (a - 3) > 0')) > 0);
  await t.rejects(client.query('SELECT * FROM items WHERE 1 / (a - 3) > 0'), { code: '22012' });
});

t.test('joins and groups', async (t) => {
  near(t, await expected('SELECT * FROM items JOIN owners ON owner = owners.id'), 4000);
  near(t, await expected('SELECT owner, count(*) FROM items GROUP BY owner'), 800);
  t.equal((await plan('SELECT * FROM items JOIN owners ON owner = owners.id'))['Node Type'], 'Hash Join');
  t.equal(
    (await plan('SELECT * FROM items JOIN owners ON owner = owners.id WHERE owners.id = 5'))['Node Type'],
    'Nested Loop',
  );
});

t.test('a table that has changed much is looked at again', async (t) => {
  await client.query('INSERT INTO items SELECT g, 3, 3, $1, 1 FROM generate_series(10001, 16000) g', ['new']);
  near(t, await expected('SELECT * FROM items WHERE a = 3'), 6400);
});

t.test('a prepared statement gets another plan when its table has grown', async (t) => {
  await client.query('CREATE TABLE grown (id int PRIMARY KEY, a int)');
  await client.query('INSERT INTO grown VALUES (1, 1)');
  await client.query('PREPARE of_a AS SELECT * FROM grown WHERE a < 3000');
  const rows = async (): Promise<number> => await expected('EXECUTE of_a');
  t.equal(await rows(), 1);
  await client.query('INSERT INTO grown SELECT g, g FROM generate_series(2, 5000) g');
  t.equal(await rows(), 1);
  await client.query('EXECUTE of_a');
  near(t, await rows(), 3000);
});

t.test('histograms are in the order of the collation', async (t) => {
  await client.query(`CREATE COLLATION german (provider = icu, locale = 'de');
    CREATE TABLE words (w text COLLATE german);
    INSERT INTO words SELECT (ARRAY['a', 'B', 'c', 'Ä', 'z', 'M'])[1 + g % 6] || g FROM generate_series(1, 1200) g;
    ANALYZE words`);
  near(t, await expected(`SELECT * FROM words WHERE w < 'b'`), 400);
  near(t, await expected(`SELECT * FROM words WHERE w > 'm'`), 400);
});
