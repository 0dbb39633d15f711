/** `value op ANY | ALL (array)`, from what is known of the column on either side. */
import type { ArrayComparisonExpr, Expr } from '../plan/expression.js';
import { comparison } from './comparison-selectivity.js';
import { elementFraction, elementsOf } from './element-selectivity.js';
import type { Statistics } from './statistics.js';
import { disjunction, variableOf } from './variable.js';

/** Elements of an array that is not known yet. */
const UNKNOWN_LENGTH = 10;

export function arrayComparison(expr: ArrayComparisonExpr, statistics: Statistics): number | null {
  const estimator = expr.comparison.operator?.restrict ?? '';
  const variable = variableOf(expr.left, statistics);
  if (variable === null) return elementOfColumn(expr, estimator, statistics);
  const values = elementsOf(expr.array);
  if (!statistics.isOutside(expr.array, variable.relation)) return null;
  const each = (element: Expr): number | null =>
    comparison({ ...expr.comparison, args: [expr.left, element] }, statistics);
  if (values === null) {
    const one = each({ ...expr.comparison.args[1], kind: 'param', index: 0 });
    return one === null ? null : combine(expr, estimator, new Array<number>(UNKNOWN_LENGTH).fill(one));
  }
  const all = values.map(each);
  return all.includes(null)
    ? null
    : combine(
        expr,
        estimator,
        all.flatMap((one) => one ?? []),
      );
}

/** Values of a list are different, so that a row is equal to one of them at the most. */
function combine(expr: ArrayComparisonExpr, estimator: string, each: readonly number[]): number {
  const disjoint = each.reduce(
    (sum, one) => sum + (expr.quantifier === 'any' ? one : one - 1),
    expr.quantifier === 'any' ? 0 : 1,
  );
  const isDisjoint = estimator === (expr.quantifier === 'any' ? 'eqsel' : 'neqsel');
  if (isDisjoint && disjoint >= 0 && disjoint <= 1) return disjoint;
  if (expr.quantifier === 'all') return each.reduce((product, one) => product * one, 1);
  return disjunction(each) ?? 1;
}

/** `value = ANY (column)`: rows whose array has the element. */
function elementOfColumn(expr: ArrayComparisonExpr, estimator: string, statistics: Statistics): number | null {
  if (expr.quantifier !== 'any' || estimator !== 'eqsel' || expr.left.kind !== 'const') return null;
  const variable = variableOf(expr.array, statistics);
  if (variable === null) return null;
  return elementFraction(variable, expr.left.value) * (1 - variable.figures.nullFraction);
}
