/** json_agg, jsonb_agg, json_object_agg and jsonb_object_agg. States are mutable and belong to one group each. */
import { sqlError } from '../../errors/sql-error.js';
import { copyInSlices, MANY_ELEMENTS } from '../../types/array/slow-array.js';
import { type Datum, PgArray, PgRecord } from '../../types/datum.js';
import { JsonbArray, type JsonbNode, JsonbObject } from '../../types/json/jsonb.js';
import { quoteJson } from '../../types/json/jsonb-format.js';
import { objectInSlices } from '../../types/json/jsonb-pairs.js';
import type { Task } from '../../util/task.js';
import { TextParts } from '../../util/text-parts.js';
import { type CallContext, contextFunctions, type FunctionFamily } from './registry.js';
import { toJsonbNode, toJsonKey, toJsonText } from './to-json.js';

class NodeState {
  readonly keys: string[] = [];
  readonly nodes: JsonbNode[] = [];
}

/** Arrays and rows after the first value start on a line of their own. */
function addText(cx: CallContext, state: TextParts | null, value: Datum): TextParts {
  const text = toJsonText(cx, value, cx.argTypes[1]);
  const wide = value instanceof PgArray || value instanceof PgRecord;
  return withItem(state, state !== null && wide ? '\n ' : '', text);
}

/** The text of the state with one more item. */
function withItem(state: TextParts | null, before: string, item: string): TextParts {
  const parts = state ?? new TextParts();
  parts.add(state === null ? before : `, ${before}`);
  parts.add(item);
  return parts;
}

function addNode(cx: CallContext, state: NodeState | null, value: Datum): NodeState {
  const current = state ?? new NodeState();
  current.nodes.push(toJsonbNode(cx, value, cx.argTypes[1]));
  return current;
}

function memberKey(cx: CallContext, key: Datum): string {
  if (key === null) throw sqlError('invalid_parameter_value', 'field name must not be null');
  return toJsonKey(cx, key, cx.argTypes[1]);
}

function addMember(cx: CallContext, state: TextParts | null, key: Datum, value: Datum): TextParts {
  const name = quoteJson(memberKey(cx, key));
  return withItem(state, `${name} : `, toJsonText(cx, value, cx.argTypes[2]));
}

function addNodeMember(cx: CallContext, state: NodeState | null, key: Datum, value: Datum): NodeState {
  const current = state ?? new NodeState();
  current.keys.push(memberKey(cx, key));
  current.nodes.push(toJsonbNode(cx, value, cx.argTypes[2]));
  return current;
}

/** Whether the result of jsonb_agg or jsonb_object_agg is large. */
export function isLargeState([state]: readonly Datum[]): boolean {
  return state instanceof NodeState && state.nodes.length > MANY_ELEMENTS;
}

function stateOf([state]: readonly Datum[]): NodeState {
  if (state instanceof NodeState) return state;
  throw new Error('nodes were expected');
}

/** The result of jsonb_agg, in slices. */
export function* nodesInSlices(_cx: CallContext, args: readonly Datum[]): Task<Datum> {
  return new JsonbArray(yield* copyInSlices(stateOf(args).nodes));
}

/** The result of jsonb_object_agg, in slices. */
export function membersInSlices(_cx: CallContext, args: readonly Datum[]): Task<Datum> {
  const { keys, nodes } = stateOf(args);
  return objectInSlices(keys, nodes);
}

export const jsonAggregates: FunctionFamily = contextFunctions({
  json_agg_transfn: addText,
  json_agg_finalfn: (_cx, state: TextParts | null) => (state === null ? null : `[${state.text}]`),
  jsonb_agg_transfn: addNode,
  jsonb_agg_finalfn: (_cx, state: NodeState | null) => (state === null ? null : new JsonbArray(state.nodes.slice())),
  json_object_agg_transfn: addMember,
  json_object_agg_finalfn: (_cx, state: TextParts | null) => (state === null ? null : `{ ${state.text} }`),
  jsonb_object_agg_transfn: addNodeMember,
  jsonb_object_agg_finalfn: (_cx, state: NodeState | null) =>
    state === null ? null : JsonbObject.fromPairs(state.keys.slice(), state.nodes.slice()),
});
