/** EXPLAIN: PostgreSQL's layout in all formats, printed conditions, measurements under ANALYZE. */
import t from 'tap';
import { Execution } from '../../src/exec/executor.js';
import { explainOptions, explainPlan, PlanStats } from '../../src/exec/explain.js';
import { instantiator } from '../../src/exec/instantiate.js';
import type { PlanNode } from '../../src/sql/plan/plan-node.js';
import * as oid from '../../src/types/oids.js';
import { runTask } from '../../src/util/task.js';
import {
  aggregate,
  bool,
  col,
  fn,
  lit,
  node,
  seqScan,
  services,
  sortKey,
  statement,
  store,
  subplan,
  table,
} from './harness.js';

const relation = {
  ...table(
    [
      [1, 'x'],
      [2, 'y'],
      [3, 'x'],
    ],
    { columnTypes: [oid.INT4, oid.TEXT] },
  ),
  name: 't',
};
const a = { ...col(1), name: 'a0' };
const b = { ...col(2, oid.TEXT), name: 'a1' };

function operator(name: string, source: string, ...args: Parameters<typeof fn>[2]) {
  const desc = { name, left: args[0].type, right: args[1].type };
  return { ...fn(source, oid.BOOL, args), form: 'operator' as const, operator: desc as never };
}

const filter = bool('and', operator('>', 'int4gt', a, lit(1)), operator('<>', 'textne', b, lit('q', oid.TEXT)));
const scan: PlanNode = { ...seqScan(relation, [1, 2], filter), rows: 2, cost: 12.5 } as PlanNode;

const explain = (plan: PlanNode, ...names: [string, string | null][]): string[] =>
  explainPlan(
    statement(plan),
    services,
    explainOptions(names.map(([name, value]) => ({ name, value }))),
    { planningMs: 1, executionMs: null },
    null,
  );

t.test('a scan with a filter', async (t) => {
  t.same(explain(scan), [
    'Seq Scan on t  (cost=0.00..12.50 rows=2 width=16)',
    "  Filter: ((a0 > 1) AND (a1 <> 'q'::text))",
  ]);
});

t.test('projections and filters are shown with the node below', async (t) => {
  const counts = aggregate('count', []);
  const grouped = node('aggregate', {
    columns: [5, 6],
    input: scan,
    groupBy: [b],
    sets: null,
    calls: [counts],
    grouping: [],
    strategy: 'hash',
  });
  const having = node('filter', {
    columns: [5, 6],
    input: grouped,
    predicate: operator('>', 'int8gt', { ...col(6), name: 'count' }, lit(1)),
  });
  const sorted = node('sort', {
    columns: [5, 6],
    input: having,
    keys: [sortKey(col(6), true)],
    limit: null,
    presorted: 0,
  });
  t.same(explain(sorted, ['costs', 'off']), [
    'Sort',
    '  Sort Key: (count(*)) DESC',
    '  ->  HashAggregate',
    '        Group Key: a1',
    '        Filter: (count(*) > 1)',
    '        ->  Seq Scan on t',
    "              Filter: ((a0 > 1) AND (a1 <> 'q'::text))",
  ]);
});

t.test('joins name their columns by table; subplans are numbered', async (t) => {
  const other = { ...table([[1]]), name: 'u' };
  const inner = seqScan(other, [3]);
  const join = node('hash join', {
    columns: [1, 2, 3],
    joinType: 'left',
    left: {
      ...seqScan(
        relation,
        [1, 2],
        subplan('exists', seqScan(other, [9], operator('=', 'int4eq', col(9), a)), {
          correlation: [1],
          type: oid.BOOL,
        }),
      ),
      alias: 't',
    } as PlanNode,
    right: { ...inner, alias: 'u' } as PlanNode,
    leftKeys: [a],
    rightKeys: [col(3)],
    residual: null,
    nullAware: false,
  });
  t.same(explain(join, ['costs', 'off']), [
    'Hash Left Join',
    '  Hash Cond: (t.a0 = u.a0)',
    '  ->  Seq Scan on t',
    '        Filter: (SubPlan 1)',
    '        SubPlan 1',
    '          ->  Seq Scan on u t',
    '                Filter: (t.a0 = t.a0)',
    '  ->  Hash',
    '        ->  Seq Scan on u',
  ]);
});

t.test('structured formats', async (t) => {
  const [json] = explain(scan, ['format', 'json']);
  t.same(JSON.parse(json), [
    {
      Plan: {
        'Node Type': 'Seq Scan',
        'Parallel Aware': false,
        'Async Capable': false,
        'Relation Name': 't',
        Alias: 't',
        'Startup Cost': 0,
        'Total Cost': 12.5,
        'Plan Rows': 2,
        'Plan Width': 16,
        Filter: "((a0 > 1) AND (a1 <> 'q'::text))",
      },
    },
  ]);
  const [xml] = explain(scan, ['format', 'xml'], ['costs', 'off']);
  t.match(xml, "      <Filter>((a0 &gt; 1) AND (a1 &lt;&gt; 'q'::text))</Filter>");
  const [yaml] = explain(scan, ['format', 'yaml'], ['costs', 'off']);
  t.equal(yaml.split('\n')[1], '    Node Type: "Seq Scan"');
});

t.test('ANALYZE measures', async (t) => {
  const stats = new PlanStats();
  const never = () => {
    throw new Error('no writes');
  };
  const writes = { insert: never, update: never, delete: never, merge: never, 'lock rows': never };
  const planned = statement(
    node('limit', { columns: [1, 2], input: scan, limit: lit(5), offset: null, tiesKeys: null }),
  );
  const execution = new Execution(planned, services, instantiator(writes, stats.instrument));
  const transaction = store.begin('read committed');
  execution.start(transaction, transaction.snapshot(), []);
  while ((await runTask(execution.nextBatch())) !== null);
  execution.close();
  const options = explainOptions([
    { name: 'analyze', value: null },
    { name: 'costs', value: 'off' },
    { name: 'timing', value: 'off' },
    { name: 'summary', value: 'off' },
  ]);
  t.same(explainPlan(planned, services, options, { planningMs: 1, executionMs: 2 }, stats), [
    'Limit (actual rows=2 loops=1)',
    '  ->  Seq Scan on t (actual rows=2 loops=1)',
    "        Filter: ((a0 > 1) AND (a1 <> 'q'::text))",
    '        Rows Removed by Filter: 1',
  ]);
});

t.test('options', async (t) => {
  t.throws(() => explainOptions([{ name: 'nope', value: null }]), {
    code: '42601',
    message: 'unrecognized EXPLAIN option "nope"',
  });
  t.throws(() => explainOptions([{ name: 'timing', value: 'on' }]), {
    code: '22023',
    message: 'EXPLAIN option TIMING requires ANALYZE',
  });
  t.throws(() => explainOptions([{ name: 'format', value: 'csv' }]), { code: '22023' });
});
