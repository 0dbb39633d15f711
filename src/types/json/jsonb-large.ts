/** Large jsonb in slices: the same as prettyJsonb gives, and copies without some of the members. */
import { SlicePace, type Task } from '../../util/task.js';
import { TextParts } from '../../util/text-parts.js';
import { isContainer, JSON_NULL, JsonbArray, type JsonbNode, JsonbObject } from './jsonb.js';
import { isLargeJsonb, prettyJsonb, quoteJson } from './jsonb-format.js';

/** Elements that are worked on between two looks at the clock. */
const PER_LOOK = 64;

/** As prettyJsonb. */
export function* prettyInSlices(node: JsonbNode): Task<string> {
  const parts = new TextParts();
  yield* addPretty(node, '', parts, new SlicePace());
  return parts.text;
}

function* addPretty(node: JsonbNode, indent: string, parts: TextParts, pace: SlicePace): Task<void> {
  if (!isContainer(node) || !isLargeJsonb(node)) {
    parts.add(prettyJsonb(node, indent));
    return;
  }
  const inner = `${indent}    `;
  const isObject = node instanceof JsonbObject;
  const values = isObject ? node.values : node.elements;
  parts.add(isObject ? '{\n' : '[\n');
  for (let i = 0; i < values.length; i++) {
    if (i % PER_LOOK === 0 && pace.overdue()) yield pace.giveWay();
    parts.add(`${i > 0 ? ',\n' : ''}${inner}${isObject ? `${quoteJson(node.keys[i])}: ` : ''}`);
    yield* addPretty(values[i], inner, parts, pace);
  }
  parts.add(`\n${indent}${isObject ? '}' : ']'}`);
}

/** A copy without the members that `unwanted` names. */
export function* withoutMembers(node: JsonbObject, unwanted: (i: number) => boolean): Task<JsonbObject> {
  const pace = new SlicePace();
  const keys: string[] = [];
  const values: JsonbNode[] = [];
  for (let i = 0; i < node.keys.length; i++) {
    if (i % PER_LOOK === 0 && pace.overdue()) yield pace.giveWay();
    if (unwanted(i)) continue;
    keys.push(node.keys[i]);
    values.push(node.values[i]);
  }
  return keys.length === node.keys.length ? node : new JsonbObject(keys, values);
}

/** Without members that are null, at every level. `small`: the same for a node that is not large. */
export function* strippedInSlices(node: JsonbNode, small: (node: JsonbNode) => JsonbNode): Task<JsonbNode> {
  if (!isContainer(node) || !isLargeJsonb(node)) return small(node);
  const isObject = node instanceof JsonbObject;
  const kept = isObject ? yield* withoutMembers(node, (i) => node.values[i] === JSON_NULL) : node;
  const nodes: JsonbNode[] = [];
  const pace = new SlicePace();
  const values = kept instanceof JsonbObject ? kept.values : kept.elements;
  for (let i = 0; i < values.length; i++) {
    if (i % PER_LOOK === 0 && pace.overdue()) yield pace.giveWay();
    nodes.push(yield* strippedInSlices(values[i], small));
  }
  return kept instanceof JsonbObject ? new JsonbObject(kept.keys, nodes) : new JsonbArray(nodes);
}
