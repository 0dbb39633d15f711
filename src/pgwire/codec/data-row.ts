/**
 * Writes DataRow. How each column is written is decided once per result (`start`); integers, booleans and strings
 * then go digit by digit into the output without an object in between, everything else through its `TypeCodec`.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { Datum, Row } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { TypeCodec } from '../../types/type-codec.js';
import type { TypeContext } from '../../types/type-context.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { BACKEND } from './message-types.js';
import type { Format } from './wire-types.js';

/** How a column is written. Anything whose value does not look as expected falls back to the codec. */
const TEXT_INTEGER = 0;
const TEXT_BOOLEAN = 1;
const STRING = 2;
const TEXT_CODEC = 3;
const BINARY_CODEC = 4;
const BINARY_INT4 = 5;
const BINARY_INT8 = 6;
const BINARY_BOOLEAN = 7;
const BINARY_FLOAT8 = 8;
const BINARY_INT2 = 9;

const TEXT_WAYS = new Map<number, number>([
  [oid.INT2, TEXT_INTEGER],
  [oid.INT4, TEXT_INTEGER],
  [oid.INT8, TEXT_INTEGER],
  [oid.OID, TEXT_INTEGER],
  [oid.BOOL, TEXT_BOOLEAN],
  [oid.TEXT, STRING],
  [oid.VARCHAR, STRING],
  [oid.BPCHAR, STRING],
  [oid.NAME, STRING],
  [oid.JSON, STRING],
  [oid.UNKNOWN, STRING],
  [oid.UUID, STRING],
]);

const BINARY_WAYS = new Map<number, number>([
  [oid.INT2, BINARY_INT2],
  [oid.INT4, BINARY_INT4],
  [oid.INT8, BINARY_INT8],
  [oid.BOOL, BINARY_BOOLEAN],
  [oid.FLOAT8, BINARY_FLOAT8],
  [oid.TEXT, STRING],
  [oid.VARCHAR, STRING],
  [oid.BPCHAR, STRING],
  [oid.NAME, STRING],
  [oid.JSON, STRING],
  [oid.UNKNOWN, STRING],
]);

/** Strings up to this length are worth a loop; longer ones a call into the runtime. */
const SHORT_STRING = 24;
/** PostgreSQL's limit on one allocation, and so on a message. */
const MAX_MESSAGE = 0x3fffffff;

export class DataRowWriter {
  private types: readonly number[] = [];
  private formats: readonly Format[] = [];
  private ways: number[] = [];
  private codecs: (TypeCodec | null)[] = [];
  private cx: TypeContext | null = null;
  /** Whether no column needs a codec, so that the plan of the last result stays good without a look-up. */
  private plain = false;

  /** `formats` has one entry for each type. Throws what `cx.codec` throws. */
  start(types: readonly number[], formats: readonly Format[], cx: TypeContext): void {
    if (this.plain && types === this.types && formats === this.formats && cx === this.cx) return;
    this.types = types;
    this.formats = formats;
    this.cx = cx;
    this.plain = true;
    this.ways.length = types.length;
    this.codecs.length = types.length;
    for (let i = 0; i < types.length; i++) {
      const way = formats[i] === 0 ? TEXT_WAYS.get(types[i]) : BINARY_WAYS.get(types[i]);
      if (way === undefined) {
        this.plain = false;
        this.ways[i] = formats[i] === 0 ? TEXT_CODEC : BINARY_CODEC;
        this.codecs[i] = cx.codec(types[i]);
      } else {
        this.ways[i] = way;
        this.codecs[i] = null;
      }
    }
  }

  /** Appends one DataRow. When a value cannot be written, throws and leaves `out` as it was. */
  write(out: ByteWriter, row: Row): void {
    const start = out.length;
    try {
      const count = this.ways.length;
      out.reserve(7 + count * 12);
      out.buffer[start] = BACKEND.dataRow;
      out.length = start + 5;
      out.u16(count);
      for (let i = 0; i < count; i++) {
        const value = row[i];
        if (value === null) out.i32(-1);
        else this.writeValue(out, i, value);
      }
      const length = out.length - start - 1;
      if (length > MAX_MESSAGE) throw sqlError('program_limit_exceeded', 'out of memory');
      const { buffer } = out;
      buffer[start + 1] = length >>> 24;
      buffer[start + 2] = length >>> 16;
      buffer[start + 3] = length >>> 8;
      buffer[start + 4] = length;
    } catch (error) {
      out.length = start;
      throw error;
    }
  }

