/**
 * One transaction under SERIALIZABLE: what it has read and written, and its rw-antidependencies ("reader did not see
 * writer's change") to concurrent ones. Reads and writes are noted here as they happen, and looked up among those of
 * the others at once: a reader finds the writers before it, a writer the readers before it. Kept after the commit while
 * the registry has a concurrent transaction running. Order of commits is order in the log.
 */
import { GIVE_WAY, Signal, type Task, type WaitEvent } from '../../util/task.js';
import type { Lsn, RowId, StorageId } from '../api.js';
import type { IndexWrites } from '../index-writes.js';
import { FIRST_STORAGE_ID } from '../store-state.js';
import type { StoreTransaction } from '../transaction.js';
import type { HeapWrites } from '../write-set.js';
import { conflictOut, flagConflict, serializationFailure } from './conflicts.js';
import { PredicateReads } from './predicate-reads.js';
import type { SerialRegistry } from './serial-registry.js';

const SAFE_SNAPSHOT: WaitEvent = { type: 'IPC', name: 'SafeSnapshot' };

/** Commit position of a transaction that has not committed. */
export const NOT_COMMITTED: Lsn = Number.POSITIVE_INFINITY;

export class SerialTransaction {
  readonly reads = new PredicateReads();
  /** Concurrent transactions that did not see this one's changes. */
  readonly readers = new Set<SerialTransaction>();
  /** Concurrent transactions whose changes this one did not see. */
  readonly writers = new Set<SerialTransaction>();
  /** It has to fail: the error comes at its next read, write or commit. */
  doomed = false;
  /** Declared, or committed without changes. */
  readOnly: boolean;
  /**
   * Its place in the log, or an earlier one while its record is being written; for a commit without changes, the end of
   * the log at that time. From now on it cannot fail any more.
   */
  commitLsn: Lsn = NOT_COMMITTED;
  /** Its place in the log, once the record is written. */
  visibleLsn: Lsn = NOT_COMMITTED;
  /** The first commit among `writers` that was before its own commit. */
  earliestOut: Lsn = NOT_COMMITTED;
  /** After a restart, of a prepared transaction: there may have been `readers`. */
  hadReaders = false;
  /** On the registry's clock; 0 while it runs. */
  endedAt = 0;
  /** READ ONLY: the running writers that may yet make its snapshot unsafe. */
  readonly threats = new Set<SerialTransaction>();
  /** The READ ONLY transactions that have this one among their threats. */
  readonly watchers = new Set<SerialTransaction>();
  unsafe = false;
  /** Fires when the snapshot has turned out to be safe or unsafe. */
  verdict: Signal | null = null;
  /** Its backend and number, which the backend forgets at the end. */
  readonly virtualTransaction: string;
  private cancelled: Error | null = null;
  private heapWrites: ReadonlyMap<StorageId, HeapWrites> | null = null;
  private indexWrites: ReadonlyMap<StorageId, IndexWrites> | null = null;

  constructor(
    readonly registry: SerialRegistry,
    readonly transaction: StoreTransaction,
    readonly snapshotLsn: Lsn,
    /** On the registry's clock. */
    readonly startedAt: number,
  ) {
    this.readOnly = transaction.readOnly;
    this.virtualTransaction = transaction.group.virtualTransaction;
  }

  get committed(): boolean {
    return this.commitLsn !== NOT_COMMITTED;
  }

  /** Waits until it is known whether the snapshot is safe, which it returns. */
  *awaitVerdict(): Task<boolean> {
    if (this.unsafe) {
      // Because of a commit that is on its way to the disk.
      yield GIVE_WAY;
      return false;
    }
    this.verdict = new Signal(SAFE_SNAPSHOT);
    yield this.verdict;
    this.verdict = null;
    if (this.cancelled !== null) throw this.cancelled;
    return !this.unsafe;
  }

  /** Ends `awaitVerdict`, if it is waiting, with the error. */
  cancelWait(error: Error): void {
    if (this.verdict === null) return;
    this.cancelled = error;
    this.verdict.fire();
  }

  /** A sequential scan, or anything else that looks at all rows. */
  readHeap(heap: StorageId): void {
    if (!this.concerns(heap) || !this.reads.addWhole(heap)) return;
    this.findWriters((other) => other.hasChangedHeap(heap));
  }

  readRow(heap: StorageId, rowId: RowId): void {
    if (!this.concerns(heap)) return;
    const added = this.reads.addRow(heap, rowId);
    if (added === 'noted') this.findOverwriter(heap, rowId);
    else if (added === 'promoted') this.findWriters((other) => other.hasChangedHeap(heap));
  }

  readKey(index: StorageId, key: string): void {
    if (!this.concerns(index)) return;
    const added = this.reads.addKey(index, key);
    if (added === 'noted') this.findWriters((other) => other.hasAddedKey(index, key));
    else if (added === 'promoted') this.findWriters((other) => other.hasAddedBetween(index, '', null));
  }

  /** The range was scanned: `lo` inclusive, `hi` exclusive, null unbounded. */
  readRange(index: StorageId, lo: string, hi: string | null): void {
    if (!this.concerns(index)) return;
    const added = this.reads.addRange(index, lo, hi);
    if (added === 'noted') this.findWriters((other) => other.hasAddedBetween(index, lo, hi));
    else if (added === 'promoted') this.findWriters((other) => other.hasAddedBetween(index, '', null));
  }

