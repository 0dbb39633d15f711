/** Rows that stand in a sequence of others: the length of the row (0: there is none), then its bytes. */
import type { Row } from '../types/datum.js';
import type { ByteCursor } from '../types/stored-form.js';
import { ByteWriter } from '../util/byte-writer.js';
import { readVarint, writeVarint } from './datum-codec.js';
import { decodeRow, encodeRow } from './row-codec.js';

const scratch = new ByteWriter(4096);

export function writeSizedRow(row: Row, out: ByteWriter): void {
  scratch.reset();
  encodeRow(row, scratch);
  writeVarint(scratch.length, out);
  out.bytes(scratch.view());
}

/** @throws RowCorruption when the row's checksum is wrong */
export function readSizedRow(cursor: ByteCursor): Row | null {
  const length = readVarint(cursor);
  if (length === 0) return null;
  const start = cursor.position;
  cursor.position = start + length;
  return decodeRow(cursor.bytes, start, start + length);
}
