/**
 * The fraction of rows for which a condition holds, from what ANALYZE has stored, by PostgreSQL's rules. Null where that tells
 * nothing: conditions on columns that were never analysed, on expressions, or between columns.
 */
import * as oid from '../../types/oids.js';
import type { Expr } from '../plan/expression.js';
import { extendedDisjunction } from './combination-selectivity.js';
import { comparison, inequalityOf, UNKNOWN_INEQUALITY } from './comparison-selectivity.js';
import { extendedSelectivity } from './extended-selectivity.js';
import { arrayComparison } from './list-selectivity.js';
import type { Statistics } from './statistics.js';
import { clampProbability, disjunction, equalToValue, type Variable, variableOf } from './variable.js';

/** Of two inequalities with values that are not known yet. */
const UNKNOWN_RANGE = 0.005;
/** A range that seems to be empty. */
const EMPTY_RANGE = 1e-10;

/** `extended`: whether statistics objects count, which tell about several columns together. */
export function knownSelectivity(expr: Expr, statistics: Statistics, extended = true): number | null {
  switch (expr.kind) {
    case 'and':
      return conjunctionSelectivity(expr.args, statistics, extended);
    case 'or':
      return disjunctionSelectivity(expr.args, statistics, extended);
    case 'not': {
      const inner = knownSelectivity(expr.arg, statistics, extended);
      return inner === null ? null : 1 - inner;
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
      return comparison(expr, statistics) ?? truth(expr, statistics);
    case 'array comparison':
      return arrayComparison(expr, statistics);
    default:
      return truth(expr, statistics);
  }
}

/** Of a boolean column, or a condition that was analysed as an expression. */
function truth(expr: Expr, statistics: Statistics): number | null {
  const variable = expr.type === oid.BOOL ? variableOf(expr, statistics) : null;
  return variable === null ? null : equalToValue(variable, (common) => common === true);
}

/** Of conditions that all have to hold. */
export function conjunctionSelectivity(parts: readonly Expr[], statistics: Statistics, extended = true): number | null {
  const all = parts.map((part) => fractionOf(part, statistics, extended));
  if (all.includes(null)) return null;
  if (!extended || parts.length < 2) return independent(parts, statistics, extended);
  const { selectivity, rest } = extendedSelectivity(parts, statistics, (some) => independent(some, statistics, false));
  return clampProbability(selectivity * independent(rest, statistics, true));
}

function fractionOf(part: Expr, statistics: Statistics, extended: boolean): number | null {
  return extended ? statistics.known(part) : knownSelectivity(part, statistics, false);
}

/** Of conditions of which one has to hold. */
function disjunctionSelectivity(parts: readonly Expr[], statistics: Statistics, extended: boolean): number | null {
  const all = parts.map((part) => fractionOf(part, statistics, extended));
  if (all.includes(null)) return null;
  if (!extended) return disjunction(all);
  const alone = (part: Expr): number => knownSelectivity(part, statistics, false) ?? 1;
  const { selectivity, rest } = extendedDisjunction(parts, statistics, alone);
  return disjunction([selectivity, ...rest.map((part) => statistics.known(part))]);
}

/** Of conditions on columns that are taken not to depend on each other; two inequalities on one column are a range. */
function independent(parts: readonly Expr[], statistics: Statistics, extended: boolean): number {
  let product = 1;
  const ranges = new Map<number | Expr, Range>();
  for (const part of parts) {
    const one = fractionOf(part, statistics, extended) ?? 1;
    const side = inequalityOf(part, statistics);
    if (side === null) product *= one;
    else {
      const { expr, figures } = side.variable;
      const column = expr.kind === 'column' ? expr.id : expr;
      const range = ranges.get(column) ?? { low: null, high: null, nullFraction: figures.nullFraction };
      const key = side.greater ? 'low' : 'high';
      ranges.set(column, { ...range, [key]: Math.min(one, range[key] ?? 1) });
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
