/** Text to jsonb nodes: one pass over the text, exact numbers, the last of equal keys wins. */

import {
  ARRAY_END,
  ARRAY_START,
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
  const parsing = new JsonbParsing(text);
  parsing.advance(Number.POSITIVE_INFINITY);
  return parsing.node;
}

/** An array, or an object whose members have `keys`, that has not ended yet. */
interface OpenContainer {
  readonly keys: string[] | null;
  readonly values: JsonbNode[];
}

/** The same, step by step: a long text can be parsed a little at a time. Throws as parseJsonb does. */
export class JsonbParsing {
  private readonly reader: JsonReader;
  private readonly open: OpenContainer[] = [];
  /** What the text stands for, when `advance` has said so. */
  node: JsonbNode = JSON_NULL;

  /**
   * The members of an object that has just ended, when these are too many to be put in order at once. The object is to
   * be given to `complete` before parsing goes on.
   */
  unordered: { readonly keys: string[]; readonly values: JsonbNode[] } | null = null;

  /** `manyMembers`: how many members of an object are left to the caller to put in order. */
  constructor(
    text: string,
    private readonly manyMembers = Number.POSITIVE_INFINITY,
  ) {
    this.reader = new JsonReader(text, true);
  }

  /** Goes on for so many values, or until members are to be put in order; true at the end. */
  advance(steps: number): boolean {
    for (let step = 0; step < steps && this.unordered === null; step++) {
      const node = this.value();
      if (node !== null && this.complete(node)) return true;
    }
    return false;
  }

  /** A value that is not a container, or an empty one; null where a container begins. */
  private value(): JsonbNode | null {
    const { reader } = this;
    switch (reader.token) {
      case OBJECT_START: {
        reader.enter();
        if (reader.token !== STRING) {
          reader.leave(OBJECT_END, 'string or "}"');
          return EMPTY_OBJECT;
        }
        const keys: string[] = [];
        this.open.push({ keys, values: [] });
        keys.push(reader.memberKey());
        return null;
      }
      case ARRAY_START:
        reader.enter();
        if (reader.token === ARRAY_END) {
          reader.leave(ARRAY_END, '');
          return EMPTY_ARRAY;
        }
        this.open.push({ keys: null, values: [] });
        return null;
      default:
        return scalar(reader);
    }
  }

  /** Puts a value where it belongs, with all containers that end behind it; true when it was the outermost. */
  complete(value: JsonbNode): boolean {
    const { reader, open } = this;
    this.unordered = null;
    let node = value;
    while (open.length > 0) {
      const { keys, values } = open[open.length - 1];
      values.push(node);
      if (reader.token === COMMA) {
        reader.next();
        if (keys !== null) keys.push(reader.memberKey());
        return false;
      }
      if (keys === null) {
        reader.leave(ARRAY_END, '"," or "]"');
        node = new JsonbArray(values);
      } else {
        reader.leave(OBJECT_END, '"," or "}"');
        if (keys.length > this.manyMembers) {
          open.pop();
          this.unordered = { keys, values };
          return false;
        }
        node = JsonbObject.fromPairs(keys, values);
      }
      open.pop();
    }
    reader.expectEnd();
    this.node = node;
    return true;
  }
}

function scalar(reader: JsonReader): JsonbNode {
  let node: JsonbNode;
  switch (reader.token) {
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
