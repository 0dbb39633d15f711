/** Codecs of bit and varbit, and how bit strings are stored in rows. */
import { sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { keyBytes, keyUint32 } from '../ordered-key.js';
import type { StoredForm } from '../stored-form.js';
import { rightTruncation } from '../text/character-codecs.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import type { TypeContext } from '../type-context.js';
import { BitString } from './bit-string.js';

const MAX_BITS = 2147483640;
const NOT_BINARY = /[^01]/u;
const NOT_HEXADECIMAL = /[^0-9a-fA-F]/u;

/** Binary digits, after `b` or nothing, or hexadecimal ones after `x`. Throws 22P02. */
export function parseBits(text: string): BitString {
  const first = text[0];
  if (first === 'x' || first === 'X') {
    const digits = text.slice(1);
    const wrong = NOT_HEXADECIMAL.exec(digits);
    if (wrong !== null) {
      throw sqlError('invalid_text_representation', `"${wrong[0]}" is not a valid hexadecimal digit`);
    }
    return new BitString(digits.length * 4, Buffer.from(digits.length % 2 === 0 ? digits : `${digits}0`, 'hex'));
  }
  const digits = first === 'b' || first === 'B' ? text.slice(1) : text;
  const wrong = NOT_BINARY.exec(digits);
  if (wrong !== null) throw sqlError('invalid_text_representation', `"${wrong[0]}" is not a valid binary digit`);
  return BitString.fromBits(digits);
}

/** bit(n): the length must fit (22026), unless `explicit`: then the end is cut or filled with zeros. */
export function applyBitLength(value: BitString, typmod: number, explicit: boolean): BitString {
  if (typmod <= 0 || typmod > MAX_BITS || value.length === typmod) return value;
  if (!explicit) {
    throw sqlError(
      'string_data_length_mismatch',
      `bit string length ${value.length} does not match type bit(${typmod})`,
    );
  }
  return value.resized(typmod);
}

/** varbit(n): cut when `explicit`, else 22001. */
export function applyVarbitLength(value: BitString, typmod: number, explicit: boolean): BitString {
  if (typmod <= 0 || value.length <= typmod) return value;
  if (!explicit) {
    throw rightTruncation(`bit string too long for type bit varying(${typmod})`);
  }
  return value.resized(typmod);
}

class BitCodec implements TypeCodec<BitString> {
  constructor(private readonly applyLength: typeof applyBitLength) {}

  parse(text: string, _cx: TypeContext, typmod: number): BitString {
    return this.applyLength(parseBits(text), typmod, false);
  }

  format(value: BitString): string {
    return value.toString();
  }

  receive(bytes: Buffer, start: number, end: number, _cx: TypeContext, typmod: number): BitString {
    if (end - start < 4) throw sqlError('protocol_violation', 'insufficient data left in message');
    const length = bytes.readInt32BE(start);
    if (length < 0 || length > MAX_BITS) {
      throw sqlError('invalid_binary_representation', 'invalid length in external bit string');
    }
    const size = (length + 7) >> 3;
    if (end - start - 4 < size) throw sqlError('protocol_violation', 'insufficient data left in message');
    if (end - start - 4 > size) throw sqlError('invalid_binary_representation', 'incorrect binary data format');
    const copy = Uint8Array.from(bytes.subarray(start + 4, end));
    if ((length & 7) !== 0) copy[size - 1] &= 0xff << (8 - (length & 7));
    return this.applyLength(new BitString(length, copy), typmod, false);
  }

  send(value: BitString, out: ByteWriter): void {
    out.i32(value.length);
    out.bytes(value.bytes);
  }

  compare(a: BitString, b: BitString): number {
    return a.compare(b);
  }

  groupKey(value: BitString): GroupKey {
    return value.toString();
  }

  encodeKey(value: BitString): string {
    return keyBytes(value.bytes) + keyUint32(value.length);
  }
}

export const bitCodec: TypeCodec<BitString> = new BitCodec(applyBitLength);
export const varbitCodec: TypeCodec<BitString> = new BitCodec(applyVarbitLength);

export const bitCodecs: ReadonlyMap<string, TypeCodec> = new Map<string, TypeCodec>([
  ['bit', bitCodec],
  ['varbit', varbitCodec],
]);

/** Number of bits (4 bytes), then the bytes. */
export const bitStoredForm: StoredForm<BitString> = {
  tag: 22,
  type: BitString,
  write(value, out) {
    out.u32(value.length);
    out.bytes(value.bytes);
  },
  read(cursor) {
    if (cursor.position + 4 > cursor.end) throw sqlError('data_corrupted', 'stored bit string is damaged');
    const length = cursor.bytes.readUInt32BE(cursor.position);
    const start = cursor.position + 4;
    const end = start + ((length + 7) >>> 3);
    if (end > cursor.end) throw sqlError('data_corrupted', 'stored bit string is damaged');
    cursor.position = end;
    return new BitString(length, Uint8Array.from(cursor.bytes.subarray(start, end)));
  },
};
