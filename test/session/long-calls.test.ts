/** Functions over large values, and patterns that take for ever: others are served meanwhile, and the call can be ended. */
import pg from 'pg';
import t from 'tap';
import { callThreads } from '../../src/sql/functions/far-calls.js';
import { startTestServer } from '../test-server.js';

/** Takes a backtracking matcher longer than anybody waits. */
const HOSTILE = "repeat('a', 60) || 'b' ~ '^(a+)+\\1$'";
const UNITS = 1_200_000;
const TEXT = 'Abc dEf '.repeat(UNITS / 8);

const server = await startTestServer();
const connect = async (): Promise<pg.Client> => {
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await client.connect();
  return client;
};
const client = await connect();
const other = await connect();
const pid = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
t.teardown(async () => {
  await client.end();
  await other.end();
  await server.stop();
});

const value = async (sql: string): Promise<unknown> => {
  const { rows } = await client.query({ text: sql, rowMode: 'array' });
  return rows.length === 1 ? rows[0][0] : rows.map((row) => row[0]);
};

t.test('calls over large values give what they give over small ones', async (t) => {
  await client.query('CREATE TABLE large (k int PRIMARY KEY, t text)');
  await client.query('INSERT INTO large VALUES (1, $1), (2, $2), (3, NULL)', [TEXT, TEXT.toLowerCase()]);
  t.equal(await value('SELECT upper(t) FROM large WHERE k = 1'), TEXT.toUpperCase());
  t.equal(await value('SELECT upper(t) FROM large WHERE k = 3'), null);
  t.equal(
    await value(`SELECT regexp_replace(reverse(t), '(\\w+) ', '<\\1>', 'g') FROM large WHERE k = 1`),
    [...TEXT]
      .reverse()
      .join('')
      .replace(/(\w+) /g, '<$1>'),
    'a call inside a call',
  );
  t.equal(await value(`SELECT length(upper(repeat('xyz', ${UNITS})))`), 3 * UNITS, 'over a constant');
  t.same(await value(`SELECT k FROM large WHERE lower(t) = t AND t ~ '^abc.*f $'`), 2, 'in a condition');
  t.same(await value(`SELECT k FROM large ORDER BY md5(t) NULLS FIRST LIMIT 1`), 3, 'as a sort key');
  t.same(await value('SELECT count(*)::int FROM large GROUP BY lower(t) ORDER BY 1'), [1, 2], 'as a group key');
  t.equal(await value('SELECT count(DISTINCT upper(t))::int FROM large'), 1, 'in an aggregate');
  t.equal(await value(`SELECT sum(length(replace(t, 'c', 'xx')))::int FROM large`), 2.25 * UNITS);
  t.equal(
    await value('SELECT (SELECT max(length(initcap(o.t) || i.k)) FROM large i)::int FROM large o WHERE k = 1'),
    UNITS + 1,
    'in a subquery, with a column of the outer one',
  );
  await client.query('UPDATE large SET t = translate(t, $1, $2) WHERE k = 2', ['a', 'A']);
  t.equal(await value('SELECT t FROM large WHERE k = 2'), TEXT.toLowerCase().replaceAll('a', 'A'));
});

t.test('functions that give many values', async (t) => {
  const words = TEXT.trimEnd().split(' ');
  const counted = async (from: string): Promise<unknown> =>
    (await client.query(`SELECT count(*)::int AS n, md5(string_agg(x, '|')) AS sum FROM ${from} AS x(x)`)).rows[0];
  const expected = { n: words.length, sum: await value(`SELECT md5($q$${words.join('|')}$q$)`) };
  await client.query('UPDATE large SET t = btrim(t) WHERE k = 1');
  const text = '(SELECT t FROM large WHERE k = 1)';
  t.same(await counted(`regexp_split_to_table(${text}, ' ')`), expected);
  t.same(await counted(`unnest(regexp_split_to_array(${text}, '\\s+'))`), expected);
  t.same(await counted(`(SELECT m[1] FROM regexp_matches(${text}, '(\\w+)( )?', 'g') AS m)`), expected);
  t.same(await counted(`(SELECT (regexp_matches(t, '\\S+', 'g'))[1] FROM large WHERE k = 1)`), expected, 'in a list');
  t.same(
    await value(`SELECT m::text FROM large, regexp_matches(t, '(dE)(x)?') AS m WHERE k < 3`),
    '{dE,NULL}',
    'without the flag, and where nothing matches',
  );
  t.equal(
    await value(
      `SELECT count(*)::int FROM large a, large b, regexp_split_to_table(a.t, ' ') WHERE a.k = 1 AND b.k < 3`,
    ),
    2 * words.length,
    'twice for the same text',
  );
});

t.test('errors of such calls', async (t) => {
  await t.rejects(value(`SELECT decode(repeat('xx', ${UNITS}), 'hex')`), { code: '22023' });
  await t.rejects(value(`SELECT regexp_replace(repeat('xx', ${UNITS}), 'a**', '')`), { code: '2201B' });
  t.equal(await value('SELECT 1'), 1);
});

t.test('others are served while a pattern is matched, and the match is ended', async (t) => {
  let ended = false;
  const outcome = client.query(`SELECT ${HOSTILE}`).then(
    () => 'matched',
    (error: pg.DatabaseError) => error.code,
  );
  void outcome.then(() => {
    ended = true;
  });
  for (let i = 0; i < 100; i++) await other.query('SELECT 1');
  t.notOk(ended, 'it goes on while a hundred queries are answered');
  await other.query('SELECT pg_cancel_backend($1)', [pid]);
  t.equal(await outcome, '57014');
  t.equal(await value('SELECT 1'), 1);

  await client.query('SET statement_timeout = 100');
  await t.rejects(value(`SELECT ${HOSTILE}`), { code: '57014' });
  await t.rejects(value(`SELECT count(*) FROM large WHERE ${HOSTILE}`), { code: '57014' });
  await client.query('RESET statement_timeout');

  const third = await connect();
  third.on('error', () => {});
  const lost = t.rejects(third.query(`SELECT ${HOSTILE}`));
  await other.query('SELECT 1');
  await other.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE strpos(query, $1) > 0 AND pid <> $2',
    [HOSTILE, pid],
  );
  await lost;
  t.equal(await value('SELECT upper(t) FROM large WHERE k = 1'), TEXT.trimEnd().toUpperCase(), 'calls go on');
  t.ok(callThreads() > 0);
});
