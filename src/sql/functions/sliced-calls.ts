/** Which functions are called in slices where their arguments are large, and how large that is. */

import { MANY_ELEMENTS } from '../../types/array/slow-array.js';
import { type Datum, PgArray } from '../../types/datum.js';
import { isJsonbNode, type JsonbNode, JsonbObject } from '../../types/json/jsonb.js';
import { containsInSlices } from '../../types/json/jsonb-containing.js';
import { isLargeJsonb } from '../../types/json/jsonb-format.js';
import { prettyInSlices, strippedInSlices, withoutMembers } from '../../types/json/jsonb-large.js';
import { objectInSlices } from '../../types/json/jsonb-pairs.js';
import { characterCount } from '../../types/text/code-points.js';
import { eachPart, type Task } from '../../util/task.js';
import * as elements from './array-aggregates.js';
import { joinedInSlices } from './format-functions.js';
import * as nodes from './json-aggregates.js';
import { checkPath, stripNulls } from './jsonb-modify.js';
import type { CallContext, FunctionEntry, FunctionFamily } from './registry.js';
import * as arrays from './sliced-arrays.js';
import { isLargeForJson, slicedJson } from './sliced-json.js';

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
  [isLargeForJson, slicedJson],
  [
    isLongArray,
    {
      text_concat: (cx, args) => joinedInSlices(cx, args, 0),
      text_concat_ws: (cx, args) => joinedInSlices(cx, args, 1),
    },
  ],
  [
    hasLargeJsonb,
    {
      jsonb_pretty: (_cx, [node]) => prettyInSlices(nodeOf(node)),
      jsonb_strip_nulls: (_cx, [node]) => strippedInSlices(nodeOf(node), stripNulls),
    },
  ],
  [
    ([node]) => isLargeObject(node),
    { jsonb_delete: (_cx, [node, key]) => without(node, [key]), jsonb_delete_array: withoutList },
  ],
  [([a, b]) => isLargeObject(a) && isLargeObject(b), { jsonb_concat: (_cx, [a, b]) => concatenatedObjects(a, b) }],
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

function isLargeObject(value: Datum): boolean {
  return value instanceof JsonbObject && value.keys.length > MANY_ELEMENTS;
}

function nodeOf(value: Datum): JsonbNode {
  if (isJsonbNode(value)) return value;
  throw new Error('jsonb was expected');
}

function without(object: Datum, keys: readonly Datum[]): Task<Datum> {
  if (!(object instanceof JsonbObject)) throw new Error('an object was expected');
  const unwanted = new Set(keys);
  return withoutMembers(object, (i) => unwanted.has(object.keys[i]));
}

function withoutList(_cx: CallContext, [object, list]: readonly Datum[]): Task<Datum> {
  if (!(list instanceof PgArray)) throw new Error('an array was expected');
  checkPath(list);
  return without(object, list.elements);
}

function concatenatedObjects(a: Datum, b: Datum) {
  if (!(a instanceof JsonbObject) || !(b instanceof JsonbObject)) throw new Error('objects were expected');
  return objectInSlices(a.keys.concat(b.keys), a.values.concat(b.values));
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
