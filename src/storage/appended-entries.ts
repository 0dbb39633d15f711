/**
 * New index entries of a large transaction that are behind all others, packed, in ascending order of their keys, each of which is
 * there once. No object is made for an entry, and no reservation: others who want one of the keys find it here.
 */
import { type EntryBlock, EntryBlockWriter } from '../encoding/entry-codec.js';
import type { RowId } from './api.js';
import { PackedEntries } from './packed-entries.js';

export class AppendedEntries {
  private readonly packed = new PackedEntries();
  /** Of the last entry, or of the one that is reserved. */
  lastKey = '';
  /** The last key has no entry yet. */
  private isReserved = false;

  get count(): number {
    return this.packed.count;
  }

  get isFull(): boolean {
    return this.packed.isFull;
  }

  /** Keeps a key for the next entry. REQUIRES: it is greater than `lastKey`. */
  reserve(key: string): void {
    this.lastKey = key;
    this.isReserved = true;
  }

  isReservedFor(key: string): boolean {
    return this.isReserved && this.lastKey === key;
  }

  /** REQUIRES: the key is greater than `lastKey`, or reserved. */
  add(key: string, rowId: RowId): void {
    this.lastKey = key;
    this.isReserved = false;
    this.packed.add(key, rowId);
  }

  /** Whether the key is taken. */
  has(key: string): boolean {
    return this.isReservedFor(key) || this.find(key) !== 0;
  }

  /** The row of the key, 0 for none. */
  find(key: string): RowId {
    const { count, rowIds } = this.packed;
    if (count === 0 || key > this.lastKey) return 0;
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.isBefore(middle, key)) low = middle + 1;
      else high = middle;
    }
    return low < count && this.keyAt(low) === key ? rowIds[low] : 0;
  }

  private isBefore(i: number, key: string): boolean {
    const { bytes, starts } = this.packed;
    const start = starts[i];
    const length = starts[i + 1] - start;
    const common = Math.min(length, key.length);
    for (let k = 0; k < common; k++) {
      const difference = bytes[start + k] - key.charCodeAt(k);
      if (difference !== 0) return difference < 0;
    }
    return length < key.length;
  }

  /** The bytes of an entry's key, which are valid until the next `add`. */
  keyBytes(i: number): Buffer {
    const { bytes, starts } = this.packed;
    return bytes.subarray(starts[i], starts[i + 1]);
  }

  rowIdAt(i: number): RowId {
    return this.packed.rowIds[i];
  }

  keyAt(i: number): string {
    const { bytes, starts } = this.packed;
    return bytes.toString('latin1', starts[i], starts[i + 1]);
  }

  forEach(visit: (key: string, rowId: RowId) => void): void {
    for (let i = 0; i < this.count; i++) visit(this.keyAt(i), this.packed.rowIds[i]);
  }

  /** All of them. */
  blocks(): EntryBlock[] {
    const { bytes, starts, rowIds, count } = this.packed;
    const writer = new EntryBlockWriter();
    const blocks: EntryBlock[] = [];
    for (let i = 0; i < count; i++) {
      writer.add(bytes, starts[i], starts[i + 1], rowIds[i]);
      if (writer.isFull) blocks.push(writer.finish());
    }
    if (writer.count > 0) blocks.push(writer.finish());
    return blocks;
  }

  /** Forgets all entries: they are elsewhere. */
  clear(): void {
    this.packed.clear();
  }
}
