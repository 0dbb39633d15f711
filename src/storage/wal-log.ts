/**
 * The commit log over the write-ahead log: turns the changes of a transaction into one record or, when they are large,
 * several parts and a last record that makes them count.
 */
import type { Lsn } from './api.js';
import type { CommitChanges, CommitLog } from './commit-log.js';
import { COMMIT_PART_RECORD, COMMIT_RECORD, type StoredForm, type WriteAheadLog } from './stored-form.js';

const PART_SIZE = 8 << 20;

export class WalLog implements CommitLog {
  constructor(
    private readonly wal: WriteAheadLog,
    private readonly form: StoredForm,
  ) {}

  get appendedLsn(): Lsn {
    return this.wal.appendedLsn;
  }

  get flushedLsn(): Lsn {
    return this.wal.flushedLsn;
  }

  append(changes: CommitChanges): Lsn {
    const parts = this.form.encodeCommit(changes, PART_SIZE);
    const last = parts.length - 1;
    for (let i = 0; i < last; i++) this.wal.append(COMMIT_PART_RECORD, parts[i]);
    return this.wal.append(COMMIT_RECORD, parts[last]);
  }

  onFlush(listener: (lsn: Lsn) => void): void {
    this.wal.onFlush(listener);
  }

  onFailure(listener: (error: Error) => void): void {
    this.wal.onFailure(listener);
  }

  close(): Promise<void> {
    return this.wal.close();
  }
}
