/** Codecs of int2, int4 and int8. */
import type { ByteWriter } from '../../util/byte-writer.js';
import { keyInt16, keyInt32, keyInt64 } from '../ordered-key.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import { expectSize, readInt64 } from './binary-size.js';
import { parseInt2, parseInt4, parseInt8 } from './integer-text.js';
import { compareIntegers } from './number-order.js';
import { PlainNumberCodec } from './plain-number-codec.js';

class Int2Codec extends PlainNumberCodec {
  parse(text: string): number {
    return parseInt2(text);
  }

  receive(bytes: Buffer, start: number, end: number): number {
    expectSize(start, end, 2);
    return bytes.readInt16BE(start);
  }

  send(value: number, out: ByteWriter): void {
    out.i16(value);
  }

  encodeKey(value: number): string {
    return keyInt16(value);
  }
}

class Int4Codec extends PlainNumberCodec {
  parse(text: string): number {
    return parseInt4(text);
  }

  receive(bytes: Buffer, start: number, end: number): number {
    expectSize(start, end, 4);
    return bytes.readInt32BE(start);
  }

  send(value: number, out: ByteWriter): void {
    out.i32(value);
  }

  encodeKey(value: number): string {
    return keyInt32(value);
  }
}

/** Of 64-bit integers: numbers while they are safe, else bigints. */
export class Int8Codec implements TypeCodec<number | bigint> {
  parse(text: string): number | bigint {
    return parseInt8(text);
  }

  format(value: number | bigint): string {
    return String(value);
  }

  receive(bytes: Buffer, start: number, end: number): number | bigint {
    expectSize(start, end, 8);
    return readInt64(bytes, start);
  }

  send(value: number | bigint, out: ByteWriter): void {
    out.i64(value);
  }

  compare(a: number | bigint, b: number | bigint): number {
    return compareIntegers(a, b);
  }

  groupKey(value: number | bigint): GroupKey {
    return value;
  }

  encodeKey(value: number | bigint): string {
    return keyInt64(value);
  }
}

export const int2Codec: TypeCodec<number> = new Int2Codec();
export const int4Codec: TypeCodec<number> = new Int4Codec();
export const int8Codec: TypeCodec<number | bigint> = new Int8Codec();
