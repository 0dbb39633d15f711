/** The bytes of one log record (FORMAT.md). */
import { crc32c } from '../util/crc32c.js';

/** Do not change these values. */
export const RECORD_HEADER = 36;
const ALIGNMENT = 8;
/** A longer payload would be taken for damage when the log is read. */
export const MAX_PAYLOAD = 1 << 30;

/** Bytes that a record with such a payload takes in the log. */
export function recordSize(payloadLength: number): number {
  return Math.ceil((RECORD_HEADER + payloadLength) / ALIGNMENT) * ALIGNMENT;
}

export interface RecordHeader {
  readonly length: number;
  readonly crc: number;
  readonly lsn: number;
  readonly durable: number;
  readonly time: number;
  readonly type: number;
}

function writeU64(target: Buffer, value: number, at: number): void {
  const high = Math.floor(value / 4294967296);
  target.writeUInt32LE(value - high * 4294967296, at);
  target.writeUInt32LE(high, at + 4);
}

function readU64(source: Buffer, at: number): number {
  return source.readUInt32LE(at + 4) * 4294967296 + source.readUInt32LE(at);
}

/** Writes a record at `at`; REQUIRES room for `recordSize`. `time` is in microseconds since 1970. */
export function encodeRecord(
  target: Buffer,
  at: number,
  type: number,
  lsn: number,
  durable: number,
  time: number,
  payload: Uint8Array,
): void {
  const end = at + recordSize(payload.length);
  target.writeUInt32LE(payload.length, at);
  writeU64(target, lsn, at + 8);
  writeU64(target, durable, at + 16);
  writeU64(target, Math.max(0, time), at + 24);
  target.writeUInt32LE(type, at + 32);
  target.set(payload, at + RECORD_HEADER);
  const body = at + RECORD_HEADER + payload.length;
  for (let i = body; i < end; i++) target[i] = 0;
  target.writeUInt32LE(crc32c(target, at + 8, body), at + 4);
}

export function decodeHeader(bytes: Buffer, at: number): RecordHeader {
  return {
    length: bytes.readUInt32LE(at),
    crc: bytes.readUInt32LE(at + 4),
    lsn: readU64(bytes, at + 8),
    durable: readU64(bytes, at + 16),
    time: readU64(bytes, at + 24),
    type: bytes.readUInt32LE(at + 32),
  };
}

/** Whether the bytes from `at` are the record that the header describes. REQUIRES its whole length to be there. */
export function isIntact(bytes: Buffer, at: number, header: RecordHeader): boolean {
  return crc32c(bytes, at + 8, at + RECORD_HEADER + header.length) === header.crc;
}
