/**
 * 256 consecutive row ids of a heap. `rows` are the newest committed versions (null: not in memory); `undo` what
 * older snapshots may need; `pending` and `flushing` what the KvStore does not have yet. The last three outlive
 * an eviction of `rows`: a page without rows that still has one of them is a shell, and is filled from the KvStore with
 * the pending changes on top.
 */
import type { Row } from '../types/datum.js';
import type { HeapBatch, Lsn, RowId, SameKey, SupersededRow } from './api.js';
import type { StoreHeap } from './heap.js';
import type { Cacheable, PageCache } from './page-cache.js';
import type { PageRecords } from './page-records.js';
import { PageUndo, UndoVersion } from './page-undo.js';
import type { SharedLoad } from './shared-load.js';
import type { SlotChanges } from './slot-changes.js';

export const PAGE_ROWS = 256;
/** The undo of fewer changes is kept one by one. */
const MANY_CHANGES = 16;
/** Bytes of the page, its array of rows, and the batch that a scan keeps of it. */
export const PAGE_OVERHEAD = 6500;

/** Page number of a row. Works up to 2^39 row ids. */
export function pageOf(rowId: RowId): number {
  return (rowId / PAGE_ROWS) | 0;
}

/** Position of a row in its page. */
export function slotOf(rowId: RowId): number {
  return rowId & (PAGE_ROWS - 1);
}

export class HeapPage implements Cacheable {
  private unpacked: (Row | null)[] | null = null;
  /** The rows as bytes, until somebody looks at them. */
  private packed: Buffer | null = null;
  /** Rows of the page that are not null; meaningful while loaded. */
  live = 0;
  /** Every row of the page has at least this many columns. */
  width = 0;
  undo: PageUndo | null = null;
  pending: SlotChanges | null = null;
  flushing: SlotChanges | null = null;
  loading: SharedLoad<SlotChanges> | null = null;
  /** How the page is stored; null: not known. */
  records: PageRecords | null = null;
  /** Rows of which the KvStore has nothing, as it is to have them. With this, the page stays in memory. */
  block: Buffer | null = null;
  /** A `block` is being written. */
  blockFlushing = false;
  /** Nothing of the page is to be left in the KvStore. */
  removed = false;
  /** The visible rows of a page without undo, built by the first scan and never modified. */
  dense: HeapBatch | null = null;
  referenced = true;
  bytes = 0;
  cacheSlot = -1;

  constructor(
    private readonly heap: StoreHeap,
    readonly pageNo: number,
  ) {}

  /** The newest committed versions; null when they are not in memory. */
  get rows(): (Row | null)[] | null {
    if (this.packed !== null) this.unpack(this.packed);
    return this.unpacked;
  }

  set rows(rows: (Row | null)[] | null) {
    this.unpacked = rows;
    this.packed = null;
  }

  get inMemory(): boolean {
    return this.packed !== null || this.unpacked !== null;
  }

  get isPacked(): boolean {
    return this.packed !== null;
  }

  /** Rows in memory that nobody is expected to read soon: much less memory, and nothing for the garbage collector. */
  pack(block: Buffer): void {
    this.unpacked = null;
    this.packed = block;
  }

  private unpack(block: Buffer): void {
    this.fillEmpty();
    const { unpacked } = this;
    if (unpacked === null) return;
    this.heap.unpack(block, unpacked);
    for (const row of unpacked) {
      if (row === null) continue;
      this.live++;
      if (row.length < this.width) this.width = row.length;
    }
    this.heap.unpacked(this);
  }

  /** The rows of a packed page, which stays packed, with these columns only. */
  columns(wanted: readonly boolean[]): (Row | null)[] {
    const rows = new Array<Row | null>(PAGE_ROWS).fill(null);
    if (this.packed !== null) this.heap.unpack(this.packed, rows, wanted);
    return rows;
  }

  /** Makes this an empty page that is in memory. */
  fillEmpty(): void {
    this.rows = new Array<Row | null>(PAGE_ROWS).fill(null);
    this.live = 0;
    this.width = this.heap.columns;
  }

