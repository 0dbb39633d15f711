/** Containment (`@>`) of jsonb. */

import { isContainer, JsonbArray, type JsonbNode, JsonbObject } from './jsonb.js';
import { equalJsonb } from './jsonb-order.js';

/** Whether `outer @> inner`, as PostgreSQL's operator on whole values. */
export function containsJsonb(outer: JsonbNode, inner: JsonbNode): boolean {
  if (outer instanceof JsonbObject) return inner instanceof JsonbObject && objectContains(outer, inner);
  if (outer instanceof JsonbArray) {
    if (inner instanceof JsonbArray) return arrayContains(outer, inner);
    return !isContainer(inner) && outer.elements.some((element) => !isContainer(element) && equalJsonb(element, inner));
  }
  return !isContainer(inner) && equalJsonb(outer, inner);
}

function objectContains(outer: JsonbObject, inner: JsonbObject): boolean {
  if (inner.keys.length > outer.keys.length) return false;
  for (let i = 0; i < inner.keys.length; i++) {
    const value = outer.get(inner.keys[i]);
    if (value === undefined || !valueContains(value, inner.values[i])) return false;
  }
  return true;
}

/** Below the top, a scalar is contained only in an equal scalar, not in an array. */
function valueContains(outer: JsonbNode, inner: JsonbNode): boolean {
  if (!isContainer(inner)) return !isContainer(outer) && equalJsonb(outer, inner);
  if (inner instanceof JsonbObject) return outer instanceof JsonbObject && objectContains(outer, inner);
  return outer instanceof JsonbArray && arrayContains(outer, inner);
}

function arrayContains(outer: JsonbArray, inner: JsonbArray): boolean {
  return inner.elements.every((wanted) => outer.elements.some((element) => valueContains(element, wanted)));
}
