/**
 * Codecs of int2vector and oidvector: one-dimensional arrays with lower bound 0 and a text form of numbers between
 * spaces. In binary they are arrays.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { type Datum, PgArray } from '../datum.js';
import * as oid from '../oids.js';
import { keyInt32, keyUint32 } from '../ordered-key.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import { compareArrays } from './array-codec.js';
import { BinaryInput } from './binary-input.js';

interface VectorKind {
  readonly name: string;
  readonly elementType: number;
  readonly elementName: string;
  readonly width: 2 | 4;
  /** oidvector sorts by length first, int2vector as arrays do. */
  readonly lengthFirst: boolean;
}

function vector(kind: VectorKind, elements: readonly Datum[]): PgArray {
  return new PgArray(kind.elementType, [elements.length], [0], elements);
}

function numberOf(value: Datum): number {
  return typeof value === 'number' ? value : 0;
}

/** Reads one number at the start of `rest`; throws as the element type's input function. */
function parseNumber(kind: VectorKind, rest: string): { value: number; length: number } {
  const match = /^[+-]?[0-9]+/.exec(rest);
  if (match === null || (match[0].length < rest.length && kind.width === 2 && rest[match[0].length] !== ' '))
    throw sqlError('invalid_text_representation', `invalid input syntax for type ${kind.elementName}: "${rest}"`);
  const value = Number(match[0]);
  const [low, high] = kind.width === 2 ? [-32768, 32767] : [-2147483648, 4294967295];
  if (value < low || value > high) {
    const shown = kind.width === 2 ? rest : match[0];
    throw sqlError('numeric_value_out_of_range', `value "${shown}" is out of range for type ${kind.elementName}`);
  }
  return { value: kind.width === 4 ? value >>> 0 : value, length: match[0].length };
}

function invalidVector(name: string): Error {
  return sqlError('invalid_binary_representation', `invalid ${name} data`);
}

class VectorCodec implements TypeCodec<PgArray> {
  constructor(private readonly kind: VectorKind) {}

  parse(text: string): PgArray {
    const elements: number[] = [];
    let rest = text.trimStart();
    while (rest !== '') {
      const { value, length } = parseNumber(this.kind, rest);
      elements.push(value);
      rest = rest.slice(length).trimStart();
    }
    return vector(this.kind, elements);
  }

  format(value: PgArray): string {
    return value.elements.join(' ');
  }

  receive(bytes: Buffer, start: number, end: number): PgArray {
    const { name, elementType, width } = this.kind;
    const input = new BinaryInput(bytes, start, end);
    const ndim = input.i32();
    const flags = input.i32();
    const type = input.u32();
    if (ndim !== 1 || flags !== 0 || type !== elementType) throw invalidVector(name);
    const count = input.i32();
    if (count < 0 || input.i32() !== 0) throw invalidVector(name);
    const elements: number[] = [];
    for (let i = 0; i < count; i++) {
      if (input.i32() !== width) throw invalidVector(name);
      const position = input.skip(width);
      elements.push(width === 2 ? bytes.readInt16BE(position) : bytes.readUInt32BE(position));
    }
    input.expectEnd();
    return vector(this.kind, elements);
  }

  send(value: PgArray, out: ByteWriter): void {
    const { width, elementType } = this.kind;
    out.i32(1);
    out.i32(0);
    out.u32(elementType);
    out.i32(value.elements.length);
    out.i32(0);
    for (const element of value.elements) {
      out.i32(width);
      if (width === 2) out.i16(numberOf(element));
      else out.u32(numberOf(element));
    }
  }

  compare(a: PgArray, b: PgArray): number {
    if (this.kind.lengthFirst && a.elements.length !== b.elements.length) return a.elements.length - b.elements.length;
    return compareArrays(a, b, plainNumbers);
  }

  groupKey(value: PgArray): GroupKey {
    return value.elements.join(' ');
  }

  encodeKey(value: PgArray): string {
    const elements = value.elements.map(numberOf);
    const keys = elements.map(this.kind.width === 4 ? keyUint32 : keyInt32);
    return this.kind.lengthFirst
      ? keyInt32(elements.length) + keys.join('')
      : `${keys.map((key) => `\x01${key}`).join('')}\x00`;
  }
}

const plainNumbers: Pick<TypeCodec, 'compare'> = {
  compare(a: Datum, b: Datum): number {
    return Number(a) - Number(b);
  },
};

export const int2vectorCodec: TypeCodec<PgArray> = new VectorCodec({
  name: 'int2vector',
  elementType: oid.INT2,
  elementName: 'smallint',
  width: 2,
  lengthFirst: false,
});

export const oidvectorCodec: TypeCodec<PgArray> = new VectorCodec({
  name: 'oidvector',
  elementType: oid.OID,
  elementName: 'oid',
  width: 4,
  lengthFirst: true,
});
