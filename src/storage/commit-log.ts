/**
 * What the engine asks of a log: append the changes of a commit, and say how far the log is on disk. The file log is in
 * wal-log.ts; a store without files uses the one here, where everything appended is at once as safe as it gets.
 */
import type { Lsn, SequenceState, StorageId } from './api.js';
import type { HeapWrites, IndexWrites } from './write-set.js';

export interface CommitChanges {
  readonly xid: number;
  readonly heaps: readonly HeapWrites[];
  readonly indexes: readonly IndexWrites[];
  readonly sequences: ReadonlyMap<StorageId, SequenceState>;
  readonly meta: ReadonlyMap<string, Buffer>;
  readonly created: readonly { readonly id: StorageId; readonly kind: 'heap' | 'index' | 'sequence' }[];
  readonly dropped: readonly StorageId[];
}

export interface CommitLog {
  /** Returns the end LSN of the commit record. Throws when the log has failed. */
  append(changes: CommitChanges): Lsn;
  readonly appendedLsn: Lsn;
  readonly flushedLsn: Lsn;
  onFlush(listener: (lsn: Lsn) => void): void;
  onFailure(listener: (error: Error) => void): void;
  close(): Promise<void>;
}

export class MemoryLog implements CommitLog {
  appendedLsn: Lsn = 1;
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
