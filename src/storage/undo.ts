/**
 * Frees before-images and superseded index entries in commit order, once a commit is durable and older than every
 * snapshot in use. Within a commit index entries go first: a reader that meets a superseded entry relies on the row's
 * undo to learn that it must recheck.
 */
import { Slice } from '../util/task.js';
import type { Lsn, RowId } from './api.js';
import type { StoreHeap } from './heap.js';
import type { StoreIndex } from './index.js';
import { freeZombies } from './leaf-removal.js';
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

/** Index entries that are freed in one step. */
const ENTRIES_PER_STEP = 32;
/** Steps of a large commit, and small commits, freed between two looks at the clock (powers of two). */
const STEPS_PER_LOOK = 16;
const ITEMS_PER_LOOK = 64;

export class UndoQueue {
  private items: UndoItem[] = [];
  private head = 0;
  private scheduled = false;
  /** The first item, being freed in slices. */
  private current: Generator<void, void> | null = null;

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
    const slice = new Slice();
    let freed = 0;
    while (this.head < this.items.length && this.items[this.head].lsn <= horizon) {
      const isFreed = this.freeFirst(slice);
      if (isFreed) this.head++;
      if (isFreed && (++freed % ITEMS_PER_LOOK !== 0 || !slice.isOver)) continue;
      this.continueLater();
      break;
    }
    if (this.head === this.items.length) {
      this.items = [];
      this.head = 0;
    } else if (this.head > 1024 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
  }

  /** Frees the first item, or of a large one as much as there is time for. Returns whether nothing of it is left. */
  private freeFirst(slice: Slice): boolean {
    const item = this.items[this.head];
    if (this.current === null && isSmall(item)) {
      freeAll(item);
      return true;
    }
    this.current ??= freeing(item);
    // Not a for-of loop, which would end the generator when it is left.
    for (let steps = 1; !this.current.next().done; steps++)
      if (steps % STEPS_PER_LOOK === 0 && slice.isOver) return false;
    this.current = null;
    return true;
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
  return keys.length < 64;
}

function freeAll(item: UndoItem): void {
  for (const { index, keys, rowIds } of item.indexes)
    for (let i = 0; i < keys.length; i++) index.removeZombie(keys[i], rowIds[i], item.lsn);
  for (const { heap, pages } of item.heaps) for (const page of pages) heap.trimUndo(page.pageNo, page.slots, item.lsn);
  if (item.then !== null) item.then();
}

/** Frees a large item, and yields where others may have their turns. */
function* freeing(item: UndoItem): Generator<void, void> {
  for (const { index, keys, rowIds } of item.indexes) {
    if (freeZombies(index, keys, rowIds)) {
      yield;
      continue;
    }
    for (let i = 0; i < keys.length; i++) {
      index.removeZombie(keys[i], rowIds[i], item.lsn);
      if (i % ENTRIES_PER_STEP === 0) yield;
    }
  }
  for (const { heap, pages } of item.heaps) {
    for (const page of pages) {
      heap.trimUndo(page.pageNo, page.slots, item.lsn);
      yield;
    }
  }
  if (item.then !== null) item.then();
}
