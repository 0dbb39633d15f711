/**
 * Values of bit and varbit: `length` bits, eight a byte, the first one in the highest bit; unused bits of the last byte
 * are zero. Immutable. Operations that both types share stand here.
 */
import { sqlError } from '../../errors/sql-error.js';

/** The digits of each byte. */
const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(2).padStart(8, '0'));
/** Bytes whose digits are put together at a time. */
const PART = 8 * 1024;

export class BitString {
  constructor(
    readonly length: number,
    /** REQUIRES ceil(length / 8) bytes; never modified in place. */
    readonly bytes: Uint8Array,
  ) {}

  static readonly EMPTY = new BitString(0, new Uint8Array(0));

  /** From a text of `0` and `1` only. */
  static fromBits(bits: string): BitString {
    const { length } = bits;
    const bytes = new Uint8Array((length + 7) >> 3);
    const whole = length >> 3;
    let at = 0;
    for (let i = 0; i < whole; i++) {
      let byte = 0;
      for (const end = at + 8; at < end; at++) byte = (byte << 1) | (bits.charCodeAt(at) & 1);
      bytes[i] = byte;
    }
    for (; at < length; at++) if (bits.charCodeAt(at) === 49) bytes[whole] |= 128 >> (at & 7);
    return new BitString(length, bytes);
  }

  toString(): string {
    const { bytes, length } = this;
    if (bytes.length > PART) return this.longText();
    let text = '';
    for (let i = 0; i < bytes.length; i++) text += DIGITS[bytes[i]];
    return text.slice(0, length);
  }

  private longText(): string {
    const { bytes, length } = this;
    const digits = Buffer.allocUnsafe(PART * 8);
    let text = '';
    for (let start = 0; start < bytes.length; start += PART) {
      const end = Math.min(bytes.length, start + PART);
      let at = 0;
      for (let i = start; i < end; i++) {
        const byte = bytes[i];
        for (let bit = 7; bit >= 0; bit--) digits[at++] = 48 + ((byte >> bit) & 1);
      }
      text += digits.toString('latin1', 0, Math.min(at, length - start * 8));
    }
    return text;
  }

  /** The bits from `from` to `to` - 1; REQUIRES places within the length. */
  slice(from: number, to: number): BitString {
    const length = to - from;
    const bytes = new Uint8Array((length + 7) >> 3);
    placeBits(this.bytes.subarray(from >> 3, (to + 7) >> 3), -(from & 7), bytes);
    return new BitString(length, clearPadding(bytes, length));
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

/** Adds bits to `into`, from place `offset` on; with an offset below 0 (above -8) the first ones are left out. */
function placeBits(bits: Uint8Array, offset: number, into: Uint8Array): void {
  const shift = offset & 7;
  const first = (offset - shift) / 8;
  if (shift === 0) {
    into.set(bits.subarray(0, into.length - first), first);
    return;
  }
  const end = Math.min(into.length, first + bits.length + 1);
  for (let i = Math.max(first, 0); i < end; i++) {
    const at = i - first;
    const high = at > 0 ? bits[at - 1] << (8 - shift) : 0;
    const low = at < bits.length ? bits[at] >> shift : 0;
    into[i] |= (high | low) & 0xff;
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
  const { length } = value;
  const count = Math.min(Math.abs(left), length);
  if (left >= 0) return value.slice(count, length).resized(length);
  const bytes = new Uint8Array(value.bytes.length);
  placeBits(value.slice(0, length - count).bytes, count, bytes);
  return new BitString(length, clearPadding(bytes, length));
}

export function concatenateBits(a: BitString, b: BitString): BitString {
  const length = a.length + b.length;
  const bytes = new Uint8Array((length + 7) >> 3);
  bytes.set(a.bytes);
  placeBits(b.bytes, a.length, bytes);
  return new BitString(length, clearPadding(bytes, length));
}
