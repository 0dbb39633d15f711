/** A piece of a running transaction that is in the log and in the store, though nobody else sees it. */
import type { Lsn } from './api.js';
import type { Extent } from './extent.js';
import type { StoreHeap } from './heap.js';
import type { StoreIndex } from './index.js';

/** Either `rows` of a heap, all within the extent, or `entries` of an index. */
export interface StoredPart {
  /** Where its log record starts. */
  readonly lsn: Lsn;
  readonly heap: StoreHeap | null;
  readonly extent: Extent | null;
  readonly rows: number;
  readonly index: StoreIndex | null;
  readonly entries: number;
}
