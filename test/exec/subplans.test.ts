/** Subplans: how often they run, what they give with NULLs, and that waiting inside them loses and repeats nothing. */
import t from 'tap';
import type { Expr } from '../../src/sql/plan/expression.js';
import type { PgArray, Row } from '../../src/types/datum.js';
import * as oid from '../../src/types/oids.js';
import {
  bool,
  col,
  fn,
  lit,
  node,
  op,
  param,
  prepare,
  run,
  runAgain,
  seqScan,
  subplan,
  table,
  values,
} from './harness.js';

const select = (expr: Expr, rows: Row[]) => node('project', { columns: [50], exprs: [expr], input: values([1], rows) });

t.test('scalar subplans', async (t) => {
  const data = table(
    [
      [1, 10],
      [2, 20],
      [2, 21],
    ],
    { slow: true },
  );
  const lookup = subplan(
    'scalar',
    node('project', { columns: [7], exprs: [col(6)], input: seqScan(data, [5, 6], op('int4eq', col(5), col(1))) }),
    {
      correlation: [1],
    },
  );
  t.same(await run(select(lookup, [[1], [9], [1]])), [[10], [null], [10]]);
  await t.rejects(run(select(lookup, [[2]])), {
    code: '21000',
    message: 'more than one row returned by a subquery used as an expression',
  });
});

t.test('several waiting subplans in one expression', async (t) => {
  const data = table(
    [
      [1, 10],
      [2, 20],
    ],
    { slow: true },
  );
  const lookup = (id: number): Expr =>
    subplan(
      'scalar',
      node('project', { columns: [7], exprs: [col(6)], input: seqScan(data, [5, 6], op('int4eq', col(5), col(id))) }),
      {
        correlation: [id],
      },
    );
  const sum = fn('int4pl', oid.INT4, [lookup(1), fn('int4pl', oid.INT4, [lookup(1), lookup(1)])]);
  t.same(await run(select(sum, [[1], [2], [3]])), [[30], [60], [null]]);
});

t.test('uncorrelated subplans run once an execution', async (t) => {
  const execution = prepare(
    select(
      subplan('scalar', node('project', { columns: [7], exprs: [param(0)], input: node('one row', { columns: [] }) })),
      [[1], [2]],
    ),
  );
  t.same(await runAgain(execution, [5]), [[5], [5]]);
  t.same(await runAgain(execution, [6]), [[6], [6]]);
});

t.test('ARRAY, EXISTS', async (t) => {
  const [[array], [empty]] = await run(
    select(
      subplan('array', seqScan(table([[1], [2], [3]]), [5], op('int4gt', col(5), col(1))), {
        correlation: [1],
        type: oid.INT4_ARRAY,
      }),
      [[1], [5]],
    ),
  );
  t.same((array as PgArray).elements, [2, 3]);
  t.same((empty as PgArray).elements, []);
});

t.test('IN, NOT IN and ALL with NULLs, hashed or not', async (t) => {
  for (const hashed of [true, false]) {
    for (const slow of [true, false]) {
      const inList = (rows: Row[]): Expr =>
        subplan('any', seqScan(table(rows, { slow }), [5]), {
          type: oid.BOOL,
          test: op('int4eq', col(1), col(5)),
          hash: hashed ? [{ outer: col(1), inner: 5 }] : null,
        });
      t.same(await run(select(inList([[1], [2]]), [[1], [3], [null]])), [[true], [false], [null]]);
      t.same(await run(select(inList([[1], [null]]), [[1], [3]])), [[true], [null]]);
    }
  }
  const none = node('empty', { columns: [5] });
  const quantified = (mode: 'any' | 'all', source: string): Expr =>
    subplan(mode, none, { type: oid.BOOL, test: op(source, col(1), col(5)) });
  t.same(await run(select(quantified('any', 'int4eq'), [[null]])), [[false]]);
  t.same(await run(select(quantified('all', 'int4ne'), [[null]])), [[true]]);
  const all = subplan('all', values([5], [[1], [2]]), { type: oid.BOOL, test: op('int4gt', col(1), col(5)) });
  t.same(await run(select(all, [[3], [2], [null]])), [[true], [false], [null]]);
});

t.test('row IN with partial NULLs', async (t) => {
  const inRows = subplan(
    'any',
    values(
      [5, 6],
      [
        [1, null],
        [2, 2],
      ],
    ),
    {
      type: oid.BOOL,
      test: bool('and', op('int4eq', col(1), col(5)), op('int4eq', col(2), col(6))),
      hash: [
        { outer: col(1), inner: 5 },
        { outer: col(2), inner: 6 },
      ],
    },
  );
  const plan = node('project', {
    columns: [50],
    exprs: [inRows],
    input: values(
      [1, 2],
      [
        [1, 5],
        [2, 2],
        [2, 3],
        [3, null],
        [null, 2],
      ],
      [oid.INT4, oid.INT4],
    ),
  });
  t.same(await run(plan), [[null], [true], [false], [false], [null]]);
});

t.test('a filter with a waiting subplan', async (t) => {
  const rows = Array.from({ length: 600 }, (_, i): Row => [i]);
  const inner = table([[3], [300], [599]], { slow: true });
  const filter = subplan('exists', seqScan(inner, [9], op('int4eq', col(9), col(1))), {
    correlation: [1],
    type: oid.BOOL,
  });
  t.same(await run(seqScan(table(rows), [1], filter)), [[3], [300], [599]]);
  t.same(await run(node('filter', { columns: [1], input: seqScan(table(rows), [1]), predicate: filter })), [
    [3],
    [300],
    [599],
  ]);
  t.same(await run(seqScan(table(rows), [1], op('int4lt', col(1), lit(2)))), [[0], [1]]);
});
