/** Rows to bytes and back: version, values, checksum (FORMAT.md). The checksum reaches from the store to memory. */
import type { Row } from '../types/datum.js';
import type { ByteCursor } from '../types/stored-form.js';
import { ByteWriter } from '../util/byte-writer.js';
import { crc32c } from '../util/crc32c.js';
import { datums, RowCorruption, readVarint, writeVarint } from './datum-codec.js';
import { readValues } from './row-values.js';

/** Do not change this value. */
const ROW_VERSION = 1;
const CHECKSUM_SIZE = 4;

const scratch = new ByteWriter(4096);

/** Appends the row's bytes to `out`. */
export function encodeRow(row: Row, out: ByteWriter): void {
  const start = out.length;
  out.u8(ROW_VERSION);
  writeVarint(row.length, out);
  for (let i = 0; i < row.length; i++) datums.write(row[i], out);
  out.u32(crc32c(out.buffer, start, out.length));
}

/** The row's bytes in a buffer of their own. */
export function rowBytes(row: Row): Buffer {
  scratch.reset();
  encodeRow(row, scratch);
  return scratch.copy();
}

/** 32 bits that depend on all values of the row. */
export function rowFingerprint(row: Row): number {
  scratch.reset();
  encodeRow(row, scratch);
  return scratch.buffer.readUInt32BE(scratch.length - CHECKSUM_SIZE);
}

/** @throws RowCorruption when the checksum or the structure is wrong */
export function decodeRow(bytes: Buffer, start = 0, end: number = bytes.length): Row {
  const limit = end - CHECKSUM_SIZE;
  if (limit <= start) throw new RowCorruption('a stored row is too short');
  if (bytes[start] !== ROW_VERSION)
    throw new RowCorruption(`a stored row has version ${bytes[start]}, not ${ROW_VERSION}`);
  if (crc32c(bytes, start, limit) !== bytes.readUInt32BE(limit))
    throw new RowCorruption('the checksum of a stored row is wrong');
  const cursor: ByteCursor = { bytes, position: start + 1, end: limit };
  const row = readValues(cursor, readVarint(cursor));
  if (cursor.position !== limit) throw new RowCorruption('a stored row has bytes left over');
  return row;
}
