/**
 * What one serializable transaction has read: rows and whole heaps, keys and key ranges of indexes (gaps included).
 * Bounded: too many rows become their heap, too many keys or ranges their index. `add…` returns false when everything
 * of it was noted before, so that nobody has to look for writers again.
 */
import type { RowId, StorageId } from '../api.js';

/** Rows of a heap, or keys of an index, that one transaction notes before it notes the whole. */
const MAX_SINGLES = 2048;
/** Ranges of an index that one transaction notes before it notes the whole. */
const MAX_RANGES = 256;

interface KeyRange {
  lo: string;
  /** Exclusive; null: unbounded. */
  hi: string | null;
}

interface IndexReads {
  readonly keys: Set<string>;
  readonly ranges: KeyRange[];
}

/** Everything that one transaction has noted. */
export interface NotedReads {
  readonly whole: ReadonlySet<StorageId>;
  readonly rows: ReadonlyMap<StorageId, ReadonlySet<RowId>>;
  readonly indexes: ReadonlyMap<
    StorageId,
    { readonly keys: ReadonlySet<string>; readonly ranges: readonly Readonly<KeyRange>[] }
  >;
}

export type Added = false | 'noted' | 'promoted';

export class PredicateReads {
  private readonly whole = new Set<StorageId>();
  private readonly rows = new Map<StorageId, Set<RowId>>();
  private readonly indexes = new Map<StorageId, IndexReads>();

  addWhole(storage: StorageId): boolean {
    if (this.whole.has(storage)) return false;
    this.whole.add(storage);
    this.rows.delete(storage);
    this.indexes.delete(storage);
    return true;
  }

  addRow(heap: StorageId, rowId: RowId): Added {
    if (this.whole.has(heap)) return false;
    let rows = this.rows.get(heap);
    if (rows === undefined) {
      rows = new Set();
      this.rows.set(heap, rows);
    }
    if (rows.has(rowId)) return false;
    if (rows.size >= MAX_SINGLES) return this.promote(heap);
    rows.add(rowId);
    return 'noted';
  }

  addKey(index: StorageId, key: string): Added {
    if (this.coversKey(index, key)) return false;
    const { keys } = this.indexReads(index);
    if (keys.size >= MAX_SINGLES) return this.promote(index);
    keys.add(key);
    return 'noted';
  }

  addRange(index: StorageId, lo: string, hi: string | null): Added {
    if (this.whole.has(index)) return false;
    const { ranges } = this.indexReads(index);
    const last = ranges.at(-1);
    if (last === undefined || !touches(last, lo, hi)) {
      if (ranges.length >= MAX_RANGES) return this.promote(index);
      ranges.push({ lo, hi });
      return 'noted';
    }
    const inside = last.lo <= lo && (last.hi === null || (hi !== null && hi <= last.hi));
    if (inside) return false;
    if (lo < last.lo) last.lo = lo;
    if (last.hi !== null && (hi === null || hi > last.hi)) last.hi = hi;
    return 'noted';
  }

  coversRow(heap: StorageId, rowId: RowId): boolean {
    return this.whole.has(heap) || this.rows.get(heap)?.has(rowId) === true;
  }

  coversHeap(heap: StorageId): boolean {
    return this.whole.has(heap);
  }

  coversKey(index: StorageId, key: string): boolean {
    if (this.whole.has(index)) return true;
    const reads = this.indexes.get(index);
    if (reads === undefined) return false;
    return reads.keys.has(key) || reads.ranges.some(({ lo, hi }) => lo <= key && (hi === null || key < hi));
  }

  private indexReads(index: StorageId): IndexReads {
    let reads = this.indexes.get(index);
    if (reads === undefined) {
      reads = { keys: new Set(), ranges: [] };
      this.indexes.set(index, reads);
    }
    return reads;
  }

  private promote(storage: StorageId): Added {
    this.addWhole(storage);
    return 'promoted';
  }

  /** For keeping them; valid until the next read. */
  noted(): NotedReads {
    const { whole, rows, indexes } = this;
    return { whole, rows, indexes };
  }

  /** Notes what was kept. */
  restore({ whole, rows, indexes }: NotedReads): void {
    for (const storage of whole) this.addWhole(storage);
    for (const [heap, rowIds] of rows) for (const rowId of rowIds) this.addRow(heap, rowId);
    for (const [index, { keys, ranges }] of indexes) {
      for (const key of keys) this.addKey(index, key);
      for (const { lo, hi } of ranges) this.addRange(index, lo, hi);
    }
  }

  /** Notes everything that was noted as wholes only: for old committed transactions, whose reads must stay small. */
  summarise(): void {
    for (const storage of [...this.rows.keys(), ...this.indexes.keys()]) this.addWhole(storage);
  }
}

function touches(range: KeyRange, lo: string, hi: string | null): boolean {
  return (range.hi === null || lo <= range.hi) && (hi === null || range.lo <= hi);
}
