/** What EXPLAIN shows of the nodes that read: tables, indexes, functions, common table expressions. */

import type { Expr } from '../../sql/plan/expression.js';
import type { BitmapScanNode, PlanNode } from '../../sql/plan/plan-node.js';
import { sameExpr } from '../../sql/plan/same-expr.js';
import { quoteIdentifier } from '../../types/quote-identifier.js';
import type { DescribeContext, Entry } from './describe-context.js';
import type { ExplainNode } from './explain-node.js';

type ScanNode = PlanNode & { kind: 'seq scan' | 'index scan' | 'bitmap scan' };

export function describeScan(cx: DescribeContext, node: ScanNode): ExplainNode {
  const { relation, alias } = node;
  relation.attributes.forEach((attribute, i) => {
    cx.name(node.columns[i], cx.qualified(alias, attribute.name), true);
  });
  node.system.forEach((column, i) => {
    cx.name(
      node.columns[relation.attributes.length + i],
      cx.qualified(alias, column === 'row id' ? 'ctid' : column),
      true,
    );
  });
  const schema = cx.schemaOf(relation.namespace);
  const shown = `${schema.map(([, name]) => `${quoteIdentifier(String(name))}.`).join('')}${quoteIdentifier(relation.name)}`;
  const target = alias === relation.name || alias === '' ? shown : `${shown} ${quoteIdentifier(alias)}`;
  const facts: Entry[] = [['Relation Name', relation.name], ...schema, ['Alias', alias === '' ? relation.name : alias]];
  const details: Entry[] = [];
  let type = 'Seq Scan';
  let heading = `Seq Scan on ${target}`;
  if (node.kind === 'index scan') {
    const direction = node.descending ? 'Backward' : 'Forward';
    type = 'Index Scan';
    heading = `Index Scan ${node.descending ? 'Backward ' : ''}using ${quoteIdentifier(node.index.name)} on ${target}`;
    facts.unshift(['Scan Direction', direction], ['Index Name', node.index.name]);
    const condition = indexCondition(cx, node);
    if (condition !== null) details.push(['Index Cond', condition]);
  }
  if (node.kind === 'bitmap scan') {
    type = 'Bitmap Heap Scan';
    heading = `Bitmap Heap Scan on ${target}`;
    details.push(['Recheck Cond', conditions(cx, [...node.served, ...node.ofPredicate])]);
  }
  if (node.kind === 'seq scan' && node.currentOf !== undefined) {
    type = 'Tid Scan';
    heading = `Tid Scan on ${target}`;
    details.push(['TID Cond', `CURRENT OF ${node.currentOf}`]);
  }
  const filter = node.kind === 'bitmap scan' ? furtherConditions(node) : node.filter === null ? [] : [node.filter];
  if (filter.length > 0) details.push(['Filter', conditions(cx, filter)]);
  const made = cx.make(
    node,
    heading,
    type,
    facts,
    details,
    node.kind === 'bitmap scan' ? [bitmapIndexScan(cx, node)] : [],
  );
  if (filter.length > 0) made.filtering = node;
  return made;
}

function conditions(cx: DescribeContext, parts: readonly Expr[]): string {
  return parts.length === 1 ? cx.text(parts[0]) : `(${parts.map((part) => cx.text(part)).join(' AND ')})`;
}

/** What the filter has besides the conditions of the index. */
function furtherConditions({ filter, served, ofPredicate }: BitmapScanNode): readonly Expr[] {
  if (filter === null) return [];
  const parts = filter.kind === 'and' ? filter.args : [filter];
  return parts.filter((part) => ![...served, ...ofPredicate].some((known) => sameExpr(part, known)));
}

/** It is part of the scan above, and has no measurements of its own. */
function bitmapIndexScan(cx: DescribeContext, node: BitmapScanNode): ExplainNode {
  const { name } = node.index;
  const made = cx.make(
    { ...node, columns: [] },
    `Bitmap Index Scan on ${quoteIdentifier(name)}`,
    'Bitmap Index Scan',
    [['Index Name', name]],
    [['Index Cond', conditions(cx, node.served)]],
  );
  made.plan = node;
  made.relationship = 'Outer';
  return made;
}

function indexCondition(cx: DescribeContext, node: PlanNode & { kind: 'index scan' }): string | null {
  const key = (i: number): string => cx.text(node.indexKeys[i]);
  const parts = node.prefix.map((condition, i) => {
    if (condition.kind === 'is null') return `(${key(i)} IS NULL)`;
    if (condition.kind === 'any') return `(${key(i)} = ANY (${cx.text(condition.array)}))`;
    return `(${key(i)} = ${cx.text(condition.value)})`;
  });
  const next = node.prefix.length;
  const { lower, upper } = node;
  if (lower !== null) parts.push(`(${key(next)} ${lower.inclusive ? '>=' : '>'} ${cx.text(lower.value)})`);
  if (upper !== null) parts.push(`(${key(next)} ${upper.inclusive ? '<=' : '<'} ${cx.text(upper.value)})`);
  if (lower === null && upper === null && node.notNull) parts.push(`(${key(next)} IS NOT NULL)`);
  if (parts.length === 0) return null;
  return parts.length === 1 ? parts[0] : `(${parts.join(' AND ')})`;
}

export function describeFunctionScan(cx: DescribeContext, node: PlanNode & { kind: 'function scan' }): ExplainNode {
  const [first] = node.functions;
  const name = first?.kind === 'function' && node.functions.length === 1 ? quoteIdentifier(first.proc.name) : null;
  const alias = quoteIdentifier(node.alias);
  for (const id of node.columns) cx.name(id, alias, true);
  const details: Entry[] = cx.verbose ? [['Function Call', node.functions.map((expr) => cx.text(expr))]] : [];
  const target = name === null || name === alias ? alias : `${name} ${alias}`;
  const facts: Entry[] =
    name === null
      ? [['Alias', node.alias]]
      : [
          ['Function Name', name],
          ['Alias', node.alias],
        ];
  return cx.make(node, `Function Scan on ${target}`, 'Function Scan', facts, details);
}

export function describeStoreScan(
  cx: DescribeContext,
  node: PlanNode & { kind: 'cte scan' | 'work table scan' },
): ExplainNode {
  const type = node.kind === 'cte scan' ? 'CTE Scan' : 'WorkTable Scan';
  const alias = node.kind === 'cte scan' ? node.alias : node.name;
  const name = quoteIdentifier(node.name);
  const target = alias === '' || alias === node.name ? name : `${name} ${quoteIdentifier(alias)}`;
  return cx.make(node, `${type} on ${target}`, type, [
    ['CTE Name', node.name],
    ['Alias', alias],
  ]);
}
