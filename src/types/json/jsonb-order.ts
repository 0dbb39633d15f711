/**
 * Order, equality, hashing and key encoding of jsonb, as the btree operator class has them: object > array > boolean >
 * number > string > null, containers first by size, then member by member. One quirk is PostgreSQL's: at the top level
 * an empty array sorts before every scalar.
 */

import { Numeric } from '../numeric/numeric.js';
import { compareCodePoints } from './code-point-order.js';
import { JsonbArray, type JsonbNode, JsonbObject, JsonNull, toNumeric } from './jsonb.js';
import { quoteJson } from './jsonb-format.js';

/** Position of the node's type in the order of types. */
function typeRank(node: JsonbNode): number {
  switch (typeof node) {
    case 'string':
      return 1;
    case 'number':
      return 2;
    case 'boolean':
      return 3;
    default:
      if (node instanceof JsonbObject) return 5;
      if (node instanceof JsonbArray) return 4;
      return node instanceof Numeric ? 2 : 0;
  }
}

function isEmptyArray(node: JsonbNode): boolean {
  return node instanceof JsonbArray && node.elements.length === 0;
}

function isScalar(node: JsonbNode): boolean {
  return typeRank(node) < 4;
}

/** As jsonb_cmp. */
export function compareJsonb(a: JsonbNode, b: JsonbNode): number {
  if (isEmptyArray(a) && isScalar(b)) return -1;
  if (isEmptyArray(b) && isScalar(a)) return 1;
  return compareNodes(a, b);
}

function compareNodes(a: JsonbNode, b: JsonbNode): number {
  if (a === b) return 0;
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a instanceof JsonbObject && b instanceof JsonbObject) return compareObjects(a, b);
  if (a instanceof JsonbArray && b instanceof JsonbArray) return compareElements(a, b);
  const order = typeRank(a) - typeRank(b);
  if (order !== 0) return order;
  if (typeof a === 'boolean') return a ? 1 : -1;
  if (isNumberNode(a) && isNumberNode(b)) return compareNumbers(a, b);
  return 0;
}

export function isNumberNode(node: JsonbNode): node is number | Numeric {
  return typeof node === 'number' || node instanceof Numeric;
}

export function compareNumbers(a: number | Numeric, b: number | Numeric): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return toNumeric(a).compare(toNumeric(b));
}

function compareObjects(a: JsonbObject, b: JsonbObject): number {
  const size = a.keys.length - b.keys.length;
  if (size !== 0) return size;
  for (let i = 0; i < a.keys.length; i++) {
    const order = compareCodePoints(a.keys[i], b.keys[i]) || compareNodes(a.values[i], b.values[i]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareElements(a: JsonbArray, b: JsonbArray): number {
  const size = a.elements.length - b.elements.length;
  if (size !== 0) return size;
  for (let i = 0; i < a.elements.length; i++) {
    const order = compareNodes(a.elements[i], b.elements[i]);
    if (order !== 0) return order;
  }
  return 0;
}

export function equalJsonb(a: JsonbNode, b: JsonbNode): boolean {
  return compareNodes(a, b) === 0;
}

/** Decimal text without trailing fraction zeros, so that equal numbers have one text. */
function canonicalNumber(node: number | Numeric): string {
  const text = node.toString();
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Equal for equal nodes only. */
export function jsonbGroupKey(node: JsonbNode): string {
  if (isNumberNode(node)) return canonicalNumber(node);
  if (typeof node === 'string') return quoteJson(node);
  if (typeof node === 'boolean') return node ? 'true' : 'false';
  if (node instanceof JsonbObject)
    return `{${node.keys.map((key, i) => `${quoteJson(key)}:${jsonbGroupKey(node.values[i])}`).join(',')}}`;
  if (node instanceof JsonbArray) return `[${node.elements.map(jsonbGroupKey).join(',')}]`;
  return 'null';
}

/** As `TypeCodec.encodeKey`. A first byte of 0 is the empty array at the top; type bytes are 1 to 6. */
export function encodeJsonbKey(node: JsonbNode): string {
  return isEmptyArray(node) ? '\x00' : encodeNode(node);
}

function encodeNode(node: JsonbNode): string {
  const type = String.fromCharCode(typeRank(node) + 1);
  if (isNumberNode(node)) return type + encodeNumber(canonicalNumber(node));
  if (typeof node === 'string') return type + encodeString(node);
  if (typeof node === 'boolean') return type + (node ? '\x01' : '\x00');
  if (node instanceof JsonNull) return type;
  if (node instanceof JsonbArray)
    return type + encodeCount(node.elements.length) + node.elements.map(encodeNode).join('');
  const members = node.keys.map((key, i) => encodeString(key) + encodeNode(node.values[i]));
  return type + encodeCount(node.keys.length) + members.join('');
}

function encodeCount(count: number): string {
  return String.fromCharCode(count >>> 24, (count >>> 16) & 255, (count >>> 8) & 255, count & 255);
}

/** UTF-8 bytes and a zero; jsonb strings contain no NUL. */
function encodeString(text: string): string {
  return `${Buffer.from(text, 'utf8').toString('latin1')}\x00`;
}

/**
 * Sign (0 negative, 1 zero, 2 positive), decimal exponent (4 bytes), digits without outer zeros, a zero byte. For
 * negative numbers every byte after the sign is inverted.
 */
function encodeNumber(text: string): string {
  if (text === '0') return '\x01';
  const negative = text[0] === '-';
  const [whole, fraction = ''] = (negative ? text.slice(1) : text).split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  const exponent = whole === '0' ? digits.length - fraction.length : whole.length;
  const magnitude = `${encodeCount(exponent + 0x40000000)}${digits.replace(/0+$/, '')}\x00`;
  if (!negative) return `\x02${magnitude}`;
  let inverted = '\x00';
  for (let i = 0; i < magnitude.length; i++) inverted += String.fromCharCode(255 - magnitude.charCodeAt(i));
  return inverted;
}