  private writeValue(out: ByteWriter, column: number, value: Exclude<Datum, null>): void {
    switch (this.ways[column]) {
      case TEXT_INTEGER:
        if (typeof value === 'number' || typeof value === 'bigint') {
          writeInteger(out, value);
          return;
        }
        break;
      case STRING:
        if (typeof value === 'string') {
          writeString(out, value);
          return;
        }
        break;
      case TEXT_BOOLEAN:
        out.i32(1);
        out.u8(value === true ? 0x74 : 0x66);
        return;
      case BINARY_INT4:
        if (typeof value !== 'number') break;
        out.i32(4);
        out.i32(value);
        return;
      case BINARY_INT8:
        if (typeof value !== 'number' && typeof value !== 'bigint') break;
        out.i32(8);
        out.i64(value);
        return;
      case BINARY_INT2:
        if (typeof value !== 'number') break;
        out.i32(2);
        out.i16(value);
        return;
      case BINARY_BOOLEAN:
        out.i32(1);
        out.u8(value === true ? 1 : 0);
        return;
      case BINARY_FLOAT8:
        if (typeof value !== 'number') break;
        out.i32(8);
        out.f64(value);
        return;
    }
    this.writeWithCodec(out, column, value);
  }

  private writeWithCodec(out: ByteWriter, column: number, value: Exclude<Datum, null>): void {
    const cx = this.cx;
    if (cx === null) throw new Error('row before startRows');
    let codec = this.codecs[column];
    if (codec === null) codec = this.codecs[column] = cx.codec(this.types[column]);
    if (this.formats[column] === 0) {
      writeString(out, codec.format(value, cx));
      return;
    }
    const start = out.length;
    out.i32(0);
    codec.send(value, out, cx);
    out.patchI32(start, out.length - start - 4);
  }
}

/** Length word and decimal digits. */
function writeInteger(out: ByteWriter, value: number | bigint): void {
  if (typeof value === 'bigint' || value < -0x7fffffff || value > 0x7fffffff) {
    writeString(out, String(value));
    return;
  }
  let rest = value < 0 ? -value : value;
  const length = digitCount(rest) + (value < 0 ? 1 : 0);
  out.reserve(4 + length);
  const { buffer } = out;
  const start = out.length;
  buffer[start] = 0;
  buffer[start + 1] = 0;
  buffer[start + 2] = 0;
  buffer[start + 3] = length;
  let at = start + 4 + length;
  out.length = at;
  do {
    const tenth = (rest / 10) | 0;
    buffer[--at] = 48 + rest - tenth * 10;
    rest = tenth;
  } while (rest > 0);
  if (value < 0) buffer[at - 1] = 0x2d;
}

function digitCount(value: number): number {
  if (value < 1e5) {
    if (value < 1e2) return value < 1e1 ? 1 : 2;
    if (value < 1e3) return 3;
    return value < 1e4 ? 4 : 5;
  }
  if (value < 1e7) return value < 1e6 ? 6 : 7;
  if (value < 1e8) return 8;
  return value < 1e9 ? 9 : 10;
}

/** Length word and UTF-8. */
function writeString(out: ByteWriter, text: string): void {
  const length = text.length;
  out.reserve(4 + (length <= SHORT_STRING ? length * 3 : 0));
  const start = out.length;
  const { buffer } = out;
  if (length <= SHORT_STRING) {
    let i = 0;
    for (; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) break;
      buffer[start + 4 + i] = unit;
    }
    if (i === length) {
      buffer[start] = 0;
      buffer[start + 1] = 0;
      buffer[start + 2] = 0;
      buffer[start + 3] = length;
      out.length = start + 4 + length;
      return;
    }
  }
  out.length = start + 4;
  const written = out.utf8(text);
  out.patchI32(start, written);
}
