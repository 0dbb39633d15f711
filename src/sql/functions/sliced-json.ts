/** Large values to JSON in slices: the same texts and nodes as those of to-json.ts. */

import { MANY_ELEMENTS, roomFor } from '../../types/array/slow-array.js';
import { type Datum, PgArray, PgRecord } from '../../types/datum.js';
import { isJsonbNode, JsonbArray, type JsonbNode, JsonbObject } from '../../types/json/jsonb.js';
import { formatLargeJsonb, parseLongJsonb } from '../../types/json/jsonb-codec.js';
import { isLargeJsonb, quoteJson } from '../../types/json/jsonb-format.js';
import * as oid from '../../types/oids.js';
import type { TypeCodec } from '../../types/type-codec.js';
import type { TypeContext } from '../../types/type-context.js';
import { SlicePace, type Task } from '../../util/task.js';
import { TextParts } from '../../util/text-parts.js';
import { buildArray, buildArrayNode, buildObject, buildObjectNode } from './json-build.js';
import type { CallContext } from './registry.js';
import type { SlicedCall } from './sliced-arrays.js';
import { jsonCategory, recordFieldNames, toJsonbNode, toJsonText } from './to-json.js';

/** Elements that are converted between two looks at the clock. */
const PER_LOOK = 64;
/** A json text of more is parsed in slices. */
const LONG_TEXT = 32 * 1024;

/** Whether an argument is a long array, a large jsonb, or a row with one of them. */
export function isLargeForJson(args: readonly Datum[]): boolean {
  return args.some(isLarge);
}

function isLarge(value: Datum): boolean {
  if (value === null || typeof value !== 'object') return typeof value === 'string' && value.length > LONG_TEXT;
  if (value instanceof PgArray) return value.elements.length > MANY_ELEMENTS;
  if (value instanceof PgRecord) return value.values.some(isLarge);
  return isJsonbNode(value) && isLargeJsonb(value);
}

/** As toJsonText. */
export function* jsonTextInSlices(cx: TypeContext, value: Datum, type: number, pretty: boolean): Task<string> {
  if (!isLarge(value)) return toJsonText(cx, value, type, pretty);
  if (value instanceof PgRecord) return yield* recordText(cx, value, pretty);
  const category = jsonCategory(cx, type);
  if (value instanceof PgArray && category === 'array') return yield* arrayText(cx, value, pretty);
  if (category === 'jsonb' && isJsonbNode(value)) return yield* formatLargeJsonb(value);
  return toJsonText(cx, value, type, pretty);
}

function* recordText(cx: TypeContext, record: PgRecord, pretty: boolean): Task<string> {
  const names = recordFieldNames(cx, record);
  const parts = new TextParts();
  for (let i = 0; i < record.values.length; i++) {
    if (i > 0) parts.add(pretty ? ',\n ' : ',');
    parts.add(`${quoteJson(names[i])}:`);
    parts.add(yield* jsonTextInSlices(cx, record.values[i], record.fieldTypes[i], false));
  }
  return `{${parts.text}}`;
}

/** Brackets open and close where a part of some dimension begins and ends. */
function* arrayText(cx: TypeContext, array: PgArray, pretty: boolean): Task<string> {
  const { elements, elementType } = array;
  const inner = partSizes(array);
  const outermost = inner[0] ?? 1;
  const parts = new TextParts();
  const pace = new SlicePace();
  for (let i = 0; i < elements.length; i++) {
    if (i % PER_LOOK === 0 && pace.overdue()) yield pace.giveWay();
    if (i > 0) parts.add(pretty && i % outermost === 0 ? ',\n ' : ',');
    for (const size of inner) if (i % size === 0) parts.add('[');
    const element = elements[i];
    parts.add(
      isLarge(element)
        ? yield* jsonTextInSlices(cx, element, elementType, false)
        : toJsonText(cx, element, elementType),
    );
    for (const size of inner) if ((i + 1) % size === 0) parts.add(']');
  }
  return `[${parts.text}]`;
}

/** How many elements the arrays within an array have, from the outer to the inner ones. */
function partSizes({ dims }: PgArray): number[] {
  return dims.slice(1).map((_, level) => dims.slice(level + 1).reduce((size, dim) => size * dim, 1));
}

