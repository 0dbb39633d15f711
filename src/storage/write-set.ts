/**
 * The uncommitted changes of one transaction to heaps: entries by page and slot, in order, so that scans can merge
 * them. Those to indexes are in index-writes.ts.
 *
 * A write is undone through the `Revert` objects that are logged while a savepoint is open (never otherwise, so a
 * bulk load keeps no log).
 */
import type { Row } from '../types/datum.js';
import type { RowId } from './api.js';
import { type AsidePage, AsidePages } from './aside-pages.js';
import type { StoreHeap } from './heap.js';
import { PAGE_ROWS, pageOf, slotOf } from './heap-page.js';
import { PageWrites, WriteEntry } from './page-writes.js';
import type { StoreTransaction } from './transaction.js';

/** A transaction with fewer inserts into a heap than this keeps them in memory, among other transactions' rows. */
export const SPILL_FROM = 256;
/** Memory that a row or an index entry of a write set takes beside its values. */
export const ENTRY_BYTES = 120;
/** The same of a row that is deleted, or of an entry of such a row. */
export const DELETED_BYTES = 24;
/** What a change takes in memory, where rows have so many bytes. */
export function changeBytes(rowBytes: number, row: Row | null): number {
  return row === null ? rowBytes + DELETED_BYTES : 2 * (rowBytes + ENTRY_BYTES);
}

export interface Revert {
  revert(): void;
  /** What it would undo has left the write set. */
  readonly spilled: boolean;
}

/** Undone between two looks at the clock. */
const REVERTED_AT_ONCE = 256;

/** Undoes some of the last writes, down to the first `mark` of the log. Returns whether those were all. */
export function revertSome(log: Revert[], mark: number): boolean {
  for (let i = 0; i < REVERTED_AT_ONCE && log.length > mark; i++) log.pop()!.revert();
  return log.length <= mark;
}

/** Forgets, from the position on, how to undo what is in the store now. */
export function dropSpilled(log: Revert[], from: number): void {
  let kept = from;
  for (let i = from; i < log.length; i++) if (!log[i].spilled) log[kept++] = log[i];
  log.length = kept;
}

class HeapRevert implements Revert {
  constructor(
    private readonly writes: HeapWrites,
    private readonly page: PageWrites,
    private readonly slot: number,
    private readonly entry: WriteEntry | null,
  ) {}

  get spilled(): boolean {
    return this.page.spilled;
  }

  revert(): void {
    const at = this.page.position(this.slot);
    if (this.entry === null && this.page.entries[at] !== null) this.writes.changed--;
    this.page.entries[at] = this.entry;
  }
}

/** Puts a page back to where it was in the temporary file before it was changed again. */
class PlaceRevert implements Revert {
  readonly spilled = false;

  constructor(
    private readonly writes: HeapWrites,
    private readonly pageNo: number,
    private readonly place: AsidePage,
  ) {}

  revert(): void {
    this.writes.drop(this.pageNo);
    this.writes.putBack(this.pageNo, this.place);
  }
}

export class HeapWrites {
  readonly pages = new Map<number, PageWrites>();
  /** Slots with an entry. */
  changed = 0;
  private last: PageWrites | null = null;
  /** Stands for all rows that the same command has deleted, and that were not changed before. */
  private deleted: WriteEntry | null = null;
  /** Pages that are in a temporary file; null: there are none. */
  aside: AsidePages | null = null;
  private nextPrivate: RowId = 0;
  private endPrivate: RowId = 0;

  /** `own`: whose they are; null for a part of a write set that is on its way to the log. */
  constructor(
    readonly heap: StoreHeap,
    private readonly own: StoreTransaction | null,
  ) {}

  /** A row id in a page that holds nobody else's rows. */
  privateRowId(): RowId {
    if (this.nextPrivate === this.endPrivate) {
      this.nextPrivate = this.heap.takePage();
      this.endPrivate = this.nextPrivate + PAGE_ROWS;
      this.ensurePage(pageOf(this.nextPrivate)).isPrivate = true;
    }
    return this.nextPrivate++;
  }

  /** Inserts go on in a new page. */
  closePrivatePage(): void {
    this.nextPrivate = this.endPrivate;
  }

