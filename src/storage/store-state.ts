/**
 * The counters and small records of a store: what a checkpoint saves, recovery brings up to date, and the engine goes on with.
 */
import type { RowId, SequenceState, StorageId } from './api.js';

export interface HeapState {
  rowCount: number;
  nextRowId: RowId;
}

export interface StoreState {
  nextStorageId: StorageId;
  nextXid: number;
  readonly heaps: Map<StorageId, HeapState>;
  /** Number of entries. */
  readonly indexes: Map<StorageId, number>;
  readonly sequences: Map<StorageId, SequenceState>;
  readonly meta: Map<string, Buffer>;
}

/** Transaction ids 0 to 2 mean something special in PostgreSQL. */
const FIRST_XID = 3;

/** Ids below belong to system catalogs, whose storage has the number of the relation. Do not lower this value. */
export const FIRST_STORAGE_ID = 16384;

export function emptyState(): StoreState {
  return {
    nextStorageId: FIRST_STORAGE_ID,
    nextXid: FIRST_XID,
    heaps: new Map(),
    indexes: new Map(),
    sequences: new Map(),
    meta: new Map(),
  };
}
