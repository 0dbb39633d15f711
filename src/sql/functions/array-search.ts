/** Comparison of arrays, containment, and the functions that look for elements. Elements compare through their codec. */
import { sqlError } from '../../errors/sql-error.js';
import { sameShape } from '../../types/array/array-access.js';
import { compareArrays } from '../../types/array/array-codec.js';
import { oidvectorCodec } from '../../types/array/vector-codec.js';
import { type Datum, PgArray } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { GroupKey, TypeCodec } from '../../types/type-codec.js';
import { type CallContext, contextFunctions, type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';

/** From this many comparisons on, membership is tested with a set of group keys. */
const SET_THRESHOLD = 64;

export function elementCodec(cx: CallContext, a: PgArray, b: PgArray): TypeCodec {
  if (a.elementType !== b.elementType)
    throw sqlError('datatype_mismatch', 'cannot compare arrays of different element types');
  return cx.codec(a.elementType);
}

function compare(cx: CallContext, a: PgArray, b: PgArray): number {
  return compareArrays(a, b, elementCodec(cx, a, b));
}

function equal(cx: CallContext, a: PgArray, b: PgArray): boolean {
  const codec = elementCodec(cx, a, b);
  return sameShape(a, b) && compareArrays(a, b, codec) === 0;
}

/** A test for membership in `array`; NULL elements match nothing. */
function membership(array: PgArray, wantedCount: number, codec: TypeCodec): (value: Datum) => boolean {
  if (array.elements.length * wantedCount >= SET_THRESHOLD && array.elements.length > 1 && wantedCount > 1) {
    const keys = new Set<GroupKey>();
    for (const element of array.elements) if (element !== null) keys.add(codec.groupKey(element));
    return (value) => value !== null && keys.has(codec.groupKey(value));
  }
  return (value) =>
    value !== null && array.elements.some((element) => element !== null && codec.compare(element, value) === 0);
}

function contains(cx: CallContext, outer: PgArray, inner: PgArray): boolean {
  const codec = elementCodec(cx, outer, inner);
  return inner.elements.every(membership(outer, inner.elements.length, codec));
}

function overlaps(cx: CallContext, a: PgArray, b: PgArray): boolean {
  const codec = elementCodec(cx, a, b);
  return b.elements.some(membership(a, b.elements.length, codec));
}

/** Whether an element is the wanted value; NULL is found by NULL. */
export function matches(element: Datum, wanted: Datum, codec: TypeCodec): boolean {
  if (element === null || wanted === null) return element === wanted;
  return codec.compare(element, wanted) === 0;
}

export function searchable(array: PgArray): PgArray {
  if (array.dims.length > 1)
    throw sqlError('feature_not_supported', 'searching for elements in multidimensional arrays is not supported');
  return array;
}

function position(cx: CallContext, array: PgArray | null, wanted: Datum, start: number | null): number | null {
  if (array === null || searchable(array).dims.length === 0) return null;
  const codec = cx.codec(array.elementType);
  const [lower] = array.lowerBounds;
  const first = start === null ? 0 : Math.max(0, start - lower);
  for (let i = first; i < array.elements.length; i++) if (matches(array.elements[i], wanted, codec)) return lower + i;
  return null;
}

function positionFrom(cx: CallContext, array: PgArray | null, wanted: Datum, start: number | null): number | null {
  if (array === null) return null;
  searchable(array);
  if (array.dims.length === 0) return null;
  if (wanted === null && !array.elements.includes(null)) return null;
  if (start === null) throw sqlError('null_value_not_allowed', 'initial position must not be null');
  return position(cx, array, wanted, start);
}

function positions(cx: CallContext, array: PgArray | null, wanted: Datum): PgArray | null {
  if (array === null) return null;
  const codec = cx.codec(searchable(array).elementType);
  const found: number[] = [];
  array.elements.forEach((element, i) => {
    if (matches(element, wanted, codec)) found.push(array.lowerBounds[0] + i);
  });
  return PgArray.of(oid.INT4, found);
}

export function removable(array: PgArray): PgArray {
  if (array.dims.length > 1)
    throw sqlError('feature_not_supported', 'removing elements from multidimensional arrays is not supported');
  return array;
}

function remove(cx: CallContext, array: PgArray | null, unwanted: Datum): PgArray | null {
  if (array === null) return null;
  const codec = cx.codec(removable(array).elementType);
  return withoutRemoved(
    array,
    array.elements.filter((element) => !matches(element, unwanted, codec)),
  );
}

/** The array with those of its elements that are left. */
export function withoutRemoved(array: PgArray, kept: readonly Datum[]): PgArray {
  if (kept.length === array.elements.length) return array;
  if (kept.length === 0) return new PgArray(array.elementType, [], [], []);
  return new PgArray(array.elementType, [kept.length], array.lowerBounds, kept);
}

function replace(cx: CallContext, array: PgArray | null, from: Datum, to: Datum): PgArray | null {
  if (array === null) return null;
  const codec = cx.codec(array.elementType);
  const elements = array.elements.map((element) => (matches(element, from, codec) ? to : element));
  return new PgArray(array.elementType, array.dims, array.lowerBounds, elements);
}

/** How many thresholds are at most `operand`, by binary search. */
function widthBucket(cx: CallContext, operand: Datum, thresholds: PgArray): number {
  if (thresholds.dims.length > 1) throw sqlError('array_subscript_error', 'thresholds must be one-dimensional array');
  if (thresholds.elements.includes(null))
    throw sqlError('null_value_not_allowed', 'thresholds array must not contain NULLs');
  const codec = cx.codec(thresholds.elementType);
  let low = 0;
  let high = thresholds.elements.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (codec.compare(operand, thresholds.elements[middle]) < 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

const vectorOrder = (a: PgArray, b: PgArray): number => oidvectorCodec.compare(a, b);

export const arraySearchFunctions: FunctionFamily = joinFamilies(
  contextFunctions({
    array_eq: equal,
    array_ne: (cx, a: PgArray, b: PgArray) => !equal(cx, a, b),
    array_lt: (cx, a: PgArray, b: PgArray) => compare(cx, a, b) < 0,
    array_le: (cx, a: PgArray, b: PgArray) => compare(cx, a, b) <= 0,
    array_gt: (cx, a: PgArray, b: PgArray) => compare(cx, a, b) > 0,
    array_ge: (cx, a: PgArray, b: PgArray) => compare(cx, a, b) >= 0,
    btarraycmp: (cx, a: PgArray, b: PgArray) => Math.sign(compare(cx, a, b)),
    array_larger: (cx, a: PgArray, b: PgArray) => (compare(cx, a, b) > 0 ? a : b),
    array_smaller: (cx, a: PgArray, b: PgArray) => (compare(cx, a, b) < 0 ? a : b),
    arraycontains: contains,
    arraycontained: (cx, inner: PgArray, outer: PgArray) => contains(cx, outer, inner),
    arrayoverlap: overlaps,
    array_position: (cx, array: PgArray | null, wanted: Datum) => position(cx, array, wanted, null),
    array_position_start: positionFrom,
    array_positions: positions,
    array_remove: remove,
    array_replace: replace,
    width_bucket_array: widthBucket,
  }),
  plainFunctions({
    oidvectoreq: (a: PgArray, b: PgArray) => vectorOrder(a, b) === 0,
    oidvectorne: (a: PgArray, b: PgArray) => vectorOrder(a, b) !== 0,
    oidvectorlt: (a: PgArray, b: PgArray) => vectorOrder(a, b) < 0,
    oidvectorle: (a: PgArray, b: PgArray) => vectorOrder(a, b) <= 0,
    oidvectorgt: (a: PgArray, b: PgArray) => vectorOrder(a, b) > 0,
    oidvectorge: (a: PgArray, b: PgArray) => vectorOrder(a, b) >= 0,
    btoidvectorcmp: (a: PgArray, b: PgArray) => Math.sign(vectorOrder(a, b)),
  }),
);
