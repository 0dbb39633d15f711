/**
 * Subscripts, slices, assignment to them, and ARRAY[…] constructors: what the expression compiler calls. Subscripts of
 * several dimensions come as one list. Arrays are never changed in place.
 */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { type Datum, PgArray } from '../datum.js';
import { elementCount, MAX_DIMENSIONS, tooManyDimensions } from './array-literal.js';

/** A bound of a slice: undefined where it was left out (`a[2:]`). */
export type SliceBound = number | null | undefined;

const MAX_INT4 = 2147483647;

/** `a[i][j]`: NULL when a subscript is NULL or out of range, or their number is not that of the dimensions. */
export function subscriptArray(array: PgArray | null, indexes: readonly (number | null)[]): Datum {
  if (array === null || indexes.length !== array.dims.length) return null;
  let offset = 0;
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i];
    if (index === null) return null;
    const relative = index - array.lowerBounds[i];
    if (relative < 0 || relative >= array.dims[i]) return null;
    offset = offset * array.dims[i] + relative;
  }
  return array.elements[offset];
}

/** `a[l:u][l:u]`: NULL when a bound is NULL; the empty array when nothing is in range. Result bounds start at 1. */
export function sliceArray(
  array: PgArray | null,
  lower: readonly SliceBound[],
  upper: readonly SliceBound[],
): PgArray | null {
  if (array === null || lower.includes(null) || upper.includes(null)) return null;
  const empty = new PgArray(array.elementType, [], [], []);
  const ndim = array.dims.length;
  if (ndim < lower.length || ndim === 0) return empty;
  const starts: number[] = [];
  const dims: number[] = [];
  for (let i = 0; i < ndim; i++) {
    const first = array.lowerBounds[i];
    const last = first + array.dims[i] - 1;
    const from = Math.max(lower[i] ?? first, first);
    const to = Math.min(upper[i] ?? last, last);
    if (from > to) return empty;
    starts.push(from - first);
    dims.push(to - from + 1);
  }
  const elements = sliceOffsets(array.dims, starts, dims).map((offset) => array.elements[offset]);
  return new PgArray(
    array.elementType,
    dims,
    dims.map(() => 1),
    elements,
  );
}

/** Row-major offsets, in an array of `dims`, of the box that begins at `starts` and has the lengths `box`. */
function sliceOffsets(dims: readonly number[], starts: readonly number[], box: readonly number[]): number[] {
  let offsets = [0];
  for (let i = 0; i < dims.length; i++) {
    const next: number[] = [];
    for (const offset of offsets) for (let j = 0; j < box[i]; j++) next.push(offset * dims[i] + starts[i] + j);
    offsets = next;
  }
  return offsets;
}

function subscriptError(message: string, detail?: string): SqlError {
  return sqlError('array_subscript_error', message, detail === undefined ? {} : { detail });
}

function nullSubscript(): SqlError {
  return sqlError('null_value_not_allowed', 'array subscript in assignment must not be null');
}

/** Throws 54000 when an array of these dimensions and bounds cannot be. */
function checkBounds(dims: readonly number[], lowerBounds: readonly number[]): void {
  elementCount(dims);
  for (let i = 0; i < dims.length; i++) {
    if (lowerBounds[i] + dims[i] > MAX_INT4)
      throw sqlError('program_limit_exceeded', `array lower bound is too large: ${lowerBounds[i]}`);
  }
}

/** `a[i] = value`; a one-dimensional array grows as far as needed, the gap is NULL. */
export function assignElement(
  array: PgArray | null,
  elementType: number,
  indexes: readonly (number | null)[],
  value: Datum,
): PgArray {
  const subscripts = indexes.map((index) => {
    if (index === null) throw nullSubscript();
    return index;
  });
  if (subscripts.length > MAX_DIMENSIONS) throw tooManyDimensions(subscripts.length);
  if (array === null || array.dims.length === 0) {
    const dims = subscripts.map(() => 1);
    checkBounds(dims, subscripts);
    return new PgArray(elementType, dims, subscripts, [value]);
  }
  if (array.dims.length !== subscripts.length) throw subscriptError('wrong number of array subscripts');
  if (array.dims.length === 1) return assignRun(array, subscripts[0], [value]);
  let offset = 0;
  for (let i = 0; i < subscripts.length; i++) {
    const relative = subscripts[i] - array.lowerBounds[i];
    if (relative < 0 || relative >= array.dims[i]) throw subscriptError('array subscript out of range');
    offset = offset * array.dims[i] + relative;
  }
  return new PgArray(array.elementType, array.dims, array.lowerBounds, array.elements.with(offset, value));
}

