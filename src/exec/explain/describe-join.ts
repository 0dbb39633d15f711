/** What EXPLAIN shows of joins; the table of a hash join is a node of its own. */
import type { HashJoinType, PlanNode } from '../../sql/plan/plan-node.js';
import type { DescribeContext, Entry } from './describe-context.js';
import type { ExplainNode } from './explain-node.js';

const JOIN_WORDS: Record<HashJoinType, string> = {
  inner: 'Inner',
  left: 'Left',
  right: 'Right',
  full: 'Full',
  semi: 'Semi',
  anti: 'Anti',
  'right semi': 'Right Semi',
  'right anti': 'Right Anti',
};

export function describeJoin(
  cx: DescribeContext,
  node: PlanNode & { kind: 'join' | 'nested loop' | 'hash join' | 'merge join' },
  left: ExplainNode,
  right: ExplainNode,
): ExplainNode {
  const word = JOIN_WORDS[node.joinType];
  const facts: Entry[] = [['Join Type', word]];
  const suffix = node.joinType === 'inner' ? '' : ` ${word} Join`;
  if (node.kind === 'nested loop' || node.kind === 'join') {
    const details = cx.condition('Join Filter', node.condition);
    return cx.make(node, `Nested Loop${suffix}`, 'Nested Loop', facts, details, [left, right]);
  }
  const keys = node.leftKeys.map((key, i) => `(${cx.text(key)} = ${cx.text(node.rightKeys[i])})`);
  const joined = keys.length === 1 ? keys[0] : `(${keys.join(' AND ')})`;
  const residual = cx.condition('Join Filter', node.residual);
  const heading = suffix === '' ? ' Join' : suffix;
  if (node.kind === 'merge join') {
    return cx.make(node, `Merge${heading}`, 'Merge Join', facts, [['Merge Cond', joined], ...residual], [left, right]);
  }
  const hash = cx.make(node.right, 'Hash', 'Hash', [], [], [right]);
  right.relationship = 'Outer';
  hash.relationship = 'Inner';
  hash.width = right.width;
  return cx.make(node, `Hash${heading}`, 'Hash Join', facts, [['Hash Cond', joined], ...residual], [left, hash]);
}
