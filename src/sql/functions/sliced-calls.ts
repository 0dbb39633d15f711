/** Which functions are called in slices where their arguments are large, and how large that is. */

import type { Datum } from '../../types/datum.js';
import { isJsonbNode } from '../../types/json/jsonb.js';
import { containsInSlices } from '../../types/json/jsonb-containing.js';
import { isLargeJsonb } from '../../types/json/jsonb-format.js';
import { characterCount } from '../../types/text/code-points.js';
import { eachPart, type Task } from '../../util/task.js';
import * as elements from './array-aggregates.js';
import * as nodes from './json-aggregates.js';
import type { CallContext, FunctionEntry, FunctionFamily } from './registry.js';
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
  [isVeryLongText, { textlen: lengthInSlices }],
  [arrays.splitsLongText, { text_to_array: arrays.split, text_to_array_null: arrays.split }],
  [elements.isLongState, { array_agg_finalfn: elements.elementsInSlices }],
  [nodes.isLargeState, { jsonb_agg_finalfn: nodes.nodesInSlices, jsonb_object_agg_finalfn: nodes.membersInSlices }],
  [
    hasLargeJsonb,
    {
      jsonb_contains: (_cx, [outer, inner]) => containment(outer, inner),
      jsonb_contained: (_cx, [inner, outer]) => containment(outer, inner),
    },
  ],
];

const MOST_COUNTED_AT_ONCE = 1024 * 1024;
/** Of these, `eachPart` has some hundreds counted at a time. */
const UNITS = 512;

function isVeryLongText([text]: readonly Datum[]): boolean {
  return typeof text === 'string' && text.length > MOST_COUNTED_AT_ONCE;
}

/** length(text): a character is counted with its first unit, so a text may be cut anywhere. */
function* lengthInSlices(_cx: CallContext, [text]: readonly Datum[]): Task<Datum> {
  const whole = String(text);
  let count = 0;
  yield* eachPart(Math.ceil(whole.length / UNITS), (from, to) => {
    count += characterCount(whole.slice(from * UNITS, to * UNITS));
    return true;
  });
  return count;
}

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
