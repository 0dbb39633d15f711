/** Arrays with certain elements, from the common elements of an array column. */
import type { OperatorDesc } from '../../catalog/descriptors.js';
import { type Datum, PgArray } from '../../types/datum.js';
import type { Expr } from '../plan/expression.js';
import type { Variable } from './variable.js';

/** Of an element that is none of the common ones. */
const UNCOMMON_ELEMENT = 0.005;

/** A constant under another name of its type. */
export function constantOf(expr: Expr): Expr {
  return expr.kind === 'relabel' && expr.arg.kind === 'const' ? { ...expr.arg, type: expr.type } : expr;
}

/** The elements of an array as constants or expressions; null where they are not known. */
export function elementsOf(array: Expr): Expr[] | null {
  if (array.kind === 'array' && !array.multidimensional) return [...array.elements];
  if (array.kind === 'relabel') return elementsOf(array.arg);
  if (array.kind === 'array coerce' && array.element.kind === 'relabel') return elementsOf(array.arg);
  if (array.kind !== 'const') return null;
  if (!(array.value instanceof PgArray)) return array.value === null ? [] : null;
  const { elementType, elements } = array.value;
  return elements.map((value) => ({ ...array, type: elementType, typmod: -1, value }));
}

/** The part of the arrays that are not NULL that have the element. */
export function elementFraction({ figures }: Variable, element: Datum): number {
  const { elements } = figures;
  if (elements === null) return UNCOMMON_ELEMENT;
  const found = elements.values.indexOf(element);
  if (found >= 0) return elements.frequencies[found];
  const least = elements.frequencies[elements.values.length] ?? 0;
  return Math.min(UNCOMMON_ELEMENT, least / 2);
}

/** `@>` and `&&` with known elements. `swapped`: the column stands on the right. */
export function arrayContainment(
  { name }: OperatorDesc,
  variable: Variable,
  other: Expr,
  swapped: boolean,
): number | null {
  const elements = elementsOf(other)?.map(constantOf);
  if (variable.figures.elements === null || elements === undefined) return null;
  const values = elements.flatMap((element) => (element.kind === 'const' ? [element.value] : []));
  if (values.length < elements.length) return null;
  const each = [...new Set(values)].map((element) => elementFraction(variable, element));
  const present = 1 - variable.figures.nullFraction;
  if (name === '&&') return present * (1 - each.reduce((none, one) => none * (1 - one), 1));
  if (name === (swapped ? '<@' : '@>')) return present * each.reduce((all, one) => all * one, 1);
  return null;
}