  /**
   * A row is about to be inserted, changed or deleted. `since`: the commit that has made the version which that replaces, if it is
   * known. Who has read an earlier version has not seen that commit, and has no conflict with the next one.
   */
  writeRow(heap: StorageId, rowId: RowId, since: Lsn): void {
    if (!this.concernsWrite(heap)) return;
    this.findReaders(({ reads, snapshotLsn }) =>
      snapshotLsn < since ? reads.coversHeap(heap) : reads.coversRow(heap, rowId),
    );
  }

  /** A new row is refused because of a duplicate key: it counts as written all the same. */
  writeDuplicate(heap: StorageId, index: StorageId, key: string): void {
    this.writeRow(heap, 0, 0);
    this.writeKey(index, key);
  }

  /** An entry is about to be added. */
  writeKey(index: StorageId, key: string): void {
    if (this.concernsWrite(index)) this.findReaders((other) => other.reads.coversKey(index, key));
  }

  /** System catalogs are no part of what is made serializable. */
  private concerns(storage: StorageId): boolean {
    if (storage < FIRST_STORAGE_ID) return false;
    if (this.doomed) throw serializationFailure('Canceled on identification as a pivot, during conflict out checking.');
    return true;
  }

  private concernsWrite(storage: StorageId): boolean {
    if (storage < FIRST_STORAGE_ID) return false;
    if (this.doomed) throw serializationFailure('Canceled on identification as a pivot, during conflict in checking.');
    return true;
  }

  private findWriters(wrote: (other: SerialTransaction) => boolean): void {
    for (const other of this.registry.all()) {
      if (other === this || other.visibleLsn <= this.snapshotLsn || this.writers.has(other)) continue;
      if (wrote(other)) conflictOut(this, other);
    }
  }

  /** Of those who have changed a row one after the other, the first one has replaced what this one sees. */
  private findOverwriter(heap: StorageId, rowId: RowId): void {
    let first: SerialTransaction | null = null;
    for (const other of this.registry.all()) {
      if (other === this || other.visibleLsn <= this.snapshotLsn || !other.hasChangedRow(heap, rowId)) continue;
      if (first === null || other.visibleLsn < first.visibleLsn) first = other;
    }
    if (first !== null && !this.writers.has(first)) conflictOut(this, first);
  }

  private findReaders(read: (other: SerialTransaction) => boolean): void {
    for (const other of this.registry.all()) {
      if (other === this || other.doomed || this.readers.has(other) || !other.overlaps(this)) continue;
      if (read(other)) flagConflict(other, this, this);
    }
  }

  /** Whether it was still running, or its commit not yet visible, when `later` took its snapshot. */
  overlaps(later: SerialTransaction): boolean {
    return this.endedAt === 0 || this.endedAt > later.startedAt || this.visibleLsn > later.snapshotLsn;
  }

  private hasChangedHeap(heap: StorageId): boolean {
    return (this.heapsWritten?.get(heap)?.changed ?? 0) > 0;
  }

  private hasChangedRow(heap: StorageId, rowId: RowId): boolean {
    const writes = this.heapsWritten?.get(heap);
    if (writes === undefined) return false;
    return writes.changes(rowId) || writes.heap.isStoredBy(this.transaction, rowId);
  }

  /** Entries that were stored before the commit are found by whoever reads the index, and then their rows are. */
  private hasAddedKey(index: StorageId, key: string): boolean {
    const writes = this.indexesWritten?.get(index);
    return writes !== undefined && (adds(writes, key) || writes.runs?.has(key) === true);
  }

  private hasAddedBetween(index: StorageId, lo: string, hi: string | null): boolean {
    const writes = this.indexesWritten?.get(index);
    if (writes === undefined) return false;
    if (writes.runs?.hasBetween(lo, hi) === true) return true;
    const sorted = writes.keys();
    let key = sorted.atOrAfter(lo, false);
    while (key !== undefined && (hi === null || key < hi)) {
      if (adds(writes, key)) return true;
      key = sorted.atOrAfter(key, true);
    }
    return false;
  }

  private get heapsWritten(): ReadonlyMap<StorageId, HeapWrites> | null {
    return this.heapWrites ?? this.transaction.heapWrites;
  }

  private get indexesWritten(): ReadonlyMap<StorageId, IndexWrites> | null {
    return this.indexWrites ?? this.transaction.indexWrites;
  }

  /** The transaction gives its write sets up: they are kept here for the readers that are yet to come. */
  keepWrites(): void {
    this.heapWrites = this.transaction.heapWrites;
    this.indexWrites = this.transaction.indexWrites;
  }

  /** It is about to be forgotten: prepared transactions that did not see its changes remember when it committed. */
  leaveTraces(): void {
    for (const reader of this.readers) {
      if (reader.transaction.state === 'prepared' && this.commitLsn < reader.earliestOut)
        reader.earliestOut = this.commitLsn;
    }
  }

  /** Takes it out of everybody's conflicts. */
  unlink(): void {
    for (const reader of this.readers) reader.writers.delete(this);
    for (const writer of this.writers) writer.readers.delete(this);
    for (const threat of this.threats) threat.watchers.delete(this);
    this.readers.clear();
    this.writers.clear();
    this.threats.clear();
  }
}

function adds(writes: IndexWrites, key: string): boolean {
  for (let write = writes.byKey.get(key) ?? null; write !== null; write = write.next) {
    if (write.op === 'put') return true;
  }
  return false;
}
