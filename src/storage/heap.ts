/**
 * A table's rows by row id, in pages of 256. Owns the newest committed versions and their undo; a transaction's
 * uncommitted rows are in its HeapWrites. A page that is neither in `pages` nor beyond `storedPages` is in the KvStore.
 */
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type {
  Heap,
  HeapOptions,
  HeapScan,
  LockWaitPolicy,
  Lsn,
  RowId,
  RowLockMode,
  RowLockResult,
  SameKey,
  Snapshot,
  StorageId,
  SupersededRow,
  Transaction,
} from './api.js';
import { ExtentList } from './extent.js';
import { HeapOverlays } from './heap-overlays.js';
import { HeapPage, PAGE_OVERHEAD, PAGE_ROWS, pageOf, slotOf } from './heap-page.js';
import { StoreHeapScan } from './heap-scan.js';
import { ANOTHER_KEY, heldVersion } from './held-version.js';
import { rowModeNumber } from './lock-modes.js';
import type { PageCache } from './page-cache.js';
import { PageLoader } from './page-loader.js';
import { PageRecords } from './page-records.js';
import type { UndoVersion } from './page-undo.js';
import { forEachChange, type PageWrites } from './page-writes.js';
import { RowLocks } from './row-locks.js';
import { RowSample } from './row-sample.js';
import { AverageRow, estimateRowBytes } from './row-size.js';
import { SlotChanges } from './slot-changes.js';
import { LATEST_LSN } from './snapshot.js';
import type { StorageReader } from './storage-reader.js';
import { type StoreTransaction, storeTransaction } from './transaction.js';
import { changeBytes, ENTRY_BYTES, type HeapWrites, SPILL_FROM } from './write-set.js';

/** Bytes of a page without rows. */
const PACKED_OVERHEAD = 500;

export class StoreHeap implements Heap {
  readonly pages: (HeapPage | undefined)[] = [];
  readonly locks = new RowLocks();
  /** Pages with changes that the KvStore does not have. */
  dirty = new Set<HeapPage>();
  columns: number;
  private missing: Row;
  recheck = false;
  /** Large commits whose index entries are not settled: entries may lead to rows that do not have the key any more. */
  staleEntries = 0;
  pinned: boolean;
  /** Pages of rows that were stored before their transaction committed. */
  readonly extents = new ExtentList();
  /** Pages that a large commit has changed, but not yet here. */
  readonly overlays = new HeapOverlays(this);
  rowCount = 0;
  pagesRead = 0;
  nextRowId = 1;
  /** Pages from here on have never been written to the KvStore. */
  storedPages = 0;
  readonly averageRow = new AverageRow();
  private readonly sample = new RowSample();
  private readonly loader: PageLoader;

  constructor(
    readonly id: StorageId,
    options: HeapOptions,
    private readonly cache: PageCache,
    private readonly reader: StorageReader | null,
  ) {
    this.columns = options.columns;
    this.missing = options.missing ?? [];
    this.locks.relation = options.relation ?? 0;
    this.pinned = reader === null;
    this.loader = new PageLoader(this, reader, cache);
  }

  setOptions(options: HeapOptions): void {
    this.columns = options.columns;
    this.missing = options.missing ?? [];
    if (options.relation !== undefined) this.locks.relation = options.relation;
  }

  /** State of a heap that was there before. Row ids go on with a new page: the last one need not be loaded for inserts. */
  restore(state: { readonly rowCount: number; readonly nextRowId: RowId }): void {
    this.rowCount = state.rowCount;
    this.storedPages = pageOf(state.nextRowId - 1) + 1;
    this.nextRowId = this.storedPages * PAGE_ROWS;
  }

  tryFetch(snapshot: Snapshot, rowId: RowId): Row | null | undefined {
    const page = this.pages[pageOf(rowId)];
    const own = storeTransaction(snapshot.transaction);
    const writes = own.heapWrites;
    if (own.serial !== null && snapshot.lsn !== LATEST_LSN) own.serial.readRow(this.id, rowId);
    if (
      page === undefined ||
      page.rows === null ||
      page.width < this.columns ||
      writes !== null ||
      !this.extents.empty
    ) {
      return this.fetchSlow(snapshot, rowId, page);
    }
    page.referenced = true;
    const slot = slotOf(rowId);
    if (page.undo === null) {
      this.recheck = this.staleEntries > 0;
      return page.rows[slot];
    }
    return this.fetchCommitted(page, slot, snapshot.lsn);
  }

