/**
 * Reads from LevelDB's MANIFEST which table files belong to the store. Others may lie beside them: what a compaction had
 * begun when the process ended.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KvError } from '../kv-error.js';
import { logRecords } from './log-records.js';
import { BadTable, ByteReader } from './table-bytes.js';

/** What the MANIFEST says about a table file. */
export interface TableFile {
  readonly path: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** 0 to 6. Files of level 0 may overlap, those of another do not. */
  readonly level: number;
  /** The first and the last key. */
  readonly smallest: Buffer;
  readonly largest: Buffer;
}

/** Type and number of a write, behind each key of LevelDB's own. */
const KEY_TAIL = 8;

/**
 * The live table files, the oldest first; their names end with `.ldb` when they are missing.
 * @throws KvError 'corrupt' naming CURRENT or MANIFEST when they are missing or cannot be read
 */
export async function liveTables(directory: string): Promise<TableFile[]> {
  const current = join(directory, 'CURRENT');
  const name = (await readOrRefuse(current)).toString('latin1').trim();
  if (!/^MANIFEST-\d+$/.test(name)) throw damaged(current, 'names no MANIFEST');
  const path = join(directory, name);
  const log = await readOrRefuse(path);
  const names = new Set(await readdir(directory));
  const live = new Map<number, TableFile>();
  try {
    for (const { offset, bytes, isCutOff } of logRecords(log)) {
      // A record that was being written at a power failure was never spoken of.
      if (bytes !== null) applyEdit(bytes, live, directory, names);
      else if (!isCutOff) throw new BadTable(offset, 'the checksum of a record does not fit');
    }
  } catch (error) {
    throw error instanceof BadTable ? damaged(path, `at offset ${error.offset}: ${error.message}`) : error;
  }
  return [...live].sort(([a], [b]) => a - b).map(([, table]) => table);
}

function damaged(path: string, what: string): KvError {
  return new KvError('corrupt', `the store is damaged: the file ${path} ${what}`);
}

async function readOrRefuse(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT') throw damaged(path, 'is missing');
    if (code === 'EISDIR') throw damaged(path, 'is a directory');
    throw error;
  }
}

/** A version edit: fields with a tag each. */
function applyEdit(record: Buffer, live: Map<number, TableFile>, directory: string, names: ReadonlySet<string>): void {
  const reader = new ByteReader(record, 0);
  while (reader.at < record.length) {
    const tag = reader.varint();
    switch (tag) {
      case 1: // The comparator's name.
        reader.text();
        break;
      case 2: // Log number, next file number, last sequence number, previous log number.
      case 3:
      case 4:
      case 9:
        reader.varint();
        break;
      case 5: // Where compaction of a level goes on.
        reader.varint();
        reader.text();
        break;
      case 6: // A file of a level that goes.
        reader.varint();
        live.delete(reader.varint());
        break;
      case 7: {
        // A file of a level that comes, with its key range.
        const level = reader.varint();
        const number = reader.varint();
        const stem = String(number).padStart(6, '0');
        const name = names.has(`${stem}.sst`) ? `${stem}.sst` : `${stem}.ldb`;
        const size = reader.varint();
        const smallest = userKey(reader.text());
        live.set(number, { path: join(directory, name), name, size, level, smallest, largest: userKey(reader.text()) });
        break;
      }
      default:
        throw new BadTable(0, `the tag ${tag} is not known`);
    }
  }
}

function userKey(key: Buffer): Buffer {
  return key.subarray(0, Math.max(0, key.length - KEY_TAIL));
}
