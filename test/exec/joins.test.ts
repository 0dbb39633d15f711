/** Joins: every type by every method gives what the definition says; NOT IN semantics; lateral runs; waiting inside conditions. */
import t from 'tap';
import type { JoinType, PlanNode } from '../../src/sql/plan/plan-node.js';
import type { Datum, Row } from '../../src/types/datum.js';
import * as oid from '../../src/types/oids.js';
import { bool, col, fn, lit, node, op, run, seqScan, sortKey, subplan, table, values } from './harness.js';

const LEFT: Row[] = [
  [1, 'a'],
  [2, 'b'],
  [2, 'c'],
  [null, 'd'],
  [5, 'e'],
];
const RIGHT: Row[] = [
  [2, 10],
  [2, 20],
  [3, 30],
  [null, 40],
  [1, 50],
];
const TYPES: JoinType[] = ['inner', 'left', 'right', 'full', 'semi', 'anti'];

/** The definition, row by row. */
function expected(type: JoinType, matches: (l: Row, r: Row) => boolean): Row[] {
  const rows: Row[] = [];
  for (const l of LEFT) {
    const partners = RIGHT.filter((r) => matches(l, r));
    if (type === 'semi') rows.push(...(partners.length > 0 ? [l] : []));
    else if (type === 'anti') rows.push(...(partners.length === 0 ? [l] : []));
    else rows.push(...partners.map((r) => [...l, ...r]));
    if (partners.length === 0 && (type === 'left' || type === 'full')) rows.push([...l, null, null]);
  }
  if (type === 'right' || type === 'full') {
    for (const r of RIGHT) if (!LEFT.some((l) => matches(l, r))) rows.push([null, null, ...r]);
  }
  return rows;
}

const sorted = (rows: readonly Row[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

function sides(type: JoinType) {
  const columns = type === 'semi' || type === 'anti' ? [1, 2] : [1, 2, 3, 4];
  return { columns, joinType: type, left: values([1, 2], LEFT), right: values([3, 4], RIGHT) };
}

const sortedBy = (input: PlanNode, id: number): PlanNode =>
  node('sort', { columns: input.columns, input, keys: [sortKey(col(id))], limit: null, presorted: 0 });

const equalKeys = (l: Row, r: Row): boolean => l[0] !== null && l[0] === r[0];
const withResidual = (l: Row, r: Row): boolean => equalKeys(l, r) && (r[1] as number) > 10;

t.test('all join types by all methods', async (t) => {
  const keys = { leftKeys: [col(1)], rightKeys: [col(3)] };
  const residual = op('int4gt', col(4), lit(10));
  for (const type of TYPES) {
    const base = sides(type);
    const condition = op('int4eq', col(1), col(3));
    t.same(
      sorted(await run(node('nested loop', { ...base, condition, lateral: [] }))),
      sorted(expected(type, equalKeys)),
      `nested loop ${type}`,
    );
    t.same(
      sorted(await run(node('hash join', { ...base, ...keys, residual: null, nullAware: false }))),
      sorted(expected(type, equalKeys)),
      `hash ${type}`,
    );
    t.same(
      sorted(await run(node('hash join', { ...base, ...keys, residual, nullAware: false }))),
      sorted(expected(type, withResidual)),
      `hash with residual ${type}`,
    );
    const merge = { ...base, ...keys, left: sortedBy(base.left, 1), right: sortedBy(base.right, 3) };
    t.same(
      sorted(await run(node('merge join', { ...merge, residual: null }))),
      sorted(expected(type, equalKeys)),
      `merge ${type}`,
    );
    t.same(
      sorted(await run(node('merge join', { ...merge, residual }))),
      sorted(expected(type, withResidual)),
      `merge with residual ${type}`,
    );
  }
});

t.test('null-aware anti join is NOT IN', async (t) => {
  const join = (right: Row[]): Promise<Row[]> =>
    run(
      node('hash join', {
        columns: [1],
        joinType: 'anti',
        left: values([1], [[1], [2], [null]]),
        right: right.length === 0 ? node('empty', { columns: [3] }) : values([3], right),
        leftKeys: [col(1)],
        rightKeys: [col(3)],
        residual: null,
        nullAware: true,
      }),
    );
  t.same(await join([[1]]), [[2]]);
  t.same(await join([[1], [null]]), []);
  t.same(await join([]), [[1], [2], [null]]);
});

t.test('lateral right sides run again for each left row', async (t) => {
  const right = node('function scan', {
    columns: [3],
    functions: [fn('generate_series_int4', oid.INT4, [lit(1), col(1)], { returnsSet: true })],
    columnCounts: [1],
    columnDefinitions: [null],
    ordinality: false,
    alias: 'g',
  });
  const join = (joinType: JoinType, condition = null as null | ReturnType<typeof op>): Promise<Row[]> =>
    run(
      node('nested loop', {
        columns: [1, 3],
        joinType,
        left: values([1], [[2], [0], [1]]),
        right,
        condition,
        lateral: [1],
      }),
    );
  t.same(await join('inner'), [
    [2, 1],
    [2, 2],
    [1, 1],
  ]);
  t.same(await join('left'), [
    [2, 1],
    [2, 2],
    [0, null],
    [1, 1],
  ]);
  t.same(await join('semi', op('int4eq', col(3), lit(2))), [[2]]);
  t.same(await join('anti', op('int4eq', col(3), lit(2))), [[0], [1]]);
});

t.test('big joins cross batch borders', async (t) => {
  const many = Array.from({ length: 700 }, (_, i): Row => [i % 7, i]);
  const join = node('hash join', {
    columns: [1, 2, 3, 4],
    joinType: 'inner',
    left: values([1, 2], many),
    right: values([3, 4], many),
    leftKeys: [col(1)],
    rightKeys: [col(3)],
    residual: null,
    nullAware: false,
  });
  t.equal((await run(join)).length, 70000);
});

t.test('a subplan in a join condition may wait', async (t) => {
  const inner = table([[1], [2], [3]], { slow: true });
  // EXISTS (SELECT FROM inner WHERE inner.a = left.a AND left.a < right.a)
  const exists = subplan(
    'exists',
    seqScan(inner, [9], bool('and', op('int4eq', col(9), col(1)), op('int4lt', col(1), col(3)))),
    {
      correlation: [1, 3],
      type: oid.BOOL,
    },
  );
  const join = node('nested loop', {
    columns: [1, 3],
    joinType: 'inner',
    left: values([1], [[1], [2], [7]]),
    right: values([3], [[2], [3]]),
    condition: exists,
    lateral: [],
  });
  const rows: Datum[][] = await run(join);
  t.same(rows, [
    [1, 2],
    [1, 3],
    [2, 3],
  ]);
});