  private fetchSlow(snapshot: Snapshot, rowId: RowId, page: HeapPage | undefined): Row | null | undefined {
    const slot = slotOf(rowId);
    const { heapWrites, aside } = storeTransaction(snapshot.transaction);
    let own = heapWrites?.get(this.id)?.entry(rowId) ?? null;
    // What it has set aside has candidates for all of its commands.
    const changed = own !== null || aside !== null;
    while (own !== null && own.commandId >= snapshot.commandId) own = own.prev;
    if (own !== null) {
      this.recheck = true;
      return own.row === null ? null : this.widen(own.row);
    }
    if (this.extents.hides(pageOf(rowId), snapshot)) {
      this.recheck = changed;
      return null;
    }
    if (page === undefined || page.rows === null) {
      if (!this.isFresh(pageOf(rowId), page)) return undefined;
      this.recheck = changed;
      return null;
    }
    page.referenced = true;
    this.widenPage(page);
    const row = this.fetchCommitted(page, slot, snapshot.lsn);
    if (changed) this.recheck = true;
    return row;
  }

  private fetchCommitted(page: HeapPage, slot: number, lsn: Lsn): Row | null {
    const undo = page.undo === null ? null : page.undo.get(slot);
    // Also when the newest version is visible: superseded index entries of the row live as long as its undo.
    this.recheck = undo !== undefined || this.staleEntries > 0;
    if (undo === null || undo.lsn <= lsn) return page.rows![slot];
    const row = page.visible(slot, lsn);
    return row === null ? null : this.widen(row);
  }

  *fetch(snapshot: Snapshot, rowId: RowId): Task<Row | null> {
    for (;;) {
      const row = this.tryFetch(snapshot, rowId);
      if (row !== undefined) return row;
      yield* this.load(rowId);
    }
  }

  /** Whether a page that is not in memory is known to be empty, because nothing of it was ever stored. */
  isFresh(pageNo: number, page: HeapPage | undefined): boolean {
    return page === undefined && pageNo >= this.storedPages && !this.overlays.has(pageNo);
  }

  sampleRows(): readonly Row[] {
    return this.sample.of(this);
  }

  *load(rowId: RowId): Task<void> {
    yield* this.loadPages(pageOf(rowId), pageOf(rowId) + 1);
  }

  /** Reads the page, and some of those behind it up to `end` that are not in memory either. */
  *loadPages(first: number, end: number): Task<void> {
    yield* this.loader.load(first, end);
  }

  /** Forgets a page of which nothing is left in memory. */
  freeShell(page: HeapPage): void {
    if (!page.inMemory && page.clean && this.pages[page.pageNo] === page) this.pages[page.pageNo] = undefined;
  }

  scan(snapshot: Snapshot, from: RowId = 1, to: RowId = Number.MAX_SAFE_INTEGER): HeapScan {
    return new StoreHeapScan(this, snapshot, from, to);
  }

  scanColumns(snapshot: Snapshot, wanted: readonly boolean[]): HeapScan {
    return new StoreHeapScan(this, snapshot, 1, Number.MAX_SAFE_INTEGER, wanted);
  }

  insert(transaction: Transaction, row: Row): RowId {
    const own = storeTransaction(transaction);
    const writes = own.writesOf(this);
    const rowId = writes.changed < SPILL_FROM || this.reader === null ? this.nextRowId++ : writes.privateRowId();
    if (own.serial !== null) own.serial.writeRow(this.id, rowId, 0);
    const bytes = writes.changed < SPILL_FROM ? 0 : estimateRowBytes(row) + ENTRY_BYTES;
    writes.insert(rowId, row, own.commandId, own.log, bytes);
    own.unspilled += bytes;
    return rowId;
  }

  /** Takes a whole page of row ids out of circulation; returns the first. */
  takePage(): RowId {
    const first = (pageOf(this.nextRowId - 1) + 1) * PAGE_ROWS;
    this.nextRowId = first + PAGE_ROWS;
    return first;
  }

  /** The running transaction that has stored the row before its commit, if any. */
  storedBy(rowId: RowId): StoreTransaction | null {
    if (this.extents.empty) return null;
    const extent = this.extents.find(pageOf(rowId));
    return extent === null || extent.lsn !== 0 || extent.aborted ? null : extent.transaction;
  }

  /** Whether the transaction, which has ended or not, has stored the row before its commit. */
  isStoredBy(transaction: StoreTransaction, rowId: RowId): boolean {
    return !this.extents.empty && this.extents.find(pageOf(rowId))?.transaction === transaction;
  }

  update(transaction: Transaction, rowId: RowId, row: Row): void {
    this.change(storeTransaction(transaction), rowId, row);
  }

  delete(transaction: Transaction, rowId: RowId): boolean {
    return this.change(storeTransaction(transaction), rowId, null);
  }

