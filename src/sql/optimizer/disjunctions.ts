/**
 * Conditions joined by OR. What all arms have in common is taken out, so that it can become a join key or an index
 * condition; what they say together about one side of a join is a weaker condition that this side can check early.
 */
import type { BooleanExpr, ColumnId, Expr } from '../plan/expression.js';
import { sameExpr } from '../plan/same-expr.js';
import { conjunction, conjuncts, containsSubplan, isVolatile, readsAny } from './conjuncts.js';

/** `(a AND b) OR (a AND c)` as `a` and `b OR c`; anything else as it is. Exact with NULLs too. */
export function withoutCommonParts(part: Expr): Expr[] {
  if (part.kind !== 'or' || isVolatile(part)) return [part];
  const arms = part.args.map(conjuncts);
  const common = arms[0].filter((candidate) => arms.every((arm) => arm.some((other) => sameExpr(candidate, other))));
  if (common.length === 0) return [part];
  const rest = arms.map((arm) => arm.filter((other) => !common.some((candidate) => sameExpr(candidate, other))));
  // An arm that says nothing more makes the others superfluous.
  if (rest.some((arm) => arm.length === 0)) return common;
  return [...common, disjunction(part, rest)];
}

/** A condition on `columns` alone that holds wherever `part`, which reads `others` too, does; null when there is none. */
export function impliedCondition(
  part: Expr,
  columns: ReadonlySet<ColumnId>,
  others: ReadonlySet<ColumnId>,
): Expr | null {
  if (part.kind !== 'or' || isVolatile(part) || containsSubplan(part)) return null;
  const arms = part.args.map((arm) => conjuncts(arm).filter((one) => readsAny(one, columns) && !readsAny(one, others)));
  return arms.some((arm) => arm.length === 0) ? null : disjunction(part, arms);
}

function disjunction(model: BooleanExpr, arms: readonly (readonly Expr[])[]): BooleanExpr {
  return { ...model, args: arms.flatMap((arm) => conjunction(arm) ?? []) };
}
