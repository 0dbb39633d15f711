/** Functions that make json and jsonb out of SQL values: to_json, row_to_json, json_build_*, json_object. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { type Datum, PgArray, type PgRecord } from '../../types/datum.js';
import {
  EMPTY_ARRAY,
  EMPTY_OBJECT,
  JSON_NULL,
  JsonbArray,
  type JsonbNode,
  JsonbObject,
} from '../../types/json/jsonb.js';
import { quoteJson } from '../../types/json/jsonb-format.js';
import * as oid from '../../types/oids.js';
import { type CallContext, contextFunctions, type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';
import { toJsonbNode, toJsonKey, toJsonText } from './to-json.js';

interface TypedValues {
  readonly values: readonly Datum[];
  readonly types: readonly number[];
}

/** The arguments of a VARIADIC "any" function, an explicit array spread out; null for VARIADIC NULL. */
function variadicValues(cx: CallContext, args: readonly Datum[]): TypedValues | null {
  if (!cx.variadicArray) return { values: args, types: cx.argTypes };
  const last = args[args.length - 1];
  if (!(last instanceof PgArray)) return null;
  const given = args.length - 1;
  return {
    values: [...args.slice(0, given), ...last.elements],
    types: [...cx.argTypes.slice(0, given), ...last.elements.map(() => last.elementType)],
  };
}

function checkPairs(count: number, name: string): void {
  if (count % 2 === 0) return;
  throw sqlError('invalid_parameter_value', 'argument list must have even number of elements', {
    hint: `The arguments of ${name}() must consist of alternating keys and values.`,
  });
}

export function buildObject(cx: CallContext, ...args: Datum[]): string | null {
  const list = variadicValues(cx, args);
  if (list === null) return null;
  const { values, types } = list;
  checkPairs(values.length, 'json_build_object');
  const members: string[] = [];
  for (let i = 0; i < values.length; i += 2) {
    if (values[i] === null)
      throw sqlError('invalid_parameter_value', `argument ${i + 1} cannot be null`, {
        hint: 'Object keys should be text.',
      });
    const key = quoteJson(toJsonKey(cx, values[i], types[i]));
    members.push(`${key} : ${toJsonText(cx, values[i + 1], types[i + 1])}`);
  }
  return `{${members.join(', ')}}`;
}

export function buildObjectNode(cx: CallContext, ...args: Datum[]): JsonbNode | null {
  const list = variadicValues(cx, args);
  if (list === null) return null;
  const { values, types } = list;
  checkPairs(values.length, 'jsonb_build_object');
  const keys: string[] = [];
  const nodes: JsonbNode[] = [];
  for (let i = 0; i < values.length; i += 2) {
    if (values[i] === null) throw sqlError('invalid_parameter_value', `argument ${i + 1}: key must not be null`);
    keys.push(toJsonKey(cx, values[i], types[i]));
    nodes.push(toJsonbNode(cx, values[i + 1], types[i + 1]));
  }
  return JsonbObject.fromPairs(keys, nodes);
}

export function buildArray(cx: CallContext, ...args: Datum[]): string | null {
  const list = variadicValues(cx, args);
  if (list === null) return null;
  return `[${list.values.map((value, i) => toJsonText(cx, value, list.types[i])).join(', ')}]`;
}

export function buildArrayNode(cx: CallContext, ...args: Datum[]): JsonbNode | null {
  const list = variadicValues(cx, args);
  if (list === null) return null;
  return new JsonbArray(list.values.map((value, i) => toJsonbNode(cx, value, list.types[i])));
}

function shapeError(message: string): SqlError {
  return sqlError('array_subscript_error', message);
}

interface TextPairs {
  keys: string[];
  values: (string | null)[];
}

function pairUp(elements: readonly Datum[]): TextPairs {
  const pairs: TextPairs = { keys: [], values: [] };
  for (let i = 0; i < elements.length; i += 2) addPair(pairs, elements[i], elements[i + 1]);
  return pairs;
}

function addPair(pairs: TextPairs, key: Datum, value: Datum): void {
  if (key === null) throw sqlError('null_value_not_allowed', 'null value not allowed for object key');
  pairs.keys.push(String(key));
  pairs.values.push(value === null ? null : String(value));
}

/** The pairs in `{k,v,k,v}` or `{{k,v},{k,v}}`. */
function pairsOfOne(array: PgArray): TextPairs {
  if (array.dims.length === 1 && array.dims[0] % 2 !== 0) throw shapeError('array must have even number of elements');
  if (array.dims.length === 2 && array.dims[1] !== 2) throw shapeError('array must have two columns');
  if (array.dims.length > 2) throw shapeError('wrong number of array subscripts');
  return pairUp(array.elements);
}

function pairsOfTwo(keys: PgArray, values: PgArray): TextPairs {
  if (keys.dims.length > 1 || keys.dims.length !== values.dims.length)
    throw shapeError('wrong number of array subscripts');
  if (keys.elements.length !== values.elements.length) throw shapeError('mismatched array dimensions');
  const pairs: TextPairs = { keys: [], values: [] };
  keys.elements.forEach((key, i) => {
    addPair(pairs, key, values.elements[i]);
  });
  return pairs;
}

function objectText({ keys, values }: TextPairs): string {
  const members = keys.map((key, i) => {
    const value = values[i];
    return `${quoteJson(key)} : ${value === null ? 'null' : quoteJson(value)}`;
  });
  return `{${members.join(', ')}}`;
}

function objectNode({ keys, values }: TextPairs): JsonbNode {
  return JsonbObject.fromPairs(
    keys,
    values.map((value) => value ?? JSON_NULL),
  );
}

export const jsonBuildFunctions: FunctionFamily = joinFamilies(
  contextFunctions({
    to_json: (cx, value: Datum) => toJsonText(cx, value, cx.argTypes[0]),
    to_jsonb: (cx, value: Datum) => toJsonbNode(cx, value, cx.argTypes[0]),
    row_to_json: (cx, record: PgRecord) => toJsonText(cx, record, oid.RECORD),
    row_to_json_pretty: (cx, record: PgRecord, pretty: boolean) => toJsonText(cx, record, oid.RECORD, pretty),
    array_to_json: (cx, array: PgArray) => toJsonText(cx, array, cx.argTypes[0]),
    array_to_json_pretty: (cx, array: PgArray, pretty: boolean) => toJsonText(cx, array, cx.argTypes[0], pretty),
    json_build_object: buildObject,
    json_build_array: buildArray,
    jsonb_build_object: buildObjectNode,
    jsonb_build_array: buildArrayNode,
  }),
  plainFunctions({
    json_build_object_noargs: () => '{}',
    json_build_array_noargs: () => '[]',
    jsonb_build_object_noargs: () => EMPTY_OBJECT,
    jsonb_build_array_noargs: () => EMPTY_ARRAY,
    json_object: (array: PgArray) => objectText(pairsOfOne(array)),
    json_object_two_arg: (keys: PgArray, values: PgArray) => objectText(pairsOfTwo(keys, values)),
    jsonb_object: (array: PgArray) => objectNode(pairsOfOne(array)),
    jsonb_object_two_arg: (keys: PgArray, values: PgArray) => objectNode(pairsOfTwo(keys, values)),
  }),
);
