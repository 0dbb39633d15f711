/** Text to jsonb nodes: one pass over the text, exact numbers, the last of equal keys wins. */

import {
  ARRAY_END,
  ARRAY_START,
  COLON,
  COMMA,
  FALSE,
  JsonReader,
  NULL,
  NUMBER,
  OBJECT_END,
  OBJECT_START,
  STRING,
  TRUE,
} from './json-reader.js';
import {
  EMPTY_ARRAY,
  EMPTY_OBJECT,
  JSON_NULL,
  JsonbArray,
  type JsonbNode,
  JsonbObject,
  parseNumberNode,
} from './jsonb.js';

/** Parses one JSON value. Throws 22P02, 22P05 (\u0000), 22003 (number too large) or 54001 (nested too deep). */
export function parseJsonb(text: string): JsonbNode {
  const reader = new JsonReader(text, true);
  const node = parseNode(reader);
  reader.expectEnd();
  return node;
}

function parseNode(reader: JsonReader): JsonbNode {
  let node: JsonbNode;
  switch (reader.token) {
    case OBJECT_START:
      return parseObject(reader);
    case ARRAY_START:
      return parseArray(reader);
    case STRING:
      node = reader.stringValue();
      break;
    case NUMBER:
      node = parseNumberNode(reader.tokenText());
      break;
    case TRUE:
      node = true;
      break;
    case FALSE:
      node = false;
      break;
    case NULL:
      node = JSON_NULL;
      break;
    default:
      throw reader.unexpected('JSON value');
  }
  reader.next();
  return node;
}

function parseObject(reader: JsonReader): JsonbObject {
  reader.enter();
  if (reader.token !== STRING) {
    reader.leave(OBJECT_END, 'string or "}"');
    return EMPTY_OBJECT;
  }
  const keys: string[] = [];
  const values: JsonbNode[] = [];
  for (;;) {
    if (reader.token !== STRING) throw reader.unexpected('string');
    keys.push(reader.stringValue());
    reader.next();
    reader.expect(COLON, '":"');
    values.push(parseNode(reader));
    if (reader.token !== COMMA) break;
    reader.next();
  }
  reader.leave(OBJECT_END, '"," or "}"');
  return JsonbObject.fromPairs(keys, values);
}

function parseArray(reader: JsonReader): JsonbArray {
  reader.enter();
  if (reader.token === ARRAY_END) {
    reader.leave(ARRAY_END, '');
    return EMPTY_ARRAY;
  }
  const elements: JsonbNode[] = [];
  for (;;) {
    elements.push(parseNode(reader));
    if (reader.token !== COMMA) break;
    reader.next();
  }
  reader.leave(ARRAY_END, '"," or "]"');
  return new JsonbArray(elements);
}
