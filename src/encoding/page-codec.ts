/**
 * A page's rows as one block of bytes: what a page costs in the store is then one key, one checksum and one value,
 * whether it holds one row or all of them (FORMAT.md).
 */
import type { Row } from '../types/datum.js';
import type { ByteCursor } from '../types/stored-form.js';
import { ByteWriter } from '../util/byte-writer.js';
import { crc32c } from '../util/crc32c.js';
import { datums, RowCorruption, readVarint, writeVarint } from './datum-codec.js';
import { readColumns, readValues } from './row-values.js';

/** Do not change this value. */
const PAGE_VERSION = 1;
const CHECKSUM_SIZE = 4;

const scratch = new ByteWriter(1 << 16);

/** The bytes of the rows that are not null; null when they are more than `limit`. `rows` has a place for each slot. */
export function encodePage(rows: readonly (Row | null)[], limit: number): Buffer | null {
  scratch.reset();
  scratch.u8(PAGE_VERSION);
  let count = 0;
  for (const row of rows) if (row !== null) count++;
  writeVarint(rows.length, scratch);
  writeVarint(count, scratch);
  if (count < rows.length) writeSlots(rows);
  for (const row of rows) {
    if (row === null) continue;
    writeVarint(row.length, scratch);
    for (let i = 0; i < row.length; i++) datums.write(row[i], scratch);
    if (scratch.length > limit) return null;
  }
  scratch.u32(crc32c(scratch.buffer, 0, scratch.length));
  return scratch.copy();
}

/** One bit a slot, the first slot in the lowest bit of the first byte. */
function writeSlots(rows: readonly (Row | null)[]): void {
  for (let first = 0; first < rows.length; first += 8) {
    let bits = 0;
    for (let i = first; i < Math.min(first + 8, rows.length); i++) if (rows[i] !== null) bits |= 1 << (i - first);
    scratch.u8(bits);
  }
}

/**
 * Puts the rows into their slots of `rows`, and leaves the others alone. `wanted`: the columns that are needed; others are null.
 * @throws RowCorruption when the checksum or the structure is wrong
 */
export function decodePage(bytes: Buffer, rows: (Row | null)[], wanted: readonly boolean[] | null = null): void {
  const limit = bytes.length - CHECKSUM_SIZE;
  if (limit < 1) throw new RowCorruption('a stored page is too short');
  if (bytes[0] !== PAGE_VERSION) throw new RowCorruption(`a stored page has version ${bytes[0]}, not ${PAGE_VERSION}`);
  if (crc32c(bytes, 0, limit) !== bytes.readUInt32BE(limit))
    throw new RowCorruption('the checksum of a stored page is wrong');
  const cursor: ByteCursor = { bytes, position: 1, end: limit };
  const slots = readVarint(cursor);
  const count = readVarint(cursor);
  if (slots !== rows.length || count > slots) throw new RowCorruption(`a stored page has ${count} of ${slots} rows`);
  const all = count === slots;
  const bitmap = cursor.position;
  if (!all) cursor.position += Math.ceil(slots / 8);
  let found = 0;
  for (let slot = 0; slot < slots && found < count; slot++) {
    if (!all && ((bytes[bitmap + (slot >> 3)] >> (slot & 7)) & 1) === 0) continue;
    const width = readVarint(cursor);
    rows[slot] = wanted === null ? readValues(cursor, width) : readColumns(cursor, width, wanted);
    found++;
  }
  if (found !== count || cursor.position !== limit) throw new RowCorruption('a stored page has bytes left over');
}
