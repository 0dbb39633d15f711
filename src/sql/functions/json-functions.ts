/**
 * Operators and functions that read json. json is text: pieces are cut out of it as they stand, and of members with
 * the same key the last counts.
 */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import type { Datum, PgArray } from '../../types/datum.js';
import {
  ARRAY_END,
  ARRAY_START,
  COMMA,
  JsonReader,
  NULL,
  NUMBER,
  OBJECT_END,
  OBJECT_START,
  STRING,
} from '../../types/json/json-reader.js';
import { parsePathIndex } from '../../types/json/jsonb-access.js';
import { quoteJson } from '../../types/json/jsonb-format.js';
import { type FunctionFamily, joinFamilies, plainFunctions, setFunctions } from './registry.js';

/** A value inside a json text: its own text, and what `->>` gives for it. */
export interface JsonPiece {
  readonly text: string;
  /** The kind of its first token (json-reader.ts). */
  readonly token: number;
  readonly string: string | null;
}

function readPiece(reader: JsonReader): JsonPiece {
  const { token, tokenStart } = reader;
  const string = token === STRING ? reader.stringValue() : null;
  reader.skipValue();
  return { text: reader.text.slice(tokenStart, reader.previousEnd), token, string };
}

/** The members of the object that the reader stands on, in the order of the text. */
export function* jsonMembers(reader: JsonReader): Iterable<{ key: string; value: JsonPiece }> {
  reader.enter();
  if (reader.token === STRING) {
    for (;;) {
      const key = reader.memberKey();
      yield { key, value: readPiece(reader) };
      if (reader.token !== COMMA) break;
      reader.next();
    }
  }
  reader.leave(OBJECT_END, '"," or "}"');
}

/** The elements of the array that the reader stands on. */
export function* jsonElements(reader: JsonReader): Iterable<JsonPiece> {
  reader.enter();
  if (reader.token !== ARRAY_END) {
    for (;;) {
      yield readPiece(reader);
      if (reader.token !== COMMA) break;
      reader.next();
    }
  }
  reader.leave(ARRAY_END, '"," or "]"');
}

export function pieceText(piece: JsonPiece | null): string | null {
  if (piece === null || piece.token === NULL) return null;
  return piece.string ?? piece.text;
}

function field(json: string, key: string): JsonPiece | null {
  const reader = new JsonReader(json, true);
  if (reader.token !== OBJECT_START) return null;
  let found: JsonPiece | null = null;
  for (const member of jsonMembers(reader)) if (member.key === key) found = member.value;
  return found;
}

function element(json: string, index: number): JsonPiece | null {
  const reader = new JsonReader(json, true);
  if (reader.token !== ARRAY_START) return null;
  const pieces = [...jsonElements(reader)];
  return pieces[index < 0 ? pieces.length + index : index] ?? null;
}

function extractPath(json: string, path: PgArray): JsonPiece | null {
  if (path.elements.includes(null)) return null;
  let current: JsonPiece | null = readPiece(new JsonReader(json, true));
  for (const step of path.elements) {
    if (current === null) return null;
    const text = String(step);
    const index = parsePathIndex(text);
    if (current.token === OBJECT_START) current = field(current.text, text);
    else current = index === null ? null : element(current.text, index);
  }
  return current;
}

function invalid(message: string): SqlError {
  return sqlError('invalid_parameter_value', message);
}

function arrayLength(json: string): number {
  const reader = new JsonReader(json, false);
  if (reader.token !== ARRAY_START)
    throw invalid(`cannot get array length of a ${reader.token === OBJECT_START ? 'non-array' : 'scalar'}`);
  let count = 0;
  for (const _ of jsonElements(new JsonReader(json, false))) count++;
  return count;
}

function typeOf(json: string): string {
  switch (new JsonReader(json, false).token) {
    case OBJECT_START:
      return 'object';
    case ARRAY_START:
      return 'array';
    case STRING:
      return 'string';
    case NUMBER:
      return 'number';
    case NULL:
      return 'null';
    default:
      return 'boolean';
  }
}

function objectKeys(json: string): string[] {
  const reader = new JsonReader(json, true);
  if (reader.token !== OBJECT_START)
    throw invalid(`cannot call json_object_keys on ${reader.token === ARRAY_START ? 'an array' : 'a scalar'}`);
  return Array.from(jsonMembers(reader), (member) => member.key);
}

function* each(json: string, text: boolean): Iterable<Datum[]> {
  const reader = new JsonReader(json, true);
  if (reader.token !== OBJECT_START)
    throw invalid(
      reader.token === ARRAY_START ? 'cannot deconstruct an array as an object' : 'cannot deconstruct a scalar',
    );
  for (const { key, value } of jsonMembers(reader)) yield [key, text ? pieceText(value) : value.text];
}

function* arrayElements(json: string, text: boolean): Iterable<Datum> {
  const name = text ? 'json_array_elements_text' : 'json_array_elements';
  const reader = new JsonReader(json, text);
  if (reader.token !== ARRAY_START)
    throw invalid(`cannot call ${name} on a ${reader.token === OBJECT_START ? 'non-array' : 'scalar'}`);
  for (const piece of jsonElements(reader)) yield text ? pieceText(piece) : piece.text;
}

/** The text without object members that are null, and without spaces. */
function stripNulls(json: string): string {
  const reader = new JsonReader(json, true);
  if (reader.token === OBJECT_START) {
    const members: string[] = [];
    for (const { key, value } of jsonMembers(reader)) {
      if (value.token !== NULL) members.push(`${quoteJson(key)}:${stripNulls(value.text)}`);
    }
    return `{${members.join(',')}}`;
  }
  if (reader.token === ARRAY_START)
    return `[${Array.from(jsonElements(reader), (piece) => stripNulls(piece.text)).join(',')}]`;
  return reader.token === STRING ? quoteJson(reader.stringValue()) : reader.tokenText();
}

export const jsonFunctions: FunctionFamily = joinFamilies(
  plainFunctions({
    json_object_field: (json: string, key: string) => field(json, key)?.text ?? null,
    json_object_field_text: (json: string, key: string) => pieceText(field(json, key)),
    json_array_element: (json: string, index: number) => element(json, index)?.text ?? null,
    json_array_element_text: (json: string, index: number) => pieceText(element(json, index)),
    json_extract_path: (json: string, path: PgArray) => extractPath(json, path)?.text ?? null,
    json_extract_path_text: (json: string, path: PgArray) => pieceText(extractPath(json, path)),
    json_array_length: arrayLength,
    json_typeof: typeOf,
    json_strip_nulls: stripNulls,
  }),
  setFunctions({
    json_object_keys: (_cx, json: string) => objectKeys(json),
    json_each: (_cx, json: string) => each(json, false),
    json_each_text: (_cx, json: string) => each(json, true),
    json_array_elements: (_cx, json: string) => arrayElements(json, false),
    json_array_elements_text: (_cx, json: string) => arrayElements(json, true),
  }),
);