  /** Returns whether the transaction had not changed the row before. */
  private change(own: StoreTransaction, rowId: RowId, row: Row | null): boolean {
    const writes = own.writesOf(this);
    const { changed } = writes;
    if (own.serial !== null)
      own.serial.writeRow(this.id, rowId, this.pages[pageOf(rowId)]?.changedAt(slotOf(rowId)) ?? 0);
    if (this.reader !== null && changed >= SPILL_FROM) own.changedBytes += changeBytes(this.averageRow.bytes, row);
    if (writes.change(rowId, row, own.commandId, own.log)) return writes.changed > changed;
    const base = this.pages[pageOf(rowId)]?.rows?.[slotOf(rowId)] ?? null;
    if (base === null) throw new Error(`heap ${this.id}: change of row ${rowId}, which is not locked`);
    writes.setBase(rowId, base);
    return writes.change(rowId, row, own.commandId, own.log);
  }

  *lockRow(
    transaction: Transaction,
    snapshot: Snapshot,
    rowId: RowId,
    mode: RowLockMode,
    policy: LockWaitPolicy,
    onlyLock: SameKey | null = null,
  ): Task<RowLockResult> {
    const own = storeTransaction(transaction);
    const modeNumber = rowModeNumber(mode);
    let sameKey = onlyLock;
    if (!this.locks.tryLock(own, rowId, modeNumber)) {
      if (policy !== 'wait') return { status: 'unavailable' };
      yield* this.locks.enqueue(own, rowId, modeNumber).wait();
      // Whoever was waited for may have changed the key, or has said so by the way in which he had locked it.
      if (sameKey !== null) sameKey = ANOTHER_KEY;
    }
    for (;;) {
      const result = heldVersion(this, own, snapshot, rowId, modeNumber, sameKey);
      if (result !== null) return result;
      yield* this.load(rowId);
    }
  }

  tryLockRow(transaction: Transaction, snapshot: Snapshot, rowId: RowId, mode: RowLockMode): RowLockResult | null {
    const own = storeTransaction(transaction);
    const modeNumber = rowModeNumber(mode);
    if (!this.locks.tryLock(own, rowId, modeNumber)) return null;
    return heldVersion(this, own, snapshot, rowId, modeNumber, null);
  }

  *newest(transaction: Transaction, rowId: RowId): Task<Row | null> {
    const own = storeTransaction(transaction);
    const entry = own.heapWrites?.get(this.id)?.entry(rowId) ?? null;
    if (entry !== null) return entry.row === null ? null : this.widen(entry.row);
    return yield* this.fetch(own.newestOfAll, rowId);
  }

  async diskSize(): Promise<number> {
    return this.reader?.diskSize(this.id) ?? Math.round(this.rowCount * this.averageRow.bytes);
  }

  /** Makes a committing transaction's rows the newest versions. Changes of a page are installed in one go. */
  installPage(writes: HeapWrites, pageNo: number, lsn: Lsn, inserted: UndoVersion): void {
    const source = writes.page(pageNo)!;
    if (!this.overlays.empty) this.overlays.settle(pageNo);
    const page = this.pageForInstall(pageNo, source.isPrivate);
    const asBlock = this.takeBlock(page, source);
    const hasUndo = source.isWhole && page.addUndoLayer(lsn, source.slots, source.bases);
    let bytes = page.bytes;
    forEachChange(source, (rowId, row, base) => {
      const slot = slotOf(rowId);
      if (!hasUndo) page.addUndo(slot, lsn, base, inserted);
      page.put(slot, row);
      if (!asBlock && this.reader !== null) this.addPending(page, slot, row);
      if (row === null) this.rowCount--;
      else if (base === null) {
        this.rowCount++;
        bytes += this.averageRow.bytes;
        this.averageRow.add(row);
      }
    });
    if (page.rows !== null) page.account(this.cache, bytes);
  }

  /** Stores a page of a running transaction's rows, which an extent hides. Returns their number. */
  storePage(source: PageWrites): number {
    if (source.block !== null && this.pages[source.pageNo] === undefined) return this.storePacked(source, source.block);
    const page = this.pageForInstall(source.pageNo, true);
    const asBlock = this.takeBlock(page, source);
    let rows = 0;
    for (let i = 0; i < source.slots.length; i++) {
      const row = source.entries[i]?.row ?? null;
      if (row === null) continue;
      page.put(source.slots[i], row);
      if (!asBlock && this.reader !== null) this.addPending(page, source.slots[i], row);
      rows++;
      this.averageRow.add(row);
    }
    if (page.rows !== null) page.account(this.cache, page.bytes + rows * this.averageRow.bytes);
    return rows;
  }

