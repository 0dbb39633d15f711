/**
 * The fraction of rows for which a condition holds, from what ANALYZE has stored, by PostgreSQL's rules. Null where that tells
 * nothing: conditions on columns that were never analysed, on expressions, or between columns.
 */
import type { Expr } from '../plan/expression.js';
import { comparison, inequalityOf, UNKNOWN_INEQUALITY } from './comparison-selectivity.js';
import { arrayComparison } from './list-selectivity.js';
import type { Statistics } from './statistics.js';
import { clampProbability, disjunction, equalToValue, type Variable, variableOf } from './variable.js';

/** Of two inequalities with values that are not known yet. */
const UNKNOWN_RANGE = 0.005;
/** A range that seems to be empty. */
const EMPTY_RANGE = 1e-10;
export function knownSelectivity(expr: Expr, statistics: Statistics): number | null {
  switch (expr.kind) {
    case 'and':
      return conjunctionSelectivity(expr.args, statistics);
    case 'or':
      return disjunction(expr.args.map((arg) => knownSelectivity(arg, statistics)));
    case 'not': {
      const inner = knownSelectivity(expr.arg, statistics);
      return inner === null ? null : 1 - inner;
    }
    case 'column': {
      const variable = variableOf(expr, statistics);
      return variable === null ? null : equalToValue(variable, (common) => common === true);
    }
    case 'null test': {
      const variable = expr.row ? null : variableOf(expr.arg, statistics);
      if (variable === null) return null;
      return expr.negated ? 1 - variable.figures.nullFraction : variable.figures.nullFraction;
    }
    case 'boolean test': {
      const variable = variableOf(expr.arg, statistics);
      return variable === null ? null : booleanTest(variable, expr.value, expr.negated);
    }
    case 'distinct from': {
      const equal = comparison(expr.equality, statistics);
      return equal === null ? null : expr.negated ? equal : 1 - equal;
    }
    case 'function':
      return comparison(expr, statistics);
    case 'array comparison':
      return arrayComparison(expr, statistics);
    default:
      return null;
  }
}

/** Of conditions that all have to hold; two inequalities on one column are a range. */
export function conjunctionSelectivity(parts: readonly Expr[], statistics: Statistics): number | null {
  let product = 1;
  const ranges = new Map<number, Range>();
  for (const part of parts) {
    const one = statistics.known(part);
    if (one === null) return null;
    const side = inequalityOf(part, statistics);
    if (side === null) product *= one;
    else {
      const { column, figures } = side.variable;
      const range = ranges.get(column.id) ?? { low: null, high: null, nullFraction: figures.nullFraction };
      const key = side.greater ? 'low' : 'high';
      ranges.set(column.id, { ...range, [key]: Math.min(one, range[key] ?? 1) });
    }
  }
  for (const range of ranges.values()) product *= rangeSelectivity(range);
  return clampProbability(product);
}

/** Fractions above the lower bound and below the upper one. */
interface Range {
  readonly low: number | null;
  readonly high: number | null;
  readonly nullFraction: number;
}

function rangeSelectivity({ low, high, nullFraction }: Range): number {
  if (low === null || high === null) return low ?? high ?? 1;
  if (low === UNKNOWN_INEQUALITY || high === UNKNOWN_INEQUALITY) return UNKNOWN_RANGE;
  const both = low + high - 1 + nullFraction;
  if (both > 0) return both;
  return both < -0.01 ? UNKNOWN_RANGE : EMPTY_RANGE;
}

function booleanTest({ figures }: Variable, value: boolean | null, negated: boolean): number {
  const { nullFraction, common } = figures;
  let isTrue = (1 - nullFraction) / 2;
  if (common !== null)
    isTrue = common.values[0] === true ? common.frequencies[0] : 1 - common.frequencies[0] - nullFraction;
  const holds = value === null ? nullFraction : value ? isTrue : 1 - isTrue - nullFraction;
  return clampProbability(negated ? 1 - holds : holds);
}
