/** Calls that would make a list or text too large for the heap: each of them once ended or froze the process. */
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';

const TOO_LARGE: Readonly<Record<string, string>> = {
  'quotes doubled by each level of a record': `SELECT ${'row('.repeat(300)}1${')'.repeat(300)}`,
  'quotes doubled by each level of a record, through casts': `SELECT length(r::text) FROM (SELECT ${'row('.repeat(60)}'"'${')'.repeat(60)} AS r) x`,
  'array of too many elements': 'SELECT cardinality(array_fill(1, ARRAY[134217728]))',
  'characters of a long text': "SELECT length(reverse(repeat('x', 400000000)))",
  'pieces of a long text': "SELECT cardinality(string_to_array(repeat(',', 400000000), ','))",
  'escapes of a long text': "SELECT length(ARRAY[repeat('\"', 400000000)]::text)",
  'upper case of a long text': "SELECT length(upper(repeat('xY', 200000000)))",
  'too long for a text': "SELECT length(repeat('x', 400000000) || repeat('y', 400000000))",
  'too long for a result of replace': "SELECT length(replace(repeat('a', 10000000), 'a', repeat('b', 1000)))",
};

t.test('a value too large for the heap is an error of its statement', async (t) => {
  const server = await startTestServer();
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await client.connect();
  t.teardown(async () => {
    await client.end();
    await server.stop();
  });
  for (const [name, sql] of Object.entries(TOO_LARGE))
    await t.rejects(client.query(sql), { code: /^(53200|54000)$/ }, name);
  t.same((await client.query("SELECT split_part('a,b,c', ',', -1) AS last, split_part('aaa', 'aa', -1) AS odd")).rows, [
    { last: 'c', odd: 'a' },
  ]);
  t.same((await client.query('SELECT cardinality(array_fill(7, ARRAY[1000, 1000])) AS n')).rows, [{ n: 1_000_000 }]);
});
