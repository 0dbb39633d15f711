/**
 * Frees before-images and superseded index entries in commit order, once a commit is durable and older than every
 * snapshot in use. Within a commit index entries go first: a reader that meets a superseded entry relies on the row's
 * undo to learn that it must recheck.
 */
import type { Lsn, RowId } from './api.js';
import type { StoreHeap } from './heap.js';
import type { StoreIndex } from './index.js';
import type { PageWrites } from './page-writes.js';

export interface UndoHeapPart {
  readonly heap: StoreHeap;
  readonly pages: readonly PageWrites[];
}

export interface UndoIndexPart {
  readonly index: StoreIndex;
  readonly keys: readonly string[];
  readonly rowIds: readonly RowId[];
}

/** What a commit leaves behind for older snapshots. */
export interface UndoItem {
  readonly lsn: Lsn;
  readonly heaps: readonly UndoHeapPart[];
  readonly indexes: UndoIndexPart[];
  /** Runs when nobody can need the state before the commit any more (removal of dropped storages). */
  readonly then: (() => void) | null;
}

/** Rows or entries freed before the event loop gets a turn. */
const BUDGET = 4096;

export class UndoQueue {
  private items: UndoItem[] = [];
  private head = 0;
  private scheduled = false;
  /** The first item, being freed in slices. */
  private current: Generator<number, void> | null = null;

  /** `horizon` gives the LSN up to which commits can be forgotten. */
  constructor(private readonly horizon: () => Lsn) {}

  /** Commits whose undo is still there. */
  get length(): number {
    return this.items.length - this.head;
  }

  /** Items are kept in LSN order; a large commit may finish its install after smaller, later ones. */
  add(item: UndoItem): void {
    let at = this.items.length;
    while (at > this.head && this.items[at - 1].lsn > item.lsn) at--;
    if (at === this.items.length) this.items.push(item);
    else this.items.splice(at, 0, item);
  }

  /** Has index entries go with what the commit at `lsn` has left behind; false when that is gone already. */
  attach(lsn: Lsn, part: UndoIndexPart): boolean {
    let low = this.head;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.items[middle].lsn < lsn) low = middle + 1;
      else high = middle;
    }
    const item = this.items[low];
    // What is being freed is not needed by any snapshot.
    if (item?.lsn !== lsn || (low === this.head && this.current !== null)) return false;
    item.indexes.push(part);
    return true;
  }

  collect(): void {
    if (this.scheduled || this.head === this.items.length) return;
    const horizon = this.horizon();
    let work = 0;
    while (this.head < this.items.length && this.items[this.head].lsn <= horizon) {
      if (work > BUDGET) {
        this.continueLater();
        break;
      }
      work += this.freeFirst(BUDGET - work);
      if (this.current === null) this.head++;
    }
    if (this.head === this.items.length) {
      this.items = [];
      this.head = 0;
    } else if (this.head > 1024 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
  }

  /** Frees the first item, or of a large one as much as the budget allows. Returns the work done. */
  private freeFirst(budget: number): number {
    const item = this.items[this.head];
    if (isSmall(item)) return freeAll(item);
    this.current ??= freeing(item);
    let work = 0;
    // Not a for-of loop, which would end the generator when it is left.
    for (let step = this.current.next(); !step.done; step = this.current.next()) {
      work += step.value;
      if (work > budget) return work;
    }
    this.current = null;
    return work + 1;
  }

  private continueLater(): void {
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.collect();
    });
  }
}

function isSmall({ heaps, indexes }: UndoItem): boolean {
  return heaps.length + indexes.length < 8 && heaps.every(isFew) && indexes.every(isFewKeys);
}

function isFew({ pages }: UndoHeapPart): boolean {
  return pages.length < 8;
}

function isFewKeys({ keys }: UndoIndexPart): boolean {
  return keys.length < 256;
}

function freeAll(item: UndoItem): number {
  let work = 1;
  for (const { index, keys, rowIds } of item.indexes) {
    work += keys.length;
    for (let i = 0; i < keys.length; i++) index.removeZombie(keys[i], rowIds[i], item.lsn);
  }
  for (const { heap, pages } of item.heaps) {
    for (const page of pages) {
      work += page.slots.length;
      heap.trimUndo(page.pageNo, page.slots, item.lsn);
    }
  }
  if (item.then !== null) item.then();
  return work;
}

/** Frees an item, and yields how much work it was since the last time, so that large ones can be freed in slices. */
function* freeing(item: UndoItem): Generator<number, void> {
  for (const { index, keys, rowIds } of item.indexes) {
    for (let i = 0; i < keys.length; i++) {
      index.removeZombie(keys[i], rowIds[i], item.lsn);
      if ((i & 255) === 255) yield 256;
    }
    yield keys.length & 255;
  }
  for (const { heap, pages } of item.heaps) {
    for (const page of pages) {
      heap.trimUndo(page.pageNo, page.slots, item.lsn);
      yield page.slots.length;
    }
  }
  if (item.then !== null) item.then();
}
