/**
 * The serializable transactions that run, and those that have committed but are concurrent with one that runs. Invariant:
 * whoever is dropped has ended, visibly, before every running one took its snapshot, so no conflict with it can arise.
 */
import type { Lsn } from '../api.js';
import type { StoreTransaction } from '../transaction.js';
import { checkBeforeCommit } from './conflicts.js';
import type { NotedReads } from './predicate-reads.js';
import { NOT_COMMITTED, SerialTransaction } from './serial-transaction.js';

/** Committed transactions whose reads are kept in detail; those of older ones become whole heaps and indexes. */
const MAX_DETAILED = 512;

export class SerialRegistry {
  private readonly running = new Set<SerialTransaction>();
  /** In the order of their ends. */
  private ended: SerialTransaction[] = [];
  private clock = 0;

  /** `visibleLsn`: what a snapshot taken now would see. `appendedLsn`: end of the log. */
  constructor(
    private readonly visibleLsn: () => Lsn,
    private readonly appendedLsn: () => Lsn,
  ) {}

  /** Transactions in memory; for tests. */
  get size(): number {
    return this.running.size + this.ended.length;
  }

  *all(): Iterable<SerialTransaction> {
    yield* this.running;
    yield* this.ended;
  }

  /**
   * Called with a transaction's first snapshot; `since`: when that was taken, if it is another's. Null: the snapshot is
   * safe, nothing needs to be noted.
   */
  register(transaction: StoreTransaction, snapshotLsn: Lsn, since?: number): SerialTransaction | null {
    this.forgetOld();
    const serial = new SerialTransaction(this, transaction, snapshotLsn, since ?? ++this.clock);
    if (serial.readOnly) {
      // Until it is durable, writers that begin later may have older snapshots: threats that nobody knows yet.
      if (snapshotLsn > this.visibleLsn()) makeUnsafe(serial);
      for (const other of serial.unsafe ? [] : this.running) {
        if (other.readOnly || other.doomed || other.visibleLsn !== NOT_COMMITTED) continue;
        serial.threats.add(other);
        other.watchers.add(serial);
      }
      for (const other of this.all()) {
        // Committed, but not on disk yet, or still being installed.
        if (other.visibleLsn !== NOT_COMMITTED && other.visibleLsn > snapshotLsn && endangers(other, serial))
          makeUnsafe(serial);
      }
      if (!serial.unsafe && serial.threats.size === 0) return null;
    }
    this.running.add(serial);
    return serial;
  }

  /** A prepared transaction after a restart. Whom it has met before is not known, so the worst is assumed. */
  restore(transaction: StoreTransaction, reads: NotedReads): SerialTransaction {
    const serial = new SerialTransaction(this, transaction, 0, 0);
    serial.reads.restore(reads);
    serial.commitLsn = 0;
    serial.earliestOut = 0;
    serial.hadReaders = true;
    this.running.add(serial);
    return serial;
  }

  /** From here on the commit can only fail with the log. @throws SqlError 40001 when the transaction must not commit */
  beforeCommit(serial: SerialTransaction): void {
    checkBeforeCommit(serial);
    serial.commitLsn = this.appendedLsn() + 1;
  }

  /** The commit is certain. `commitLsn` 0: it has changed nothing. */
  committed(serial: SerialTransaction, commitLsn: Lsn): void {
    if (commitLsn === 0) serial.readOnly = true;
    serial.visibleLsn = commitLsn === 0 ? this.appendedLsn() : commitLsn;
    serial.commitLsn = serial.visibleLsn;
    serial.endedAt = ++this.clock;
    for (const { commitLsn: lsn } of serial.writers) {
      if (lsn < serial.commitLsn && lsn < serial.earliestOut) serial.earliestOut = lsn;
    }
    for (const watcher of [...serial.watchers]) {
      if (endangers(serial, watcher)) makeUnsafe(watcher);
      else this.relieve(watcher, serial);
    }
  }

  /** Called at the end of the transaction, before it forgets its changes. */
  finished(serial: SerialTransaction): void {
    this.running.delete(serial);
    if (serial.visibleLsn === NOT_COMMITTED) {
      serial.unlink();
      for (const watcher of [...serial.watchers]) this.relieve(watcher, serial);
    } else {
      serial.keepWrites();
      for (const threat of serial.threats) threat.watchers.delete(serial);
      this.ended.push(serial);
      if (this.ended.length > MAX_DETAILED) this.ended[this.ended.length - MAX_DETAILED - 1].reads.summarise();
    }
    this.forgetOld();
  }

  /** One threat less; the last one makes the snapshot safe, and its transaction needs no notes any more. */
  private relieve(watcher: SerialTransaction, threat: SerialTransaction): void {
    threat.watchers.delete(watcher);
    watcher.threats.delete(threat);
    if (watcher.threats.size > 0 || watcher.unsafe || watcher.committed) return;
    this.running.delete(watcher);
    watcher.unlink();
    watcher.transaction.becomeSafe();
    watcher.verdict?.fire();
  }

  private forgetOld(): void {
    if (this.ended.length === 0) return;
    let startedAt = Number.POSITIVE_INFINITY;
    let lsn = this.visibleLsn();
    for (const serial of this.running) {
      // A prepared one reads and writes no more: nothing new is between it and those that have ended.
      if (serial.endedAt !== 0 || serial.transaction.state === 'prepared') continue;
      if (serial.startedAt < startedAt) startedAt = serial.startedAt;
      if (serial.snapshotLsn < lsn) lsn = serial.snapshotLsn;
    }
    let count = 0;
    while (count < this.ended.length && this.ended[count].endedAt < startedAt && this.ended[count].visibleLsn <= lsn) {
      const old = this.ended[count++];
      old.leaveTraces();
      old.unlink();
    }
    if (count > 0) this.ended = this.ended.slice(count);
  }
}

/** Whether a committed writer is a pivot between something the reader sees and the reader. */
function endangers(writer: SerialTransaction, reader: SerialTransaction): boolean {
  return !writer.readOnly && writer.earliestOut <= reader.snapshotLsn;
}

function makeUnsafe(serial: SerialTransaction): void {
  serial.unsafe = true;
  for (const threat of serial.threats) threat.watchers.delete(serial);
  serial.threats.clear();
  serial.verdict?.fire();
}
