/** Which functions are called in slices where their arguments are large, and how large that is. */

import type { Datum } from '../../types/datum.js';
import { isJsonbNode } from '../../types/json/jsonb.js';
import { containsInSlices } from '../../types/json/jsonb-containing.js';
import { isLargeJsonb } from '../../types/json/jsonb-format.js';
import type { FunctionEntry, FunctionFamily } from './registry.js';
import * as arrays from './sliced-arrays.js';

type Measure = (args: readonly Datum[]) => boolean;

const { isLongArray } = arrays;

const SLICED: readonly (readonly [Measure, Readonly<Record<string, arrays.SlicedCall>>])[] = [
  [
    isLongArray,
    {
      array_eq: arrays.equality(true),
      array_ne: arrays.equality(false),
      array_lt: arrays.compared((order) => order < 0),
      array_le: arrays.compared((order) => order <= 0),
      array_gt: arrays.compared((order) => order > 0),
      array_ge: arrays.compared((order) => order >= 0),
      arraycontains: arrays.contains,
      arraycontained: arrays.contained,
      arrayoverlap: arrays.overlaps,
      array_remove: arrays.removed,
      array_replace: arrays.replaced,
      array_cat: arrays.concatenated,
    },
  ],
  // These are not strict: the array may be NULL, which is not long.
  [isLongArray, { array_position: arrays.position, array_positions: arrays.positions }],
  [isLongArray, { array_to_text: arrays.joinedText, array_to_text_null: arrays.joinedText }],
  [arrays.fillsMany, { array_fill: arrays.filled, array_fill_with_lower_bounds: arrays.filled }],
  [arrays.splitsLongText, { text_to_array: arrays.split, text_to_array_null: arrays.split }],
  [
    hasLargeJsonb,
    {
      jsonb_contains: (_cx, [outer, inner]) => containment(outer, inner),
      jsonb_contained: (_cx, [inner, outer]) => containment(outer, inner),
    },
  ],
];

function hasLargeJsonb(args: readonly Datum[]): boolean {
  return args.some((arg) => isJsonbNode(arg) && isLargeJsonb(arg));
}

function containment(outer: Datum, inner: Datum) {
  if (!isJsonbNode(outer) || !isJsonbNode(inner)) throw new Error('jsonb was expected');
  return containsInSlices(outer, inner);
}

/** The same functions, with what is said above about them. */
export function withSlicedCalls(functions: FunctionFamily): FunctionFamily {
  const all = new Map(functions);
  for (const [isLong, calls] of SLICED) {
    for (const [source, run] of Object.entries(calls)) all.set(source, sliced(functions, source, isLong, run));
  }
  return all;
}

function sliced(functions: FunctionFamily, source: string, isLong: Measure, run: arrays.SlicedCall): FunctionEntry {
  const entry = functions.get(source);
  if (entry === undefined || entry.kind === 'set') throw new Error(`${source} is no function that is called in slices`);
  if (entry.kind === 'context') return { ...entry, long: { isLong, run } };
  return { ...entry, kind: 'context', call: (_cx, ...args) => entry.call(...args), long: { isLong, run } };
}
