/** ARRAY[…] and IN lists as expressions. Long lists of constants are one constant: whoever walks expressions passes them in one step. */
import { PgArray } from '../../types/datum.js';
import type { ArrayExpr, Expr } from './expression.js';

/** Shorter lists stay lists, so that they can be shown as they were written. */
const LONG = 256;

/** Elements of an array that is not known yet. */
const USUAL_LENGTH = 10;

/** An array of one dimension (but for `multidimensional`, whose elements are arrays). */
export function arrayExpr(array: Omit<ArrayExpr, 'kind'>): Expr {
  const { elements, elementType, multidimensional, type, typmod, collation, location } = array;
  if (multidimensional || elements.length < LONG) return { kind: 'array', ...array };
  const values = [];
  for (const element of elements) {
    if (element.kind !== 'const') return { kind: 'array', ...array };
    values.push(element.value);
  }
  return { kind: 'const', value: PgArray.of(elementType, values), type, typmod, collation, location };
}

/** How many elements the array has, or how many it is thought to have. */
export function expectedLength(array: Expr): number {
  if (array.kind === 'array') return array.elements.length;
  return array.kind === 'const' && array.value instanceof PgArray ? array.value.elements.length : USUAL_LENGTH;
}