  private storePacked(source: PageWrites, block: Buffer): number {
    const page = new HeapPage(this, source.pageNo);
    this.pages[source.pageNo] = page;
    page.records = new PageRecords();
    page.pack(block);
    page.account(this.cache, PACKED_OVERHEAD + block.length);
    page.block = block;
    this.dirty.add(page);
    let rows = 0;
    for (const entry of source.entries) {
      const row = entry?.row ?? null;
      if (row === null) continue;
      rows++;
      this.averageRow.add(row);
    }
    return rows;
  }

  /** Puts the rows of a block into their slots. */
  unpack(block: Buffer, rows: (Row | null)[], wanted: readonly boolean[] | null = null): void {
    this.reader?.decodePage(block, rows, wanted);
  }

  /** Accounts for a page that takes more memory now. */
  unpacked(page: HeapPage): void {
    page.account(this.cache, PAGE_OVERHEAD + page.live * this.averageRow.bytes);
  }

  /** Has the new page stored as the block that is in the log, if there is one. */
  private takeBlock(page: HeapPage, source: PageWrites): boolean {
    const { block } = source;
    if (block === null || page.rows === null || page.pending !== null || this.reader === null) return false;
    page.block = block;
    source.block = null;
    this.dirty.add(page);
    return true;
  }

  /** Takes away a page of rows that one transaction had stored, and that nobody sees any more. */
  removePage(pageNo: number): void {
    const page = this.pageForInstall(pageNo, true);
    if (page.removed) return;
    page.removed = true;
    if (page.loading === null) {
      page.fillEmpty();
      page.account(this.cache, PAGE_OVERHEAD);
    }
    page.dense = null;
    for (let slot = 0; slot < PAGE_ROWS; slot++) this.addPending(page, slot, null);
  }

  addPending(page: HeapPage, slot: number, row: Row | null): void {
    if (page.pending === null) {
      page.pending = new SlotChanges();
      this.dirty.add(page);
    }
    page.pending.set(slot, row);
  }

  /** `isPrivate`: nothing of the page was there before. */
  pageForInstall(pageNo: number, isPrivate: boolean): HeapPage {
    const known = this.pages[pageNo];
    if (known !== undefined) return known;
    const page = new HeapPage(this, pageNo);
    this.pages[pageNo] = page;
    if (isPrivate || pageNo >= this.storedPages) {
      page.fillEmpty();
      page.records = new PageRecords();
      page.account(this.cache, PAGE_OVERHEAD);
    }
    return page;
  }

  /** The pages to be written; those that become dirty from now on belong to the next round. */
  takeDirty(): Set<HeapPage> {
    const taken = this.dirty;
    if (taken.size > 0) this.dirty = new Set();
    return taken;
  }

  /** The changes of the page that are to be written now. They stay visible to loads until `flushed`. */
  startFlush(page: HeapPage): SlotChanges | null {
    if (!page.unwritten || page.flushing !== null) return null;
    const changes = page.pending ?? new SlotChanges();
    // It has become dirty again during the round, and will be clean after it.
    this.dirty.delete(page);
    page.flushing = changes;
    page.pending = null;
    if (page.pageNo >= this.storedPages) this.storedPages = page.pageNo + 1;
    return changes;
  }

  /** The write-behind has stored the page's `flushing` changes. */
  flushed(page: HeapPage): void {
    if (page.flushing !== null && page.loading !== null) page.loading.flushed.push(page.flushing);
    page.flushing = null;
    page.blockFlushing = false;
    this.freeShell(page);
  }

  trimUndo(pageNo: number, slots: readonly number[], horizon: Lsn): void {
    this.pages[pageNo]?.trimUndo(slots, horizon);
  }

  /** Fills a row that was stored before columns were added. */
  widen(row: Row): Row {
    if (row.length >= this.columns) return row;
    const wide = row.slice();
    for (let i = row.length; i < this.columns; i++) wide.push(this.missing[i] ?? null);
    return wide;
  }

  /** REQUIRES: loaded. */
  widenPage(page: HeapPage): void {
    if (page.width < this.columns) page.widen();
  }

  oldVersions(): number {
    let count = 0;
    for (const page of this.pages) count += page?.undo?.countRows() ?? 0;
    return count;
  }

  superseded(): SupersededRow[] {
    const found: SupersededRow[] = [];
    for (const page of this.pages) page?.addSuperseded(found);
    this.overlays.superseded(found);
    return found;
  }

  /** Gives all memory back; the heap was dropped or its creator rolled back. */
  discard(): void {
    this.extents.clear();
    this.overlays.clear();
    for (const page of this.pages) if (page !== undefined) this.cache.remove(page);
    this.pages.length = 0;
    this.dirty.clear();
    this.rowCount = 0;
  }
}
