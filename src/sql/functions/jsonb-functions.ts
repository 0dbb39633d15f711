/** Operators and functions that read jsonb: access, existence, containment, comparison, expansion to rows, casts. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import type { Datum, PgArray } from '../../types/datum.js';
import { JsonbArray, type JsonbNode, JsonbObject, jsonbType } from '../../types/json/jsonb.js';
import { parsePathIndex } from '../../types/json/jsonb-access.js';
import { containsJsonb } from '../../types/json/jsonb-contains.js';
import { jsonbToText, prettyJsonb } from '../../types/json/jsonb-format.js';
import { compareJsonb, isNumberNode } from '../../types/json/jsonb-order.js';
import * as oid from '../../types/oids.js';
import {
  type CallContext,
  contextFunctions,
  type FunctionFamily,
  joinFamilies,
  plainFunctions,
  setFunctions,
} from './registry.js';

function field(node: JsonbNode, key: string): JsonbNode | null {
  return node instanceof JsonbObject ? (node.get(key) ?? null) : null;
}

/** A scalar at the top counts as an array of one. */
function element(node: JsonbNode, index: number): JsonbNode | null {
  if (node instanceof JsonbObject) return null;
  const elements = node instanceof JsonbArray ? node.elements : [node];
  return elements[index < 0 ? elements.length + index : index] ?? null;
}

function extractPath(node: JsonbNode, path: PgArray): JsonbNode | null {
  let current = node;
  if (path.elements.includes(null)) return null;
  for (const step of path.elements) {
    let next: JsonbNode | null = null;
    if (current instanceof JsonbObject) next = field(current, String(step));
    else if (current instanceof JsonbArray) {
      const index = parsePathIndex(String(step));
      next = index === null ? null : element(current, index);
    }
    if (next === null) return null;
    current = next;
  }
  return current;
}

function asText(node: JsonbNode | null): string | null {
  return node === null ? null : jsonbToText(node);
}

function exists(node: JsonbNode, key: string): boolean {
  if (node instanceof JsonbObject) return node.indexOf(key) >= 0;
  if (node instanceof JsonbArray) return node.elements.includes(key);
  return node === key;
}

function existsAny(node: JsonbNode, keys: PgArray): boolean {
  return keys.elements.some((key) => typeof key === 'string' && exists(node, key));
}

function existsAll(node: JsonbNode, keys: PgArray): boolean {
  return keys.elements.every((key) => typeof key !== 'string' || exists(node, key));
}

function invalid(message: string): SqlError {
  return sqlError('invalid_parameter_value', message);
}

function arrayLength(node: JsonbNode): number {
  if (node instanceof JsonbArray) return node.elements.length;
  throw invalid(`cannot get array length of a ${node instanceof JsonbObject ? 'non-array' : 'scalar'}`);
}

function objectKeys(node: JsonbNode): readonly string[] {
  if (node instanceof JsonbObject) return node.keys;
  throw invalid(`cannot call jsonb_object_keys on ${node instanceof JsonbArray ? 'an array' : 'a scalar'}`);
}

function* members(node: JsonbNode, name: string, text: boolean): Iterable<Datum[]> {
  if (!(node instanceof JsonbObject)) throw invalid(`cannot call ${name} on a non-object`);
  for (let i = 0; i < node.keys.length; i++) {
    yield [node.keys[i], text ? jsonbToText(node.values[i]) : node.values[i]];
  }
}

function elements(node: JsonbNode): readonly JsonbNode[] {
  if (node instanceof JsonbArray) return node.elements;
  throw invalid(`cannot extract elements from ${node instanceof JsonbObject ? 'an object' : 'a scalar'}`);
}

function castError(node: JsonbNode, type: string): SqlError {
  const kind = node instanceof JsonbArray ? 'array' : jsonbType(node) === 'number' ? 'numeric' : jsonbType(node);
  return invalid(`cannot cast jsonb ${kind} to type ${type}`);
}

function castBoolean(node: JsonbNode): boolean {
  if (typeof node === 'boolean') return node;
  throw castError(node, 'boolean');
}

