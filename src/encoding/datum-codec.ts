/** Any datum to bytes and back, by its JavaScript form (types/stored-form.ts, FORMAT.md). */
import { type Datum, normalizeInt8, PgArray, PgRecord } from '../types/datum.js';
import type { ByteCursor, DatumCodec, StoredForm } from '../types/stored-form.js';
import type { ByteWriter } from '../util/byte-writer.js';
import { readShortAscii, SHORT, writeShortAscii } from './short-text.js';
import { storedForms } from './stored-forms.js';

const TAG = {
  null: 0,
  false: 1,
  true: 2,
  integer: 3,
  float: 4,
  bigint: 5,
  string: 6,
  bytes: 7,
  array: 8,
  record: 9,
  unsigned: 10,
} as const;

const INT64_END = 1n << 63n;

/** Bytes that no version of the format gives. */
export class RowCorruption extends Error {
  override readonly name = 'RowCorruption';
}

const byClass = new Map<unknown, StoredForm>(storedForms.map((form) => [form.type, form]));
const byTag = new Map<number, StoredForm>(storedForms.map((form) => [form.tag, form]));

/** An unsigned integer below 2^53, seven bits a byte, least significant first. */
export function writeVarint(value: number, out: ByteWriter): void {
  let rest = value;
  while (rest >= 0x80) {
    out.u8((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.u8(rest);
}

function varintSize(value: number): number {
  let size = 1;
  for (let limit = 0x80; value >= limit; limit *= 0x80) size++;
  return size;
}

export function readVarint(cursor: ByteCursor): number {
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = readByte(cursor);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 0x80;
    if (scale > 2 ** 56) throw new RowCorruption('a number is too long');
  }
}

function readByte(cursor: ByteCursor): number {
  if (cursor.position >= cursor.end) throw new RowCorruption('a value ends too early');
  return cursor.bytes[cursor.position++];
}

function skip(cursor: ByteCursor, length: number): number {
  const start = cursor.position;
  if (start + length > cursor.end) throw new RowCorruption('a value ends too early');
  cursor.position = start + length;
  return start;
}

function writeNumber(value: number, out: ByteWriter): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    out.u8(TAG.integer);
    const positive = value >= 0;
    const magnitude = positive ? value : -value - 1;
    // Zigzag by hand: doubling may leave the safe range, so the sign has the lowest bit of the first byte.
    let rest = Math.floor(magnitude / 0x40);
    out.u8(((magnitude % 0x40) << 1) | (positive ? 0 : 1) | (rest > 0 ? 0x80 : 0));
    if (rest > 0) {
      while (rest >= 0x80) {
        out.u8((rest % 0x80) | 0x80);
        rest = Math.floor(rest / 0x80);
      }
      out.u8(rest);
    }
    return;
  }
  out.u8(TAG.float);
  out.f64(value);
}

function readInteger(cursor: ByteCursor): number {
  const first = readByte(cursor);
  let magnitude = (first & 0x7f) >> 1;
  if (first >= 0x80) magnitude += readVarint(cursor) * 0x40;
  return (first & 1) === 0 ? magnitude : -magnitude - 1;
}

function writeString(text: string, out: ByteWriter): void {
  if (text.length <= SHORT && writeShortAscii(text, out)) return;
  // Most text is ASCII, as long in bytes as in characters: its length is written behind it, and it is moved if that was wrong.
  const start = out.length;
  const guess = varintSize(text.length);
  out.reserve(guess);
  out.length = start + guess;
  const length = out.utf8(text);
  const size = varintSize(length);
  if (size > guess) {
    out.reserve(size - guess);
    out.buffer.copyWithin(start + size, start + guess, start + guess + length);
  }
  out.length = start;
  writeVarint(length, out);
  out.length = start + size + length;
}

function readString(cursor: ByteCursor): string {
  const length = readVarint(cursor);
  const start = skip(cursor, length);
  return readShortAscii(cursor.bytes, start, length) ?? cursor.bytes.toString('utf8', start, start + length);
}

function writeArray(value: PgArray, out: ByteWriter): void {
  writeVarint(value.elementType, out);
  writeVarint(value.dims.length, out);
  value.dims.forEach((length, i) => {
    writeVarint(length, out);
    writeNumber(value.lowerBounds[i], out);
  });
  for (const element of value.elements) datums.write(element, out);
}