/** As toJsonbNode. */
export function* jsonNodeInSlices(cx: TypeContext, value: Datum, type: number): Task<JsonbNode> {
  if (!isLarge(value)) return toJsonbNode(cx, value, type);
  if (value instanceof PgRecord) return yield* recordNode(cx, value);
  const category = jsonCategory(cx, type);
  if (value instanceof PgArray && category === 'array') return yield* arrayNode(cx, value);
  if (typeof value === 'string' && category === 'json') return yield* parseLongJsonb(value);
  return toJsonbNode(cx, value, type);
}

function* recordNode(cx: TypeContext, record: PgRecord): Task<JsonbNode> {
  const nodes: JsonbNode[] = [];
  for (let i = 0; i < record.values.length; i++)
    nodes.push(yield* jsonNodeInSlices(cx, record.values[i], record.fieldTypes[i]));
  return JsonbObject.fromPairs([...recordFieldNames(cx, record)], nodes);
}

function* arrayNode(cx: TypeContext, array: PgArray): Task<JsonbNode> {
  const { elements, elementType } = array;
  const pace = new SlicePace();
  let nodes = roomFor<JsonbNode>(elements.length);
  for (let i = 0; i < elements.length; i++) {
    if (i % PER_LOOK === 0 && pace.overdue()) yield pace.giveWay();
    const element = elements[i];
    nodes[i] = isLarge(element)
      ? yield* jsonNodeInSlices(cx, element, elementType)
      : toJsonbNode(cx, element, elementType);
  }
  for (const size of array.dims.slice(1).reverse()) {
    const groups: JsonbNode[] = [];
    for (let i = 0; i < nodes.length; i += size) {
      if (groups.length % PER_LOOK === 0 && pace.overdue()) yield pace.giveWay();
      groups.push(new JsonbArray(nodes.slice(i, i + size)));
    }
    nodes = groups;
  }
  return new JsonbArray(nodes);
}

/** A call whose large arguments have become json already. */
class ConvertedCall implements CallContext {
  constructor(
    private readonly base: CallContext,
    readonly argTypes: readonly number[],
  ) {}

  get argTypmods(): readonly number[] {
    return this.base.argTypmods;
  }
  get resultType(): number {
    return this.base.resultType;
  }
  get variadicArray(): boolean {
    return this.base.variadicArray;
  }
  get session(): CallContext['session'] {
    return this.base.session;
  }
  get settings(): CallContext['settings'] {
    return this.base.settings;
  }
  get catalog(): CallContext['catalog'] {
    return this.base.catalog;
  }
  get transactionTimestamp(): number {
    return this.base.transactionTimestamp;
  }
  get statementTimestamp(): number {
    return this.base.statementTimestamp;
  }
  codec(type: number): TypeCodec {
    return this.base.codec(type);
  }
}

type ContextCall = { call(cx: CallContext, ...args: Datum[]): Datum }['call'];

/**
 * A function over values of any types, called once its large arguments have become json (`binary`: jsonb) in slices; of an
 * object those that are no keys.
 */
function converting(call: ContextCall, binary: boolean, isObject: boolean): SlicedCall {
  return function* (cx, args) {
    const types = [...cx.argTypes];
    const values = [...args];
    const count = cx.variadicArray ? args.length - 1 : args.length;
    for (let i = isObject ? 1 : 0; i < count; i += isObject ? 2 : 1) {
      if (!isLarge(args[i])) continue;
      values[i] = binary
        ? yield* jsonNodeInSlices(cx, args[i], types[i])
        : yield* jsonTextInSlices(cx, args[i], types[i], false);
      types[i] = binary ? oid.JSONB : oid.JSON;
    }
    return call(new ConvertedCall(cx, types), ...values);
  };
}

export const slicedJson: Readonly<Record<string, SlicedCall>> = {
  to_json: (cx, [value]) => jsonTextInSlices(cx, value, cx.argTypes[0], false),
  to_jsonb: (cx, [value]) => jsonNodeInSlices(cx, value, cx.argTypes[0]),
  row_to_json: (cx, [record]) => jsonTextInSlices(cx, record, oid.RECORD, false),
  row_to_json_pretty: (cx, [record, pretty]) => jsonTextInSlices(cx, record, oid.RECORD, pretty === true),
  array_to_json: (cx, [array]) => jsonTextInSlices(cx, array, cx.argTypes[0], false),
  array_to_json_pretty: (cx, [array, pretty]) => jsonTextInSlices(cx, array, cx.argTypes[0], pretty === true),
  json_build_array: converting(buildArray, false, false),
  json_build_object: converting(buildObject, false, true),
  jsonb_build_array: converting(buildArrayNode, true, false),
  jsonb_build_object: converting(buildObjectNode, true, true),
};