  /** What the snapshot sees in a slot, own writes left aside. REQUIRES: loaded. */
  visible(slot: number, lsn: Lsn): Row | null {
    let row = this.rows![slot];
    if (this.undo === null) return row;
    let version = this.undo.get(slot);
    while (version !== null && version.lsn > lsn) {
      row = version.row;
      version = version.next;
    }
    return row;
  }

  /** What the snapshot sees in a slot, if there is a row, and all later versions have its key; else null. REQUIRES: loaded. */
  seenWithKey(slot: number, lsn: Lsn, sameKey: SameKey): Row | null {
    let row = this.rows![slot];
    let version = this.undo?.get(slot) ?? null;
    for (; version !== null && version.lsn > lsn; version = version.next) {
      const before = version.row === null ? null : this.heap.widen(version.row);
      if (row === null || before === null || !sameKey(before, row)) return null;
      row = before;
    }
    return row;
  }

  /** LSN of the newest commit that changed the slot, as far as a snapshot may care; 0 otherwise. */
  changedAt(slot: number): Lsn {
    return this.undo === null ? 0 : this.undo.changedAt(slot);
  }

  /**
   * Keeps what a commit replaces for snapshots before it, in one piece; false, and nothing is kept, where that cannot be, or is of
   * no use. REQUIRES: the slots are in order, and the arrays do not change any more.
   */
  addUndoLayer(lsn: Lsn, slots: readonly number[], rows: readonly (Row | null)[]): boolean {
    if (this.undo !== null || slots.length < MANY_CHANGES) return false;
    this.undo = new PageUndo({ lsn, slots, rows });
    return true;
  }

  /** Keeps what a commit replaces in a slot. `inserted` is for slots where there was nothing. */
  addUndo(slot: number, lsn: Lsn, base: Row | null, inserted: UndoVersion): void {
    this.undo ??= new PageUndo(null);
    const older = this.undo.get(slot);
    this.undo.set(slot, base === null && older === null ? inserted : new UndoVersion(lsn, base, older));
  }

  /** Sets the newest version of a slot, if the page is in memory. */
  put(slot: number, row: Row | null): void {
    this.dense = null;
    const rows = this.rows;
    if (rows === null) return;
    if (rows[slot] === null) {
      if (row !== null) this.live++;
    } else if (row === null) this.live--;
    rows[slot] = row;
    if (row !== null && row.length < this.width) this.width = row.length;
  }

  /** The versions that are kept for older snapshots, newest first for each row. */
  addSuperseded(found: SupersededRow[]): void {
    this.undo?.forEach((slot, newest) => {
      for (let version: UndoVersion | null = newest; version !== null; version = version.next) {
        const { row, lsn } = version;
        if (row !== null) found.push({ rowId: this.pageNo * PAGE_ROWS + slot, row: this.heap.widen(row), lsn });
      }
    });
  }

  /** Fills rows that were stored before columns were added. REQUIRES: loaded. */
  widen(): void {
    const rows = this.rows!;
    for (let slot = 0; slot < PAGE_ROWS; slot++) {
      const row = rows[slot];
      if (row !== null && row.length < this.heap.columns) rows[slot] = this.heap.widen(row);
    }
    this.width = this.heap.columns;
    this.dense = null;
  }

  /** Frees the versions that no snapshot at or after `horizon` needs. */
  trimUndo(slots: readonly number[], horizon: Lsn): void {
    if (this.undo === null || !this.undo.trim(slots, horizon)) return;
    this.undo = null;
    this.heap.freeShell(this);
  }

  /** Has changes that the KvStore does not have. */
  get unwritten(): boolean {
    return this.pending !== null || this.flushing !== null || this.block !== null;
  }

  /** Whether nothing but the rows themselves would be lost with this page. */
  get clean(): boolean {
    return this.undo === null && !this.unwritten && this.loading === null;
  }

  evict(): boolean {
    if (this.heap.pinned || this.loading !== null || this.block !== null || this.blockFlushing) return false;
    this.rows = null;
    this.dense = null;
    if (!this.heap.overlays.empty) this.heap.overlays.evicted(this);
    this.heap.freeShell(this);
    return true;
  }

  /** Accounts for the page in the cache, after it was filled or has grown. */
  account(cache: PageCache, bytes: number): void {
    if (this.cacheSlot < 0) {
      this.bytes = bytes;
      cache.add(this);
    } else cache.resize(this, bytes);
  }
}
