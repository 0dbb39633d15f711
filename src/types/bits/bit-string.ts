/**
 * Values of bit and varbit: `length` bits, eight a byte, the first one in the highest bit; unused bits of the last byte
 * are zero. Immutable. Operations that both types share stand here.
 */
import { sqlError } from '../../errors/sql-error.js';

export class BitString {
  constructor(
    readonly length: number,
    /** REQUIRES ceil(length / 8) bytes; never modified in place. */
    readonly bytes: Uint8Array,
  ) {}

  static readonly EMPTY = new BitString(0, new Uint8Array(0));

  /** From a text of `0` and `1` only. */
  static fromBits(bits: string): BitString {
    const bytes = new Uint8Array((bits.length + 7) >> 3);
    for (let i = 0; i < bits.length; i++) if (bits.charCodeAt(i) === 49) bytes[i >> 3] |= 128 >> (i & 7);
    return new BitString(bits.length, bytes);
  }

  toString(): string {
    let text = '';
    for (const byte of this.bytes) text += byte.toString(2).padStart(8, '0');
    return text.slice(0, this.length);
  }

  /** 0 or 1; REQUIRES an index within the length. */
  bit(index: number): number {
    return (this.bytes[index >> 3] >> (7 - (index & 7))) & 1;
  }

  /** Order: bit by bit, the shorter first where it is a prefix. */
  compare(other: BitString): number {
    return Buffer.compare(this.bytes, other.bytes) || Math.sign(this.length - other.length);
  }

  /** The first `length` bits, with zeros put behind where there are fewer. */
  resized(length: number): BitString {
    if (length === this.length) return this;
    const bytes = new Uint8Array((length + 7) >> 3);
    bytes.set(this.bytes.subarray(0, bytes.length));
    return new BitString(length, clearPadding(bytes, length));
  }
}

function clearPadding(bytes: Uint8Array, length: number): Uint8Array {
  if ((length & 7) !== 0) bytes[bytes.length - 1] &= 0xff << (8 - (length & 7));
  return bytes;
}

export function bitNot(value: BitString): BitString {
  return new BitString(
    value.length,
    clearPadding(
      value.bytes.map((byte) => ~byte),
      value.length,
    ),
  );
}

/** `name` as messages spell the operation (`AND`). Throws 22026 for different lengths. */
export function combineBits(
  a: BitString,
  b: BitString,
  name: 'AND' | 'OR' | 'XOR',
  combine: (x: number, y: number) => number,
): BitString {
  if (a.length !== b.length) {
    throw sqlError('string_data_length_mismatch', `cannot ${name} bit strings of different sizes`);
  }
  return new BitString(
    a.length,
    a.bytes.map((byte, i) => combine(byte, b.bytes[i])),
  );
}

/** Moves bits to the front (positive) or to the end, within the same length; zeros follow. */
export function shiftBits(value: BitString, left: number): BitString {
  const bits = value.toString();
  const count = Math.min(Math.abs(left), value.length);
  const zeros = '0'.repeat(count);
  return BitString.fromBits(left >= 0 ? bits.slice(count) + zeros : zeros + bits.slice(0, value.length - count));
}

export function concatenateBits(a: BitString, b: BitString): BitString {
  return a.length % 8 === 0
    ? new BitString(a.length + b.length, Buffer.concat([a.bytes, b.bytes]))
    : BitString.fromBits(a.toString() + b.toString());
}
