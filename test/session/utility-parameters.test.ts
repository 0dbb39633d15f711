/** Parameters of statements with a query inside: EXPLAIN, CREATE TABLE AS, SELECT INTO, CALL, DECLARE. Holds for PostgreSQL as well (target.ts). */
import pg from 'pg';
import t from 'tap';
import { withTarget } from '../clients/target.js';

t.test('parameters of utility statements', (t) =>
  withTarget(async (target) => {
    const client = new pg.Client(target);
    await client.connect();
    const rows = async (text: string, ...values: unknown[]): Promise<unknown[]> =>
      (await client.query({ text, values, rowMode: 'array' })).rows;
    await client.query(
      'CREATE PROCEDURE next(INOUT a int, b text DEFAULT $$x$$) LANGUAGE sql AS $$ SELECT a + length(b) $$',
    );

    t.same(await rows('EXPLAIN (COSTS OFF) SELECT $1::int', 5), [['Result']]);
    t.same(await rows('EXPLAIN (COSTS OFF, ANALYZE, TIMING OFF, SUMMARY OFF) SELECT $1::int', 5), [
      ['Result (actual rows=1 loops=1)'],
    ]);
    await rows('CREATE TABLE made AS SELECT $1::int AS a, $2 AS b', 5, 'x');
    await rows('SELECT a + $1 AS a INTO TEMPORARY other FROM made', 2);
    t.same(await rows('SELECT m.a, m.b, pg_typeof(b)::text, o.a FROM made m, other o'), [[5, 'x', 'text', 7]]);
    await rows('EXPLAIN (COSTS OFF) CREATE TABLE never AS SELECT $1::int', 1);
    await t.rejects(rows('CREATE MATERIALIZED VIEW kept AS SELECT $1::int', 1), { code: '0A000' });
    await t.rejects(rows('CREATE VIEW seen AS SELECT $1::int', 1), { code: /^(08P01|42P02)$/ });
    t.same(await rows('CALL next($1, $2)', 7, 'abc'), [[10]]);
    t.same(await rows('CALL next($1 + 1)', 7), [[9]]);
    await t.rejects(rows('CALL nothing($1)', 1), {
      code: '42883',
      message: 'procedure nothing(unknown) does not exist',
    });
    await rows('DECLARE c CURSOR WITH HOLD FOR SELECT a * $1 FROM made', 3);
    t.same(await rows('FETCH c'), [[15]]);
    await t.rejects(client.query('EXPLAIN SELECT $1::int'), { code: '42P02' });
    await client.end();
  }),
);

t.test('errors in parameters tell which one', (t) =>
  withTarget(async (target) => {
    const client = new pg.Client(target);
    await client.connect();
    const bad = (...values: unknown[]): Promise<unknown> => client.query('SELECT $1::int, $2::date, $3::text', values);
    await t.rejects(bad('x', null, 'y'), { code: '22P02', where: "unnamed portal parameter $1 = '...'" });
    await t.rejects(bad('', null, 'y'), { code: '22P02', where: "unnamed portal parameter $1 = ''" });
    await client.query('SET log_parameter_max_length_on_error = 3');
    await t.rejects(bad('1', "a'ü", 'y'), { code: '22007', where: "unnamed portal parameter $2 = 'a''...'" });
    await client.query('SET log_parameter_max_length_on_error = -1');
    await t.rejects(bad('1', "a'ü", 'y'), { code: '22007', where: "unnamed portal parameter $2 = 'a''ü'" });
    await t.rejects(bad(Buffer.from([1]), null, 'y'), { code: '08P01', where: 'unnamed portal parameter $1' });
    await client.end();
  }),
);