function readArray(cursor: ByteCursor): PgArray {
  const elementType = readVarint(cursor);
  const dims: number[] = [];
  const bounds: number[] = [];
  const dimensions = readVarint(cursor);
  let count = dimensions === 0 ? 0 : 1;
  for (let i = 0; i < dimensions; i++) {
    dims.push(readVarint(cursor));
    bounds.push(Number(datums.read(cursor)));
    count *= dims[i];
  }
  const elements: Datum[] = [];
  for (let i = 0; i < count; i++) elements.push(datums.read(cursor));
  return new PgArray(elementType, dims, bounds, elements);
}

function writeRecord(value: PgRecord, out: ByteWriter): void {
  writeVarint(value.typeOid, out);
  writeVarint(value.values.length, out);
  value.values.forEach((field, i) => {
    writeVarint(value.fieldTypes[i], out);
    datums.write(field, out);
  });
}

function readRecord(cursor: ByteCursor): PgRecord {
  const typeOid = readVarint(cursor);
  const count = readVarint(cursor);
  const types: number[] = [];
  const values: Datum[] = [];
  for (let i = 0; i < count; i++) {
    types.push(readVarint(cursor));
    values.push(datums.read(cursor));
  }
  return new PgRecord(typeOid, types, values);
}

function writeObject(value: object, out: ByteWriter): void {
  if (value instanceof Uint8Array) {
    out.u8(TAG.bytes);
    writeVarint(value.length, out);
    out.bytes(value);
  } else if (value instanceof PgArray) {
    out.u8(TAG.array);
    writeArray(value, out);
  } else if (value instanceof PgRecord) {
    out.u8(TAG.record);
    writeRecord(value, out);
  } else {
    const form = byClass.get(value.constructor);
    if (form === undefined) throw new Error(`values of class ${value.constructor.name} have no stored form`);
    out.u8(form.tag);
    form.write(value, out, datums);
  }
}

export const datums: DatumCodec = {
  write(value: Datum, out: ByteWriter): void {
    switch (typeof value) {
      case 'number':
        writeNumber(value, out);
        return;
      case 'string':
        out.u8(TAG.string);
        writeString(value, out);
        return;
      case 'boolean':
        out.u8(value ? TAG.true : TAG.false);
        return;
      case 'bigint':
        out.u8(value < INT64_END ? TAG.bigint : TAG.unsigned);
        out.i64(BigInt.asIntN(64, value));
        return;
      default:
        if (value === null) out.u8(TAG.null);
        else writeObject(value, out);
    }
  },

  read(cursor: ByteCursor): Datum {
    const tag = readByte(cursor);
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.integer:
        return readInteger(cursor);
      case TAG.float:
        return cursor.bytes.readDoubleBE(skip(cursor, 8));
      case TAG.bigint:
        return normalizeInt8(cursor.bytes.readBigInt64BE(skip(cursor, 8)));
      case TAG.unsigned:
        return cursor.bytes.readBigUInt64BE(skip(cursor, 8));
      case TAG.string:
        return readString(cursor);
      case TAG.bytes: {
        const length = readVarint(cursor);
        const start = skip(cursor, length);
        return Uint8Array.prototype.slice.call(cursor.bytes, start, start + length);
      }
      case TAG.array:
        return readArray(cursor);
      case TAG.record:
        return readRecord(cursor);
      default: {
        const form = byTag.get(tag);
        if (form === undefined) throw new RowCorruption(`a value has the unknown tag ${tag}`);
        return form.read(cursor, datums);
      }
    }
  },
};

/** Goes past a value. The common ones are not made for it. */
export function skipDatum(cursor: ByteCursor): void {
  const tag = cursor.bytes[cursor.position];
  switch (tag) {
    case TAG.null:
    case TAG.false:
    case TAG.true:
      skip(cursor, 1);
      return;
    case TAG.integer:
      cursor.position++;
      while (readByte(cursor) >= 0x80);
      return;
    case TAG.float:
    case TAG.bigint:
    case TAG.unsigned:
      skip(cursor, 9);
      return;
    case TAG.string:
    case TAG.bytes:
      cursor.position++;
      skip(cursor, readVarint(cursor));
      return;
    default:
      datums.read(cursor);
  }
}
