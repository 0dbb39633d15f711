/**
 * Nesting: statements as deep as programs write them work, whatever nests; deeper ones end with an error of their own
 * and never with an internal one, and the connection goes on.
 */
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';

const list = (n: number, item: (i: number) => string, between: string): string =>
  Array.from({ length: n }, (_, i) => item(i)).join(between);
const nest = (n: number, before: string, inside: string, after: string): string =>
  before.repeat(n) + inside + after.repeat(n);
const FROM = 'FROM generate_series(1, 3) x';

/** Statements of a given depth. Results must not be long: nested records double their quotes with each level. */
const SHAPES: Readonly<Record<string, (n: number) => string>> = {
  parentheses: (n) => `SELECT ${nest(n, '(', '1', ')')}`,
  sum: (n) => `SELECT ${list(n, () => 'x', ' + ')} ${FROM}`,
  signs: (n) => `SELECT ${nest(n, '- ', 'x', '')} ${FROM}`,
  calls: (n) => `SELECT ${nest(n, 'abs(', 'x', ')')} ${FROM}`,
  not: (n) => `SELECT ${nest(n, 'NOT ', 'x > 1', '')} ${FROM}`,
  case: (n) => `SELECT ${nest(n, 'CASE WHEN x > 1 THEN ', '1', ' ELSE 2 END')} ${FROM}`,
  coalesce: (n) => `SELECT ${nest(n, 'COALESCE(NULL, ', 'x', ')')} ${FROM}`,
  casts: (n) => `SELECT x${'::int8::int4'.repeat(n / 2)} ${FROM}`,
  concatenation: (n) => `SELECT ${list(n, () => 'x::text', ' || ')} ${FROM}`,
  and: (n) => `SELECT x ${FROM} WHERE ${list(n, (i) => `x <> ${i + 5}`, ' AND ')}`,
  or: (n) => `SELECT x ${FROM} WHERE ${list(n, (i) => `x = ${i}`, ' OR ')}`,
  'alternating and or': (n) => `SELECT x ${FROM} WHERE ${nest(n, '(x = 1 OR x = 2 AND ', 'x = 3', ')')}`,
  'scalar subqueries': (n) => `SELECT ${nest(n, '(SELECT ', '1', ')')}`,
  exists: (n) => `SELECT 1 WHERE ${nest(n, 'EXISTS (SELECT 1 WHERE ', 'true', ')')}`,
  'subqueries in FROM': (n) => `SELECT * FROM ${nest(n, '(SELECT DISTINCT * FROM ', '(SELECT 1) z', ') x')}`,
  'set operations': (n) => list(n, (i) => `SELECT ${i % 7}`, ' UNION '),
  'set operations to the right': (n) => nest(n, 'SELECT 1 UNION ALL (', 'SELECT 2', ')'),
  joins: (n) =>
    `SELECT 1 FROM generate_series(1, 1) x ${list(n, (i) => `LEFT JOIN generate_series(1, 1) x${i}(v) ON x${i}.v = x`, ' ')}`,
  'chain of CTEs': (n) =>
    `WITH a0 AS (SELECT 1)${list(n, (i) => `, a${i + 1} AS (SELECT * FROM a${i})`, '')} SELECT * FROM a${n}`,
  'nested WITH': (n) => nest(n, 'WITH a AS (', 'SELECT 1', ') SELECT * FROM a'),
  rows: (n) => `SELECT ${nest(n, 'row(', '1', ')')} IS NULL`,
  arrays: (n) => `SELECT ${nest(n, 'ARRAY[', '1', ']')} IS NULL`,
  'array text': (n) => `SELECT '${nest(n, '{', '1', '}')}'::int[]`,
  json: (n) => `SELECT length('${nest(n, '[', '1', ']')}'::json::text)`,
  jsonb: (n) => `SELECT length('${nest(n, '{"a":', '1', '}')}'::jsonb::text)`,
  'jsonb comparison': (n) => `SELECT '${nest(n, '[', '1', ']')}'::jsonb = '${nest(n, '[', '1', ']')}'::jsonb`,
  'jsonb built': (n) => `SELECT length((${nest(n, 'jsonb_build_array(', '1', ')')})::text)`,
  jsonpath: (n) => `SELECT '$ ? ${nest(n, '(', '@ > 1', ')')}'::jsonpath IS NULL`,
  regex: (n) => `SELECT 'aaa' ~ '${nest(n, '(', 'a', ')')}'`,
  'regex repeats': (n) => `SELECT 'aaa' ~ '${nest(n, '(?:', 'a', ')?')}'`,
  like: (n) => `SELECT 'aaa' LIKE '${'%a'.repeat(n)}'`,
  to_char: (n) => `SELECT to_char(1, '${'9'.repeat(n)}') IS NULL`,
  types: (n) => `SELECT NULL::int${'[]'.repeat(n)}`,
  names: (n) => `SELECT ${list(n, () => 'a', '.')}`,
  subscripts: (n) => `SELECT (ARRAY[1])${'[1]'.repeat(n)}`,
  views: (n) => `EXPLAIN SELECT ${nest(n, '(SELECT ', '1', ')')}`,
};

/** What the statement's own size may be refused with. */
const REFUSALS = ['54001', '54000', '53200', '42601', '22P02', '42P01', '2202E', '42804', '0A000', '2201B', '54023'];

t.test('depth', async (t) => {
  const server = await startTestServer();
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await client.connect();
  t.teardown(async () => {
    await client.end();
    await server.stop();
  });
  const codeOf = async (sql: string): Promise<string> => {
    try {
      await client.query(sql);
      return 'done';
    } catch (error) {
      return error instanceof pg.DatabaseError ? (error.code ?? '') : String(error);
    }
  };
  for (const [name, shape] of Object.entries(SHAPES)) {
    const codes: string[] = [];
    for (const n of [60, 600, 1100, 1600, 3000, 20_000]) {
      if (n > 1600 && codes.some((code) => code === '54001')) continue;
      if (n > 3000 && ['joins', 'chain of CTEs'].includes(name)) continue;
      codes.push(await codeOf(shape(n)));
    }
    t.ok(
      codes.every((code) => code === 'done' || REFUSALS.includes(code)),
      `${name}: ${codes}`,
    );
  }
  t.equal(await codeOf('SELECT 1'), 'done', 'the connection lives on');
});
