/**
 * Codec of array types over any element codec. Elements are never looked at except through their codec; NULL elements
 * sort last and equal each other. Equality includes dimensions and lower bounds.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { type Datum, PgArray } from '../datum.js';
import { keyInt32 } from '../ordered-key.js';
import { rememberedText } from '../remembered-texts.js';
import type { GroupKey, SlowText, TypeCodec } from '../type-codec.js';
import type { TypeContext } from '../type-context.js';
import {
  elementCount,
  formatArrayLiteral,
  MAX_DIMENSIONS,
  parseArrayLiteral,
  tooManyDimensions,
} from './array-literal.js';
import { BinaryInput } from './binary-input.js';
import { slowArray } from './slow-array.js';

export class ArrayCodec implements TypeCodec<PgArray> {
  readonly slow: SlowText<PgArray>;

  constructor(
    readonly elementType: number,
    readonly element: TypeCodec,
    readonly delimiter: string,
  ) {
    this.slow = slowArray(elementType, element, delimiter);
  }

  parse(text: string, cx: TypeContext, typmod: number): PgArray {
    const literal = parseArrayLiteral(text, this.delimiter);
    const elements: Datum[] = literal.elements.map((item) =>
      item === null ? null : this.element.parse(item, cx, typmod),
    );
    return new PgArray(this.elementType, literal.dims, literal.lowerBounds, elements);
  }

  format(value: PgArray, cx: TypeContext): string {
    const ready = rememberedText(value);
    if (ready !== undefined) return ready;
    const texts = value.elements.map((item) => (item === null ? null : this.element.format(item, cx)));
    return formatArrayLiteral(value.dims, value.lowerBounds, texts, this.delimiter);
  }

  receive(bytes: Buffer, start: number, end: number, cx: TypeContext, typmod: number): PgArray {
    const input = new BinaryInput(bytes, start, end);
    const ndim = input.i32();
    if (ndim < 0) throw sqlError('invalid_binary_representation', `invalid number of dimensions: ${ndim}`);
    if (ndim > MAX_DIMENSIONS) throw tooManyDimensions(ndim);
    const flags = input.i32();
    if (flags !== 0 && flags !== 1) throw sqlError('invalid_binary_representation', 'invalid array flags');
    const elementType = input.u32();
    if (elementType !== this.elementType) throw wrongElementType(elementType, this.elementType, cx);
    const dims: number[] = [];
    const lowerBounds: number[] = [];
    for (let i = 0; i < ndim; i++) {
      const dim = input.i32();
      if (dim < 0) throw sqlError('program_limit_exceeded', 'array size exceeds the maximum allowed (134217727)');
      dims.push(dim);
      lowerBounds.push(input.i32());
    }
    const count = elementCount(dims);
    if (count === 0) {
      input.expectEnd();
      return new PgArray(this.elementType, [], [], []);
    }
    const elements: Datum[] = [];
    for (let i = 0; i < count; i++) elements.push(this.receiveElement(input, cx, typmod));
    input.expectEnd();
    return new PgArray(this.elementType, dims, lowerBounds, elements);
  }

  private receiveElement(input: BinaryInput, cx: TypeContext, typmod: number): Datum {
    const length = input.i32();
    if (length === -1) return null;
    const start = input.skip(length);
    return this.element.receive(input.bytes, start, start + length, cx, typmod);
  }

  send(value: PgArray, out: ByteWriter, cx: TypeContext): void {
    out.i32(value.dims.length);
    out.i32(value.elements.includes(null) ? 1 : 0);
    out.u32(this.elementType);
    for (let i = 0; i < value.dims.length; i++) {
      out.i32(value.dims[i]);
      out.i32(value.lowerBounds[i]);
    }
    for (const item of value.elements) {
      if (item === null) {
        out.i32(-1);
        continue;
      }
      const position = out.length;
      out.i32(0);
      this.element.send(item, out, cx);
      out.patchI32(position, out.length - position - 4);
    }
  }

  compare(a: PgArray, b: PgArray): number {
    return compareArrays(a, b, this.element);
  }

  groupKey(value: PgArray): GroupKey {
    const parts = value.elements.map((item) => {
      if (item === null) return 'n';
      const key = String(this.element.groupKey(item));
      return `${key.length}:${key}`;
    });
    return `${value.dims.join(',')};${value.lowerBounds.join(',')};${parts.join('')}`;
  }

  encodeKey(value: PgArray): string {
    let key = '';
    for (const item of value.elements) key += item === null ? '\x02' : `\x01${this.element.encodeKey(item)}`;
    key += `\x00${String.fromCharCode(value.dims.length)}`;
    for (const dim of value.dims) key += keyInt32(dim);
    for (const bound of value.lowerBounds) key += keyInt32(bound);
    return key;
  }
}

export function wrongElementType(found: number, expected: number, cx: TypeContext): Error {
  const name = (type: number): string => `${type} (${cx.catalog.formatType(type, -1)})`;
  return sqlError(
    'datatype_mismatch',
    `binary data has array element type ${name(found)} instead of expected ${name(expected)}`,
  );
}

/** Order of the array btree operator class. */
export function compareArrays(a: PgArray, b: PgArray, element: Pick<TypeCodec, 'compare'>): number {
  const count = Math.min(a.elements.length, b.elements.length);
  return compareElements(a, b, element, 0, count) || compareShapes(a, b);
}

/** Elements `from` to `to` - 1, which both have. */
export function compareElements(
  a: PgArray,
  b: PgArray,
  element: Pick<TypeCodec, 'compare'>,
  from: number,
  to: number,
): number {
  for (let i = from; i < to; i++) {
    const x = a.elements[i];
    const y = b.elements[i];
    if (x === null || y === null) {
      if (x === y) continue;
      return x === null ? 1 : -1;
    }
    const order = element.compare(x, y);
    if (order !== 0) return order;
  }
  return 0;
}

/** What decides between arrays whose common elements are equal. */
export function compareShapes(a: PgArray, b: PgArray): number {
  return (
    a.elements.length - b.elements.length ||
    a.dims.length - b.dims.length ||
    compareNumbers(a.dims, b.dims) ||
    compareNumbers(a.lowerBounds, b.lowerBounds)
  );
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}

export function arrayCodec(elementType: number, element: TypeCodec, delimiter: string): TypeCodec<PgArray> {
  return new ArrayCodec(elementType, element, delimiter);
}