const INTEGER_RANGES: Readonly<Record<string, bigint>> = { smallint: 1n << 15n, integer: 1n << 31n, bigint: 1n << 63n };

/** Rounds half away from zero, as numeric to integer casts do. */
function castInteger(node: JsonbNode, type: string): number | bigint {
  if (!isNumberNode(node)) throw castError(node, type);
  const text = node.toString();
  const [whole, fraction = '0'] = text.split('.');
  let value = BigInt(whole);
  if (fraction[0] >= '5') value += text[0] === '-' ? -1n : 1n;
  const limit = INTEGER_RANGES[type];
  if (value < -limit || value >= limit) throw sqlError('numeric_value_out_of_range', `${type} out of range`);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function castFloat(cx: CallContext, node: JsonbNode, type: string, typeOid: number): Datum {
  if (!isNumberNode(node)) throw castError(node, type);
  return cx.codec(typeOid).parse(node.toString(), cx, -1);
}

function castNumeric(cx: CallContext, node: JsonbNode): Datum {
  if (!isNumberNode(node)) throw castError(node, 'numeric');
  return typeof node === 'number' ? cx.codec(oid.NUMERIC).parse(String(node), cx, -1) : node;
}

export const jsonbFunctions: FunctionFamily = joinFamilies(
  plainFunctions({
    jsonb_object_field: field,
    jsonb_object_field_text: (node: JsonbNode, key: string) => asText(field(node, key)),
    jsonb_array_element: element,
    jsonb_array_element_text: (node: JsonbNode, index: number) => asText(element(node, index)),
    jsonb_extract_path: extractPath,
    jsonb_extract_path_text: (node: JsonbNode, path: PgArray) => asText(extractPath(node, path)),
    jsonb_exists: exists,
    jsonb_exists_any: existsAny,
    jsonb_exists_all: existsAll,
    jsonb_contains: containsJsonb,
    jsonb_contained: (inner: JsonbNode, outer: JsonbNode) => containsJsonb(outer, inner),
    jsonb_eq: (a: JsonbNode, b: JsonbNode) => compareJsonb(a, b) === 0,
    jsonb_ne: (a: JsonbNode, b: JsonbNode) => compareJsonb(a, b) !== 0,
    jsonb_lt: (a: JsonbNode, b: JsonbNode) => compareJsonb(a, b) < 0,
    jsonb_le: (a: JsonbNode, b: JsonbNode) => compareJsonb(a, b) <= 0,
    jsonb_gt: (a: JsonbNode, b: JsonbNode) => compareJsonb(a, b) > 0,
    jsonb_ge: (a: JsonbNode, b: JsonbNode) => compareJsonb(a, b) >= 0,
    jsonb_cmp: (a: JsonbNode, b: JsonbNode) => Math.sign(compareJsonb(a, b)),
    jsonb_typeof: (node: JsonbNode) => jsonbType(node),
    jsonb_array_length: arrayLength,
    jsonb_pretty: (node: JsonbNode) => prettyJsonb(node),
    jsonb_bool: castBoolean,
    jsonb_int2: (node: JsonbNode) => castInteger(node, 'smallint'),
    jsonb_int4: (node: JsonbNode) => castInteger(node, 'integer'),
    jsonb_int8: (node: JsonbNode) => castInteger(node, 'bigint'),
  }),
  contextFunctions({
    jsonb_numeric: castNumeric,
    jsonb_float4: (cx, node: JsonbNode) => castFloat(cx, node, 'real', oid.FLOAT4),
    jsonb_float8: (cx, node: JsonbNode) => castFloat(cx, node, 'double precision', oid.FLOAT8),
  }),
  setFunctions({
    jsonb_object_keys: (_cx, node: JsonbNode) => objectKeys(node),
    jsonb_each: (_cx, node: JsonbNode) => members(node, 'jsonb_each', false),
    jsonb_each_text: (_cx, node: JsonbNode) => members(node, 'jsonb_each_text', true),
    jsonb_array_elements: (_cx, node: JsonbNode) => elements(node),
    jsonb_array_elements_text: (_cx, node: JsonbNode) => elements(node).map(jsonbToText),
  }),
);
