/**
 * Reads from LevelDB's MANIFEST which table files belong to the store. Others may lie beside them: what a compaction had
 * begun when the process ended. Damage of the MANIFEST itself is LevelDB's to report, when the store is opened.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BadTable, ByteReader } from './table-bytes.js';

/** The MANIFEST is a log of LevelDB: blocks of this size, records in fragments with a header of CRC, length and kind. */
const BLOCK = 32768;
const HEADER = 7;
const WHOLE = 1;
const FIRST = 2;
const LAST = 4;

/** Sizes of the live table files by their number. @throws errors of the file system when CURRENT or MANIFEST are missing */
export async function liveTables(directory: string): Promise<Map<number, number>> {
  const current = (await readFile(join(directory, 'CURRENT'), 'latin1')).trim();
  const path = join(directory, current);
  const live = new Map<number, number>();
  for (const record of logRecords(await readFile(path))) applyEdit(record, live);
  return live;
}

function* logRecords(log: Buffer): Generator<Buffer> {
  let parts: Buffer[] = [];
  for (let at = 0; at + HEADER <= log.length; ) {
    const room = BLOCK - (at % BLOCK);
    if (room < HEADER) {
      at += room;
      continue;
    }
    const length = log.readUInt16LE(at + 4);
    const kind = log[at + 6];
    if (kind === 0 || at + HEADER + length > log.length) return;
    if (kind === WHOLE || kind === FIRST) parts = [];
    parts.push(log.subarray(at + HEADER, at + HEADER + length));
    if (kind === WHOLE || kind === LAST) yield Buffer.concat(parts);
    at += HEADER + length;
  }
}

/** A version edit: fields with a tag each. */
function applyEdit(record: Buffer, live: Map<number, number>): void {
  const reader = new ByteReader(record, 0);
  while (reader.at < record.length) {
    const tag = reader.varint();
    switch (tag) {
      case 1: // The comparator's name.
        reader.skipText();
        break;
      case 2: // Log number, next file number, last sequence number, previous log number.
      case 3:
      case 4:
      case 9:
        reader.varint();
        break;
      case 5: // Where compaction of a level goes on.
        reader.varint();
        reader.skipText();
        break;
      case 6: // A file of a level that goes.
        reader.varint();
        live.delete(reader.varint());
        break;
      case 7: // A file of a level that comes, with its key range.
        reader.varint();
        live.set(reader.varint(), reader.varint());
        reader.skipText();
        reader.skipText();
        break;
      default:
        throw new BadTable(0, `the tag ${tag} is not known`);
    }
  }
}
