/**
 * Which conditions a FULL JOIN may have: PostgreSQL runs one by hashing or merging only, and what it refuses is refused
 * here as well, although a nested loop could answer it.
 */
import { sqlError } from '../../errors/sql-error.js';
import { someExpr } from '../plan/expr-children.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import { isVolatile, readsAny } from './conjuncts.js';

/** `a` and `b` by the side of the join that each reads; null when one reads both sides, or neither. */
export function splitSides(
  a: Expr,
  b: Expr,
  left: ReadonlySet<ColumnId>,
  right: ReadonlySet<ColumnId>,
): { left: Expr; right: Expr } | null {
  const aLeft = readsAny(a, left) && !readsAny(a, right);
  const bRight = readsAny(b, right) && !readsAny(b, left);
  if (aLeft && bRight) return { left: a, right: b };
  const aRight = readsAny(a, right) && !readsAny(a, left);
  const bLeft = readsAny(b, left) && !readsAny(b, right);
  return aRight && bLeft ? { left: b, right: a } : null;
}

/**
 * One equality that hashes is enough; without one, every condition that is no constant has to be an equality that merges.
 * @throws SqlError 0A000
 */
export function checkFullJoin(parts: readonly Expr[], left: ReadonlySet<ColumnId>, right: ReadonlySet<ColumnId>): void {
  const equalities = parts.map((part) => {
    if (part.kind !== 'function' || part.operator === null || part.args.length !== 2 || isVolatile(part)) return null;
    return splitSides(part.args[0], part.args[1], left, right) === null ? null : part.operator;
  });
  if (equalities.some((operator) => operator?.canHash === true)) return;
  if (parts.every((part, i) => equalities[i]?.canMerge === true || isConstant(part))) return;
  throw sqlError(
    'feature_not_supported',
    'FULL JOIN is only supported with merge-joinable or hash-joinable join conditions',
  );
}

/** Whether planning would leave TRUE, FALSE or NULL of the expression. */
function isConstant(expr: Expr): boolean {
  return !someExpr(
    expr,
    (part) =>
      part.kind === 'column' ||
      part.kind === 'param' ||
      part.kind === 'subplan' ||
      part.kind === 'sql value' ||
      (part.kind === 'function' && part.proc.volatility !== 'i'),
  );
}
