/**
 * Functions over long arrays, in slices: the same results as those of array-functions.ts and array-search.ts give, whose
 * checks they use.
 */

import { sameShape } from '../../types/array/array-access.js';
import { compareElements, compareShapes } from '../../types/array/array-codec.js';
import { MANY_ELEMENTS, roomFor } from '../../types/array/slow-array.js';
import { type Datum, PgArray } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { GroupKey } from '../../types/type-codec.js';
import { requireHeapForPieces } from '../../util/heap-guard.js';
import { eachPart, inSlices, type Task } from '../../util/task.js';
import { concatenationOf, filledShape, resultElement } from './array-functions.js';
import { elementCodec, matches, removable, searchable, withoutRemoved } from './array-search.js';
import type { CallContext } from './registry.js';

export type SlicedCall = (cx: CallContext, args: readonly Datum[]) => Task<Datum>;

function arrayOf(value: Datum): PgArray {
  if (!(value instanceof PgArray)) throw new Error('an array was expected');
  return value;
}

/** Whether an argument is a long array. */
export function isLongArray(args: readonly Datum[]): boolean {
  return args.some((arg) => arg instanceof PgArray && arg.elements.length > MANY_ELEMENTS);
}

function* order(cx: CallContext, a: PgArray, b: PgArray): Task<number> {
  const codec = elementCodec(cx, a, b);
  let found = 0;
  yield* eachPart(Math.min(a.elements.length, b.elements.length), (from, to) => {
    found = compareElements(a, b, codec, from, to);
    return found === 0;
  });
  return found || compareShapes(a, b);
}

/** A comparison that is decided by the order. */
export function compared(decide: (order: number) => Datum): SlicedCall {
  return function* (cx, [a, b]) {
    return decide(yield* order(cx, arrayOf(a), arrayOf(b)));
  };
}

export function equality(equal: boolean): SlicedCall {
  return function* (cx, [left, right]) {
    const a = arrayOf(left);
    const b = arrayOf(right);
    elementCodec(cx, a, b);
    const same = sameShape(a, b) && (yield* order(cx, a, b)) === 0;
    return same === equal;
  };
}

/** Whether all (or some) of the second array's elements are in the first one. */
function* membership(cx: CallContext, outer: PgArray, inner: PgArray, quantifier: 'all' | 'some'): Task<boolean> {
  const codec = elementCodec(cx, outer, inner);
  const keys = new Set<GroupKey>();
  yield* eachPart(outer.elements.length, (from, to) => {
    for (let i = from; i < to; i++) {
      const element = outer.elements[i];
      if (element !== null) keys.add(codec.groupKey(element));
    }
    return true;
  });
  const undecided = yield* eachPart(inner.elements.length, (from, to) => {
    for (let i = from; i < to; i++) {
      const element = inner.elements[i];
      const found = element !== null && keys.has(codec.groupKey(element));
      if (found === (quantifier === 'some')) return false;
    }
    return true;
  });
  return undecided === (quantifier === 'all');
}

export const contains: SlicedCall = (cx, [outer, inner]) => membership(cx, arrayOf(outer), arrayOf(inner), 'all');
export const contained: SlicedCall = (cx, [inner, outer]) => membership(cx, arrayOf(outer), arrayOf(inner), 'all');
export const overlaps: SlicedCall = (cx, [a, b]) => membership(cx, arrayOf(a), arrayOf(b), 'some');

export function* position(cx: CallContext, [value, wanted]: readonly Datum[]): Task<Datum> {
  const array = searchable(arrayOf(value));
  const codec = cx.codec(array.elementType);
  let found: number | null = null;
  yield* eachPart(array.elements.length, (from, to) => {
    for (let i = from; i < to && found === null; i++) {
      if (matches(array.elements[i], wanted, codec)) found = array.lowerBounds[0] + i;
    }
    return found === null;
  });
  return found;
}

export function* positions(cx: CallContext, [value, wanted]: readonly Datum[]): Task<Datum> {
  const array = searchable(arrayOf(value));
  const codec = cx.codec(array.elementType);
  const found: number[] = [];
  yield* eachPart(array.elements.length, (from, to) => {
    for (let i = from; i < to; i++) {
      if (matches(array.elements[i], wanted, codec)) found.push(array.lowerBounds[0] + i);
    }
    return true;
  });
  return PgArray.of(oid.INT4, found);
}

export function* replaced(cx: CallContext, [value, from, to]: readonly Datum[]): Task<Datum> {
  const array = arrayOf(value);
  const codec = cx.codec(array.elementType);
  const elements = roomFor(array.elements.length);
  yield* eachPart(array.elements.length, (first, end) => {
    for (let i = first; i < end; i++) {
      const element = array.elements[i];
      elements[i] = matches(element, from, codec) ? to : element;
    }
    return true;
  });
  return new PgArray(array.elementType, array.dims, array.lowerBounds, elements);
}

