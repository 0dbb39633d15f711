/** Segment files: names, headers, positions (FORMAT.md). */
import { crc32c } from '../util/crc32c.js';

/** Do not change these values. */
export const SEGMENT_HEADER = 64;
const MAGIC = 'ORBITWAL';
const VERSION = 1;
const CRC_OFFSET = 60;

export function segmentName(number: number): string {
  return `${number.toString(16).padStart(16, '0')}.wal`;
}

/** The segment's number, or null for another file. */
export function segmentNumber(name: string): number | null {
  return /^[0-9a-f]{16}\.wal$/.test(name) ? Number.parseInt(name.slice(0, 16), 16) : null;
}

export function encodeSegmentHeader(fileSize: number, databaseId: bigint, number: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER);
  header.write(MAGIC, 0, 'latin1');
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(fileSize, 12);
  header.writeBigUInt64LE(databaseId, 16);
  header.writeBigUInt64LE(BigInt(number), 24);
  header.writeUInt32LE(crc32c(header, 0, CRC_OFFSET), CRC_OFFSET);
  return header;
}

export interface SegmentHeader {
  readonly fileSize: number;
  readonly databaseId: bigint;
  readonly number: number;
}

/** The log was written by a server of another version. */
export class WalVersionError extends Error {
  override readonly name = 'WalVersionError';

  constructor(readonly found: number) {
    super(`the write-ahead log has format version ${found}, this server knows version ${VERSION}`);
  }
}

/**
 * Null when the bytes are no intact header.
 * @throws WalVersionError for an intact header of another version
 */
export function decodeSegmentHeader(header: Buffer): SegmentHeader | null {
  if (header.length < SEGMENT_HEADER || header.toString('latin1', 0, 8) !== MAGIC) return null;
  if (header.readUInt32LE(CRC_OFFSET) !== crc32c(header, 0, CRC_OFFSET)) return null;
  const version = header.readUInt32LE(8);
  if (version !== VERSION) throw new WalVersionError(version);
  return {
    fileSize: header.readUInt32LE(12),
    databaseId: header.readBigUInt64LE(16),
    number: Number(header.readBigUInt64LE(24)),
  };
}