  /** Takes out a page whose rows are in the store now. `changed` still counts them. */
  take(page: PageWrites): void {
    page.spilled = true;
    page.clear();
    this.pages.delete(page.pageNo);
    if (this.last === page) this.last = null;
  }

  /** Takes out a page that is in the temporary file now. */
  setAside(page: PageWrites, place: AsidePage): void {
    this.take(page);
    this.aside ??= new AsidePages();
    this.aside.put(page.pageNo, place);
  }

  /** Undoes all changes of a page, wherever it is. */
  drop(pageNo: number): void {
    const page = this.pages.get(pageNo);
    if (page !== undefined) {
      for (const entry of page.entries) if (entry !== null) this.changed--;
      this.take(page);
    }
    if (this.aside !== null) this.changed -= this.aside.drop(pageNo);
  }

  /** REQUIRES: nothing of the page is there. */
  putBack(pageNo: number, place: AsidePage): void {
    this.aside?.put(pageNo, place);
    this.changed += place.changed;
  }

  /** For reading. */
  page(pageNo: number): PageWrites | undefined {
    const last = this.last;
    if (last !== null && last.pageNo === pageNo) return last;
    const page = this.pages.get(pageNo);
    return page === undefined && this.aside !== null ? this.aside.get(pageNo) : page;
  }

  entry(rowId: RowId): WriteEntry | null {
    const page = this.page(pageOf(rowId));
    return page === undefined ? null : page.entry(slotOf(rowId));
  }

  /** Whether the row is changed. Reads nothing. */
  changes(rowId: RowId): boolean {
    const page = this.pages.get(pageOf(rowId));
    if (page !== undefined) return page.entry(slotOf(rowId)) !== null;
    return this.aside?.places.get(pageOf(rowId))?.changes(slotOf(rowId)) ?? false;
  }

  /** Remembers the committed version of a row that has just been locked for a change. */
  setBase(rowId: RowId, base: Row): void {
    const page = this.ensurePage(pageOf(rowId));
    const slot = slotOf(rowId);
    const at = page.position(slot);
    if (at < 0) page.add(~at, slot, null, base);
    else if (page.entries[at] === null) page.bases[at] = base;
  }

  /** Adds an inserted row. */
  insert(rowId: RowId, row: Row, commandId: number, log: Revert[] | null, bytes: number): void {
    const page = this.ensurePage(pageOf(rowId));
    const slot = slotOf(rowId);
    page.add(~page.position(slot), slot, new WriteEntry(row, commandId, null), null);
    page.bytes += bytes;
    this.changed++;
    if (log !== null) log.push(new HeapRevert(this, page, slot, null));
  }

  /** Replaces (or deletes, with null) a row whose base is known. Returns false when it is not. */
  change(rowId: RowId, row: Row | null, commandId: number, log: Revert[] | null): boolean {
    const page = this.ensurePage(pageOf(rowId));
    const at = page.position(slotOf(rowId));
    if (at < 0) return false;
    const entry = page.entries[at];
    if (log !== null) log.push(new HeapRevert(this, page, slotOf(rowId), entry));
    else if (entry !== null && entry.commandId === commandId && entry.row !== null) {
      entry.row = row;
      return true;
    }
    if (entry === null) this.changed++;
    page.entries[at] =
      entry === null && row === null ? this.deletedBy(commandId) : new WriteEntry(row, commandId, entry);
    return true;
  }

  /** REQUIRES: nobody changes it. */
  private deletedBy(commandId: number): WriteEntry {
    if (this.deleted?.commandId !== commandId) this.deleted = new WriteEntry(null, commandId, null);
    return this.deleted;
  }

  /** From the temporary file. */
  private takeBack(pageNo: number): PageWrites | undefined {
    const { aside, own } = this;
    const place = aside?.places.get(pageNo);
    const page = aside?.take(pageNo);
    if (place === undefined || page === undefined || own === null) return page;
    page.takenBackBy = own.commandId;
    own.log?.push(new PlaceRevert(this, pageNo, place));
    return page;
  }

  private ensurePage(pageNo: number): PageWrites {
    const last = this.last;
    if (last !== null && last.pageNo === pageNo) return last;
    let page = this.pages.get(pageNo);
    if (page === undefined) {
      page = this.takeBack(pageNo) ?? new PageWrites(pageNo);
      this.pages.set(pageNo, page);
    }
    this.last = page;
    return page;
  }
}
