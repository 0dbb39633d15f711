/**
 * Functions and operators of arrays that build or inspect them. Comparison and search are in array-search.ts,
 * array_agg in array-aggregates.ts. Array arguments are never changed in place.
 */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { sliceArray } from '../../types/array/array-access.js';
import { arrayTooLarge, elementCount, MAX_DIMENSIONS, tooManyDimensions } from '../../types/array/array-literal.js';
import { type Datum, PgArray } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import { requireHeapForPieces } from '../../util/heap-guard.js';
import {
  type CallContext,
  contextFunctions,
  type FunctionFamily,
  joinFamilies,
  plainFunctions,
  setFunctions,
} from './registry.js';

const MAX_INT4 = 2147483647;

/** Element type of the call's array result. */
export function resultElement(cx: CallContext): number {
  return cx.catalog.elementType(cx.resultType);
}

/** An empty or one-dimensional array's elements and first subscript. */
function flat(array: PgArray | null): { elements: readonly Datum[]; lower: number } {
  if (array === null || array.dims.length === 0) return { elements: [], lower: 1 };
  if (array.dims.length > 1) throw sqlError('data_exception', 'argument must be empty or one-dimensional array');
  return { elements: array.elements, lower: array.lowerBounds[0] };
}

function append(cx: CallContext, array: PgArray | null, element: Datum): PgArray {
  const { elements, lower } = flat(array);
  if (lower + elements.length > MAX_INT4) throw sqlError('numeric_value_out_of_range', 'integer out of range');
  const type = array?.elementType ?? resultElement(cx);
  return new PgArray(type, [elements.length + 1], [lower], elements.concat([element]));
}

function prepend(cx: CallContext, element: Datum, array: PgArray | null): PgArray {
  const { elements, lower } = flat(array);
  if (lower === -2147483648) throw sqlError('numeric_value_out_of_range', 'integer out of range');
  const type = array?.elementType ?? resultElement(cx);
  return new PgArray(type, [elements.length + 1], [lower], [element].concat(elements));
}

function incompatible(detail: string): SqlError {
  return sqlError('array_subscript_error', 'cannot concatenate incompatible arrays', { detail });
}

/** `||` of two arrays: end to end, or the one with a dimension less as another slice of the other. */
function concatenate(a: PgArray | null, b: PgArray | null): PgArray | null {
  const joined = concatenationOf(a, b);
  if (a === null || b === null || 'same' in joined) return 'same' in joined ? joined.same : null;
  return new PgArray(a.elementType, joined.dims, joined.lowerBounds, a.elements.concat(b.elements));
}

/** The shape of the concatenation, or the array that it is the same as. */
export function concatenationOf(
  a: PgArray | null,
  b: PgArray | null,
): { same: PgArray | null } | { dims: number[]; lowerBounds: readonly number[] } {
  if (a === null || b === null) return { same: a ?? b };
  if (b.dims.length === 0) return { same: a };
  if (a.dims.length === 0) return { same: b };
  const difference = a.dims.length - b.dims.length;
  if (Math.abs(difference) > 1)
    throw incompatible(
      `Arrays of ${a.dims.length} and ${b.dims.length} dimensions are not compatible for concatenation.`,
    );
  const sameTail = (whole: PgArray, part: PgArray): boolean =>
    part.dims.every((dim, i) => dim === whole.dims[i + 1] && part.lowerBounds[i] === whole.lowerBounds[i + 1]);
  if (difference === 0) {
    for (let i = 1; i < a.dims.length; i++) {
      if (a.dims[i] !== b.dims[i] || a.lowerBounds[i] !== b.lowerBounds[i])
        throw incompatible('Arrays with differing element dimensions are not compatible for concatenation.');
    }
    return shaped([a.dims[0] + b.dims[0], ...a.dims.slice(1)], a.lowerBounds);
  }
  const [whole, part] = difference > 0 ? [a, b] : [b, a];
  if (!sameTail(whole, part))
    throw incompatible('Arrays with differing dimensions are not compatible for concatenation.');
  return shaped([whole.dims[0] + 1, ...whole.dims.slice(1)], whole.lowerBounds);
}

function shaped(dims: number[], lowerBounds: readonly number[]) {
  elementCount(dims);
  return { dims, lowerBounds };
}

function dimension(array: PgArray, number: number): number | null {
  return number < 1 || number > array.dims.length ? null : number - 1;
}

function dimsText(array: PgArray): string | null {
  if (array.dims.length === 0) return null;
  return array.dims.map((dim, i) => `[${array.lowerBounds[i]}:${array.lowerBounds[i] + dim - 1}]`).join('');
}

function oneDimensional(array: PgArray): number[] {
  if (array.dims.length > 1)
    throw sqlError('array_subscript_error', 'wrong number of array subscripts', {
      detail: 'Dimension array must be one dimensional.',
    });
  return array.elements.map((value) => {
    if (typeof value !== 'number') throw sqlError('null_value_not_allowed', 'dimension values cannot be null');
    return value;
  });
}

function fill(cx: CallContext, value: Datum, dimArray: PgArray | null, boundArray: PgArray | null): PgArray {
  const { dims, bounds, count } = filledShape(dimArray, boundArray);
  return new PgArray(resultElement(cx), dims, bounds, repeated(value, count));
}

