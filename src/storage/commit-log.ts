/**
 * What the engine asks of a log: append the changes of a commit, and say how far the log is on disk. The file log is in
 * wal-log.ts; a store without files uses the one here, where everything appended is at once as safe as it gets.
 */

import type { EntryBlock } from '../encoding/entry-codec.js';
import type { Shortage } from '../util/shortage.js';
import type { Task } from '../util/task.js';
import type { Lsn, SequenceState, StorageId } from './api.js';
import type { EntryChange } from './index-leaf.js';
import type { IndexWrites } from './index-writes.js';
import type { CommitVisitor } from './stored-form.js';
import type { HeapWrites } from './write-set.js';

export interface CommitChanges {
  readonly xid: number;
  readonly heaps: readonly HeapWrites[];
  readonly indexes: readonly IndexWrites[];
  /** Blocks of entries of new indexes. */
  readonly entryBlocks: readonly { readonly index: StorageId; readonly blocks: readonly EntryBlock[] }[];
  readonly sequences: ReadonlyMap<StorageId, SequenceState>;
  readonly meta: ReadonlyMap<string, Buffer>;
  readonly created: readonly { readonly id: StorageId; readonly kind: 'heap' | 'index' | 'sequence' }[];
  readonly dropped: readonly StorageId[];
  /** Stored parts that were rolled back to a savepoint. */
  readonly cancelled: readonly Lsn[];
}

/** What a record of the transaction says when there is nothing to say. */
export function noChanges(xid: number): CommitChanges {
  return {
    xid,
    heaps: [],
    indexes: [],
    entryBlocks: [],
    sequences: new Map(),
    meta: new Map(),
    created: [],
    dropped: [],
    cancelled: [],
  };
}

/** A part of what a transaction has set aside. */
export type AsidePart =
  /** Pages of a heap, as they are in the file (aside-form.ts). */
  | {
      readonly kind: 'pages';
      readonly heap: StorageId;
      readonly pages: readonly { readonly pageNo: number; readonly bytes: Buffer }[];
    }
  | { readonly kind: 'entries'; readonly index: StorageId; readonly changes: readonly EntryChange[] };

export interface StoredRecord {
  readonly lsn: Lsn;
  readonly payload: Buffer;
  read(visitor: CommitVisitor): void;
}

/** Where stored parts can be read again. */
export interface StoredSource {
  /** Reads what `CommitLog.appendStored` has appended at the LSNs, in their order, once it is on disk. */
  readStored(lsns: readonly Lsn[]): AsyncIterable<StoredRecord>;
}

export interface CommitLog extends StoredSource {
  /** Returns the end LSN of the commit record. Throws when the log has failed. */
  append(changes: CommitChanges): Lsn;
  /** The same for changes of any size: gives way in between. `begun` hears where the first part starts. */
  appendLarge(changes: CommitChanges, begun: (lsn: Lsn) => void): Task<Lsn>;
  /** Appends the changes of a transaction and then `record`, which says that it is prepared. Otherwise as `appendLarge`. */
  appendPrepared(changes: CommitChanges, record: Buffer, begun: (lsn: Lsn) => void): Task<Lsn>;
  /** Appends that a prepared transaction was rolled back. */
  appendRollback(changes: CommitChanges): Lsn;
  /** Appends a part of a temporary file, which counts only with the record that commits or prepares the transaction. */
  appendAside(xid: number, part: AsidePart, use: 'commit' | 'prepare'): void;
  /** Appends changes that count only with the commit record, and may be stored before it. */
  appendStored(changes: CommitChanges): void;
  readonly appendedLsn: Lsn;
  readonly flushedLsn: Lsn;
  /** Records that were appended since it was opened. */
  readonly appendedRecords: number;
  /** What the log waits for: no commit should be begun. Null: all is well. */
  readonly shortage: Shortage | null;
  /** From now on a shortage is a fault: nobody is left who could wait. */
  stopWaiting(): void;
  onFlush(listener: (lsn: Lsn) => void): void;
  onFailure(listener: (error: Error) => void): void;
  close(): Promise<void>;
}

export class MemoryLog implements CommitLog {
  appendedLsn: Lsn = 1;
  readonly appendedRecords = 0;
  readonly shortage = null;
  private listener: ((lsn: Lsn) => void) | null = null;
  private announced = false;

  get flushedLsn(): Lsn {
    return this.appendedLsn;
  }

  append(): Lsn {
    this.appendedLsn++;
    if (!this.announced) {
      this.announced = true;
      queueMicrotask(() => {
        this.announced = false;
        this.listener?.(this.appendedLsn);
      });
    }
    return this.appendedLsn;
  }

  *appendLarge(): Task<Lsn> {
    return this.append();
  }

  appendAside(): void {
    throw new Error('a store in memory keeps write sets in memory');
  }

  *appendPrepared(): Task<Lsn> {
    return this.append();
  }

  appendRollback(): Lsn {
    return this.append();
  }

  appendStored(): void {
    throw new Error('a store in memory keeps write sets in memory');
  }

  stopWaiting(): void {
    // It never waits.
  }

  readStored(): AsyncIterable<StoredRecord> {
    throw new Error('a store in memory has no log to read');
  }

  onFlush(listener: (lsn: Lsn) => void): void {
    this.listener = listener;
  }

  onFailure(): void {
    // Memory does not fail.
  }

  async close(): Promise<void> {
    this.listener = null;
  }
}
