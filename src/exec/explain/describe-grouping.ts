/** What EXPLAIN shows of the nodes that put rows together: aggregates, DISTINCT, window functions. */
import type { PlanNode } from '../../sql/plan/plan-node.js';
import { printAggregate, printWindowCall } from '../../sql/plan/print-expression.js';
import type { DescribeContext, Entry } from './describe-context.js';
import type { ExplainNode } from './explain-node.js';

export function describeAggregate(
  cx: DescribeContext,
  node: PlanNode & { kind: 'aggregate' },
  input: ExplainNode,
): ExplainNode {
  const keys = node.groupBy.map((expr) => cx.text(expr));
  node.groupBy.forEach((expr, i) => {
    cx.name(node.columns[i], keys[i], expr.kind === 'column');
  });
  node.calls.forEach((call, i) => {
    cx.name(node.columns[keys.length + i], printAggregate(call, cx.print), false);
  });
  node.grouping.forEach((args, i) => {
    cx.name(
      node.columns[keys.length + node.calls.length + i],
      `GROUPING(${args.map((arg) => keys[arg]).join(', ')})`,
      false,
    );
  });
  const plain = node.groupBy.length === 0 && node.sets === null;
  const strategy = plain ? 'Plain' : node.strategy === 'sorted' ? 'Sorted' : 'Hashed';
  const heading = plain ? 'Aggregate' : strategy === 'Sorted' ? 'GroupAggregate' : 'HashAggregate';
  const details: Entry[] =
    node.sets === null
      ? keys.length === 0
        ? []
        : [['Group Key', keys]]
      : node.sets.map(
          (set): Entry => (set.length === 0 ? ['Group Key', ['()']] : ['Hash Key', set.map((i) => keys[i])]),
        );
  return cx.bareWhile(node.columns, () =>
    cx.make(
      node,
      heading,
      'Aggregate',
      [],
      details,
      [input],
      [
        ['Strategy', strategy],
        ['Partial Mode', 'Simple'],
      ],
    ),
  );
}

export function describeWindow(
  cx: DescribeContext,
  node: PlanNode & { kind: 'window' },
  input: ExplainNode,
): ExplainNode {
  node.calls.forEach((call, i) => {
    cx.name(node.columns[node.input.columns.length + i], printWindowCall(call, cx.print), false);
  });
  return cx.make(node, 'WindowAgg', 'WindowAgg', [], [], [input]);
}

export function describeDistinct(
  cx: DescribeContext,
  node: PlanNode & { kind: 'distinct' },
  input: ExplainNode,
): ExplainNode {
  if (node.sorted) return cx.make(node, 'Unique', 'Unique', [], [], [input]);
  const keys: Entry = ['Group Key', node.keys.map((key) => cx.text(key))];
  return cx.make(
    node,
    'HashAggregate',
    'Aggregate',
    [],
    [keys],
    [input],
    [
      ['Strategy', 'Hashed'],
      ['Partial Mode', 'Simple'],
    ],
  );
}
