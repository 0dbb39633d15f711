/** What a transaction holds until its end, besides its write sets. */
import type { RowId } from './api.js';
import { PAGE_ROWS, pageOf, slotOf } from './heap-page.js';
import type { StoreIndex } from './index.js';
import type { RowLocks } from './row-locks.js';
import type { StoreTransaction } from './transaction.js';

/** Something to let go of at the end of the transaction, or when a savepoint taken before is rolled back to. */
export interface Held {
  release(transaction: StoreTransaction): void;
}

export class HeldRow implements Held {
  constructor(
    private readonly locks: RowLocks,
    private readonly rowId: RowId,
    private readonly before: number,
  ) {}

  release(transaction: StoreTransaction): void {
    this.locks.release(transaction, this.rowId, this.before);
  }

  /** Leaves the lock to its page in `pages`. False when it has to stay by itself. */
  joinPage(transaction: StoreTransaction, pages: Map<RowLocks, Map<number, HeldPage>>): boolean {
    const { locks, rowId } = this;
    if (this.before !== 0 || !locks.pack(transaction, rowId)) return false;
    let ofHeap = pages.get(locks);
    if (ofHeap === undefined) {
      ofHeap = new Map();
      pages.set(locks, ofHeap);
    }
    const pageNo = pageOf(rowId);
    let page = ofHeap.get(pageNo);
    if (page === undefined) {
      page = new HeldPage(locks, pageNo);
      ofHeap.set(pageNo, page);
    }
    page.add(slotOf(rowId));
    return true;
  }
}

/** Rows of one page. */
export class HeldPage implements Held {
  private readonly bits = new Uint8Array(PAGE_ROWS / 8);
  private count = 0;

  constructor(
    private readonly locks: RowLocks,
    private readonly pageNo: number,
  ) {}

  add(slot: number): void {
    this.bits[slot >> 3] |= 1 << (slot & 7);
    this.count++;
  }

  release(transaction: StoreTransaction): void {
    if (this.locks.freePage(transaction, this.pageNo, this.count)) return;
    for (let slot = 0; slot < PAGE_ROWS; slot++) {
      if ((this.bits[slot >> 3] & (1 << (slot & 7))) !== 0)
        this.locks.release(transaction, this.pageNo * PAGE_ROWS + slot, 0);
    }
  }
}

/** Unique keys that are reserved. */
export class HeldKeys implements Held {
  indexes: StoreIndex[] = [];
  keys: string[] = [];

  release(): void {
    for (let i = 0; i < this.keys.length; i++) this.indexes[i].freeKey(this.keys[i]);
  }

  /** Frees the keys whose entries are in the store, where others find them. */
  freeStored(transaction: StoreTransaction): void {
    const { indexes, keys } = this;
    this.indexes = [];
    this.keys = [];
    for (let i = 0; i < keys.length; i++) {
      if (transaction.indexWrites?.get(indexes[i].id)?.byKey.has(keys[i])) {
        this.indexes.push(indexes[i]);
        this.keys.push(keys[i]);
      } else indexes[i].freeKey(keys[i]);
    }
  }
}
