/**
 * Where the entries of an index end, and what is added there: entries of a large transaction that need not be looked up, and
 * blocks of them. Invariant: no block begins before another ends, whatever has become of its entries.
 */
import { decodeEntries, type EntryBlock, firstEntry } from '../encoding/entry-codec.js';
import type { AppendedEntries } from './appended-entries.js';
import type { StoreIndex } from './index.js';
import type { StoreTransaction } from './transaction.js';
import { SPILL_FROM } from './write-set.js';

export class IndexEnd {
  /** No entry has a greater key, whoever may see it; null: not known. */
  private last: string | null;

  constructor(
    private readonly index: StoreIndex,
    empty: boolean,
  ) {
    this.last = empty ? '' : null;
  }

  reset(): void {
    this.last = '';
  }

  /** A key at or above those of all entries, also of such as nobody sees; null: they are not in memory. */
  key(): string | null {
    if (this.last !== null) return this.last;
    const { tree, blocks } = this.index;
    const leaf = tree.last();
    if (leaf.block !== null) this.index.unpack(leaf, leaf.block);
    const { keys, lowKey } = tree.last();
    const { end } = blocks;
    if (keys === null || end === '') return null;
    const last = keys.at(-1) ?? lowKey;
    // What was in the last block may have been removed.
    this.last = end !== null && end > last ? end : last;
    return this.last;
  }

  /** From now on only entries behind this key are behind all. */
  reach(key: string): void {
    if (this.last !== null && key > this.last) this.last = key;
  }

  /** Where a new entry of the key, which nobody else has, can be appended; null: nowhere. */
  placeFor(own: StoreTransaction, key: string): AppendedEntries | null {
    const { index } = this;
    const writes = own.indexWrites?.get(index.id);
    if (writes === undefined || (writes.appended === null && writes.keyed.size < SPILL_FROM)) return null;
    if (writes.appended?.isReservedFor(key)) return writes.appended;
    if (own.log !== null || own.serial !== null || index.hasOverlays) return null;
    const last = this.key();
    return last === null || key <= last ? null : writes.placeBehind(key, () => index.unique.append(own));
  }

  /** Stores a block of a running transaction as a leaf of its own. REQUIRES: it is behind all entries. */
  storeBlock(block: EntryBlock): void {
    const { index } = this;
    let leaf = index.tree.last();
    if (this.last !== '') {
      const { key, rowId } = firstEntry(block.bytes);
      leaf = index.cut(leaf, key, block.goesOn ? rowId : 0);
    }
    this.reach(block.lastKey);
    index.blocks.add(block);
    leaf.pack(block.bytes);
    index.account(leaf);
  }

  /** Brings in a block of a commit. `reach` was called when it was made; entries of others may have got between its own since. */
  installBlock(block: EntryBlock): void {
    const { index } = this;
    const { key, rowId } = firstEntry(block.bytes);
    const leaf = index.leafFor(key, 0);
    const next = index.tree.next(leaf);
    if (!index.hasOverlays && leaf.endsBefore(key) && (next === null || next.lowKey > block.lastKey)) {
      const right = index.cut(leaf, key, block.goesOn ? rowId : 0);
      right.pack(block.bytes);
      index.account(right);
      index.blocks.add(block);
      index.entryCount += block.count;
      return;
    }
    const { keys, rowIds } = decodeEntries(block.bytes);
    for (let i = 0; i < keys.length; i++) index.installPut(keys[i], rowIds[i]);
  }

  /** Takes a block away that was stored before its transaction was rolled back. REQUIRES: none of its entries was changed since. */
  removeBlock(block: Buffer): void {
    this.index.blocks.remove(block);
    const { keys, rowIds } = decodeEntries(block);
    for (let i = 0; i < keys.length; i++) this.index.removeStored(keys[i], rowIds[i]);
  }
}
