/** array_agg over scalars and over arrays. The states are mutable and belong to one group each. */
import { sqlError } from '../../errors/sql-error.js';
import { sameShape } from '../../types/array/array-access.js';
import { elementCount, MAX_DIMENSIONS, tooManyDimensions } from '../../types/array/array-literal.js';
import { copyInSlices, MANY_ELEMENTS } from '../../types/array/slow-array.js';
import { type Datum, PgArray } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import { type CallContext, contextFunctions, type FunctionFamily } from './registry.js';

/** Values of array_agg(anynonarray) so far. */
class ElementState {
  readonly elements: Datum[] = [];

  constructor(readonly elementType: number) {}
}

/** Elements of all arrays of array_agg(anyarray) so far, and the first array, whose shape all others must have. */
class SliceState {
  readonly elements: Datum[] = [];
  count = 0;

  constructor(readonly first: PgArray) {}
}

function addElement(cx: CallContext, state: ElementState | null, value: Datum): ElementState {
  const current = state ?? new ElementState(cx.argTypes[1]);
  current.elements.push(value);
  return current;
}

function addArray(_cx: CallContext, state: SliceState | null, value: PgArray | null): SliceState {
  if (value === null) throw sqlError('null_value_not_allowed', 'cannot accumulate null arrays');
  if (value.dims.length === 0) throw sqlError('array_subscript_error', 'cannot accumulate empty arrays');
  if (value.dims.length >= MAX_DIMENSIONS) throw tooManyDimensions(value.dims.length + 1);
  const current = state ?? new SliceState(value);
  if (!sameShape(value, current.first))
    throw sqlError('array_subscript_error', 'cannot accumulate arrays of different dimensionality');
  for (const element of value.elements) current.elements.push(element);
  current.count++;
  return current;
}

function finishArrays(_cx: CallContext, state: SliceState | null): PgArray | null {
  if (state === null) return null;
  const { first, count } = state;
  const dims = [count, ...first.dims];
  elementCount(dims);
  return new PgArray(first.elementType, dims, [1, ...first.lowerBounds], state.elements.slice());
}

/** Whether the result of array_agg over scalars is long. */
export function isLongState([state]: readonly Datum[]): boolean {
  return state instanceof ElementState && state.elements.length > MANY_ELEMENTS;
}

/** The result of array_agg over scalars, in slices. */
export function* elementsInSlices(_cx: CallContext, [state]: readonly Datum[]): Task<Datum> {
  if (!(state instanceof ElementState)) throw new Error('elements were expected');
  return PgArray.of(state.elementType, yield* copyInSlices(state.elements));
}

export const arrayAggregates: FunctionFamily = contextFunctions({
  array_agg_transfn: addElement,
  array_agg_finalfn: (_cx, state: ElementState | null) =>
    state === null ? null : PgArray.of(state.elementType, state.elements.slice()),
  array_agg_array_transfn: addArray,
  array_agg_array_finalfn: finishArrays,
});
