/**
 * What the persistent store stands on: a write-ahead log, and the bytes of keys, rows and commit records. Storage decides
 * what is written when; how it looks on disk is decided by those who implement these interfaces (encoding/, wal/).
 */

import type { Row } from '../types/datum.js';
import type { Shortage } from '../util/shortage.js';
import type { Lsn, RowId, SequenceState, StorageId } from './api.js';
import type { AsidePart, CommitChanges } from './commit-log.js';

export interface LogRecord {
  /** Where the record starts. */
  readonly lsn: Lsn;
  /** Where it ends: the LSN of the commit. */
  readonly endLsn: Lsn;
  readonly type: number;
  readonly payload: Buffer;
}

export interface WriteAheadLog {
  /** Returns the end LSN. Throws when the log has failed. */
  append(type: number, payload: Buffer): Lsn;
  readonly appendedLsn: Lsn;
  readonly appendedRecords: number;
  readonly flushedLsn: Lsn;
  /** What the log waits for, if it does. */
  readonly shortage: Shortage | null;
  /** From now on a shortage is a fault. */
  stopWaiting(): void;
  onFlush(listener: (lsn: Lsn) => void): void;
  onFailure(listener: (error: Error) => void): void;
  /** The records from `lsn` (the start or the end of a record) on; ends at the first torn one, which may not be before `atLeast`. */
  readFrom(lsn: Lsn, atLeast?: Lsn): AsyncIterable<LogRecord>;
  /** Segments that end before `lsn` are not needed any more. */
  recycle(lsn: Lsn): Promise<void> | void;
  close(): Promise<void>;
}

/** Receives what a commit record says, in order. */
export interface CommitVisitor {
  /** `bytes` is what the KvStore holds for the row. `inserted`: there was no such row before. */
  putRow(id: StorageId, rowId: RowId, bytes: Buffer, inserted: boolean): void;
  /** A page of new rows, which takes nothing else. `bytes` is the block that the KvStore holds. */
  putPage(id: StorageId, pageNo: number, rows: number, bytes: Buffer): void;
  deleteRow(id: StorageId, rowId: RowId): void;
  putEntry(id: StorageId, key: string, rowId: RowId): void;
  deleteEntry(id: StorageId, key: string, rowId: RowId): void;
  /** `count` entries of a new index. `bytes` is the block that the KvStore holds. */
  putEntries(id: StorageId, count: number, bytes: Buffer): void;
  sequence(id: StorageId, state: SequenceState): void;
  meta(key: string, value: Buffer): void;
  created(id: StorageId): void;
  dropped(id: StorageId): void;
  /** The STORED_PART_RECORD there was rolled back to a savepoint. */
  cancelled(lsn: Lsn): void;
}

export interface KeyRange {
  readonly gte: Buffer;
  readonly lt: Buffer;
}

/** The record types that the storage engine writes. Do not change these values. */
export const COMMIT_RECORD = 1;
/** A part of a large transaction; counts when a COMMIT_RECORD of the same transaction follows. */
export const COMMIT_PART_RECORD = 2;
/** The same, whose rows and entries may be in the KvStore before the commit. Without one they have to be removed. */
export const STORED_PART_RECORD = 3;
/** Changes of a transaction that is about to be prepared; they count only for the PREPARED_RECORD that follows. */
export const PREPARED_PART_RECORD = 4;
/** A transaction is prepared (prepared/prepared-form.ts). Its commit record will have its changes again. */
export const PREPARED_RECORD = 5;
/** A prepared transaction was rolled back; the payload is that of a commit without changes. */
export const ROLLBACK_RECORD = 6;

export interface StoredForm {
  encodeRow(row: Row): Buffer;
  decodeRow(bytes: Buffer): Row;
  rowKey(id: StorageId, rowId: RowId): Buffer;
  /** The bytes of a page's rows, a place for each slot; null when they are more than `limit`. */
  encodePage(rows: readonly (Row | null)[], limit: number): Buffer | null;
  /** Puts the rows of a block into their slots. `wanted`: others of their columns may be left null. */
  decodePage(bytes: Buffer, rows: (Row | null)[], wanted?: readonly boolean[] | null): void;
  /** Sorts before the keys of the page's rows, and behind those of the page before. */
  pageKey(id: StorageId, pageNo: number): Buffer;
  /** The page number of a page's or a row's key. */
  pageNoOf(key: Buffer): number;
  /** The place in the page of a row's key; -1 for a page's key. */
  slotOf(key: Buffer): number;
  /** With row id 0: the bound before all entries of the key. */
  entryKey(id: StorageId, key: string, rowId: RowId): Buffer;
  /** What the KvStore holds for an entry: the checksum of its key. */
  entryValue(key: Buffer): Buffer;
  /** @throws RowCorruption when `value` is not the key's; an empty one is of a store before version 4 */
  entryOf(key: Buffer, value: Buffer): { readonly key: string; readonly rowId: RowId; readonly removed: boolean };
  /** What the KvStore holds for an entry that is in a block, but does not count any more. */
  removedValue(key: Buffer): Buffer;
  /** The key of a block of entries that begins with this one. Blocks order as their first entries do. */
  entryBlockKey(id: StorageId, key: string, rowId: RowId): Buffer;
  /** The first entry of a block, by the block's key. */
  entryBlockStart(key: Buffer): { readonly key: string; readonly rowId: RowId };
  /** Of an index: its single entries, and its blocks. */
  entryRange(id: StorageId): KeyRange;
  entryBlockRange(id: StorageId): KeyRange;
  /** The key of the mark that an index with blocks has. */
  entryBlockMark(id: StorageId): Buffer;
  /** Everything of a heap or index. */
  storageRange(id: StorageId): KeyRange;
  /** A record of the store itself. */
  systemKey(name: string): Buffer;
  /** All system keys. */
  readonly systemRange: { readonly gte: Buffer; readonly lt: Buffer };
  /** Payloads of about `partSize` bytes at most; all but the last are COMMIT_PART_RECORDs. */
  encodeCommit(changes: CommitChanges, partSize: number): Iterable<Buffer>;
  /** A part of a commit, from a temporary file. */
  encodeAside(xid: number, part: AsidePart): Buffer;
  /** Returns the transaction id. */
  readCommit(payload: Buffer, visitor: CommitVisitor): number;
}
