/** Codecs of bytea and uuid. */
import { sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { expectSize } from '../numbers/binary-size.js';
import { keyBytes } from '../ordered-key.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import type { TypeContext } from '../type-context.js';
import { asBuffer, formatBytea, parseBytea } from './bytea-text.js';

class ByteaCodec implements TypeCodec<Uint8Array> {
  parse(text: string): Uint8Array {
    return parseBytea(text);
  }

  format(value: Uint8Array, cx: TypeContext): string {
    return formatBytea(value, cx.settings.byteaOutput);
  }

  /** A copy: the message's buffer is used again. */
  receive(bytes: Buffer, start: number, end: number): Uint8Array {
    return Buffer.from(bytes.subarray(start, end));
  }

  send(value: Uint8Array, out: ByteWriter): void {
    out.bytes(value);
  }

  compare(a: Uint8Array, b: Uint8Array): number {
    return Buffer.compare(a, b);
  }

  groupKey(value: Uint8Array): GroupKey {
    return asBuffer(value).toString('latin1');
  }

  encodeKey(value: Uint8Array): string {
    return keyBytes(value);
  }
}

const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Groups of four digits, with a hyphen allowed behind each but the last. */
const ACCEPTED = /^(?:[0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}$/;

export function parseUuid(text: string): string {
  if (CANONICAL.test(text)) return text;
  const inner = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text;
  if (!ACCEPTED.test(inner))
    throw sqlError('invalid_text_representation', `invalid input syntax for type uuid: "${text}"`);
  return uuidOfHex(inner.replaceAll('-', '').toLowerCase());
}

/** 32 lower-case hexadecimal digits with hyphens put in. */
export function uuidOfHex(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

class UuidCodec implements TypeCodec<string> {
  parse(text: string): string {
    return parseUuid(text);
  }

  format(value: string): string {
    return value;
  }

  receive(bytes: Buffer, start: number, end: number): string {
    expectSize(start, end, 16);
    return uuidOfHex(bytes.toString('hex', start, end));
  }

  send(value: string, out: ByteWriter): void {
    out.bytes(Buffer.from(value.replaceAll('-', ''), 'hex'));
  }

  /** Lower-case text of fixed shape: its order is that of the bytes. */
  compare(a: string, b: string): number {
    return a < b ? -1 : a > b ? 1 : 0;
  }

  groupKey(value: string): GroupKey {
    return value;
  }

  encodeKey(value: string): string {
    return Buffer.from(value.replaceAll('-', ''), 'hex').toString('latin1');
  }
}

export const byteaCodec: TypeCodec<Uint8Array> = new ByteaCodec();
export const uuidCodec: TypeCodec<string> = new UuidCodec();

export const byteCodecs: ReadonlyMap<string, TypeCodec> = new Map<string, TypeCodec>([
  ['bytea', byteaCodec],
  ['uuid', uuidCodec],
]);
