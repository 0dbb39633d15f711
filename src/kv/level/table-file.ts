/**
 * Checks LevelDB's table files block by block. LevelDB itself compares the checksums of blocks only when asked to, which
 * classic-level cannot do; so a damaged block would be found only where it no longer decodes.
 *
 * A table file is a row of blocks, each followed by its kind (1 byte) and its masked CRC-32C (4 bytes); the last 48
 * bytes say where the index block is, whose entries say where all data blocks are.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32c } from '../../util/crc32c.js';
import { liveTables } from './manifest.js';
import { BadTable, ByteReader } from './table-bytes.js';

const FOOTER = 48;
const TRAILER = 5;
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
const CRC_DELTA = 0xa282ead8;
const SNAPPY = 1;

interface Handle {
  readonly offset: number;
  readonly size: number;
}

function handleOf(reader: ByteReader): Handle {
  return { offset: reader.varint(), size: reader.varint() };
}

/** What is wrong with the table files of a store that is not open, one line each with file and offset. */
export async function checkTableFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  const faults: string[] = [];
  for (const [number, size] of await liveTables(directory)) {
    const stem = String(number).padStart(6, '0');
    const name = names.find((one) => one === `${stem}.ldb` || one === `${stem}.sst`);
    if (name === undefined) {
      faults.push(`table file ${join(directory, `${stem}.ldb`)} is missing`);
      continue;
    }
    const path = join(directory, name);
    const bytes = await readFile(path);
    if (bytes.length !== size) faults.push(`table file ${path} has ${bytes.length} bytes instead of ${size}`);
    for (const { offset, message } of tableFaults(bytes))
      faults.push(`table file ${path} at offset ${offset}: ${message}`);
  }
  return faults;
}

function tableFaults(file: Buffer): BadTable[] {
  try {
    if (file.length < FOOTER || !file.subarray(file.length - MAGIC.length).equals(MAGIC))
      throw new BadTable(Math.max(0, file.length - FOOTER), 'the file does not end as a table file does');
    const footer = new ByteReader(file, file.length - FOOTER, file.length - FOOTER);
    const meta = handleOf(footer);
    const index = handleOf(footer);
    const faults = blockFaults(file, [meta, index]);
    if (faults.length > 0) return faults;
    return blockFaults(file, dataBlocks(contents(file, index), index.offset));
  } catch (error) {
    if (error instanceof BadTable) return [error];
    throw error;
  }
}

function blockFaults(file: Buffer, blocks: readonly Handle[]): BadTable[] {
  return blocks.flatMap(({ offset, size }) => {
    const end = offset + size + 1;
    if (end + TRAILER - 1 > file.length - FOOTER) return new BadTable(offset, 'the block is cut off');
    const crc = crc32c(file, offset, end);
    const masked = (((crc >>> 15) | (crc << 17)) + CRC_DELTA) >>> 0;
    return masked === file.readUInt32LE(end) ? [] : new BadTable(offset, 'the checksum of the block does not fit');
  });
}

/** REQUIRES: the block's checksum fits. */
function contents(file: Buffer, { offset, size }: Handle): Buffer {
  const block = file.subarray(offset, offset + size);
  return file[offset + size] === SNAPPY ? unpackSnappy(block, offset) : block;
}

/** The handles in an index block: entries of (shared, unshared, value length, key rest, value), then restart places. */
function dataBlocks(block: Buffer, base: number): Handle[] {
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
