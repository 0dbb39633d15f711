/**
 * What a lock is on, as pg_locks lists it and as messages name it.
 */
import type { LockTag, RowId } from './api.js';

/** Line pointers of an invented page: rows have a number, not a place. */
const ROWS_PER_PAGE = 256;

/** The page and the line on it that ctid, pg_locks and messages give for a row. */
export function rowPosition(rowId: RowId): { readonly page: number; readonly line: number } {
  return { page: Math.floor((rowId - 1) / ROWS_PER_PAGE), line: ((rowId - 1) % ROWS_PER_PAGE) + 1 };
}

/** As in "Process 7 waits for ShareLock on transaction 731". */
export function describeTag(tag: LockTag): string {
  switch (tag.kind) {
    case 'relation':
      return `relation ${tag.relation} of database ${tag.database}`;
    case 'transactionid':
      return `transaction ${tag.xid}`;
    case 'virtualxid':
      return `virtual transaction ${tag.virtualTransaction}`;
    case 'tuple':
    case 'row': {
      const { page, line } = rowPosition(tag.rowId);
      return `tuple (${page},${line}) of relation ${tag.relation} of database ${tag.database}`;
    }
    case 'predicate':
      return `storage ${tag.storage} of database ${tag.database}`;
    case 'object':
      return tag.key;
  }
}
