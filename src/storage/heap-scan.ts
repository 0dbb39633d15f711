/**
 * A scan in row-id order, one batch a page. A page without undo and without own changes gives its rows from a list that
 * all scans share; otherwise each slot is looked at.
 */
import type { Row } from '../types/datum.js';
import { GIVE_WAY, type Task } from '../util/task.js';
import type { HeapBatch, HeapScan, RowId, Snapshot } from './api.js';
import type { StoreHeap } from './heap.js';
import { type HeapPage, PAGE_ROWS, pageOf } from './heap-page.js';
import type { PageWrites } from './page-writes.js';
import { LATEST_LSN } from './snapshot.js';
import { storeTransaction } from './transaction.js';

/** Empty pages that are skipped before the event loop gets a turn. */
const EMPTY_PAGES_AT_ONCE = 1024;

export class StoreHeapScan implements HeapScan {
  private pageNo: number;
  private readonly endPage: number;
  private readonly to: RowId;

  constructor(
    private readonly heap: StoreHeap,
    private readonly snapshot: Snapshot,
    private readonly from: RowId,
    to: RowId,
    /** The columns that are needed; others may be null. Null: all. */
    private readonly wanted: readonly boolean[] | null = null,
  ) {
    const { serial } = storeTransaction(snapshot.transaction);
    if (serial !== null && snapshot.lsn !== LATEST_LSN) {
      if (from === to) serial.readRow(heap.id, from);
      else serial.readHeap(heap.id);
    }
    this.to = Math.min(to, heap.nextRowId - 1);
    this.pageNo = pageOf(Math.max(from, 0));
    this.endPage = this.to < from ? this.pageNo : pageOf(this.to) + 1;
  }

  *next(): Task<HeapBatch | null> {
    let empty = 0;
    while (this.pageNo < this.endPage) {
      if (!this.heap.extents.empty && this.heap.extents.hides(this.pageNo, this.snapshot)) {
        this.pageNo++;
        if (++empty % EMPTY_PAGES_AT_ONCE === 0) yield GIVE_WAY;
        continue;
      }
      const page = this.heap.pages[this.pageNo];
      const columns = page === undefined ? null : this.readPacked(page);
      if (columns !== null) {
        this.pageNo++;
        if (columns.length > 0) return columns;
        continue;
      }
      if ((page === undefined || page.rows === null) && !this.heap.isFresh(this.pageNo, page)) {
        yield* this.heap.loadPages(this.pageNo, this.endPage);
        continue;
      }
      const batch = this.read(page, this.pageNo++);
      if (batch.length > 0) return batch;
      if (++empty % EMPTY_PAGES_AT_ONCE === 0) yield GIVE_WAY;
    }
    return null;
  }

  close(): void {
    this.pageNo = this.endPage;
  }

  /** A page that nobody else has needed is not unpacked for some of its columns. */
  private readPacked(page: HeapPage): HeapBatch | null {
    const { wanted, heap } = this;
    if (wanted === null || !page.isPacked || page.undo !== null || !heap.overlays.empty) return null;
    const own = storeTransaction(this.snapshot.transaction).heapWrites?.get(heap.id)?.page(page.pageNo);
    if (own !== undefined) return null;
    return denseBatch(page.columns(wanted), page.pageNo * PAGE_ROWS, (row) => heap.widen(row));
  }

  private read(page: HeapPage | undefined, pageNo: number): HeapBatch {
    const own = storeTransaction(this.snapshot.transaction).heapWrites?.get(this.heap.id)?.page(pageNo);
    if (page !== undefined) {
      page.referenced = true;
      this.heap.widenPage(page);
    }
    const first = pageNo * PAGE_ROWS;
    const whole = this.from <= first && first + PAGE_ROWS - 1 <= this.to;
    if (page !== undefined && own === undefined && page.undo === null && (whole || this.from <= first)) {
      const dense = page.dense ?? denseBatch(page.rows!, first, (row) => row);
      page.dense = dense;
      if (whole || dense.length === 0 || dense.rowIds[dense.length - 1] <= this.to) return dense;
    }
    return this.readVersions(page, own, first);
  }

  private readVersions(page: HeapPage | undefined, own: PageWrites | undefined, first: RowId): HeapBatch {
    const batch: HeapBatch = { rows: [], rowIds: [], length: 0 };
    const { lsn, commandId } = this.snapshot;
    const low = Math.max(this.from - first, 0);
    const high = Math.min(this.to - first, PAGE_ROWS - 1);
    for (let slot = low; slot <= high; slot++) {
      let entry = own === undefined ? null : own.entry(slot);
      while (entry !== null && entry.commandId >= commandId) entry = entry.prev;
      let row = entry !== null ? entry.row : page === undefined ? null : page.visible(slot, lsn);
      if (row === null) continue;
      row = this.heap.widen(row);
      batch.rows.push(row);
      batch.rowIds.push(first + slot);
    }
    batch.length = batch.rows.length;
    return batch;
  }
}

function denseBatch(source: readonly (Row | null)[], first: RowId, made: (row: Row) => Row): HeapBatch {
  const rows: Row[] = [];
  const rowIds: RowId[] = [];
  for (let slot = 0; slot < PAGE_ROWS; slot++) {
    const row = source[slot];
    if (row === null) continue;
    rows.push(made(row));
    rowIds.push(first + slot);
  }
  return { rows, rowIds, length: rows.length };
}
