/**
 * What serializable transactions have read, as pg_locks lists it: SIReadLock. Rows are listed one by one while they are few in their
 * page; keys and ranges of an index count as its first page, which they are in a small index.
 */
import type { LockInfo, LockTag, RowId, StorageId } from '../api.js';
import { PAGE_ROWS } from '../heap-page.js';
import { heldLock } from '../lock-list.js';
import type { SerialTransaction } from './serial-transaction.js';

/** Rows of one page, and of one relation, that are listed. More are the page, or the relation. */
const ROWS_PER_PAGE = 2;
const ROWS_PER_RELATION = 32;

const FIRST_INDEX_PAGE = 1;

/** Those that run, and those that have ended but may still be in conflict with one that runs. */
export function* predicateLocks(transactions: Iterable<SerialTransaction>): Iterable<LockInfo> {
  for (const serial of transactions) {
    const { group } = serial.transaction;
    const { whole, rows, indexes } = serial.reads.noted();
    const lock = (storage: StorageId, page: number | null, rowId: RowId | null): LockInfo => {
      const tag: LockTag = { kind: 'predicate', database: group.database, storage, page, rowId };
      return { ...heldLock(tag, group, 'SIReadLock'), virtualTransaction: serial.virtualTransaction };
    };
    for (const storage of whole) yield lock(storage, null, null);
    for (const [heap, rowIds] of rows) {
      if (rowIds.size > ROWS_PER_RELATION) yield lock(heap, null, null);
      else for (const [page, found] of byPage(rowIds)) yield* rowLocks(page, found, (...place) => lock(heap, ...place));
    }
    for (const index of indexes.keys()) yield lock(index, FIRST_INDEX_PAGE, null);
  }
}

function byPage(rowIds: ReadonlySet<RowId>): Map<number, RowId[]> {
  const pages = new Map<number, RowId[]>();
  for (const rowId of rowIds) {
    const page = Math.floor((rowId - 1) / PAGE_ROWS);
    const found = pages.get(page);
    if (found === undefined) pages.set(page, [rowId]);
    else found.push(rowId);
  }
  return pages;
}

function* rowLocks(
  page: number,
  rowIds: readonly RowId[],
  lock: (page: number | null, rowId: RowId | null) => LockInfo,
): Iterable<LockInfo> {
  if (rowIds.length > ROWS_PER_PAGE) yield lock(page, null);
  else for (const rowId of rowIds) yield lock(null, rowId);
}
