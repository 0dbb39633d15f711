/** What a transaction holds until its end, besides its write sets. */
import { GIVE_WAY, type Task } from '../util/task.js';
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

  /** The page of the row, if the row was not locked before. */
  pageIn(locks: RowLocks, pageNo: number): HeldPage | null {
    if (this.locks !== locks || this.before !== 0 || pageOf(this.rowId) !== pageNo) return null;
    const page = new HeldPage(locks, pageNo);
    page.add(slotOf(this.rowId));
    return page;
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

  constructor(
    private readonly locks: RowLocks,
    private readonly pageNo: number,
  ) {}

  add(slot: number): void {
    this.bits[slot >> 3] |= 1 << (slot & 7);
  }

  has(slot: number): boolean {
    return (this.bits[slot >> 3] & (1 << (slot & 7))) !== 0;
  }

  isOf(locks: RowLocks, pageNo: number): boolean {
    return this.locks === locks && this.pageNo === pageNo;
  }

  release(transaction: StoreTransaction): void {
    if (this.locks.freePage(transaction, this.pageNo, this)) return;
    for (let slot = 0; slot < PAGE_ROWS; slot++)
      if (this.has(slot)) this.locks.release(transaction, this.pageNo * PAGE_ROWS + slot, 0);
  }
}

/** Where keys of one index are taken. */
export interface KeyTable {
  readonly index: StoreIndex;
  /** Lets others have a key that the transaction has taken. */
  free(key: string, transaction: StoreTransaction): void;
}

/** Unique keys that are reserved or announced. */
export class HeldKeys implements Held {
  tables: KeyTable[] = [];
  keys: string[] = [];

  release(transaction: StoreTransaction): void {
    this.releaseSome(transaction, this.keys.length);
  }

  /** Lets go of at most so many, the last ones first. Returns whether those were all. */
  releaseSome(transaction: StoreTransaction, limit: number): boolean {
    const { tables, keys } = this;
    const left = Math.max(0, keys.length - limit);
    for (let i = keys.length - 1; i >= left; i--) tables[i].free(keys[i], transaction);
    tables.length = keys.length = left;
    return left === 0;
  }

  /** Frees the keys whose entries are in the store, or in runs: others find them there. */
  freeStored(transaction: StoreTransaction): void {
    const { tables, keys } = this;
    this.tables = [];
    this.keys = [];
    for (let i = 0; i < keys.length; i++) {
      const writes = transaction.indexWrites?.get(tables[i].index.id);
      if (writes?.has(keys[i])) {
        this.tables.push(tables[i]);
        this.keys.push(keys[i]);
        continue;
      }
      if (writes?.runs) writes.runs.reserves = true;
      tables[i].free(keys[i], transaction);
    }
  }
}

/** Locks, keys or changes that are let go of in no time. */
const FEW = 4096;
/** Locks and keys freed between two looks at the clock. */
const FREED_AT_ONCE = 256;
/** From so many locks on new ones of rows are packed where they are. */
const MANY_LOCKS = 64;
/** Locks of rows from which on they are packed, and of which so many at a time. */
const PACK_FROM = 16_384;
const PACKED_AT_ONCE = 4096;

/** Whether to let go of so much takes a while. */
export function isMany(count: number): boolean {
  return count > FEW;
}

/** In the order in which it was taken, so that a savepoint is a position. */
export class HeldList {
  private readonly list: Held[] = [];
  /** Up to here there are no locks of rows to be packed. */
  private packed = 0;
  /** Reserved keys since there was nothing. */
  private keys = 0;
  /** What was taken since the newest savepoint begins here. */
  private mark = 0;

  setMark(position: number): number {
    this.mark = position;
    return position;
  }

  get length(): number {
    return this.list.length;
  }

  push(held: Held): void {
    this.list.push(held);
  }

  /** Locks of rows are to be packed. */
  get packsLocks(): boolean {
    return this.list.length > MANY_LOCKS;
  }

  /** A row whose lock is packed. */
  addPacked(locks: RowLocks, rowId: RowId): void {
    const { list } = this;
    const pageNo = pageOf(rowId);
    const last = list.length > this.mark ? list[list.length - 1] : null;
    if (last instanceof HeldPage && last.isOf(locks, pageNo)) {
      last.add(slotOf(rowId));
      return;
    }
    // A page of its own only where a second row follows: rows may come in any order.
    const page = last instanceof HeldRow ? last.pageIn(locks, pageNo) : null;
    if (page === null) list.push(new HeldRow(locks, rowId, 0));
    else {
      page.add(slotOf(rowId));
      list[list.length - 1] = page;
    }
  }

  addKey(table: KeyTable, key: string): void {
    const last = this.list.at(-1);
    let keys: HeldKeys;
    if (last instanceof HeldKeys && this.list.length > this.mark) keys = last;
    else {
      keys = new HeldKeys();
      this.list.push(keys);
    }
    keys.tables.push(table);
    keys.keys.push(key);
    this.keys++;
  }

  /** Frees reserved keys that the indexes have. */
  freeStoredKeys(transaction: StoreTransaction): void {
    for (let i = this.mark; i < this.list.length; i++) {
      const held = this.list[i];
      if (held instanceof HeldKeys) held.freeStored(transaction);
    }
  }

  /** There are many locks of rows that may be packed. */
  get wantsPacking(): boolean {
    return this.list.length - this.packed > PACK_FROM;
  }

  /** Holds the locks of rows by page, as far as that can be: many rows take little memory then. */
  *packRows(transaction: StoreTransaction): Task<void> {
    const { list } = this;
    const from = Math.max(this.packed, this.mark);
    const pages = new Map<RowLocks, Map<number, HeldPage>>();
    let kept = from;
    let next = from;
    try {
      while (next < list.length) {
        const held = list[next++];
        if (!(held instanceof HeldRow) || !held.joinPage(transaction, pages)) list[kept++] = held;
        if (next % PACKED_AT_ONCE === 0) yield GIVE_WAY;
      }
    } finally {
      // Also when it is cancelled: each lock is held once.
      for (; next < list.length; next++) list[kept++] = list[next];
      list.length = kept;
      for (const ofHeap of pages.values()) for (const page of ofHeap.values()) list.push(page);
      this.packed = list.length;
    }
  }

  /** Lets go of what is above the position. */
  release(transaction: StoreTransaction, position: number): void {
    const { list } = this;
    while (list.length > position) list.pop()!.release(transaction);
    this.forgetAbove(position);
  }

  /** Lets go of some of what is above the position, the last ones first. Returns whether that was all. */
  releaseSome(transaction: StoreTransaction, position: number): boolean {
    const { list } = this;
    for (let freed = 0; freed < FREED_AT_ONCE && list.length > position; freed++) {
      const held = list[list.length - 1];
      if (held instanceof HeldKeys && !held.releaseSome(transaction, FREED_AT_ONCE)) return false;
      held.release(transaction);
      list.pop();
    }
    if (list.length > position) return false;
    this.forgetAbove(position);
    return true;
  }

  private forgetAbove(position: number): void {
    this.packed = Math.min(this.packed, position);
    if (position === 0) this.keys = 0;
  }

  /** Letting go of it all takes a while. */
  get isLong(): boolean {
    return isMany(this.list.length + this.keys);
  }
}
