/**
 * Projections compute only what is read above them. Views give many columns of which a query wants few; what is dropped
 * here is neither computed nor carried through joins.
 */

import { someExpr } from '../plan/expr-children.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import { exprColumns, freeColumns } from '../plan/free-columns.js';
import { mapChildNodes } from '../plan/node-children.js';
import { nodeExprs } from '../plan/node-exprs.js';
import type { PlanNode } from '../plan/plan-node.js';
import { isVolatile } from './conjuncts.js';

type Needed = ReadonlySet<ColumnId>;

export function pruneColumns(node: PlanNode): PlanNode {
  return prune(node, new Set(node.columns));
}

function withExprs(needed: Needed, exprs: readonly Expr[]): Set<ColumnId> {
  const all = new Set(needed);
  for (const expr of exprs) for (const id of exprColumns(expr)) all.add(id);
  return all;
}

function prune(node: PlanNode, needed: Needed): PlanNode {
  switch (node.kind) {
    case 'project':
      return pruneProject(node, needed);
    case 'filter':
    case 'sort':
    case 'limit':
    case 'distinct': {
      const input = prune(node.input, withExprs(needed, nodeExprs(node)));
      return { ...node, input, columns: input.columns };
    }
    case 'join': {
      const wanted = withExprs(needed, nodeExprs(node));
      for (const id of freeColumns(node.right)) wanted.add(id);
      const left = prune(node.left, wanted);
      const right = prune(node.right, wanted);
      const columns =
        node.joinType === 'semi' || node.joinType === 'anti' ? left.columns : [...left.columns, ...right.columns];
      return { ...node, left, right, columns };
    }
    case 'window': {
      const input = prune(node.input, withExprs(needed, nodeExprs(node)));
      const own = node.columns.slice(node.columns.length - node.calls.length);
      return { ...node, input, columns: [...input.columns, ...own] };
    }
    case 'aggregate':
      return { ...node, input: prune(node.input, withExprs(new Set(), nodeExprs(node))) };
    case 'with':
      return {
        ...node,
        ctes: node.ctes.map((cte) => ({ ...cte, plan: pruneColumns(cte.plan) })),
        body: prune(node.body, needed),
      };
    default:
      return mapChildNodes(node, pruneColumns);
  }
}

function mustStay(expr: Expr): boolean {
  return isVolatile(expr) || someExpr(expr, (e) => e.kind === 'function' && e.proc.returnsSet);
}

function pruneProject(node: PlanNode & { kind: 'project' }, needed: Needed): PlanNode {
  const kept = node.columns.flatMap((id, i) => (needed.has(id) || mustStay(node.exprs[i]) ? [i] : []));
  const exprs = kept.map((i) => node.exprs[i]);
  const input = prune(node.input, withExprs(new Set(), exprs));
  return { ...node, input, exprs, columns: kept.map((i) => node.columns[i]) };
}
