/** Codecs of the system's identifiers: oid, xid, cid (uint32), xid8 and pg_lsn (uint64) and tid. */
import { sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { normalizeInt8 } from '../datum.js';
import { keyUint32, keyUint64 } from '../ordered-key.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import type { TypeContext } from '../type-context.js';
import { expectSize, readUint64 } from './binary-size.js';
import { parseCUnsigned, parseOid } from './integer-text.js';
import { compareIntegers } from './number-order.js';
import { PlainNumberCodec } from './plain-number-codec.js';

export class Uint32Codec extends PlainNumberCodec {
  constructor(private readonly read: (text: string, cx: TypeContext) => number) {
    super();
  }

  parse(text: string, cx: TypeContext): number {
    return this.read(text, cx);
  }

  receive(bytes: Buffer, start: number, end: number): number {
    expectSize(start, end, 4);
    return bytes.readUInt32BE(start);
  }

  send(value: number, out: ByteWriter): void {
    out.u32(value);
  }

  encodeKey(value: number): string {
    return keyUint32(value);
  }
}

class Uint64Codec implements TypeCodec<number | bigint> {
  parse(text: string): number | bigint {
    return normalizeInt8(parseCUnsigned(text));
  }

  format(value: number | bigint): string {
    return String(value);
  }

  receive(bytes: Buffer, start: number, end: number): number | bigint {
    expectSize(start, end, 8);
    return readUint64(bytes, start);
  }

  send(value: number | bigint, out: ByteWriter): void {
    out.i64(typeof value === 'bigint' ? BigInt.asIntN(64, value) : value);
  }

  compare(a: number | bigint, b: number | bigint): number {
    return compareIntegers(a, b);
  }

  groupKey(value: number | bigint): GroupKey {
    return value;
  }

  encodeKey(value: number | bigint): string {
    return keyUint64(value);
  }
}

const LSN = /^([0-9a-fA-F]{1,8})\/([0-9a-fA-F]{1,8})$/;

/** A position in the log: its upper and lower 32 bits in hexadecimal. */
class LsnCodec extends Uint64Codec {
  override parse(text: string): number | bigint {
    const match = LSN.exec(text);
    if (match === null)
      throw sqlError('invalid_text_representation', `invalid input syntax for type pg_lsn: "${text}"`);
    return normalizeInt8(BigInt(`0x${match[1]}${match[2].padStart(8, '0')}`));
  }

  override format(value: number | bigint): string {
    const big = BigInt(value);
    return `${(big >> 32n).toString(16)}/${(big & 0xffffffffn).toString(16)}`.toUpperCase();
  }
}

/** What stands around the parentheses is ignored. */
const TID = /^[^(,]*\(\s*([+-]?\d+),\s*(\+?\d+)\)/;

/** A tid is kept as its text `(block,offset)`. */
class TidCodec implements TypeCodec<string> {
  parse(text: string): string {
    const match = TID.exec(text);
    const block = Number(match?.[1]);
    if (match === null || block > 4294967295 || block < -2147483648 || Number(match[2]) > 65535) {
      throw sqlError('invalid_text_representation', `invalid input syntax for type tid: "${text}"`);
    }
    return `(${block < 0 ? block + 4294967296 : block},${Number(match[2])})`;
  }

  format(value: string): string {
    return value;
  }

  receive(bytes: Buffer, start: number, end: number): string {
    expectSize(start, end, 6);
    return `(${bytes.readUInt32BE(start)},${bytes.readUInt16BE(start + 4)})`;
  }

  send(value: string, out: ByteWriter): void {
    const [block, offset] = tidParts(value);
    out.u32(block);
    out.u16(offset);
  }

  compare(a: string, b: string): number {
    const [blockA, offsetA] = tidParts(a);
    const [blockB, offsetB] = tidParts(b);
    return blockA - blockB || offsetA - offsetB;
  }

  groupKey(value: string): GroupKey {
    return value;
  }

  encodeKey(value: string): string {
    const [block, offset] = tidParts(value);
    return keyUint32(block) + String.fromCharCode(offset >>> 8, offset & 255);
  }
}

function tidParts(value: string): [block: number, offset: number] {
  const comma = value.indexOf(',');
  return [Number(value.slice(1, comma)), Number(value.slice(comma + 1, -1))];
}

export const oidCodec: TypeCodec<number> = new Uint32Codec(parseOid);
export const xidCodec: TypeCodec<number> = new Uint32Codec((text) => Number(BigInt.asUintN(32, parseCUnsigned(text))));
export const xid8Codec: TypeCodec<number | bigint> = new Uint64Codec();
export const lsnCodec: TypeCodec<number | bigint> = new LsnCodec();
export const tidCodec: TypeCodec<string> = new TidCodec();
