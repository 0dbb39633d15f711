/** Merges ordered sources of index entries: a binary heap with the source of the lowest entry on top. */
import type { RowId } from './api.js';

export interface EntrySource {
  /** The current entry. */
  readonly key: string;
  readonly rowId: RowId;
  /** The lower one comes first where several sources have the same entry. */
  readonly rank: number;
  /** Goes to the next entry, the first one at the first call; false at the end. */
  next(): boolean;
}

export class SourceHeap<Source extends EntrySource> {
  private readonly heap: Source[];

  constructor(sources: readonly Source[]) {
    this.heap = sources.filter((source) => source.next());
    for (let i = this.heap.length >>> 1; i >= 0; i--) this.sink(i);
  }

  /** The source with the lowest entry; undefined at the end. */
  get first(): Source | undefined {
    return this.heap[0];
  }

  /** Goes to the next entry. REQUIRES: there is a first one. */
  advance(): void {
    const { heap } = this;
    if (!heap[0].next()) {
      const last = heap.pop();
      if (heap.length === 0 || last === undefined) return;
      heap[0] = last;
    }
    this.sink(0);
  }

  private sink(at: number): void {
    const { heap } = this;
    for (;;) {
      const left = 2 * at + 1;
      let lowest = at;
      if (left < heap.length && isBefore(heap[left], heap[lowest])) lowest = left;
      if (left + 1 < heap.length && isBefore(heap[left + 1], heap[lowest])) lowest = left + 1;
      if (lowest === at) return;
      const source = heap[at];
      heap[at] = heap[lowest];
      heap[lowest] = source;
      at = lowest;
    }
  }
}

function isBefore(a: EntrySource, b: EntrySource): boolean {
  if (a.key !== b.key) return a.key < b.key;
  return a.rowId !== b.rowId ? a.rowId < b.rowId : a.rank < b.rank;
}