/** Replaces consecutive elements of a one-dimensional array from subscript `start`, growing it on either side. */
function assignRun(array: PgArray, start: number, values: readonly Datum[]): PgArray {
  const first = Math.min(array.lowerBounds[0], start);
  const end = Math.max(array.lowerBounds[0] + array.dims[0], start + values.length);
  checkBounds([end - first], [first]);
  const elements: Datum[] = new Array<Datum>(end - first).fill(null);
  for (let i = 0; i < array.dims[0]; i++) elements[array.lowerBounds[0] - first + i] = array.elements[i];
  for (let i = 0; i < values.length; i++) elements[start - first + i] = values[i];
  return new PgArray(array.elementType, [elements.length], [first], elements);
}

/** `a[l:u] = source`, taking the source's elements in order. A NULL source leaves the array as it is. */
export function assignSlice(
  array: PgArray | null,
  elementType: number,
  lower: readonly SliceBound[],
  upper: readonly SliceBound[],
  source: PgArray | null,
): PgArray | null {
  if (lower.includes(null) || upper.includes(null)) throw nullSubscript();
  if (source === null) return array;
  if (lower.length > MAX_DIMENSIONS) throw tooManyDimensions(lower.length);
  if (array === null || array.dims.length === 0) return newSlice(elementType, lower, upper, source);
  const ndim = array.dims.length;
  if (ndim < lower.length) throw subscriptError('wrong number of array subscripts');
  const starts: number[] = [];
  const box: number[] = [];
  for (let i = 0; i < ndim; i++) {
    const first = array.lowerBounds[i];
    const last = first + array.dims[i] - 1;
    const from = lower[i] ?? first;
    const to = upper[i] ?? last;
    if (from > to && i < lower.length) throw subscriptError('upper bound cannot be less than lower bound');
    if (ndim > 1 && (from < first || to > last)) throw subscriptError('array subscript out of range');
    starts.push(from - first);
    box.push(to - from + 1);
  }
  const count = elementCount(box);
  if (count > source.elements.length) throw subscriptError('source array too small');
  if (ndim === 1) return assignRun(array, starts[0] + array.lowerBounds[0], source.elements.slice(0, count));
  const elements = array.elements.slice();
  const offsets = sliceOffsets(array.dims, starts, box);
  for (let i = 0; i < offsets.length; i++) elements[offsets[i]] = source.elements[i];
  return new PgArray(array.elementType, array.dims, array.lowerBounds, elements);
}

/** Assignment to a slice of an empty array makes an array of exactly that slice. */
function newSlice(
  elementType: number,
  lower: readonly SliceBound[],
  upper: readonly SliceBound[],
  source: PgArray,
): PgArray {
  const dims: number[] = [];
  const bounds: number[] = [];
  for (let i = 0; i < lower.length; i++) {
    const from = lower[i];
    const to = upper[i];
    if (typeof from !== 'number' || typeof to !== 'number')
      throw subscriptError(
        'array slice subscript must provide both boundaries',
        'When assigning to a slice of an empty array value, slice boundaries must be fully specified.',
      );
    if (from > to) throw subscriptError('upper bound cannot be less than lower bound');
    dims.push(to - from + 1);
    bounds.push(from);
  }
  checkBounds(dims, bounds);
  const count = elementCount(dims);
  if (source.elements.length < count) throw subscriptError('source array too small');
  return new PgArray(elementType, dims, bounds, source.elements.slice(0, count));
}

/**
 * `ARRAY[…]`. With `multidimensional` the values are arrays (or NULL) that become the slices of an array with one
 * dimension more; they must all have the same dimensions.
 */
export function makeArray(elementType: number, values: readonly Datum[], multidimensional: boolean): PgArray {
  if (!multidimensional) return PgArray.of(elementType, values);
  const mismatch = (): SqlError =>
    subscriptError('multidimensional arrays must have array expressions with matching dimensions');
  const parts: PgArray[] = [];
  for (const value of values) if (value instanceof PgArray && value.dims.length > 0) parts.push(value);
  if (parts.length === 0) return new PgArray(elementType, [], [], []);
  if (parts.length !== values.length) throw mismatch();
  const [first] = parts;
  if (first.dims.length >= MAX_DIMENSIONS) throw tooManyDimensions(first.dims.length + 1);
  for (const part of parts) if (!sameShape(part, first)) throw mismatch();
  const dims = [parts.length, ...first.dims];
  elementCount(dims);
  return new PgArray(
    elementType,
    dims,
    [1, ...first.lowerBounds],
    parts.flatMap((part) => part.elements),
  );
}

/** Whether two arrays have the same dimensions and lower bounds. */
export function sameShape(a: PgArray, b: PgArray): boolean {
  return (
    a.dims.length === b.dims.length &&
    a.dims.every((dim, i) => dim === b.dims[i] && a.lowerBounds[i] === b.lowerBounds[i])
  );
}
