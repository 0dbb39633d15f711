/**
 * The last pass over a physical plan: joins give only the columns that something above them reads. Nodes that read their
 * inputs by position get what they had.
 */
import type { ColumnId, Expr } from '../plan/expression.js';
import { exprColumns, freeColumns } from '../plan/free-columns.js';
import { mapChildNodes } from '../plan/node-children.js';
import { nodeExprs } from '../plan/node-exprs.js';
import type { PlanNode } from '../plan/plan-node.js';

type Needed = ReadonlySet<ColumnId>;

export function narrowJoins(node: PlanNode): PlanNode {
  return narrow(node, new Set(node.columns));
}

function plus(needed: Iterable<ColumnId>, exprs: readonly Expr[], more: Iterable<ColumnId> = []): Set<ColumnId> {
  const all = new Set(needed);
  for (const expr of exprs) for (const id of exprColumns(expr)) all.add(id);
  for (const id of more) all.add(id);
  return all;
}

function narrow(node: PlanNode, needed: Needed): PlanNode {
  switch (node.kind) {
    case 'hash join':
      return narrowJoin(node, needed, plus(needed, nodeExprs(node)));
    case 'nested loop':
      return narrowJoin(node, needed, plus(needed, nodeExprs(node), [...node.lateral, ...freeColumns(node.right)]));
    case 'project':
      return { ...node, input: narrow(node.input, plus([], node.exprs)) };
    case 'aggregate':
      return { ...node, input: narrow(node.input, plus([], nodeExprs(node))) };
    case 'filter':
    case 'sort':
    case 'limit': {
      const input = narrow(node.input, plus(needed, nodeExprs(node)));
      return { ...node, input, columns: input.columns };
    }
    default:
      return mapChildNodes(node, narrowJoins);
  }
}

function narrowJoin(node: PlanNode & { kind: 'hash join' | 'nested loop' }, needed: Needed, read: Needed): PlanNode {
  const left = narrow(node.left, read);
  const right = narrow(node.right, read);
  if (node.joinType === 'semi' || node.joinType === 'anti') return { ...node, left, right, columns: left.columns };
  if (node.joinType === 'right semi' || node.joinType === 'right anti')
    return { ...node, left, right, columns: right.columns };
  return { ...node, left, right, columns: [...left.columns, ...right.columns].filter((id) => needed.has(id)) };
}
