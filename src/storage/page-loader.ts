/**
 * Reads a heap's pages from the KvStore. What was changed or written meanwhile is laid over what was read.
 */
import type { Task } from '../util/task.js';
import type { StoreHeap } from './heap.js';
import { HeapPage, PAGE_OVERHEAD } from './heap-page.js';
import type { PageCache } from './page-cache.js';
import { readFault } from './read-fault.js';
import { SharedLoad } from './shared-load.js';
import type { SlotChanges } from './slot-changes.js';
import type { StorageReader, StoredPage } from './storage-reader.js';

/** Pages that a scan reads ahead in one go. */
const READ_AHEAD = 16;

export class PageLoader {
  constructor(
    private readonly heap: StoreHeap,
    private readonly reader: StorageReader | null,
    private readonly cache: PageCache,
  ) {}

  /** Reads the page, and those behind it up to `end` that are not in memory either, at most READ_AHEAD of them. */
  *load(first: number, end: number): Task<void> {
    const page = this.heap.pages[first];
    if (page !== undefined) {
      if (page.inMemory) return;
      if (page.loading !== null) {
        yield* page.loading.wait();
        return;
      }
    }
    const { heap, reader } = this;
    if (reader === null || heap.isFresh(first, page)) return;
    const load = new SharedLoad<SlotChanges>();
    const batch: HeapPage[] = [];
    const last = Math.min(end, first + READ_AHEAD, Math.max(heap.storedPages, first + 1));
    for (let pageNo = first; pageNo < last; pageNo++) {
      const next = this.ensureShell(pageNo);
      if (next.inMemory || next.loading !== null) break;
      next.loading = new SharedLoad();
      batch.push(next);
    }
    heap.pagesRead += batch.length;
    reader.readPages(heap.id, first, batch.length).then(
      (stored) => {
        batch.forEach((next, i) => this.finishLoad(next, stored[i]));
        load.finish();
      },
      (cause: unknown) => {
        const place = `page ${first} of the table with OID ${heap.locks.relation}`;
        const error = readFault(cause, batch.length === 1 ? place : `one of ${batch.length} pages from ${place}`);
        for (const next of batch) {
          const waiting = next.loading;
          next.loading = null;
          heap.freeShell(next);
          waiting?.finish(error);
        }
        load.finish(error);
      },
    );
    yield* load.wait();
  }

  private finishLoad(page: HeapPage, { rows, records }: StoredPage): void {
    const load = page.loading!;
    page.rows = rows;
    page.records = records;
    for (const changes of [...load.flushed, page.flushing]) {
      if (changes === null) continue;
      changes.forEach((slot, row) => {
        rows[slot] = row;
        records.add(slot);
      });
    }
    page.pending?.forEach((slot, row) => {
      rows[slot] = row;
    });
    if (!this.heap.overlays.empty) this.heap.overlays.applyTo(page);
    const { averageRow } = this.heap;
    let width = this.heap.columns;
    page.live = 0;
    for (const row of rows) {
      if (row === null) continue;
      page.live++;
      if (row.length < width) width = row.length;
      averageRow.add(row);
    }
    page.width = width;
    page.loading = null;
    page.account(this.cache, PAGE_OVERHEAD + page.live * averageRow.bytes);
    load.finish();
  }

  private ensureShell(pageNo: number): HeapPage {
    let page = this.heap.pages[pageNo];
    if (page === undefined) {
      page = new HeapPage(this.heap, pageNo);
      this.heap.pages[pageNo] = page;
    }
    return page;
  }
}
