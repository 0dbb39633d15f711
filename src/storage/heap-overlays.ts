/**
 * Pages of a heap whose rows a large commit has in its temporary file (overlay.ts): the newest ones until the KvStore has
 * them, and those before them until no snapshot needs them.
 * Invariant: a page whose rows are in memory has its overlay in it. Whoever reads it finds the new rows, with the old ones
 * as undo; when it is evicted, that undo goes as well, for the file has it. Before a page changes in any other way its
 * overlay is settled: it becomes a change like those of any commit, and is forgotten here.
 */
import type { Row } from '../types/datum.js';
import type { Lsn, SupersededRow } from './api.js';
import type { AsidePage } from './aside-pages.js';
import type { StoreHeap } from './heap.js';
import { type HeapPage, slotOf } from './heap-page.js';
import type { Overlay } from './overlay.js';
import { PageUndo, UndoVersion } from './page-undo.js';
import { forEachChange } from './page-writes.js';

interface OverlayPage {
  readonly overlay: Overlay;
  readonly place: AsidePage;
}

export class HeapOverlays {
  private readonly pages = new Map<number, OverlayPage>();

  constructor(private readonly heap: StoreHeap) {}

  get empty(): boolean {
    return this.pages.size === 0;
  }

  has(pageNo: number): boolean {
    return this.pages.has(pageNo);
  }

  /** Whether the page has this commit's changes over it. */
  holds(pageNo: number, overlay: Overlay): boolean {
    return this.pages.get(pageNo)?.overlay === overlay;
  }

  /** The page's new rows are in the file from now on. REQUIRES: `overlay` is the newest commit that has changed it. */
  add(pageNo: number, place: AsidePage, overlay: Overlay): void {
    this.settle(pageNo);
    this.pages.set(pageNo, { overlay, place });
    this.heap.rowCount += place.added;
    const page = this.heap.pages[pageNo];
    const rows = page?.rows ?? null;
    if (page === undefined || rows === null) return;
    const slots: number[] = [];
    const replaced: (Row | null)[] = [];
    place.forEachRow((slot, row) => {
      slots.push(slot);
      replaced.push(rows[slot]);
      page.put(slot, row);
    });
    addUndo(page, overlay.lsn, slots, replaced);
  }

  /** The page has been loaded. */
  applyTo(page: HeapPage): void {
    const found = this.pages.get(page.pageNo);
    if (found === undefined) return;
    const { overlay, place } = found;
    if (overlay.merging) {
      place.forEachRow((slot, row) => page.put(slot, row));
      return;
    }
    const slots: number[] = [];
    const replaced: (Row | null)[] = [];
    forEachChange(place.read(page.pageNo), (rowId, row, base) => {
      slots.push(slotOf(rowId));
      replaced.push(base);
      page.put(slotOf(rowId), row);
    });
    addUndo(page, overlay.lsn, slots, replaced);
  }

  /** The page leaves memory. */
  evicted(page: HeapPage): void {
    const found = this.pages.get(page.pageNo);
    const { undo } = page;
    if (found === undefined || undo === null) return;
    if (undo.forgetCommit(found.overlay.lsn)) page.undo = null;
  }

  settle(pageNo: number): void {
    const found = this.pages.get(pageNo);
    if (found === undefined) return;
    const { overlay, place } = found;
    const { heap } = this;
    const inMemory = heap.pages[pageNo]?.inMemory ?? false;
    const changes = inMemory || overlay.merging ? null : place.read(pageNo);
    this.pages.delete(pageNo);
    const page = heap.pageForInstall(pageNo, false);
    const slots: number[] = [];
    const settleRow = (slot: number, row: Row | null): void => {
      slots.push(slot);
      page.put(slot, row);
      heap.addPending(page, slot, row);
    };
    const { rows } = page;
    if (changes !== null) {
      const replaced: (Row | null)[] = [];
      forEachChange(changes, (rowId, row, base) => {
        replaced.push(base);
        settleRow(slotOf(rowId), row);
      });
      addUndo(page, overlay.lsn, slots, replaced);
    } else if (inMemory && rows !== null) place.forEachSlot((slot) => settleRow(slot, rows[slot]));
    else place.forEachRow(settleRow);
    overlay.settled.push({ heap, pageNo, slots });
  }

  /** Has the new rows written to the KvStore. The file stays the source of the old ones. */
  store(pageNo: number): void {
    const found = this.pages.get(pageNo);
    if (found === undefined) return;
    const { heap } = this;
    const isNew = heap.pages[pageNo] === undefined;
    const page = heap.pageForInstall(pageNo, false);
    if (isNew && page.inMemory) this.applyTo(page);
    const rows = page.inMemory ? page.rows : null;
    const { place } = found;
    if (rows !== null) place.forEachSlot((slot) => heap.addPending(page, slot, rows[slot]));
    else place.forEachRow((slot, row) => heap.addPending(page, slot, row));
  }

  /** No snapshot needs the old rows. REQUIRES: the KvStore has the new ones. */
  forget(pageNo: number, overlay: Overlay): void {
    const found = this.pages.get(pageNo);
    if (found?.overlay !== overlay) return;
    this.pages.delete(pageNo);
    const page = this.heap.pages[pageNo];
    if (page === undefined) return;
    const slots: number[] = [];
    found.place.forEachSlot((slot) => slots.push(slot));
    page.trimUndo(slots, overlay.lsn);
  }

  /** Adds the old rows of pages that are not in memory. */
  superseded(found: SupersededRow[]): void {
    for (const [pageNo, { overlay, place }] of this.pages) {
      if (this.heap.pages[pageNo]?.inMemory) continue;
      forEachChange(place.read(pageNo), (rowId, _row, base) => {
        if (base !== null) found.push({ rowId, row: this.heap.widen(base), lsn: overlay.lsn });
      });
    }
  }

  clear(): void {
    this.pages.clear();
  }
}

/** What snapshots before `lsn` see in the slots, unless the page knows that already. */
function addUndo(page: HeapPage, lsn: Lsn, slots: readonly number[], rows: readonly (Row | null)[]): void {
  if (page.addUndoLayer(lsn, slots, rows)) return;
  page.undo ??= new PageUndo(null);
  for (let i = 0; i < slots.length; i++) {
    if (page.undo.has(slots[i], lsn)) continue;
    page.undo.set(slots[i], new UndoVersion(lsn, rows[i], page.undo.get(slots[i])));
  }
}
