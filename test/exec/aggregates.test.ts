/** Grouping, DISTINCT, ORDER BY, FILTER, grouping sets, ordered sets. */
import t from 'tap';
import type { AggregateCall, Expr } from '../../src/sql/plan/expression.js';
import type { Row } from '../../src/types/datum.js';
import { Numeric } from '../../src/types/numeric/numeric.js';
import * as oid from '../../src/types/oids.js';
import { aggregate, col, lit, node, op, run, sortKey, values } from './harness.js';

const ROWS: Row[] = [
  ['x', 1, 5],
  ['y', 2, 6],
  ['x', 3, 7],
  [null, 4, 8],
  ['y', 2, null],
  [null, null, 9],
];

function group(
  groupBy: Expr[],
  calls: AggregateCall[],
  more: { sets?: number[][]; grouping?: number[][]; rows?: Row[] } = {},
) {
  const columns = Array.from(
    { length: groupBy.length + calls.length + (more.grouping?.length ?? 0) },
    (_, i) => 100 + i,
  );
  const rows = more.rows ?? ROWS;
  const input =
    rows.length === 0 ? node('empty', { columns: [1, 2, 3] }) : values([1, 2, 3], rows, [oid.TEXT, oid.INT4, oid.INT4]);
  return run(
    node('aggregate', {
      columns,
      input,
      groupBy,
      sets: more.sets ?? null,
      calls,
      grouping: more.grouping ?? [],
      strategy: 'hash',
    }),
  );
}

const key = col(1, oid.TEXT);
const count = aggregate('count', []);

t.test('groups in order of appearance, NULL is a group', async (t) => {
  t.same(
    await group(
      [key],
      [
        count,
        aggregate('sum', [col(2)]),
        aggregate('count', [col(3)]),
        aggregate('max', [col(3)]),
        aggregate('min', [col(2)]),
      ],
    ),
    [
      ['x', 2, 4, 2, 7, 1],
      ['y', 2, 4, 1, 6, 2],
      [null, 2, 4, 2, 9, 4],
    ],
  );
});

t.test('without groups there is always one row', async (t) => {
  t.same(await group([], [count, aggregate('sum', [col(2)]), aggregate('max', [key])], { rows: [] }), [
    [0, null, null],
  ]);
  t.same(await group([key], [count], { rows: [] }), []);
  t.same(await group([], [count]), [[6]]);
});

t.test('FILTER and DISTINCT', async (t) => {
  const filtered = aggregate('count', [], { filter: op('int4gt', col(2), lit(1)) });
  const distinct = aggregate('count', [col(2)], { distinct: true });
  const sumDistinct = aggregate('sum', [col(2)], { distinct: true });
  t.same(await group([], [filtered, distinct, sumDistinct]), [[4, 4, 10]]);
});

t.test('general transition functions, ORDER BY inside the call', async (t) => {
  const agg = (more: Partial<AggregateCall>): AggregateCall =>
    aggregate('string_agg', [key, lit(',', oid.TEXT)], { transition: 'string_agg_transfn', type: oid.TEXT, ...more });
  t.same(await group([], [agg({})]), [['x,y,x,y']]);
  t.same(await group([], [agg({ orderBy: [sortKey(key, true)] })]), [['y,y,x,x']]);
  t.same(await group([], [agg({ distinct: true, orderBy: [sortKey(key, true)] })]), [['y,x']]);
  t.same(await group([], [agg({ distinct: true })]), [['x,y']]);
});

t.test('strict transition functions start with the first value', async (t) => {
  t.same(await group([], [aggregate('my_max', [col(2)], { transition: 'int4pl', strict: true })]), [[12]]);
});

t.test('grouping sets and GROUPING()', async (t) => {
  const rows = await group([key, col(2)], [count], { sets: [[0, 1], [0], []], grouping: [[0, 1], [1]] });
  t.same(rows.slice(0, 2), [
    ['x', 1, 1, 0, 0],
    ['y', 2, 2, 0, 0],
  ]);
  t.same(rows.slice(-4), [
    ['x', null, 2, 1, 1],
    ['y', null, 2, 1, 1],
    [null, null, 2, 1, 1],
    [null, null, 6, 3, 1],
  ]);
  t.same(await group([key], [count], { sets: [[0], []], rows: [] }), [[null, 0]]);
});

t.test('ordered sets', async (t) => {
  const within = (name: string, direct: Expr[], descending = false): AggregateCall =>
    aggregate(name, [col(2)], {
      kind: name.includes('rank') ? 'h' : 'o',
      directArgs: direct,
      orderBy: [sortKey(col(2), descending, false)],
    });
  const half = lit(0.5, oid.FLOAT8);
  t.same(
    await group(
      [],
      [
        within('percentile_disc', [half]),
        within('percentile_cont', [half]),
        within('mode', []),
        within('rank', [lit(3)]),
        within('dense_rank', [lit(3)]),
        within('rank', [lit(3)], true),
      ],
    ),
    [[2, 2, 2, 4, 3, 2]],
  );
});

t.test('numeric sums and averages', async (t) => {
  const texts = async (values: string[]): Promise<unknown[]> => {
    const rows = values.map((text): Row => ['x', 0, Numeric.parse(text)]);
    const input = node('values', {
      columns: [1, 2, 3],
      tuples: rows.map((row) => row.map((value, i) => lit(value, [oid.TEXT, oid.INT4, oid.NUMERIC][i]))),
    });
    const arg = col(3, oid.NUMERIC);
    const calls = [aggregate('sum', [arg]), aggregate('avg', [arg])];
    const [row] = await run(
      node('aggregate', { columns: [8, 9], input, groupBy: [], sets: null, calls, grouping: [], strategy: 'plain' }),
    );
    return row.map(String);
  };
  t.same(await texts(['1.10', '2.2', '-0.30']), ['3.00', '1.00000000000000000000']);
  t.same(await texts(['9007199254740991.0', '9007199254740991.0', '1.5']), [
    '18014398509481983.5',
    '6004799503160661.1667',
  ]);
  t.same(await texts(['1.5', 'NaN', '2.5']), ['NaN', 'NaN']);
  t.same(await texts(['Infinity', '1.0', '2.0']), ['Infinity', 'Infinity']);
  const integers = (values: number[]) =>
    group([], [aggregate('avg', [col(2)])], { rows: values.map((value): Row => ['x', value, 0]) });
  t.equal(String((await integers([1, 2, 2]))[0][0]), '1.6666666666666667');
});
