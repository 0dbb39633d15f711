/** Codec of numeric: text, base-10000 binary form, order keys, and how values are stored in rows. */
import { sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import type { ByteCursor, StoredForm } from '../stored-form.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import type { TypeContext } from '../type-context.js';
import { Numeric } from './numeric.js';
import { applyNumericTypmod } from './numeric-typmod.js';
import { powerOfTen, smallPowerOfTen } from './powers-of-ten.js';

const SIGN_NEGATIVE = 0x4000;
const SIGN_NAN = 0xc000;
const SIGN_INFINITY = 0xd000;
const SIGN_NEGATIVE_INFINITY = 0xf000;

class NumericCodec implements TypeCodec<Numeric> {
  parse(text: string, _cx: TypeContext, typmod: number): Numeric {
    const value = Numeric.parse(text);
    return typmod < 0 ? value : applyNumericTypmod(value, typmod);
  }

  format(value: Numeric): string {
    return value.toString();
  }

  receive(bytes: Buffer, start: number, end: number, _cx: TypeContext, typmod: number): Numeric {
    const value = receiveNumeric(bytes, start, end);
    return typmod < 0 ? value : applyNumericTypmod(value, typmod);
  }

  send(value: Numeric, out: ByteWriter): void {
    sendNumeric(value, out);
  }

  compare(a: Numeric, b: Numeric): number {
    return a.compare(b);
  }

  groupKey(value: Numeric): GroupKey {
    return numericGroupKey(value);
  }

  encodeKey(value: Numeric): string {
    return encodeNumericKey(value);
  }
}

export const numericCodec: TypeCodec<Numeric> = new NumericCodec();
export const numericCodecs: ReadonlyMap<string, TypeCodec> = new Map<string, TypeCodec>([['numeric', numericCodec]]);

/** Decimals of at most 15 digits and their nearest doubles belong to each other one to one. */
const MAX_GROUP_COEFFICIENT = 1e15;
const MAX_GROUP_SCALE = 22;

/** A number where that tells the value from all others: small decimals and integers; a bigint or text otherwise. */
export function numericGroupKey(value: Numeric): GroupKey {
  const { coefficient, scale } = value;
  if (scale === 0) return Number.isNaN(coefficient) ? 'NaN' : coefficient;
  if (typeof coefficient === 'number' && scale <= MAX_GROUP_SCALE && Math.abs(coefficient) < MAX_GROUP_COEFFICIENT) {
    return coefficient / smallPowerOfTen(scale);
  }
  const trimmed = value.trimScale();
  return trimmed.scale < scale ? numericGroupKey(trimmed) : value.toString();
}

function receiveNumeric(bytes: Buffer, start: number, end: number): Numeric {
  if (end - start < 8) throw sqlError('protocol_violation', 'insufficient data left in message');
  const count = bytes.readUInt16BE(start);
  const weight = bytes.readInt16BE(start + 2);
  const sign = bytes.readUInt16BE(start + 4);
  const scale = bytes.readUInt16BE(start + 6);
  if (sign === SIGN_NAN) return Numeric.NaN;
  if (sign === SIGN_INFINITY) return Numeric.INFINITY;
  if (sign === SIGN_NEGATIVE_INFINITY) return Numeric.NEGATIVE_INFINITY;
  if (sign !== 0 && sign !== SIGN_NEGATIVE)
    throw sqlError('invalid_binary_representation', 'invalid sign in external "numeric" value');
  if (scale > 0x3fff) throw sqlError('invalid_binary_representation', 'invalid scale in external "numeric" value');
  if (end - start < 8 + count * 2) throw sqlError('protocol_violation', 'insufficient data left in message');
  if (end - start > 8 + count * 2) throw sqlError('invalid_binary_representation', 'incorrect binary data format');
  let text = '';
  for (let i = 0; i < count; i++) {
    const digit = bytes.readUInt16BE(start + 8 + i * 2);
    if (digit >= 10000) throw sqlError('invalid_binary_representation', 'invalid digit in external "numeric" value');
    text += String(digit).padStart(4, '0');
  }
  const magnitude = text === '' ? 0n : BigInt(text);
  return placeDigits(sign === 0 ? magnitude : -magnitude, (count - 1 - weight) * 4, scale);
}

/** coefficient / 10^from at `scale`; further digits are cut off. */
function placeDigits(coefficient: bigint, from: number, scale: number): Numeric {
  if (coefficient === 0n) return new Numeric(0, scale);
  return from <= scale
    ? Numeric.of(coefficient * powerOfTen(scale - from), scale)
    : Numeric.of(coefficient / powerOfTen(from - scale), scale);
}

function sendNumeric(value: Numeric, out: ByteWriter): void {
  if (!value.isFinite) {
    const sign = value.isNaN ? SIGN_NAN : value.sign > 0 ? SIGN_INFINITY : SIGN_NEGATIVE_INFINITY;
    out.u16(0);
    out.u16(0);
    out.u16(sign);
    // Infinities carry a bit of PostgreSQL's own header where other values have their scale.
    out.u16(value.isNaN ? 0 : 0x20);
    return;
  }
  const { groups, weight } = baseDigits(value);
  out.u16(groups.length);
  out.i16(weight);
  out.u16(value.sign < 0 ? SIGN_NEGATIVE : 0);
  out.u16(value.scale);
  for (const group of groups) out.u16(group);
}

function baseDigits(value: Numeric): { groups: number[]; weight: number } {
  const groups: number[] = [];
  if (value.coefficient === 0) return { groups, weight: 0 };
  const pad = (4 - (value.scale % 4)) % 4;
  let text = String(value.abs().coefficient) + '0'.repeat(pad);
  text = text.padStart(Math.ceil(text.length / 4) * 4, '0');
  for (let i = 0; i < text.length; i += 4) groups.push(Number(text.slice(i, i + 4)));
  const weight = groups.length - 1 - (value.scale + pad) / 4;
  let first = 0;
  while (groups[first] === 0) first++;
  let last = groups.length;
  while (groups[last - 1] === 0) last--;
  return { groups: groups.slice(first, last), weight: weight - first };
}

const KEY_NEGATIVE_INFINITY = '\x01';
const KEY_NEGATIVE = '\x02';
const KEY_ZERO = '\x03';
const KEY_POSITIVE = '\x04';
const KEY_INFINITY = '\x05';
const KEY_NAN = '\x06';
const EXPONENT_BIAS = 0x40000;

/**
 * A class byte; then, for finite values but zero, the decimal exponent (3 bytes, biased) and the significant digits,
 * two a byte (11 to 110, padded with zero) and a terminating byte 0. All bytes behind the class are inverted for negative values.
 */
export function encodeNumericKey(value: Numeric): string {
  if (!value.isFinite) return value.isNaN ? KEY_NAN : value.sign > 0 ? KEY_INFINITY : KEY_NEGATIVE_INFINITY;
  if (value.coefficient === 0) return KEY_ZERO;
  const negative = value.sign < 0;
  const mask = negative ? 255 : 0;
  let digits = String(value.coefficient);
  if (negative) digits = digits.slice(1);
  const exponent = digits.length - value.scale + EXPONENT_BIAS;
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 48) end--;
  let key = negative ? KEY_NEGATIVE : KEY_POSITIVE;
  key += String.fromCharCode((exponent >>> 16) ^ mask, ((exponent >>> 8) & 255) ^ mask, (exponent & 255) ^ mask);
  for (let i = 0; i < end; i += 2) {
    const high = digits.charCodeAt(i) - 48;
    const low = i + 1 < end ? digits.charCodeAt(i + 1) - 48 : 0;
    key += String.fromCharCode((high * 10 + low + 11) ^ mask);
  }
  return key + String.fromCharCode(mask);
}

