/** New index entries of a transaction that are behind all others of their index, as blocks: before its commit, or with it. */
import { type EntryBlock, EntryBlockWriter } from '../encoding/entry-codec.js';
import type { StorageId } from './api.js';
import type { CommitChanges } from './commit-log.js';
import type { IndexWrites } from './index-writes.js';
import type { StoreTransaction } from './transaction.js';

/** Fewer entries are stored one by one. */
export const FEWEST_IN_BLOCKS = 64;

const NONE: CommitChanges['entryBlocks'] = [];

/** Keys all of whose entries are new, and were made at or after the command. Of those that are appended none. */
export function storableKeys({ keyed }: IndexWrites, floor: number): string[] {
  const keys: string[] = [];
  for (const [key, first] of keyed) {
    let write: typeof first | null = first;
    while (write?.isNew && write.op === 'put' && write.commandId >= floor) write = write.next;
    if (write === null) keys.push(key);
  }
  return keys;
}

/** The entries of the keys, which are in order. */
export function entryBlocks(writes: IndexWrites, keys: readonly string[]): EntryBlock[] {
  const writer = new EntryBlockWriter();
  const blocks: EntryBlock[] = [];
  for (const key of keys) {
    const bytes = Buffer.from(key, 'latin1');
    for (const rowId of writes.rowIdsOf(key)) {
      writer.add(bytes, 0, bytes.length, rowId);
      if (writer.isFull) blocks.push(writer.finish());
    }
  }
  if (writer.count > 0) blocks.push(writer.finish());
  return blocks;
}

/**
 * Has the commit store new entries as blocks where they are behind all others, notes that in the write sets, and returns them. From now on
 * the index takes no other blocks before their end.
 */
export function putInBlocks(transaction: StoreTransaction): CommitChanges['entryBlocks'] {
  if (transaction.engine.materializer === null) return NONE;
  let found: { readonly index: StorageId; readonly blocks: readonly EntryBlock[] }[] | null = null;
  for (const writes of transaction.indexWrites?.values() ?? []) {
    const { index, keyed, appended } = writes;
    const count = appended?.count ?? 0;
    if (writes.runs !== null || index.hasOverlays || keyed.size + count < FEWEST_IN_BLOCKS) continue;
    const last = index.end.key();
    if (last === null) continue;
    const end = appended === null || count === 0 ? null : appended.keyAt(0);
    const keys = keyed.size === 0 || (end !== null && end <= last) ? [] : storableKeys(writes, 0).sort();
    const withKeyed =
      keys.length > 0 && keys.length === keyed.size && keys[0] > last && (end === null || keys[keys.length - 1] < end);
    const withAppended = end !== null && end > last;
    if (!withKeyed && !withAppended) continue;
    const blocks = withKeyed ? entryBlocks(writes, keys) : [];
    if (withAppended && appended !== null) blocks.push(...appended.blocks());
    writes.blocks = { blocks, withKeyed, withAppended };
    index.end.reach(blocks[blocks.length - 1].lastKey);
    found ??= [];
    found.push({ index: index.id, blocks });
  }
  return found ?? NONE;
}
