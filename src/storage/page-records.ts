/**
 * How the KvStore holds a page: as a block with all its rows, as records of single rows, or as a block with records on
 * top, each of which replaces a row or (when empty) takes it away. A page of which much has changed is written as a block
 * and its records go; so a page is read with few records, and a change of a few rows does not write all others again.
 */
import type { KvOperation } from '../kv/kv-store.js';
import type { StorageId } from './api.js';
import { type HeapPage, PAGE_ROWS } from './heap-page.js';
import type { SlotChanges } from './slot-changes.js';
import type { StoredForm } from './stored-form.js';

/** Changes at once, and records in all, from which on a page is written as a block. */
const BLOCK_CHANGES = 64;
const BLOCK_RECORDS = 128;
/** A page whose rows take more is kept as records: each change would write too much. */
export const MAX_BLOCK_BYTES = 256 << 10;

const EMPTY = Buffer.alloc(0);

/** What is known to be in the KvStore, or on its way there. */
export class PageRecords {
  block = false;
  /** Rows with a record of their own. */
  count = 0;
  private slots: Uint8Array | null = null;

  add(slot: number): void {
    this.slots ??= new Uint8Array(PAGE_ROWS);
    if (this.slots[slot] !== 0) return;
    this.slots[slot] = 1;
    this.count++;
  }

  remove(slot: number): void {
    if (this.slots === null || this.slots[slot] === 0) return;
    this.slots[slot] = 0;
    this.count--;
  }

  clear(): void {
    this.slots = null;
    this.count = 0;
  }

  /** Calls `visit` for every row that has a record. */
  forEach(visit: (slot: number) => void): void {
    if (this.slots === null) return;
    for (let slot = 0; slot < PAGE_ROWS; slot++) if (this.slots[slot] !== 0) visit(slot);
  }
}

/** Gives the operations that bring a page's changes into the KvStore, and remembers how the page is stored then. */
export function flushPage(
  form: StoredForm,
  id: StorageId,
  page: HeapPage,
  changes: SlotChanges,
  add: (operation: KvOperation) => void,
): void {
  const flush = new PageFlush(form, id, page, add);
  if (page.removed) {
    flush.removeAll();
    return;
  }
  if (page.block !== null) flush.putFirst(page.block);
  else if (flush.wantsBlock(changes) && flush.rewrite()) return;
  flush.putRows(changes);
}

class PageFlush {
  private readonly first: number;

  constructor(
    private readonly form: StoredForm,
    private readonly id: StorageId,
    private readonly page: HeapPage,
    private readonly add: (operation: KvOperation) => void,
  ) {
    this.first = page.pageNo * PAGE_ROWS;
  }

  /** Nobody will see anything of the page again: not even records that say so are left. */
  removeAll(): void {
    const { page } = this;
    page.removed = false;
    page.block = null;
    this.deleteBlock();
    for (let slot = 0; slot < PAGE_ROWS; slot++) this.deleteRow(slot);
    page.records = new PageRecords();
  }

  /** The page was empty before. */
  putFirst(block: Buffer): void {
    const { page } = this;
    page.records = new PageRecords();
    page.records.block = true;
    page.block = null;
    page.blockFlushing = true;
    this.putBlock(block);
  }

  wantsBlock(changes: SlotChanges): boolean {
    const { rows, records, live, bytes } = this.page;
    if (rows === null || records === null || bytes > 2 * MAX_BLOCK_BYTES) return false;
    if (changes.size >= BLOCK_CHANGES || records.count + changes.size >= BLOCK_RECORDS) return true;
    return live === 0 && records.block;
  }

  /** Writes all rows in memory as a block. Returns whether that was done. */
  rewrite(): boolean {
    const { rows, records, live } = this.page;
    if (rows === null || records === null) return false;
    const block = live === 0 ? null : this.form.encodePage(rows, MAX_BLOCK_BYTES);
    if (block === null && live > 0) return false;
    records.forEach((slot) => this.deleteRow(slot));
    records.clear();
    if (block !== null) this.putBlock(block);
    else if (records.block) this.deleteBlock();
    records.block = block !== null;
    return true;
  }

  putRows(changes: SlotChanges): void {
    const { records } = this.page;
    changes.forEach((slot, row) => {
      if (row !== null) this.putRow(slot, this.form.encodeRow(row));
      // Where there may be a block, the row would come back from it.
      else if (records === null || records.block) this.putRow(slot, EMPTY);
      else {
        records.remove(slot);
        this.deleteRow(slot);
      }
    });
  }

  private putRow(slot: number, value: Buffer): void {
    this.page.records?.add(slot);
    this.add({ type: 'put', key: this.form.rowKey(this.id, this.first + slot), value });
  }

  private deleteRow(slot: number): void {
    this.add({ type: 'del', key: this.form.rowKey(this.id, this.first + slot) });
  }

  private putBlock(value: Buffer): void {
    this.add({ type: 'put', key: this.form.pageKey(this.id, this.page.pageNo), value });
  }

  private deleteBlock(): void {
    this.add({ type: 'del', key: this.form.pageKey(this.id, this.page.pageNo) });
  }
}
