/**
 * Verifies LevelDB's table files block by block. LevelDB itself compares the checksums of blocks only when asked to, which
 * classic-level cannot do: keys in a damaged block are not found, without an error, or an assertion ends the process.
 *
 * A table file is a row of blocks, each followed by its kind (1 byte) and its masked CRC-32C (4 bytes); the last 48
 * bytes say where the index block is, whose entries say where all data blocks are, and where the block is that does the
 * same for filters.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { crc32c } from '../../util/crc32c.js';
import { shortageOf } from '../../util/shortage.js';
import { liveTables, type TableFile } from './manifest.js';
import { BadTable, ByteReader, masked } from './table-bytes.js';

const FOOTER = 48;
const TRAILER = 5;
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
const SNAPPY = 1;
/** Bytes that are verified in one go: a millisecond. */
const SLICE = 1 << 20;

interface Handle {
  readonly offset: number;
  readonly size: number;
}

function handleOf(reader: ByteReader): Handle {
  return { offset: reader.varint(), size: reader.varint() };
}

/**
 * What is wrong with the table files of a store that is not open, one line each with file and offset.
 * @throws KvError when CURRENT or MANIFEST cannot be read
 */
export async function checkTableFiles(directory: string): Promise<string[]> {
  const faults: string[] = [];
  for (const table of await liveTables(directory)) faults.push(...(await tableFaults(table)));
  return faults;
}

/** What is wrong with a table file, one line each with file and offset. Gives the event loop back every so often. */
export async function tableFaults(table: Pick<TableFile, 'path' | 'size'>): Promise<string[]> {
  const file = await readFile(table.path).catch((error: unknown) => unreadable(table.path, error));
  if (typeof file === 'string') return [file];
  const verification = verify(file, table);
  for (;;) {
    const step = verification.next();
    if (step.done === true) return step.value;
    await setImmediate();
  }
}

/** The same in one go. */
export function tableFaultsNow(table: Pick<TableFile, 'path' | 'size'>): string[] {
  let file: Buffer;
  try {
    file = readFileSync(table.path);
  } catch (error) {
    return [unreadable(table.path, error)];
  }
  const verification = verify(file, table);
  for (;;) {
    const step = verification.next();
    if (step.done === true) return step.value;
  }
}

function unreadable(path: string, error: unknown): string {
  // Too few descriptors say nothing about the file.
  if (!(error instanceof Error && 'code' in error) || shortageOf(error) !== null) throw error;
  return error.code === 'ENOENT' ? `table file ${path} is missing` : `table file ${path}: ${error.message}`;
}

/** Yields between slices. */
function* verify(file: Buffer, { path, size }: Pick<TableFile, 'path' | 'size'>): Generator<void, string[]> {
  if (file.length !== size) return [`table file ${path} has ${file.length} bytes instead of ${size}`];
  const faults: BadTable[] = [];
  try {
    let verified = 0;
    for (const block of blocksOf(file)) {
      if (!hasChecksum(file, block)) faults.push(new BadTable(block.offset, WRONG_CHECKSUM));
      verified += block.size;
      if (verified < SLICE) continue;
      verified = 0;
      yield;
    }
  } catch (error) {
    if (!(error instanceof BadTable)) throw error;
    faults.push(error);
  }
  return faults.map(({ offset, message }) => `table file ${path} at offset ${offset}: ${message}`);
}

const WRONG_CHECKSUM = 'the checksum of the block does not fit';

/** All blocks but those that say where the others are, which are verified here. */
function blocksOf(file: Buffer): Handle[] {
  if (file.length < FOOTER || !file.subarray(file.length - MAGIC.length).equals(MAGIC))
    throw new BadTable(Math.max(0, file.length - FOOTER), 'the file does not end as a table file does');
  const footer = new ByteReader(file.subarray(file.length - FOOTER), file.length - FOOTER);
  const handles = [handleOf(footer), handleOf(footer)];
  if (file.subarray(footer.at + file.length - FOOTER, file.length - MAGIC.length).some((byte) => byte !== 0))
    throw new BadTable(file.length - FOOTER, 'the footer is not as it was written');
  return handles.flatMap((handle) => {
    if (!hasChecksum(file, handle)) throw new BadTable(handle.offset, WRONG_CHECKSUM);
    return handlesIn(contents(file, handle), handle.offset);
  });
}

/** @throws BadTable when the file ends before the block does */
function hasChecksum(file: Buffer, { offset, size }: Handle): boolean {
  const end = offset + size + 1;
  if (end + TRAILER - 1 > file.length - FOOTER) throw new BadTable(offset, 'the block is cut off');
  return masked(crc32c(file, offset, end)) === file.readUInt32LE(end);
}

/** REQUIRES: the block's checksum fits. */
function contents(file: Buffer, { offset, size }: Handle): Buffer {
  const block = file.subarray(offset, offset + size);
  return file[offset + size] === SNAPPY ? unpackSnappy(block, offset) : block;
}

/** The handles in a block of handles: entries of (shared, unshared, value length, key rest, value), then restart places. */
function handlesIn(block: Buffer, base: number): Handle[] {
  const restarts = block.readUInt32LE(block.length - 4);
  const end = block.length - 4 - restarts * 4;
  const reader = new ByteReader(block, base);
  const handles: Handle[] = [];
  while (reader.at < end) {
    reader.varint();
    const rest = reader.varint();
    const length = reader.varint();
    const value = reader.at + rest;
    handles.push(handleOf(new ByteReader(block, base, value)));
    reader.at = value + length;
  }
  return handles;
}

/** Snappy's format without framing: the length, then literals and copies of what has been written. */
function unpackSnappy(packed: Buffer, base: number): Buffer {
  const reader = new ByteReader(packed, base);
  const out = Buffer.alloc(reader.varint());
  let written = 0;
  while (reader.at < packed.length) {
    const tag = packed[reader.at++];
    const kind = tag & 3;
    if (kind === 0) {
      let length = tag >> 2;
      if (length >= 60) {
        const bytes = length - 59;
        length = packed.readUIntLE(reader.at, bytes);
        reader.at += bytes;
      }
      written += packed.copy(out, written, reader.at, reader.at + length + 1);
      reader.at += length + 1;
      continue;
    }
    const width = kind === 3 ? 4 : kind;
    const low = packed.readUIntLE(reader.at, width);
    reader.at += width;
    const distance = kind === 1 ? ((tag >> 5) << 8) | low : low;
    const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    for (let i = 0; i < length; i++, written++) out[written] = out[written - distance];
  }
  return out;
}
