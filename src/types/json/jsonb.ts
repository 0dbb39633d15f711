/**
 * jsonb values in memory. A node is JSON_NULL, a boolean, a string, a number (a safe integer), a Numeric (every other
 * number), a JsonbArray or a JsonbObject. Nodes are immutable and shared. The members of an object are kept in
 * PostgreSQL's order: by the UTF-8 length of the key, then by its bytes; each key occurs once.
 */
import { Numeric } from '../numeric/numeric.js';
import { compareCodePoints, utf8Length } from './code-point-order.js';

/** The JSON value `null`, which is not SQL NULL. There is exactly one. */
export class JsonNull {
  readonly kind = 'null';
}

export const JSON_NULL = new JsonNull();

export type JsonbNode = JsonNull | boolean | string | number | Numeric | JsonbArray | JsonbObject;

export class JsonbArray {
  constructor(readonly elements: readonly JsonbNode[]) {}
}

/** Objects with more members than this look keys up in a map. */
const LINEAR_LOOKUP = 12;

export class JsonbObject {
  private index: Map<string, number> | null = null;

  /** REQUIRES: `keys` in PostgreSQL's order without duplicates; `values` parallel. Others use `fromPairs`. */
  constructor(
    readonly keys: readonly string[],
    readonly values: readonly JsonbNode[],
  ) {}

  /** Sorts the members; of equal keys the last wins. Takes the arrays over. */
  static fromPairs(keys: string[], values: JsonbNode[]): JsonbObject {
    let sorted = true;
    for (let i = 1; i < keys.length; i++) {
      if (compareKeys(keys[i - 1], keys[i]) >= 0) {
        sorted = false;
        break;
      }
    }
    return sorted ? new JsonbObject(keys, values) : sortPairs(keys, values);
  }

  /** Position of `key`, or -1. */
  indexOf(key: string): number {
    const keys = this.keys;
    if (keys.length <= LINEAR_LOOKUP) return keys.indexOf(key);
    if (this.index === null) {
      this.index = new Map();
      for (let i = 0; i < keys.length; i++) this.index.set(keys[i], i);
    }
    return this.index.get(key) ?? -1;
  }

  get(key: string): JsonbNode | undefined {
    const position = this.indexOf(key);
    return position < 0 ? undefined : this.values[position];
  }
}

export const EMPTY_OBJECT = new JsonbObject([], []);
export const EMPTY_ARRAY = new JsonbArray([]);

function sortPairs(keys: string[], values: JsonbNode[]): JsonbObject {
  const order = keys.map((_, i) => i).sort((a, b) => compareKeys(keys[a], keys[b]) || a - b);
  const sortedKeys: string[] = [];
  const sortedValues: JsonbNode[] = [];
  for (const i of order) {
    if (sortedKeys.length > 0 && sortedKeys[sortedKeys.length - 1] === keys[i]) {
      sortedValues[sortedValues.length - 1] = values[i];
      continue;
    }
    sortedKeys.push(keys[i]);
    sortedValues.push(values[i]);
  }
  return new JsonbObject(sortedKeys, sortedValues);
}

/** PostgreSQL's order of object keys: length in bytes, then bytes. */
export function compareKeys(a: string, b: string): number {
  return utf8Length(a) - utf8Length(b) || compareCodePoints(a, b);
}

const SHORT_INTEGER = /^-?[0-9]{1,16}$/;

/** The node for a numeric value: a number when it is a safe integer without fraction digits. */
export function numberNode(value: Numeric): number | Numeric {
  const text = value.toString();
  if (!SHORT_INTEGER.test(text)) return value;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : value;
}

/** The node for a number as JSON writes it. */
export function parseNumberNode(text: string): number | Numeric {
  if (SHORT_INTEGER.test(text)) {
    const number = Number(text) + 0;
    if (Number.isSafeInteger(number)) return number;
  }
  return numberNode(Numeric.parse(text));
}

export function isContainer(node: JsonbNode): node is JsonbArray | JsonbObject {
  return node instanceof JsonbObject || node instanceof JsonbArray;
}

/** A node that is a number, as a Numeric. */
export function toNumeric(node: number | Numeric): Numeric {
  return typeof node === 'number' ? Numeric.parse(String(node)) : node;
}

/** Narrows a datum of type jsonb. */
export function isJsonbNode(value: unknown): value is JsonbNode {
  switch (typeof value) {
    case 'boolean':
    case 'string':
    case 'number':
      return true;
    default:
      return (
        value === JSON_NULL || value instanceof JsonbObject || value instanceof JsonbArray || value instanceof Numeric
      );
  }
}

export type JsonbType = 'null' | 'boolean' | 'string' | 'number' | 'array' | 'object';

export function jsonbType(node: JsonbNode): JsonbType {
  switch (typeof node) {
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'string';
    case 'number':
      return 'number';
    default:
      if (node instanceof JsonbObject) return 'object';
      if (node instanceof JsonbArray) return 'array';
      return node instanceof Numeric ? 'number' : 'null';
  }
}
