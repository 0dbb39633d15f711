/** The fraction of rows for which an analysed column compares with a value in a certain way. */
import * as oid from '../../types/oids.js';
import type { ConstExpr, Expr, FunctionExpr } from '../plan/expression.js';
import { arrayContainment, constantOf } from './element-selectivity.js';
import { histogramFraction, type Inequality } from './histogram.js';
import { PATTERN_OPERATORS, patternSelectivity } from './pattern-selectivity.js';
import type { Statistics } from './statistics.js';
import {
  clampProbability,
  equalToSomething,
  equalToValue,
  holdsFor,
  uncommonFraction,
  type Variable,
  variableOf,
} from './variable.js';

/** Of an inequality with a value that is not known yet, and of two of them that make a range. */
export const UNKNOWN_INEQUALITY = 1 / 3;
const INEQUALITIES: Readonly<Record<string, Inequality>> = {
  scalarltsel: { greater: false, orEqual: false },
  scalarlesel: { greater: false, orEqual: true },
  scalargtsel: { greater: true, orEqual: false },
  scalargesel: { greater: true, orEqual: true },
};

/** A comparison of an analysed column with something that its row does not enter. */
export interface Compared {
  readonly variable: Variable;
  readonly other: Expr;
  /** The column stands on the right. */
  readonly swapped: boolean;
}

export function comparedColumn(expr: FunctionExpr, statistics: Statistics): Compared | null {
  if (expr.args.length !== 2) return null;
  const [left, right] = expr.args;
  const onLeft = variableOf(left, statistics);
  if (onLeft !== null && statistics.isOutside(right, onLeft.relation))
    return { variable: onLeft, other: constantOf(right), swapped: false };
  const onRight = variableOf(right, statistics);
  if (onRight !== null && statistics.isOutside(left, onRight.relation))
    return { variable: onRight, other: constantOf(left), swapped: true };
  return null;
}

/** Whether the call says that a column or expression is equal to something. */
export function columnEquality(expr: FunctionExpr, statistics: Statistics): boolean {
  return expr.operator?.restrict === 'eqsel' && comparedColumn(expr, statistics) !== null;
}

export function inequalityOf(part: Expr, statistics: Statistics): (Inequality & Compared) | null {
  if (part.kind !== 'function' || part.operator === null) return null;
  const inequality = INEQUALITIES[part.operator.restrict ?? ''];
  const compared = inequality === undefined ? null : comparedColumn(part, statistics);
  if (compared === null) return null;
  return { ...compared, orEqual: inequality.orEqual, greater: inequality.greater !== compared.swapped };
}

export function comparison(expr: FunctionExpr, statistics: Statistics): number | null {
  const { operator } = expr;
  const estimator = operator?.restrict ?? '';
  if (operator === null || (estimator === '' && expr.args.length !== 2)) return null;
  const compared = comparedColumn(expr, statistics);
  if (compared === null) return null;
  const { variable, other } = compared;
  if (other.kind === 'const' && other.value === null && expr.proc.strict) return 0;
  switch (estimator) {
    case 'eqsel':
      return equality(expr, compared, true, statistics);
    case 'neqsel':
      return clampProbability(1 - equality(expr, compared, false, statistics) - variable.figures.nullFraction);
    case 'scalarltsel':
    case 'scalarlesel':
    case 'scalargtsel':
    case 'scalargesel':
      return inequality(expr, compared, INEQUALITIES[estimator], statistics);
    case 'arraycontsel':
      return arrayContainment(operator, variable, other, compared.swapped);
    default:
      return PATTERN_OPERATORS.has(estimator) && !compared.swapped
        ? patternSelectivity(expr, operator, variable, other, statistics)
        : null;
  }
}

const INTEGERS = new Set<number>([oid.INT2, oid.INT4, oid.INT8]);
const TEXTS = new Set<number>([oid.TEXT, oid.VARCHAR]);

/** The order of the column's values, where the other side is one of them as it stands. */
function orderWith({ expr: column, compare }: Variable, other: ConstExpr): Variable['compare'] {
  const { type, value } = other;
  const same =
    column.type === type ||
    (INTEGERS.has(column.type) && INTEGERS.has(type) && typeof value === 'number') ||
    (TEXTS.has(column.type) && TEXTS.has(type));
  return same ? compare : null;
}

/** `wanted`: what the comparison gives for the value that it is about. */
function equality(expr: FunctionExpr, { variable, other }: Compared, wanted: boolean, statistics: Statistics): number {
  if (other.kind !== 'const') return equalToSomething(variable);
  const { value } = other;
  const compare = orderWith(variable, other);
  if (compare !== null) return equalToValue(variable, (common) => compare(common, value) === 0);
  const holds = holdsFor(expr, variable, variable.figures.common?.values ?? [], statistics);
  return equalToValue(variable, (_, i) => holds?.[i] === wanted);
}

function inequality(
  expr: FunctionExpr,
  { variable, other, swapped }: Compared,
  asWritten: Inequality,
  statistics: Statistics,
): number {
  if (other.kind !== 'const' || other.value === null) return UNKNOWN_INEQUALITY;
  const { value } = other;
  const { figures } = variable;
  const compare = orderWith(variable, other);
  const direction: Inequality = { ...asWritten, greater: asWritten.greater !== swapped };
  let common = 0;
  let fraction: number | null;
  if (compare !== null) {
    const { values = [], frequencies = [] } = figures.common ?? {};
    for (let i = 0; i < values.length; i++) {
      const order = compare(values[i], value);
      if (order === 0 ? direction.orEqual : order > 0 === direction.greater) common += frequencies[i];
    }
    fraction = histogramFraction(variable, direction, value);
  } else {
    common = commonFraction(expr, variable, statistics);
    fraction = boundsFraction(expr, variable, statistics);
  }
  return clampProbability(uncommonFraction(variable) * (fraction ?? 0.5) + common);
}

/** Fraction of all rows that have one of the common values for which the condition holds. */
function commonFraction(expr: Expr, variable: Variable, statistics: Statistics): number {
  const { common } = variable.figures;
  if (common === null) return 0;
  const holds = holdsFor(expr, variable, common.values, statistics);
  return common.frequencies.reduce((sum, each, i) => (holds?.[i] === true ? sum + each : sum), 0);
}

/** Fraction of the bounds of the histogram for which the condition holds. */
function boundsFraction(expr: Expr, variable: Variable, statistics: Statistics): number | null {
  const bounds = variable.figures.histogram;
  const holds = bounds === null ? null : holdsFor(expr, variable, bounds, statistics);
  return holds === null ? null : holds.filter(Boolean).length / holds.length;
}
