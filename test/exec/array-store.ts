/** A read-only store over arrays for executor tests. A slow heap waits for the event loop before every page. */
import type {
  Heap,
  HeapBatch,
  HeapScan,
  Index,
  IndexBatch,
  IndexRange,
  IndexScan,
  RowId,
  Snapshot,
  Store,
  Transaction,
} from '../../src/storage/api.js';
import type { Row } from '../../src/types/datum.js';
import { GIVE_WAY, type Task } from '../../src/util/task.js';

const PAGE = 256;

class ArrayHeap {
  recheck = false;
  constructor(
    readonly id: number,
    readonly rows: readonly Row[],
    readonly slow: boolean,
  ) {}

  tryFetch(_snapshot: Snapshot, rowId: RowId): Row | null | undefined {
    return this.rows[rowId - 1] ?? null;
  }

  *load(): Task<void> {
    yield GIVE_WAY;
  }

  scan(): HeapScan {
    const { rows, slow } = this;
    let position = 0;
    return {
      *next(): Task<HeapBatch | null> {
        if (slow) yield GIVE_WAY;
        const page = rows.slice(position, position + PAGE);
        const first = position;
        position += page.length;
        return page.length === 0
          ? null
          : { rows: page, rowIds: page.map((_, i) => first + i + 1), length: page.length };
      },
      close() {},
    };
  }
}

class ArrayIndex {
  /** Entries in key order. */
  constructor(readonly entries: readonly { readonly key: string; readonly rowId: RowId }[]) {}

  tryGet(_snapshot: Snapshot, key: string): RowId {
    const found = this.entries.filter((entry) => entry.key === key);
    return found.length === 0 ? 0 : found.length === 1 ? found[0].rowId : -1;
  }

  scan(_snapshot: Snapshot, range: IndexRange, descending: boolean): IndexScan {
    const found = this.entries.filter(
      ({ key }) => (range.lo === null || key >= range.lo) && (range.hi === null || key < range.hi),
    );
    if (descending) found.reverse();
    let given = false;
    return {
      *next(): Task<IndexBatch | null> {
        if (given || found.length === 0) return null;
        given = true;
        return { keys: found.map((e) => e.key), rowIds: found.map((e) => e.rowId), length: found.length };
      },
      close() {},
    };
  }
}

/** Only what reading operators use; the rest of the interface is not there. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods that nobody calls are left out on purpose
export class ArrayStore implements Pick<Store, never> {
  private readonly heaps = new Map<number, ArrayHeap>();
  private readonly indexes = new Map<number, ArrayIndex>();
  private lastId = 100;

  addHeap(rows: readonly Row[], slow: boolean): number {
    const id = ++this.lastId;
    this.heaps.set(id, new ArrayHeap(id, rows, slow));
    return id;
  }

  addIndex(entries: readonly { readonly key: string; readonly rowId: RowId }[]): number {
    const id = ++this.lastId;
    this.indexes.set(
      id,
      new ArrayIndex([...entries].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.rowId - b.rowId))),
    );
    return id;
  }
}

export interface ArrayStore extends Store {}

ArrayStore.prototype.heap = function heap(this: ArrayStore, id: number): Heap {
  return (this as unknown as { heaps: Map<number, Heap> }).heaps.get(id) as Heap;
};
ArrayStore.prototype.index = function index(this: ArrayStore, id: number): Index {
  return (this as unknown as { indexes: Map<number, Index> }).indexes.get(id) as Index;
};
ArrayStore.prototype.begin = function begin(): Transaction {
  const transaction = { snapshot: () => ({ lsn: 0, commandId: 0, transaction }) } as unknown as Transaction;
  return transaction;
};
