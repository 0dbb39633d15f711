/**
 * The commit log over the write-ahead log: turns the changes of a transaction into one record or, when they are large,
 * several parts and a last record that makes them count.
 */

import { failpoint } from '../util/failpoint.js';
import type { Shortage } from '../util/shortage.js';
import { giveWayForSure, type Task } from '../util/task.js';
import type { Lsn } from './api.js';
import type { AsidePart, CommitChanges, CommitLog, StoredRecord } from './commit-log.js';
import { recordsAt } from './records-at.js';
import {
  COMMIT_PART_RECORD,
  COMMIT_RECORD,
  PREPARED_PART_RECORD,
  PREPARED_RECORD,
  ROLLBACK_RECORD,
  STORED_PART_RECORD,
  type StoredForm,
  type WriteAheadLog,
} from './stored-form.js';

/** Two milliseconds of encoding, about. */
export const PART_SIZE = 128 << 10;

/** How often a reader of the log looks whether it is on disk. */
const FLUSH_POLL_MS = 5;

export class WalLog implements CommitLog {
  private failure: Error | null = null;

  constructor(
    private readonly wal: WriteAheadLog,
    private readonly form: StoredForm,
  ) {
    wal.onFailure((error) => {
      this.failure = error;
    });
  }

  get appendedLsn(): Lsn {
    return this.wal.appendedLsn;
  }

  get appendedRecords(): number {
    return this.wal.appendedRecords;
  }

  get flushedLsn(): Lsn {
    return this.wal.flushedLsn;
  }

  get shortage(): Shortage | null {
    return this.wal.shortage;
  }

  stopWaiting(): void {
    this.wal.stopWaiting();
  }

  append(changes: CommitChanges): Lsn {
    return this.appendWhole(COMMIT_RECORD, changes);
  }

  private appendWhole(type: number, changes: CommitChanges): Lsn {
    for (const payload of this.form.encodeCommit(changes, Number.POSITIVE_INFINITY)) this.wal.append(type, payload);
    return this.wal.appendedLsn;
  }

  *appendLarge(changes: CommitChanges, begun: (lsn: Lsn) => void): Task<Lsn> {
    return this.wal.append(COMMIT_RECORD, yield* this.appendParts(COMMIT_PART_RECORD, changes, begun));
  }

  *appendPrepared(changes: CommitChanges, record: Buffer, begun: (lsn: Lsn) => void): Task<Lsn> {
    this.wal.append(PREPARED_PART_RECORD, yield* this.appendParts(PREPARED_PART_RECORD, changes, begun));
    return this.wal.append(PREPARED_RECORD, record);
  }

  appendRollback(changes: CommitChanges): Lsn {
    return this.appendWhole(ROLLBACK_RECORD, changes);
  }

  /** Returns the last part. A cancellation that arrives in between is dropped: what is being committed will be. */
  private *appendParts(type: number, changes: CommitChanges, begun: (lsn: Lsn) => void): Task<Buffer> {
    let last: Buffer | null = null;
    for (const part of this.form.encodeCommit(changes, PART_SIZE)) {
      if (last !== null) {
        begun(this.wal.appendedLsn);
        this.wal.append(type, last);
        failpoint('between-parts');
        yield* giveWayForSure();
      }
      last = part;
    }
    if (last === null) throw new Error('a commit without a record');
    return last;
  }

  appendAside(xid: number, part: AsidePart, use: 'commit' | 'prepare'): void {
    const type = use === 'commit' ? COMMIT_PART_RECORD : PREPARED_PART_RECORD;
    this.wal.append(type, this.form.encodeAside(xid, part));
  }

  appendStored(changes: CommitChanges): void {
    this.appendWhole(STORED_PART_RECORD, changes);
  }

  async *readStored(lsns: readonly Lsn[]): AsyncIterable<StoredRecord> {
    const last = lsns.reduce((high, lsn) => Math.max(high, lsn), 0);
    while (lsns.length > 0 && this.wal.flushedLsn <= last) {
      // The log will not get there any more.
      if (this.failure !== null) throw this.failure;
      await new Promise((resolve) => setTimeout(resolve, FLUSH_POLL_MS));
    }
    for await (const { lsn, payload } of recordsAt(this.wal, lsns)) {
      yield { lsn, payload, read: (visitor) => this.form.readCommit(payload, visitor) };
    }
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
