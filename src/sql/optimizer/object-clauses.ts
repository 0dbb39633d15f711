/** Conditions as statistics objects see them: which columns and expressions of the object each is about. */
import type { ExtendedStatistics, RelationDesc } from '../../catalog/descriptors.js';
import type { Expr } from '../plan/expression.js';
import { comparedColumn } from './comparison-selectivity.js';
import type { Statistics } from './statistics.js';
import { variableOf } from './variable.js';

/** `selectivity` is of the conditions that are not in `rest`. */
export interface Covered {
  readonly selectivity: number;
  readonly rest: readonly Expr[];
}

/** What `product` gives for conditions by themselves. */
export type Product = (parts: readonly Expr[]) => number;

/** A condition and the members of the statistics object that it is about. */
export interface Clause {
  readonly part: Expr;
  readonly subjects: readonly { readonly expr: Expr; readonly member: number }[];
}

export function clausesOf(
  relation: RelationDesc,
  object: ExtendedStatistics,
  parts: readonly Expr[],
  statistics: Statistics,
): Clause[] {
  return parts.flatMap((part) => {
    const exprs = subjectsOf(part, statistics);
    if (exprs === null || exprs.length === 0) return [];
    const subjects = exprs.flatMap((expr) => {
      const member = memberOf(relation, object, expr, statistics);
      return member === null ? [] : [{ expr, member }];
    });
    return subjects.length < exprs.length ? [] : [{ part, subjects }];
  });
}

/** The number of a column or an expression in a statistics object; null when it is none of its. */
export function memberOf(
  relation: RelationDesc,
  object: ExtendedStatistics,
  expr: Expr,
  statistics: Statistics,
): number | null {
  const origin = statistics.origin(expr);
  if (origin !== null)
    return origin.relation.oid === relation.oid && object.columns.includes(origin.attribute) ? origin.attribute : null;
  if (object.expressions.length === 0 || statistics.tableOf(expr)?.oid !== relation.oid) return null;
  return statistics.tables.member(relation, object, expr, statistics.attributeOf);
}

/** The columns and expressions that a condition tests, if it does nothing else. */
function subjectsOf(part: Expr, statistics: Statistics): Expr[] | null {
  switch (part.kind) {
    case 'and':
    case 'or': {
      const found = part.args.map((arg) => subjectsOf(arg, statistics));
      return found.includes(null) ? null : found.flatMap((exprs) => exprs ?? []);
    }
    case 'not':
      return subjectsOf(part.arg, statistics);
    case 'null test':
      return variableOf(part.arg, statistics) === null ? null : [part.arg];
    case 'array comparison':
      return variableOf(part.left, statistics) === null ? null : [unlabelled(part.left)];
    case 'function': {
      const compared = comparedColumn(part, statistics);
      if (compared !== null) return [compared.variable.expr];
      return variableOf(part, statistics) === null ? null : [part];
    }
    default:
      return variableOf(part, statistics) === null ? null : [unlabelled(part)];
  }
}

function unlabelled(expr: Expr): Expr {
  return expr.kind === 'relabel' ? expr.arg : expr;
}
