/** Window functions and frames, against values that PostgreSQL 15 gave for the same rows. */
import t from 'tap';
import type { Expr, SortKey, WindowCall, WindowFrame } from '../../src/sql/plan/expression.js';
import type { Row } from '../../src/types/datum.js';
import * as oid from '../../src/types/oids.js';
import { aggregate, col, lit, node, proc, run, sortKey, values } from './harness.js';

const ROWS: Row[] = [
  ['a', 1],
  ['a', 1],
  ['a', 3],
  ['b', 5],
  ['b', null],
  ['a', 7],
];
const DEFAULT: WindowFrame = {
  mode: 'range',
  start: { kind: 'unbounded preceding' },
  end: { kind: 'current row' },
  exclusion: 'no others',
  startInRange: 0,
  endInRange: 0,
};

function pure(source: string, args: Expr[] = []): WindowCall {
  const declared = proc({ source, kind: 'w', argTypes: args.map((arg) => arg.type) });
  return {
    proc: declared,
    aggregate: null,
    args,
    filter: null,
    variadicArray: false,
    type: oid.INT8,
    typmod: -1,
    collation: 0,
    transitionType: 0,
    location: -1,
  };
}

async function over(
  calls: WindowCall[],
  frame: Partial<WindowFrame> = {},
  orderBy: SortKey[] = [sortKey(col(2))],
): Promise<Row[]> {
  const columns = [1, 2, ...calls.map((_, i) => 10 + i)];
  const input = values([1, 2], ROWS, [oid.TEXT, oid.INT4]);
  const rows = await run(
    node('window', {
      columns,
      input,
      partitionBy: [col(1, oid.TEXT)],
      orderBy,
      frame: { ...DEFAULT, ...frame },
      calls,
    }),
  );
  return rows.map((row) => row.slice(2));
}

const sum: WindowCall = { ...aggregate('sum', [col(2)]) };

t.test('ranking', async (t) => {
  const names = ['window_row_number', 'window_rank', 'window_dense_rank', 'window_percent_rank', 'window_cume_dist'];
  t.same(await over([...names.map((name) => pure(name)), pure('window_ntile', [lit(3)])]), [
    [1, 1, 1, 0, 0.5, 1],
    [2, 1, 1, 0, 0.5, 1],
    [3, 3, 2, 2 / 3, 0.75, 2],
    [4, 4, 3, 1, 1, 3],
    [1, 1, 1, 0, 0.5, 1],
    [2, 2, 2, 1, 1, 2],
  ]);
});

t.test('offsets and values of the frame', async (t) => {
  const calls = [
    pure('window_lag', [col(2)]),
    pure('window_lead_with_offset_and_default', [col(2), lit(2), lit(-1)]),
    pure('window_first_value', [col(2)]),
    pure('window_last_value', [col(2)]),
    pure('window_nth_value', [col(2), lit(2)]),
  ];
  t.same(await over(calls), [
    [null, 3, 1, 1, 1],
    [1, 7, 1, 1, 1],
    [1, -1, 1, 3, 1],
    [3, -1, 1, 7, 1],
    [null, -1, 5, 5, null],
    [5, -1, 5, null, null],
  ]);
});

t.test('frames', async (t) => {
  const sums = async (frame: Partial<WindowFrame>) => (await over([sum], frame)).map((row) => row[0]);
  const one = { kind: 'preceding', offset: lit(1, oid.INT8) } as const;
  const next = { kind: 'following', offset: lit(1, oid.INT8) } as const;
  t.same(await sums({}), [2, 2, 5, 12, 5, 5]);
  t.same(await sums({ mode: 'rows', start: one, end: next }), [2, 5, 11, 10, 5, 5]);
  t.same(await sums({ mode: 'groups', start: one, end: { kind: 'current row' } }), [2, 2, 5, 10, 5, 5]);
  t.same(await sums({ mode: 'rows', end: { kind: 'unbounded following' }, exclusion: 'current row' }), [
    11,
    11,
    9,
    5,
    null,
    5,
  ]);
  t.same(await sums({ end: { kind: 'unbounded following' }, exclusion: 'group' }), [10, 10, 9, 5, null, 5]);
  t.same(await sums({ end: { kind: 'unbounded following' }, exclusion: 'ties' }), [11, 11, 12, 12, 5, 5]);
  const inRange = proc({ source: 'in_range_int4_int4', resultType: oid.BOOL, argTypes: [23, 23, 23, 16, 16] }).oid;
  const two = { kind: 'preceding', offset: lit(2) } as const;
  t.same(
    await sums({ start: two, end: { kind: 'following', offset: lit(4) }, startInRange: inRange, endInRange: inRange }),
    [5, 5, 12, 7, 5, null],
  );
  await t.rejects(sums({ mode: 'rows', start: { kind: 'preceding', offset: lit(-1, oid.INT8) } }), { code: '22013' });
});