export function* removed(cx: CallContext, [value, unwanted]: readonly Datum[]): Task<Datum> {
  const array = removable(arrayOf(value));
  const codec = cx.codec(array.elementType);
  const kept: Datum[] = [];
  yield* eachPart(array.elements.length, (from, to) => {
    for (let i = from; i < to; i++) {
      const element = array.elements[i];
      if (!matches(element, unwanted, codec)) kept.push(element);
    }
    return true;
  });
  return withoutRemoved(array, kept);
}

export function* concatenated(_cx: CallContext, [left, right]: readonly Datum[]): Task<Datum> {
  const a = left === null ? null : arrayOf(left);
  const b = right === null ? null : arrayOf(right);
  const joined = concatenationOf(a, b);
  if (a === null || b === null || 'same' in joined) return 'same' in joined ? joined.same : null;
  const first = a.elements.length;
  const elements = roomFor(first + b.elements.length);
  yield* eachPart(first + b.elements.length, (from, to) => {
    for (let i = from; i < to; i++) elements[i] = i < first ? a.elements[i] : b.elements[i - first];
    return true;
  });
  return new PgArray(a.elementType, joined.dims, joined.lowerBounds, elements);
}

/** Whether array_fill is to make a long array. */
export function fillsMany([, dims]: readonly Datum[]): boolean {
  return (
    dims instanceof PgArray && dims.elements.reduce<number>((count, dim) => count * Number(dim), 1) > MANY_ELEMENTS
  );
}

export function* filled(cx: CallContext, [value, dimArray, boundArray]: readonly Datum[]): Task<Datum> {
  const given = arrayOf(dimArray);
  const ones = PgArray.of(
    oid.INT4,
    given.elements.map(() => 1),
  );
  const { dims, bounds, count } = filledShape(
    given,
    boundArray === undefined ? ones : boundArray === null ? null : arrayOf(boundArray),
  );
  const elements = roomFor(count);
  yield* eachPart(count, (from, to) => {
    for (let i = from; i < to; i++) elements[i] = value;
    return true;
  });
  return new PgArray(resultElement(cx), dims, bounds, elements);
}

/** Whether string_to_array is to cut a long text. */
export function splitsLongText([text]: readonly Datum[]): boolean {
  return typeof text === 'string' && text.length > MOST_SPLIT_AT_ONCE;
}

const MOST_SPLIT_AT_ONCE = 64 * 1024;
/** Pieces that are cut off in one step. */
const PIECES_PER_STEP = 256;

export function* split(_cx: CallContext, args: readonly Datum[]): Task<Datum> {
  const [text, delimiter, nullText = null] = args;
  if (typeof text !== 'string') return null;
  requireHeapForPieces(text);
  const pieces: Datum[] = [];
  let at = 0;
  yield* inSlices(() => {
    for (let i = 0; i < PIECES_PER_STEP && at <= text.length; i++) {
      const end = pieceEnd(text, at, delimiter);
      const piece = text.slice(at, end);
      pieces.push(piece === nullText ? null : piece);
      at = end + (typeof delimiter === 'string' ? Math.max(1, delimiter.length) : 0);
      if (delimiter === null && at === text.length) at++;
    }
    return at > text.length;
  });
  return PgArray.of(oid.TEXT, pieces);
}

/** Where the piece that begins at `at` ends. Without a delimiter every character is one. */
function pieceEnd(text: string, at: number, delimiter: Datum): number {
  if (delimiter === null) return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
  if (delimiter === '' || typeof delimiter !== 'string') return text.length;
  const found = text.indexOf(delimiter, at);
  return found < 0 ? text.length : found;
}

export function* joinedText(cx: CallContext, args: readonly Datum[]): Task<Datum> {
  const [value, delimiter, nullText = null] = args;
  if (typeof delimiter !== 'string') return null;
  const array = arrayOf(value);
  const codec = cx.codec(array.elementType);
  let joined = '';
  let some = false;
  yield* eachPart(array.elements.length, (from, to) => {
    const texts: string[] = [];
    for (let i = from; i < to; i++) {
      const element = array.elements[i];
      if (element !== null) texts.push(codec.format(element, cx));
      else if (typeof nullText === 'string') texts.push(nullText);
    }
    if (texts.length > 0) joined += (some ? delimiter : '') + texts.join(delimiter);
    some ||= texts.length > 0;
    return true;
  });
  return joined;
}
