/**
 * Consecutive index entries as one block of bytes: what they cost in the log and in the store is then one key, one
 * checksum and one value. A key begins with what it shares with the key before (FORMAT.md).
 */
import type { ByteCursor } from '../types/stored-form.js';
import { ByteWriter } from '../util/byte-writer.js';
import { crc32c } from '../util/crc32c.js';
import { RowCorruption, readVarint, writeVarint } from './datum-codec.js';

/** Do not change this value. */
const ENTRIES_VERSION = 1;
const CHECKSUM_SIZE = 4;
/** Entries in a block, and bytes after which it is ended. */
const MAX_ENTRIES = 256;
const MAX_BYTES = 32 << 10;

export interface BlockEntries {
  /** One character a byte, in order. */
  readonly keys: string[];
  readonly rowIds: number[];
}

/** A block, and what its maker knows of it. */
export interface EntryBlock {
  readonly bytes: Buffer;
  readonly count: number;
  /** Its first key is also the last one of the block before. */
  readonly goesOn: boolean;
  readonly lastKey: string;
}

/** Writes entries, which come in order, into blocks. */
export class EntryBlockWriter {
  private readonly out = new ByteWriter(MAX_BYTES + 1024);
  private last: Buffer = Buffer.alloc(0);
  private lastStart = 0;
  private lastEnd = 0;
  private goesOn = false;
  /** Entries in the block so far. */
  count = 0;

  get isFull(): boolean {
    return this.count >= MAX_ENTRIES || this.out.length >= MAX_BYTES;
  }

  /** REQUIRES: the bytes stay as they are until the next entry is there. */
  add(bytes: Buffer, start: number, end: number, rowId: number): void {
    const { out, last, lastStart } = this;
    const lastLength = this.lastEnd - lastStart;
    const most = Math.min(end - start, lastLength);
    let shared = 0;
    while (shared < most && bytes[start + shared] === last[lastStart + shared]) shared++;
    if (this.count === 0) {
      this.goesOn = shared > 0 && shared === end - start && shared === lastLength;
      shared = 0;
    }
    writeVarint(shared, out);
    const suffix = end - start - shared;
    writeVarint(suffix, out);
    out.reserve(suffix);
    const { buffer } = out;
    let at = out.length;
    for (let i = start + shared; i < end; i++) buffer[at++] = bytes[i];
    out.length = at;
    writeVarint(rowId, out);
    this.last = bytes;
    this.lastStart = start;
    this.lastEnd = end;
    this.count++;
  }

  /** The block, after which the next one is begun. REQUIRES: there is an entry. */
  finish(): EntryBlock {
    const { out, count, goesOn } = this;
    const lastKey = this.last.toString('latin1', this.lastStart, this.lastEnd);
    const block = Buffer.allocUnsafeSlow(out.length + MAX_HEADER + CHECKSUM_SIZE);
    let at = 0;
    block[at++] = ENTRIES_VERSION;
    if (count >= 0x80) block[at++] = (count & 0x7f) | 0x80;
    block[at++] = count >= 0x80 ? count >>> 7 : count;
    out.buffer.copy(block, at, 0, out.length);
    at += out.length;
    at = block.writeUInt32BE(crc32c(block, 0, at), at);
    out.reset();
    this.count = 0;
    return { bytes: block.subarray(0, at), count, goesOn, lastKey };
  }
}

/** Version and a count of at most two bytes. */
const MAX_HEADER = 3;

let scratch = Buffer.allocUnsafeSlow(1024);

/** @throws RowCorruption when the checksum or the structure is wrong */
export function decodeEntries(block: Buffer): BlockEntries {
  const { cursor, count } = openBlock(block);
  const keys: string[] = [];
  const rowIds: number[] = [];
  for (let i = 0; i < count; i++) {
    const length = readKey(cursor);
    keys.push(scratch.toString('latin1', 0, length));
    rowIds.push(readVarint(cursor));
  }
  if (cursor.position !== cursor.end) throw new RowCorruption('a block of index entries has bytes left over');
  return { keys, rowIds };
}

/** The first entry. @throws RowCorruption */
export function firstEntry(block: Buffer): { readonly key: string; readonly rowId: number } {
  const { cursor } = openBlock(block);
  const length = readKey(cursor);
  return { key: scratch.toString('latin1', 0, length), rowId: readVarint(cursor) };
}

function openBlock(block: Buffer): { cursor: ByteCursor; count: number } {
  const end = block.length - CHECKSUM_SIZE;
  if (end < 1) throw new RowCorruption('a block of index entries is too short');
  if (block[0] !== ENTRIES_VERSION)
    throw new RowCorruption(`a block of index entries has version ${block[0]}, not ${ENTRIES_VERSION}`);
  if (crc32c(block, 0, end) !== block.readUInt32BE(end))
    throw new RowCorruption('the checksum of a block of index entries is wrong');
  const cursor: ByteCursor = { bytes: block, position: 1, end };
  return { cursor, count: readVarint(cursor) };
}

/** Puts the next key into the scratch buffer, which has the one before; returns its length. */
function readKey(cursor: ByteCursor): number {
  const shared = readVarint(cursor);
  const suffix = readVarint(cursor);
  const length = shared + suffix;
  const { bytes, position, end } = cursor;
  if (suffix > end - position || shared > scratch.length)
    throw new RowCorruption('a block of index entries ends too early');
  if (length > scratch.length) {
    const grown = Buffer.allocUnsafeSlow(length * 2);
    scratch.copy(grown, 0, 0, shared);
    scratch = grown;
  }
  for (let i = 0; i < suffix; i++) scratch[shared + i] = bytes[position + i];
  cursor.position = position + suffix;
  return length;
}
