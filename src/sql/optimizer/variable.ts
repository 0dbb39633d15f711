/** A column in a condition, with what is known of it from ANALYZE. */
import type { ColumnStatistics } from '../../catalog/descriptors.js';
import type { Datum } from '../../types/datum.js';
import type { ColumnExpr, Expr } from '../plan/expression.js';
import type { Statistics } from './statistics.js';

export interface Variable {
  readonly column: ColumnExpr;
  readonly figures: ColumnStatistics;
  /** Rows of its table. */
  readonly tuples: number;
  /** Different values in its table. */
  readonly distinct: number;
  readonly unique: boolean;
  /** Order of its type's values; null where it has none. */
  readonly compare: ((a: Datum, b: Datum) => number) | null;
}

export function clampProbability(p: number): number {
  return Math.min(1, Math.max(0, p));
}

/** Of conditions of which one has to hold, independent of each other; null where nothing is known of one. */
export function disjunction(parts: readonly (number | null)[]): number | null {
  let any = 0;
  for (const one of parts) {
    if (one === null) return null;
    any = any + one - any * one;
  }
  return clampProbability(any);
}

/** So many values a column is taken to have about which nothing is known. */
const SOME_VALUES = 200;

/** The column that the expression is, if it has been analysed. */
export function variableOf(expr: Expr, statistics: Statistics): Variable | null {
  const column = expr.kind === 'relabel' ? expr.arg : expr;
  if (column.kind !== 'column') return null;
  const origin = statistics.origin(column);
  if (origin === null) return null;
  const { tables } = statistics;
  const figures = tables.column(origin.relation, origin.attribute);
  if (figures === null) return null;
  const tuples = tables.rowCount(origin.relation);
  const unique = tables.isUnique(origin.relation, [origin.attribute]);
  const told = figures.distinct;
  const distinct = told === 0 ? Math.min(SOME_VALUES, tuples) : told > 0 ? told : -told * tuples;
  return {
    column,
    figures,
    tuples,
    distinct: Math.max(1, Math.round(distinct)),
    unique,
    compare: tables.compare(column.type),
  };
}

/** Fraction of the rows whose values are none of the common ones. */
export function uncommonFraction({ figures }: Variable): number {
  const common = figures.common?.frequencies.reduce((sum, each) => sum + each, 0) ?? 0;
  return clampProbability(1 - figures.nullFraction - common);
}

/** Fraction of all rows that have a value that is not NULL, taken to be one of the less common ones. */
function uncommonValue(variable: Variable): number {
  const { figures, distinct } = variable;
  const frequencies = figures.common?.frequencies ?? [];
  const others = distinct - frequencies.length;
  const each = others > 1 ? uncommonFraction(variable) / others : uncommonFraction(variable);
  return frequencies.length > 0 ? Math.min(each, frequencies[frequencies.length - 1]) : each;
}

/** Fraction of the rows that are equal to a value. `isEqual` tells of each common value whether it is the one. */
export function equalToValue(variable: Variable, isEqual: (common: Datum, i: number) => boolean): number {
  if (variable.unique && variable.tuples >= 1) return 1 / variable.tuples;
  const { common } = variable.figures;
  const found = common?.values.findIndex(isEqual) ?? -1;
  return clampProbability(found >= 0 && common !== null ? common.frequencies[found] : uncommonValue(variable));
}

/** The same for a value that is not known yet. */
export function equalToSomething(variable: Variable): number {
  if (variable.unique && variable.tuples >= 1) return 1 / variable.tuples;
  const { nullFraction, common } = variable.figures;
  const average = (1 - nullFraction) / variable.distinct;
  return clampProbability(common === null ? average : Math.min(average, common.frequencies[0]));
}
