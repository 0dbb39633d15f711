/** Places between the entries of an index, and where lists of entries are cut. */
import type { RowId } from './api.js';
import { entryBefore } from './index-leaf.js';
import type { IndexPosition, StoredEntries } from './storage-reader.js';

/** Whether position `a` is before `b`; a null key is the end. */
export function earlier(a: IndexPosition, b: IndexPosition): boolean {
  if (a.key === null) return false;
  return b.key === null || entryBefore(a.key, a.rowId, b.key, b.rowId);
}

/** The low end for a leaf that starts with this entry: all of a key stays in one leaf where possible, for `tryGet`. */
export function boundaryRow(keys: readonly string[], rowIds: readonly RowId[], at: number): RowId {
  return at > 0 && keys[at - 1] === keys[at] ? rowIds[at] : 0;
}

/** Takes the last entry out; returns the position before it. */
export function dropLast(entries: StoredEntries): IndexPosition {
  const last = entries.keys.length - 1;
  const rowId = boundaryRow(entries.keys, entries.rowIds, last);
  entries.rowIds.pop();
  return { key: entries.keys.pop()!, rowId };
}

/** Takes the first entry out; returns the position behind it. */
export function dropFirst(entries: StoredEntries): IndexPosition {
  const rowId = boundaryRow(entries.keys, entries.rowIds, 1);
  entries.keys.shift();
  entries.rowIds.shift();
  return { key: entries.keys[0], rowId };
}

/** Those for which `before` holds, and the others; null for none. */
export function divide<T>(list: T[] | null, before: (entry: T) => boolean): [T[] | null, T[] | null] {
  if (list === null) return [null, null];
  const left: T[] = [];
  const right: T[] = [];
  for (const entry of list) (before(entry) ? left : right).push(entry);
  return [left.length > 0 ? left : null, right.length > 0 ? right : null];
}