/** What array_fill is to make; both lists are empty for the empty array. */
export function filledShape(dimArray: PgArray | null, boundArray: PgArray | null) {
  if (dimArray === null || boundArray === null)
    throw sqlError('null_value_not_allowed', 'dimension array or low bound array cannot be null');
  const dims = oneDimensional(dimArray);
  if (dims.length > MAX_DIMENSIONS) throw tooManyDimensions(dims.length);
  const bounds = oneDimensional(boundArray);
  if (bounds.length !== dims.length)
    throw sqlError('array_subscript_error', 'wrong number of array subscripts', {
      detail: 'Low bound array has different size than dimensions array.',
    });
  for (const dim of dims) if (dim < 0) throw arrayTooLarge();
  const count = elementCount(dims);
  if (count === 0) return { dims: [], bounds: [], count };
  for (let i = 0; i < dims.length; i++) {
    if (bounds[i] + dims[i] > MAX_INT4)
      throw sqlError('program_limit_exceeded', `array lower bound is too large: ${bounds[i]}`);
  }
  return { dims, bounds, count };
}

/** One by one: a list that is made long at once would be a table of its indexes. */
function repeated(value: Datum, count: number): Datum[] {
  const list: Datum[] = [];
  for (let i = 0; i < count; i++) list.push(value);
  return list;
}

function toText(
  cx: CallContext,
  array: PgArray | null,
  delimiter: string | null,
  nullText: string | null,
): string | null {
  if (array === null || delimiter === null) return null;
  const codec = cx.codec(array.elementType);
  const texts: string[] = [];
  for (const element of array.elements) {
    if (element !== null) texts.push(codec.format(element, cx));
    else if (nullText !== null) texts.push(nullText);
  }
  return texts.join(delimiter);
}

/** The pieces of string_to_array and string_to_table. */
function splitText(text: string, delimiter: string | null, nullText: string | null): (string | null)[] {
  if (text === '') return [];
  requireHeapForPieces(text);
  const pieces = delimiter === null ? Array.from(text) : delimiter === '' ? [text] : text.split(delimiter);
  return nullText === null ? pieces : pieces.map((piece) => (piece === nullText ? null : piece));
}

function splitToArray(text: string | null, delimiter: string | null, nullText: string | null): PgArray | null {
  return text === null ? null : PgArray.of(oid.TEXT, splitText(text, delimiter, nullText));
}

function trim(array: PgArray, count: number): PgArray {
  const length = array.dims[0] ?? 0;
  if (count < 0 || count > length)
    throw sqlError('array_element_error', `number of elements to trim must be between 0 and ${length}`);
  if (length === 0) return array;
  const last = array.lowerBounds[0] + length - 1 - count;
  return sliceArray(array, [undefined], [last]) ?? array;
}

function* subscripts(array: PgArray, number: number, reverse: boolean): Iterable<Datum> {
  const i = dimension(array, number);
  if (i === null) return;
  const lower = array.lowerBounds[i];
  const upper = lower + array.dims[i] - 1;
  if (reverse) for (let s = upper; s >= lower; s--) yield s;
  else for (let s = lower; s <= upper; s++) yield s;
}

function upperBound(array: PgArray, number: number): number | null {
  const i = dimension(array, number);
  return i === null ? null : array.lowerBounds[i] + array.dims[i] - 1;
}

export const arrayFunctions: FunctionFamily = joinFamilies(
  plainFunctions({
    array_cat: concatenate,
    array_cardinality: (array: PgArray) => array.elements.length,
    array_ndims: (array: PgArray) => (array.dims.length === 0 ? null : array.dims.length),
    array_dims: dimsText,
    array_length: (array: PgArray, number: number) => array.dims[dimension(array, number) ?? -1] ?? null,
    array_lower: (array: PgArray, number: number) => array.lowerBounds[dimension(array, number) ?? -1] ?? null,
    array_upper: upperBound,
    trim_array: trim,
    text_to_array: (text: string | null, delimiter: string | null) => splitToArray(text, delimiter, null),
    text_to_array_null: splitToArray,
  }),
  contextFunctions({
    array_append: append,
    array_prepend: prepend,
    array_fill: (cx, value: Datum, dims: PgArray | null) =>
      fill(
        cx,
        value,
        dims,
        dims &&
          PgArray.of(
            oid.INT4,
            dims.elements.map(() => 1),
          ),
      ),
    array_fill_with_lower_bounds: fill,
    array_to_text: (cx, array: PgArray | null, delimiter: string | null) => toText(cx, array, delimiter, null),
    array_to_text_null: toText,
  }),
  setFunctions({
    array_unnest: (_cx, array: PgArray) => array.elements,
    generate_subscripts_nodir: (_cx, array: PgArray, number: number) => subscripts(array, number, false),
    generate_subscripts: (_cx, array: PgArray, number: number, reverse: boolean) => subscripts(array, number, reverse),
    text_to_table: (_cx, text: string | null, delimiter: string | null) =>
      text === null ? [] : splitText(text, delimiter, null),
    text_to_table_null: (_cx, text: string | null, delimiter: string | null, nullText: string | null) =>
      text === null ? [] : splitText(text, delimiter, nullText),
  }),
);
