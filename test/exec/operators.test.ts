/** The remaining operators: index scans, sorting, limits, set operations, recursion, CTEs, set-returning functions. */
import t from 'tap';
import { sqlError } from '../../src/errors/sql-error.js';
import { keyPartOf } from '../../src/exec/index-key-part.js';
import type { Expr } from '../../src/sql/plan/expression.js';
import type { IndexScanNode, PlanNode } from '../../src/sql/plan/plan-node.js';
import { PgArray, type Row } from '../../src/types/datum.js';
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
  sortKey,
  store,
  table,
  types,
  values,
} from './harness.js';

const DATA: Row[] = [
  [3, 1],
  [1, 2],
  [2, 3],
  [2, 4],
  [null, 5],
  [7, 6],
];

function indexScan(fields: Partial<IndexScanNode>, descendingIndex = false): PlanNode {
  const relation = table(DATA);
  const codec = types.codec(oid.INT4);
  const entries = DATA.map((row, i) => ({
    key: keyPartOf(row[0], codec, descendingIndex, descendingIndex),
    rowId: i + 1,
  }));
  const index = {
    storage: store.addIndex(entries),
    keyColumns: 1,
    descending: [descendingIndex],
    nullsFirst: [descendingIndex],
    name: 'i',
  };
  return node('index scan', {
    columns: [1, 2],
    relation,
    alias: 't',
    system: [],
    filter: null,
    index: index as never,
    indexKeys: [col(1)],
    indexPredicate: null,
    prefix: [],
    served: [],
    lower: null,
    upper: null,
    notNull: false,
    descending: false,
    ...fields,
  });
}

const seconds = async (plan: PlanNode, params: number[] = []): Promise<unknown[]> =>
  (await run(plan, params)).map((row) => row[1]);

t.test('index scans', async (t) => {
  const at = (value: Expr, inclusive: boolean) => ({ value, inclusive });
  for (const descendingIndex of [false, true]) {
    const scan = async (fields: Partial<IndexScanNode>, params: number[] = []): Promise<unknown[]> => {
      const found = await seconds(indexScan(fields, descendingIndex), params);
      return descendingIndex !== (fields.descending ?? false) ? found.reverse() : found;
    };
    const equal = [{ kind: 'equal' as const, value: param(0) }];
    t.same(await scan({ prefix: equal }, [7]), [6]);
    t.same((await scan({ prefix: equal }, [2])).sort(), [3, 4]);
    t.same(await scan({ prefix: equal }, [9]), []);
    t.same(await scan({ prefix: [{ kind: 'equal', value: lit(null) }] }), []);
    t.same(await scan({ prefix: [{ kind: 'is null' }] }), [5]);
    t.same((await scan({ lower: at(lit(2), true), upper: at(lit(7), false) })).sort(), [1, 3, 4]);
    t.same(await scan({ lower: at(lit(2), false) }), [1, 6]);
    t.same(await scan({ upper: at(lit(2), false) }), [2]);
    t.same(await scan({ lower: at(lit(null), false) }), []);
    t.same((await scan({ notNull: true })).sort(), [1, 2, 3, 4, 6]);
    t.equal((await scan({})).length, 6);
    const array = lit(PgArray.of(oid.INT4, [7, 1, 1, null]), oid.INT4_ARRAY);
    t.same(await scan({ prefix: [{ kind: 'any', array }] }), [2, 6]);
    t.same(await scan({ prefix: [{ kind: 'any', array }], descending: true }), [2, 6]);
  }
  t.same(
    await seconds(indexScan({ prefix: [{ kind: 'equal', value: lit(7) }], filter: op('int4gt', col(2), lit(6)) })),
    [],
  );
});

t.test('a point lookup can be executed again', async (t) => {
  const execution = prepare(
    node('project', {
      columns: [9],
      exprs: [col(2)],
      input: indexScan({ prefix: [{ kind: 'equal', value: param(0) }] }),
    }),
  );
  t.same(await runAgain(execution, [3]), [[1]]);
  t.same(await runAgain(execution, [1]), [[2]]);
  t.same(await runAgain(execution, [4]), []);
});

t.test('system columns', async (t) => {
  const relation = table([[1], [2]]);
  const scan = node('seq scan', {
    columns: [1, 2, 3],
    relation,
    alias: 't',
    system: ['row id', 'tableoid'],
    filter: op('int4eq', col(2), lit(2)),
  });
  t.same(await run(scan), [[2, 2, relation.oid]]);
});

const sort = (rows: Row[], descending: boolean, nullsFirst: boolean, limit: Expr | null = null): Promise<Row[]> =>
  run(
    node('sort', {
      columns: [1, 2],
      input: values([1, 2], rows, [oid.INT4, oid.INT4]),
      keys: [sortKey(col(1), descending, nullsFirst)],
      limit,
      presorted: 0,
    }),
  );