const FORM_SMALL = 0;
const FORM_BIG = 1;
const FORM_BIG_NEGATIVE = 2;
const FORM_SPECIAL = 3;
const SPECIALS = [Numeric.NaN, Numeric.INFINITY, Numeric.NEGATIVE_INFINITY];

/**
 * Two bytes: form in the upper two bits, scale below. Then: a safe integer, a zigzag varint (7 bits a byte, low
 * ones first); a larger coefficient, its length (4 bytes) and its magnitude, big-endian. NaN, Infinity and -Infinity are form 3 with
 * 0, 1 and 2 in place of the scale.
 */
export const numericStoredForm: StoredForm<Numeric> = {
  tag: 16,
  type: Numeric,
  write(value, out) {
    const { coefficient, scale } = value;
    if (typeof coefficient === 'bigint') {
      writeBig(coefficient, scale, out);
    } else if (Number.isFinite(coefficient)) {
      out.u16((FORM_SMALL << 14) | scale);
      writeVarint(coefficient, out);
    } else {
      out.u16((FORM_SPECIAL << 14) | (value.isNaN ? 0 : coefficient > 0 ? 1 : 2));
    }
  },
  read(cursor) {
    const header = cursor.bytes.readUInt16BE(cursor.position);
    cursor.position += 2;
    const form = header >>> 14;
    const scale = header & 0x3fff;
    if (form === FORM_SMALL) return new Numeric(readVarint(cursor), scale);
    if (form === FORM_SPECIAL) return SPECIALS[scale];
    return new Numeric(readBig(cursor, form === FORM_BIG_NEGATIVE), scale);
  },
};

function writeVarint(value: number, out: ByteWriter): void {
  const negative = value < 0;
  let rest = negative ? -(value + 1) : value;
  // The sign is the lowest bit; doubling could leave the safe integers.
  let byte = (negative ? 1 : 0) | ((rest % 64) << 1);
  rest = Math.floor(rest / 64);
  while (rest > 0) {
    out.u8(byte | 128);
    byte = rest % 128;
    rest = Math.floor(rest / 128);
  }
  out.u8(byte);
}

function readVarint(cursor: ByteCursor): number {
  let byte = cursor.bytes[cursor.position++];
  const negative = (byte & 1) === 1;
  let value = (byte & 127) >>> 1;
  let unit = 64;
  while (byte >= 128) {
    byte = cursor.bytes[cursor.position++];
    value += (byte & 127) * unit;
    unit *= 128;
  }
  return negative ? -value - 1 : value;
}

function writeBig(value: bigint, scale: number, out: ByteWriter): void {
  const negative = value < 0n;
  let hex = (negative ? -value : value).toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  out.u16(((negative ? FORM_BIG_NEGATIVE : FORM_BIG) << 14) | scale);
  out.u32(hex.length / 2);
  out.bytes(Buffer.from(hex, 'hex'));
}

function readBig(cursor: ByteCursor, negative: boolean): bigint {
  const length = cursor.bytes.readUInt32BE(cursor.position);
  const start = cursor.position + 4;
  if (length === 0 || start + length > cursor.end) throw sqlError('data_corrupted', 'stored numeric is damaged');
  cursor.position = start + length;
  const magnitude = BigInt(`0x${cursor.bytes.toString('hex', start, start + length)}`);
  return negative ? -magnitude : magnitude;
}
