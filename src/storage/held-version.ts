/** What a row that has just been locked is like, compared with what the snapshot sees. */
import { sqlError } from '../errors/sql-error.js';
import type { RowId, RowLockResult, SameKey, Snapshot } from './api.js';
import type { StoreHeap } from './heap.js';
import { type HeapPage, pageOf, slotOf } from './heap-page.js';
import { FIRST_CHANGING_ROW_MODE } from './lock-modes.js';
import type { StoreTransaction } from './transaction.js';

/** For a row whose key may have been changed. */
export const ANOTHER_KEY: SameKey = () => false;

/** The version of a locked row; null when its page has to be loaded. */
export function heldVersion(
  heap: StoreHeap,
  own: StoreTransaction,
  snapshot: Snapshot,
  rowId: RowId,
  mode: number,
  onlyLock: SameKey | null,
): RowLockResult | null {
  own.ensureXid();
  own.group.followedLsn = own.engine.installedLsn;
  const writes = own.heapWrites?.get(heap.id);
  const entry = writes === undefined ? null : writes.entry(rowId);
  if (entry !== null) {
    if (entry.commandId >= snapshot.commandId) return { status: 'self modified' };
    return entry.row === null ? { status: 'deleted' } : { status: 'locked', row: heap.widen(entry.row), moved: false };
  }
  const page = heap.pages[pageOf(rowId)];
  if (page === undefined || page.rows === null) return heap.isFresh(pageOf(rowId), page) ? { status: 'deleted' } : null;
  return lockedVersion(heap, own, snapshot, page, rowId, mode, onlyLock);
}

function lockedVersion(
  heap: StoreHeap,
  own: StoreTransaction,
  snapshot: Snapshot,
  page: HeapPage,
  rowId: RowId,
  mode: number,
  onlyLock: SameKey | null,
): RowLockResult {
  const slot = slotOf(rowId);
  const extent = heap.extents.find(page.pageNo);
  if (extent !== null && extent.lsn === 0) {
    if (extent.aborted || extent.transaction !== own) return { status: 'deleted' };
    if (extent.commandId >= snapshot.commandId) return { status: 'self modified' };
  }
  heap.widenPage(page);
  const row = page.rows![slot];
  const moved = Math.max(page.changedAt(slot), extent === null ? 0 : extent.lsn) > snapshot.lsn;
  if (moved && mode === 0 && onlyLock !== null) {
    const seen = page.seenWithKey(slot, snapshot.lsn, onlyLock);
    if (seen !== null) return { status: 'locked', row: heap.widen(seen), moved: false };
  }
  if (moved && own.isolation !== 'read committed') {
    const what = row === null && onlyLock === null ? 'delete' : 'update';
    throw sqlError('serialization_failure', `could not serialize access due to concurrent ${what}`);
  }
  if (row === null) return { status: 'deleted' };
  if (mode >= FIRST_CHANGING_ROW_MODE) own.writesOf(heap).setBase(rowId, row);
  return { status: 'locked', row, moved };
}
