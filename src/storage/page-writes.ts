/**
 * A transaction's changes within one page of a heap: parallel arrays, ordered by slot. An entry's `prev` is the same
 * transaction's older version, for snapshots of earlier commands.
 */
import type { Row } from '../types/datum.js';
import type { RowId } from './api.js';
import { PAGE_ROWS } from './heap-page.js';
import { positionOf } from './slot-position.js';

export class WriteEntry {
  constructor(
    /** Null: the row is deleted. */
    public row: Row | null,
    readonly commandId: number,
    readonly prev: WriteEntry | null,
  ) {}
}

/** Own changes within one page. Parallel arrays, ordered by slot. */
export class PageWrites {
  readonly slots: number[] = [];
  /** Null: the slot is locked for a change, or its change was rolled back. */
  readonly entries: (WriteEntry | null)[] = [];
  /** The committed version under our lock, null for an inserted row: becomes undo at commit. */
  readonly bases: (Row | null)[] = [];
  /** All rows of the page are inserts of this transaction. */
  isPrivate = false;
  /** The rows are in the store. */
  spilled = false;
  /** Estimated size of rows that were inserted into a private page. */
  bytes = 0;
  /** The rows as they are in the log, if they are there as one block: the store takes the same bytes. */
  block: Buffer | null = null;

  /** The command that took it from the temporary file, which has it as it was then; -1: it never was there. */
  takenBackBy = -1;

  constructor(readonly pageNo: number) {}

  /** Lets go of the rows: an old array that nobody needs would keep them alive until the next full collection. */
  clear(): void {
    this.slots.length = this.entries.length = this.bases.length = 0;
  }

  /** Others may come to see every change: see `forEachChange`. */
  get isWhole(): boolean {
    const { slots, entries, bases } = this;
    for (let i = 0; i < slots.length; i++) {
      const entry = entries[i];
      if (entry === null || (entry.row === null && bases[i] === null)) return false;
    }
    return true;
  }

  /** Position of the slot in the arrays, or the complement of where it belongs. */
  position(slot: number): number {
    return positionOf(this.slots, slot);
  }

  entry(slot: number): WriteEntry | null {
    const at = this.position(slot);
    return at < 0 ? null : this.entries[at];
  }

  add(at: number, slot: number, entry: WriteEntry | null, base: Row | null): void {
    if (at === this.slots.length) {
      this.slots.push(slot);
      this.entries.push(entry);
      this.bases.push(base);
      return;
    }
    this.slots.splice(at, 0, slot);
    this.entries.splice(at, 0, entry);
    this.bases.splice(at, 0, base);
  }
}

/** Calls `visit` for every change of a page that others may come to see. */
export function forEachChange(
  page: PageWrites,
  visit: (rowId: RowId, row: Row | null, base: Row | null) => void,
): void {
  const first = page.pageNo * PAGE_ROWS;
  for (let i = 0; i < page.slots.length; i++) {
    const entry = page.entries[i];
    if (entry === null) continue;
    // Inserted and deleted again: nobody will ever see it.
    if (entry.row === null && page.bases[i] === null) continue;
    visit(first + page.slots[i], entry.row, page.bases[i]);
  }
}
