/** The fraction of all pairs of rows whose columns are equal, from what ANALYZE has stored, by PostgreSQL's rules. */
import type { Datum } from '../../types/datum.js';
import type { Expr } from '../plan/expression.js';
import type { Statistics } from './statistics.js';
import { clampProbability, uncommonFraction, type Variable, variableOf } from './variable.js';

/** Null where one of the expressions is no column that was analysed. */
export function knownJoinSelectivity(left: Expr, right: Expr, statistics: Statistics): number | null {
  const a = variableOf(left, statistics);
  const b = a === null ? null : variableOf(right, statistics);
  if (a === null || b === null) return null;
  if (a.figures.common !== null && b.figures.common !== null && a.expr.type === b.expr.type) {
    const matched = matchCommon(a, b);
    if (matched !== null) return clampProbability(Math.min(total(a, b, matched), total(b, a, swapped(matched))));
  }
  const present = (1 - a.figures.nullFraction) * (1 - b.figures.nullFraction);
  return clampProbability(present / Math.max(a.distinct, b.distinct));
}

/** Common values of both columns, `a`'s and `b`'s: how many are the same, and what fractions of rows have them. */
interface Matched {
  readonly count: number;
  readonly pairs: number;
  readonly a: number;
  readonly b: number;
}

function swapped({ count, pairs, a, b }: Matched): Matched {
  return { count, pairs, a: b, b: a };
}

function matchCommon(a: Variable, b: Variable): Matched | null {
  const { compare } = a;
  const ofA = a.figures.common;
  const ofB = b.figures.common;
  if (compare === null || ofA === null || ofB === null) return null;
  const order = (values: readonly Datum[]): number[] =>
    values.map((_, i) => i).sort((x, y) => compare(values[x], values[y]));
  const inA = order(ofA.values);
  const inB = order(ofB.values);
  const found = { count: 0, pairs: 0, a: 0, b: 0 };
  for (let i = 0, j = 0; i < inA.length && j < inB.length; ) {
    const which = compare(ofA.values[inA[i]], ofB.values[inB[j]]);
    if (which === 0) {
      const x = ofA.frequencies[inA[i++]];
      const y = ofB.frequencies[inB[j++]];
      found.count++;
      found.pairs += x * y;
      found.a += x;
      found.b += y;
    } else if (which < 0) i++;
    else j++;
  }
  return found;
}

/** Seen from `a`: its common values that are none of `b`'s meet `b`'s other ones, and so on. */
function total(a: Variable, b: Variable, matched: Matched): number {
  const common = (variable: Variable): number => variable.figures.common?.values.length ?? 0;
  const unmatched = (variable: Variable, met: number): number =>
    clampProbability((variable.figures.common?.frequencies.reduce((sum, each) => sum + each, 0) ?? 0) - met);
  const others = uncommonFraction(a);
  const othersOfB = uncommonFraction(b);
  const unmatchedOfB = unmatched(b, clampProbability(matched.b));
  let all = matched.pairs;
  if (b.distinct > common(b)) all += (unmatched(a, matched.a) * othersOfB) / (b.distinct - common(b));
  if (b.distinct > matched.count) all += (others * (othersOfB + unmatchedOfB)) / (b.distinct - matched.count);
  return all;
}
