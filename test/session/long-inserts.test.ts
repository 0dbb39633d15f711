/** INSERTs with very many rows in their text: the same rows, errors and positions as short ones, and others have their turn. */
import pg from 'pg';
import t from 'tap';
import { LONG_TEXT } from '../../src/sql/parser/parse-far.js';
import { startTestServer } from '../test-server.js';

const ROWS = 2500;
/** Of so many rows one is compared. */
const SAMPLE = 25;
const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

const server = await startTestServer();
const connect = async (): Promise<pg.Client> => {
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await client.connect();
  return client;
};
const client = await connect();
const other = await connect();
t.teardown(async () => {
  await client.end();
  await other.end();
  await server.stop();
});

await client.query(`CREATE TABLE wide (id int PRIMARY KEY, big int8, n numeric(12, 2), t text, d date, b bool,
  made int DEFAULT 7, twice int GENERATED ALWAYS AS (id * 2) STORED)`);

/** The same rows as one statement, and some of them in short ones. */
async function compare(
  t: Pick<typeof import('tap').t, 'ok' | 'equal'>,
  head: string,
  rows: readonly string[],
  tail = '',
): Promise<void> {
  const sql = `${head} VALUES ${rows.join(',\n')} ${tail}`;
  t.ok(sql.length > LONG_TEXT, 'long enough to be parsed elsewhere');
  const some = `SELECT * FROM wide WHERE id % ${SAMPLE} = 0 OR id < 0 ORDER BY id`;
  const long = await client.query(sql);
  t.equal(long.rowCount, rows.length);
  const stored = (await client.query(some)).rows;
  await client.query('TRUNCATE wide');
  for (let at = 0; at < rows.length; at += SAMPLE) await client.query(`${head} VALUES ${rows[at]} ${tail}`);
  const expected = (await client.query(some)).rows;
  t.ok(expected.length >= rows.length / SAMPLE);
  await client.query('TRUNCATE wide');
  t.equal(JSON.stringify(stored), JSON.stringify(expected));
}

t.test('literals of all kinds', async (t) => {
  const texts = ["'plain'", "'it''s (1, 2), --no'", "E'esc\\'aped'", '$q$ a ), ( $q$', 'NULL', "'é😀'", "U&'d\\0061t'"];
  const rows = numbers(ROWS).map((i) => {
    const big = i % 3 === 0 ? '9223372036854775807' : i % 3 === 1 ? `-${i}` : `'${i}'`;
    return `(${i}, ${big}, ${i}.505, ${texts[i % texts.length]}, '2024-02-${10 + (i % 10)}', ${i % 2 === 0}, DEFAULT, DEFAULT)`;
  });
  await compare(t, 'INSERT INTO wide', rows);
  await compare(t, '-- (VALUES)\n /* ( */ INSERT INTO wide AS "VALUES (" ', rows, ' ON CONFLICT (id) DO NOTHING -- ;');
});

t.test('items that have to be computed', async (t) => {
  const rows = numbers(ROWS).map((i) =>
    i % 2 === 0
      ? `(${i}, 1 + ${i}, length('x)') * 2, upper('a' || ${i}))`
      : `(${i}, ${i}::int8, DEFAULT, CASE WHEN ${i} > 5 THEN 'more' END)`,
  );
  await compare(t, 'INSERT INTO wide (id, big, n, t)', rows);
  await compare(t, 'INSERT INTO wide (id, big, n, t)', [...rows, '(-1, (SELECT 42), 1, NULL)']);
});

t.test('with RETURNING, in both protocols, and again', async (t) => {
  const rows = numbers(ROWS).map((i) => `(${i}, 'text ${i}')`);
  const sql = `INSERT INTO wide (id, t) VALUES ${rows.join(', ')} RETURNING id, twice`;
  for (const query of [sql, { name: 'twice', text: sql }, { name: 'twice', text: sql }]) {
    const result = await client.query(query);
    t.equal(result.rows.length, ROWS);
    t.same(result.rows[ROWS - 1], { id: ROWS - 1, twice: 2 * ROWS - 2 });
    await client.query('TRUNCATE wide');
  }
});

t.test('errors', async (t) => {
  const rows = numbers(ROWS).map((i) => `(${i}, 'é')`);
  const faulty: readonly (readonly [row: string, code: string, at: string | null])[] = [
    ["('x', 'bad id')", '22P02', "'x'"],
    ['(1, 2, 3)', '42601', null],
    ["(1, 'twice')", '23505', null],
    ["(-1, 'open)", '42601', "'open"],
    ['(-1, no_column)', '42703', 'no_column'],
    ['(99999999999, NULL)', '22003', null],
    ['(-1, NULL))', '42601', null],
  ];
  for (const [row, code, at] of faulty) {
    const sql = `INSERT INTO wide (id, t) VALUES ${rows.join(', ')}, ${row}`;
    const error: pg.DatabaseError = await client.query(sql).then(
      () => t.fail('it was taken'),
      (reason) => reason,
    );
    t.equal(error.code, code, row);
    if (at !== null) t.equal([...sql].slice(Number(error.position) - 1).join(''), sql.slice(sql.lastIndexOf(at)));
    t.equal((await client.query('SELECT count(*)::int AS n FROM wide')).rows[0].n, 0);
  }
});

t.test('others have their turn, and the statement can be ended', async (t) => {
  const rows = numbers(40 * ROWS).map((i) => `(${i}, 'some text')`);
  const sql = `INSERT INTO wide (id, t) VALUES ${rows.join(', ')}`;
  let ended = false;
  const outcome = client.query(sql).then(
    () => 'done',
    (error: pg.DatabaseError) => error.code,
  );
  void outcome.then(() => {
    ended = true;
  });
  let served = 0;
  while (!ended && served < 50) {
    await other.query('SELECT 1');
    served++;
  }
  t.equal(served, 50);
  await other.query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'INSERT INTO wide%'");
  t.equal(await outcome, '57014');
  t.equal((await client.query('SELECT count(*)::int AS n FROM wide')).rows[0].n, 0);

  await client.query('SET statement_timeout = 1');
  await t.rejects(client.query(sql), { code: '57014' });
  await client.query("SET statement_timeout = 0; SET query_memory_limit = '1MB'");
  await t.rejects(client.query(sql), { code: '53200' });
  await client.query('RESET query_memory_limit');
  t.equal((await client.query(sql)).rowCount, 40 * ROWS);
});
