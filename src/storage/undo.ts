/**
 * Frees before-images and superseded index entries in commit order, once a commit is durable and older than every
 * snapshot in use. Within a commit index entries go first: a reader that meets a superseded entry relies on the row's
 * undo to learn that it must recheck.
 */
import type { Lsn, RowId } from './api.js';
import type { StoreHeap } from './heap.js';
import type { StoreIndex } from './index.js';
import type { PageWrites } from './write-set.js';

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

/** Pages or entries freed before the event loop gets a turn. */
const BUDGET = 4096;

export class UndoQueue {
  private items: UndoItem[] = [];
  private head = 0;
  private scheduled = false;

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
    if (item?.lsn !== lsn) return false;
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
      work += free(this.items[this.head++]);
    }
    if (this.head === this.items.length) {
      this.items = [];
      this.head = 0;
    } else if (this.head > 1024 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
  }

  private continueLater(): void {
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.collect();
    });
  }
}

function free(item: UndoItem): number {
  let work = 1;
  for (const { index, keys, rowIds } of item.indexes) {
    work += keys.length;
    for (let i = 0; i < keys.length; i++) index.removeZombie(keys[i], rowIds[i], item.lsn);
  }
  for (const { heap, pages } of item.heaps) {
    work += pages.length;
    for (const page of pages) heap.trimUndo(page.pageNo, page.slots, item.lsn);
  }
  if (item.then !== null) item.then();
  return work;
}
