/**
 * Conditions with constants worked out, so that they can be estimated and used as bounds of an index. Only immutable
 * functions are called; a call that fails stays, and fails when (and if) it is evaluated.
 */
import { rewriteExpr } from '../plan/expr-children.js';
import type { Expr } from '../plan/expression.js';
import { mapChildNodes } from '../plan/node-children.js';
import { mapNodeExprs } from '../plan/node-exprs.js';
import type { PlanNode } from '../plan/plan-node.js';

/** `fold` gives the constant that a call of an immutable function over constants is, or the call itself. */
export function foldConditions(node: PlanNode, fold: (expr: Expr) => Expr): PlanNode {
  const mapped = mapChildNodes(node, (child) => foldConditions(child, fold));
  if (mapped.kind !== 'filter' && mapped.kind !== 'join' && mapped.kind !== 'seq scan') return mapped;
  return mapNodeExprs(mapped, (expr) => rewriteExpr(expr, (part) => (isConstantCall(part) ? fold(part) : part)));
}

export function isConstantCall(expr: Expr): boolean {
  return (
    expr.kind === 'function' &&
    expr.args.length > 0 &&
    expr.proc.volatility === 'i' &&
    !expr.proc.returnsSet &&
    expr.args.every((arg) => arg.kind === 'const')
  );
}
