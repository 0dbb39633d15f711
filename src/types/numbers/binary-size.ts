/** Checks the length of a fixed-size binary value, with the errors of PostgreSQL's message reader. */
import { sqlError } from '../../errors/sql-error.js';

export function expectSize(start: number, end: number, size: number): void {
  if (end - start < size) throw sqlError('protocol_violation', 'insufficient data left in message');
  if (end - start > size) throw sqlError('invalid_binary_representation', 'incorrect binary data format');
}

/** A signed 64-bit integer, as number while safe. */
export function readInt64(bytes: Buffer, start: number): number | bigint {
  const high = bytes.readInt32BE(start);
  if (high >= -0x200000 && high < 0x200000) {
    const value = high * 4294967296 + bytes.readUInt32BE(start + 4);
    if (Number.isSafeInteger(value)) return value;
  }
  return bytes.readBigInt64BE(start);
}

/** An unsigned 64-bit integer, as number while safe. */
export function readUint64(bytes: Buffer, start: number): number | bigint {
  const value = bytes.readBigUInt64BE(start);
  return value <= 9007199254740991n ? Number(value) : value;
}
