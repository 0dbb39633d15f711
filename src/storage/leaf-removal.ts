/**
 * Removes many entries from an index leaf by leaf. What a commit has removed stays in the leaves for older snapshots, and goes with
 * its undo; both times nothing is looked up, because entries and leaf are in the same order.
 */
import type { Lsn, RowId } from './api.js';
import type { StoreIndex } from './index.js';
import type { IndexLeaf } from './index-leaf.js';
import type { RemovedEntries } from './removed-entries.js';
import type { UndoIndexPart } from './undo.js';

/** Entries of a leaf that is not in memory, removed in one go. */
const ENTRIES_AT_ONCE = 64;

/**
 * Removes entries from position `from` on that are in one leaf, for snapshots from `lsn` on, and adds to `undo` what is left of
 * them. Returns the position of the first one that is still there. REQUIRES: they are sorted.
 */
export function removeSome(
  index: StoreIndex,
  removed: RemovedEntries,
  from: number,
  lsn: Lsn,
  undo: UndoIndexPart[],
): number {
  const keys: string[] = [];
  const rowIds: RowId[] = [];
  const leaf = index.leafFor(removed.keyAt(from), removed.rowIdAt(from));
  let to = index.hasOverlays ? from : findInOrder(leaf, removed, from, keys, rowIds);
  if (to > from) {
    leaf.addZombies(keys, rowIds, lsn);
    index.removed(leaf, keys, rowIds);
  } else {
    for (; to < removed.count && to < from + ENTRIES_AT_ONCE; to++) {
      keys.push(removed.keyAt(to));
      rowIds.push(removed.rowIdAt(to));
      index.installDelete(keys[keys.length - 1], rowIds[rowIds.length - 1], lsn);
    }
  }
  undo.push({ index, keys, rowIds });
  return to;
}

/** Collects the entries from position `from` on as the leaf has them; returns where they end. */
function findInOrder(leaf: IndexLeaf, removed: RemovedEntries, from: number, keys: string[], rowIds: RowId[]): number {
  if (leaf.keys === null || leaf.rowIds === null) return from;
  let next = from;
  let rowId = removed.rowIdAt(next);
  for (let at = leaf.lowerBound(removed.keyAt(from), rowId); at < leaf.keys.length; at++) {
    if (leaf.rowIds[at] !== rowId || !removed.hasKey(next, leaf.keys[at])) continue;
    keys.push(leaf.keys[at]);
    rowIds.push(rowId);
    if (++next === removed.count) break;
    rowId = removed.rowIdAt(next);
  }
  return next;
}

/** Forgets what `removeSome` has left in a leaf; false, and nothing is changed, where something has happened to it since. */
export function freeZombies(index: StoreIndex, keys: readonly string[], rowIds: readonly RowId[]): boolean {
  if (keys.length === 0) return true;
  const leaf = index.leafFor(keys[0], rowIds[0]);
  if (leaf.zombies === null || !leaf.zombies.isLayer(keys)) return false;
  leaf.zombies = null;
  if (leaf.keys === null) return true;
  for (let i = leaf.removeInOrder(keys, rowIds); i < keys.length; i++) leaf.removeEntry(keys[i], rowIds[i]);
  return true;
}
