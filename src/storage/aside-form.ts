/**
 * A page of a write set as bytes, for the temporary file that holds what does not fit into memory. Rows are as the store
 * has them, each with its checksum. Only the process that has written them reads them.
 *
 *     number of slots, then for each
 *       slot, flags
 *       if it has versions: their number, then newest first: command, length of the row (0: deleted), row
 *       if it has a base: length of the row, row
 */
import { readVarint, writeVarint } from '../encoding/datum-codec.js';
import { readSizedRow, writeSizedRow } from '../encoding/sized-row.js';
import type { Row } from '../types/datum.js';
import type { ByteCursor } from '../types/stored-form.js';
import type { ByteWriter } from '../util/byte-writer.js';
import { PageWrites, WriteEntry } from './page-writes.js';

const HAS_VERSIONS = 1;
const HAS_BASE = 2;

/** Appends the page. Versions that a newer one of a command before `oldest` hides from everybody are left out. */
export function encodeAside(page: PageWrites, oldest: number, out: ByteWriter): void {
  writeVarint(page.slots.length, out);
  for (let i = 0; i < page.slots.length; i++) {
    const entry = page.entries[i];
    const base = page.bases[i];
    out.u8(page.slots[i]);
    out.u8((entry === null ? 0 : HAS_VERSIONS) | (base === null ? 0 : HAS_BASE));
    if (entry !== null) writeVersions(entry, oldest, out);
    if (base !== null) writeSizedRow(base, out);
  }
}

function writeVersions(newest: WriteEntry, oldest: number, out: ByteWriter): void {
  let count = 1;
  for (let entry = newest; entry.prev !== null && entry.commandId >= oldest; entry = entry.prev) count++;
  writeVarint(count, out);
  let entry: WriteEntry | null = newest;
  for (; count > 0 && entry !== null; count--, entry = entry.prev) {
    writeVarint(entry.commandId, out);
    if (entry.row === null) writeVarint(0, out);
    else writeSizedRow(entry.row, out);
  }
}

/** @throws RowCorruption when a row's checksum is wrong */
export function decodeAside(pageNo: number, bytes: Buffer): PageWrites {
  const page = new PageWrites(pageNo);
  const cursor: ByteCursor = { bytes, position: 0, end: bytes.length };
  for (let count = readVarint(cursor); count > 0; count--) {
    const slot = bytes[cursor.position++];
    const flags = bytes[cursor.position++];
    const entry = (flags & HAS_VERSIONS) === 0 ? null : readVersions(cursor);
    page.add(page.slots.length, slot, entry, (flags & HAS_BASE) === 0 ? null : readSizedRow(cursor));
  }
  return page;
}

function readVersions(cursor: ByteCursor): WriteEntry | null {
  const commands: number[] = [];
  const rows: (Row | null)[] = [];
  for (let count = readVarint(cursor); count > 0; count--) {
    commands.push(readVarint(cursor));
    rows.push(readSizedRow(cursor));
  }
  let entry: WriteEntry | null = null;
  for (let i = rows.length - 1; i >= 0; i--) entry = new WriteEntry(rows[i], commands[i], entry);
  return entry;
}

/** Calls `visit` with the place of the newest version of each changed row (nothing between start and end: it is deleted). */
export function forEachAside(
  bytes: Buffer,
  visit: (slot: number, start: number, end: number, hadBase: boolean) => void,
): void {
  const cursor: ByteCursor = { bytes, position: 0, end: bytes.length };
  for (let count = readVarint(cursor); count > 0; count--) {
    const slot = bytes[cursor.position++];
    const flags = bytes[cursor.position++];
    const hasBase = (flags & HAS_BASE) !== 0;
    const hasVersions = (flags & HAS_VERSIONS) !== 0;
    let start = 0;
    let end = 0;
    if (hasVersions) {
      for (let left = readVarint(cursor), newest = true; left > 0; left--, newest = false) {
        readVarint(cursor);
        const at = skipRow(cursor);
        if (newest) [start, end] = [at, cursor.position];
      }
    }
    if (hasBase) skipRow(cursor);
    // Inserted and deleted again, or only locked: nobody will ever see it.
    if (hasVersions && (end > start || hasBase)) visit(slot, start, end, hasBase);
  }
}

/** Passes a row; returns where it starts. */
function skipRow(cursor: ByteCursor): number {
  const length = readVarint(cursor);
  const start = cursor.position;
  cursor.position = start + length;
  return start;
}
