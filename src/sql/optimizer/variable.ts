/** A column in a condition, with what is known of it from ANALYZE. */
import type { ColumnStatistics, RelationDesc } from '../../catalog/descriptors.js';
import type { Datum, Row } from '../../types/datum.js';
import { rewriteExpr } from '../plan/expr-children.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import { sameExpr } from '../plan/same-expr.js';
import type { Statistics } from './statistics.js';

export interface Variable {
  /** A column, or an expression that was analysed. */
  readonly expr: Expr;
  /** OID of its table. */
  readonly relation: number;
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

/** The analysed column that the expression is, or the analysed expression. */
export function variableOf(source: Expr, statistics: Statistics): Variable | null {
  const expr = source.kind === 'relabel' ? source.arg : source;
  const { tables } = statistics;
  const origin = expr.kind === 'column' ? statistics.origin(expr) : null;
  const relation = origin?.relation ?? (expr.kind === 'column' ? null : expressionTable(expr, statistics));
  if (relation === null) return null;
  const figures =
    origin === null
      ? tables.expression(relation, expr, statistics.attributeOf)
      : tables.column(relation, origin.attribute);
  if (figures === null) return null;
  const tuples = tables.rowCount(relation);
  return {
    expr,
    relation: relation.oid,
    figures,
    tuples,
    distinct: Math.max(1, Math.round(distinctValues(figures, tuples))),
    unique: origin !== null && tables.isUnique(relation, [origin.attribute]),
    compare: tables.compare(expr.type, expr.collation),
  };
}

/** Constants and the like are of no table. */
function expressionTable(expr: Expr, statistics: Statistics): RelationDesc | null {
  return expr.kind === 'const' || expr.kind === 'param' ? null : statistics.tableOf(expr);
}

/** Of a column with the figures in a table of so many rows. */
export function distinctValues({ distinct }: ColumnStatistics, tuples: number): number {
  if (distinct === 0) return Math.min(SOME_VALUES, tuples);
  return distinct > 0 ? distinct : -distinct * tuples;
}

/** For which values of the variable a condition on nothing else holds; null when that cannot be tried. */
export function holdsFor(
  condition: Expr,
  { expr }: Variable,
  values: readonly Datum[],
  statistics: Statistics,
): readonly boolean[] | null {
  const rows = values.map((value): Row => [value]);
  if (expr.kind === 'column') return statistics.tables.holds([expr.id], condition, rows);
  const over = rewriteExpr(condition, (part) => (sameExpr(part, expr) ? standIn(expr) : part));
  return statistics.tables.holds([STAND_IN], over, rows);
}

/** No column of a statement has this number. */
const STAND_IN: ColumnId = -1;

/** A column in the place of an expression. */
function standIn({ type, typmod, collation }: Expr): Expr {
  return { kind: 'column', id: STAND_IN, name: '', type, typmod, collation, location: -1 };
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