t.test('sorting', async (t) => {
  t.same(
    (await sort(DATA, false, false)).map((row) => row[1]),
    [2, 3, 4, 1, 6, 5],
  );
  t.same(
    (await sort(DATA, true, true)).map((row) => row[1]),
    [5, 6, 1, 3, 4, 2],
  );
  t.same(
    (await sort(DATA, false, false, lit(3))).map((row) => row[1]),
    [2, 3, 4],
  );
  t.same(
    (await sort(DATA, true, false, lit(2))).map((row) => row[1]),
    [6, 1],
  );
  const many = Array.from({ length: 9000 }, (_, i): Row => [(i * 7919) % 1000, i]);
  const expected = many.map((row) => row).sort((a, b) => Number(a[0]) - Number(b[0]));
  t.same(await sort(many, false, false), expected);
  t.same(await sort(many, false, false, lit(50)), expected.slice(0, 50));
});

t.test('limits', async (t) => {
  const input = values([1], [[1], [2], [2], [3], [3]]);
  const limit = (count: Expr | null, offset: Expr | null, ties = false): Promise<Row[]> =>
    run(node('limit', { columns: [1], input, limit: count, offset, tiesKeys: ties ? [sortKey(col(1))] : null }));
  t.same(await limit(lit(2), null), [[1], [2]]);
  t.same(await limit(lit(2), lit(3)), [[3], [3]]);
  t.same(await limit(lit(null), lit(4)), [[3]]);
  t.same(await limit(lit(2), null, true), [[1], [2], [2]]);
  t.same(await limit(lit(0), null), []);
  await t.rejects(limit(lit(-1), null), { code: '2201W', message: 'LIMIT must not be negative' });
  await t.rejects(limit(null, lit(-1)), { code: '2201X', message: 'OFFSET must not be negative' });
});

t.test('set operations, append, distinct', async (t) => {
  const left = values([1], [[1], [1], [1], [2], [null]]);
  const right = values([2], [[1], [1], [3], [null]]);
  const operation = (kind: 'intersect' | 'except', all: boolean): Promise<Row[]> =>
    run(node('set operation', { columns: [5], operation: kind, all, left, right }));
  t.same(await operation('intersect', false), [[1], [null]]);
  t.same(await operation('intersect', true), [[1], [1], [null]]);
  t.same(await operation('except', false), [[2]]);
  t.same(await operation('except', true), [[1], [2]]);
  t.equal((await run(node('append', { columns: [5], inputs: [left, right, left] }))).length, 14);
  for (const sorted of [true, false]) {
    t.same(await run(node('distinct', { columns: [1], input: left, keys: [col(1)], sorted })), [[1], [2], [null]]);
  }
});

t.test('recursion and CTEs', async (t) => {
  const step = node('project', {
    columns: [4],
    exprs: [fn('int4pl', oid.INT4, [col(3), lit(1)])],
    input: node('filter', {
      columns: [3],
      input: node('work table scan', { columns: [3], id: 1, name: 'r' }),
      predicate: op('int4lt', col(3), lit(5)),
    }),
  });
  const union = (distinct: boolean): PlanNode =>
    node('recursive union', { columns: [2], id: 1, seed: values([1], [[1], [1]]), step, distinct });
  t.same(await run(union(true)), [[1], [2], [3], [4], [5]]);
  t.equal((await run(union(false))).length, 10);
  const body = node('nested loop', {
    columns: [10, 11],
    joinType: 'inner',
    left: node('cte scan', { columns: [10], cte: 7, name: 'x', alias: 'a' }),
    right: node('cte scan', { columns: [11], cte: 7, name: 'x', alias: 'b' }),
    condition: null,
    lateral: [],
  });
  const plan = node('with', { columns: [10, 11], ctes: [{ id: 7, name: 'x', plan: values([1], [[1], [2]]) }], body });
  const execution = prepare(plan);
  for (let i = 0; i < 2; i++)
    t.same(await runAgain(execution), [
      [1, 1],
      [1, 2],
      [2, 1],
      [2, 2],
    ]);
});

t.test('set-returning functions', async (t) => {
  const series = (from: Expr, to: Expr): Expr => fn('generate_series_int4', oid.INT4, [from, to], { returnsSet: true });
  const scan = node('function scan', {
    columns: [1, 2, 3],
    functions: [series(lit(1), lit(3)), series(lit(5), lit(6))],
    columnCounts: [1, 1],
    columnDefinitions: [null, null],
    ordinality: true,
    alias: 'f',
  });
  t.same(await run(scan), [
    [1, 5, 1],
    [2, 6, 2],
    [3, null, 3],
  ]);
  const set = node('project set', {
    columns: [4, 5, 6],
    exprs: [col(1), series(lit(1), col(1)), series(lit(8), lit(8))],
    input: values([1], [[2], [0], [null]]),
  });
  t.same(await run(set), [
    [2, 1, 8],
    [2, 2, null],
    [0, null, 8],
    [null, null, 8],
  ]);
  const big = node('project set', { columns: [4], exprs: [series(lit(1), lit(1000))], input: values([1], [[1], [2]]) });
  t.equal((await run(big)).length, 2000);
});

t.test('cancellation', async (t) => {
  const execution = prepare(seqScan(table(DATA), [1, 2], bool('and', lit(true, oid.BOOL), lit(true, oid.BOOL))));
  const transaction = store.begin('read committed');
  execution.start(transaction, transaction.snapshot(), []);
  execution.cancel(sqlError('query_canceled', 'canceling statement due to user request'));
  t.throws(() => execution.nextBatch().next(), { code: '57014', message: 'canceling statement due to user request' });
  execution.close();
});
