/**
 * One transaction: its write sets, snapshots, savepoints and locks. What happens at commit is in commit.ts; this
 * file keeps the invariant that whatever the transaction holds is in `held` (in order, for savepoints) until its end.
 */
import { inSlices, type Task } from '../util/task.js';
import type { TemporaryFile } from '../util/temporary-file.js';
import type {
  IsolationLevel,
  LockWaitPolicy,
  Lsn,
  PlannedIndexes,
  RowId,
  Snapshot,
  StorageId,
  TableLockMode,
  Transaction,
} from './api.js';
import type { Aside } from './aside.js';
import { commitTransaction, commitUnchanged } from './commit.js';
import type { StoreHeap } from './heap.js';
import { type Held, HeldList, HeldRow, isMany, type KeyTable } from './held.js';
import type { StoreIndex } from './index.js';
import type { IndexLocks } from './index-locks.js';
import { IndexWrites } from './index-writes.js';
import { EXCLUSIVE_LOCK, SHARE_LOCK } from './lock-modes.js';
import type { LockOwner } from './lock-queue.js';
import type { LockGroup, LockRequest } from './lock-wait.js';
import { type RowLocks, RowLockToken } from './row-locks.js';
import { LATEST_LSN, StoreSnapshot } from './snapshot.js';
import type { Spill } from './spill.js';
import type { SerialTransaction } from './ssi/serial-transaction.js';
import type { StoreEngine } from './store.js';
import type { DatabaseTableLocks } from './table-locks.js';
import { TransactionEnd } from './transaction-end.js';
import { isLargeForSavepoint, spillWrites } from './write-memory.js';
import { dropSpilled, HeapWrites, type Revert, revertSome } from './write-set.js';

interface Savepoint {
  /** The first command after it. */
  readonly commandId: number;
  readonly reverts: number;
  readonly held: number;
  readonly indexLocks: number;
  readonly created: number;
  readonly dropped: number;
}

export class StoreTransaction implements Transaction, LockOwner {
  xid = 0;
  readOnly = false;
  state: Transaction['state'] = 'active';
  commandId = 0;
  /** End of the commit record; 0 while there is none. A session passes it on as `minimumLsn`. */
  commitLsn: Lsn = 0;
  heapWrites: Map<StorageId, HeapWrites> | null = null;
  indexWrites: Map<StorageId, IndexWrites> | null = null;
  /** How to undo the writes, kept while a savepoint is open. */
  log: Revert[] | null = null;
  created: { readonly id: StorageId; readonly kind: 'heap' | 'index' | 'sequence' }[] = [];
  dropped: StorageId[] = [];
  /** Estimated bytes of the inserts that could go to the store before the commit. */
  unspilled = 0;
  /** Inserts that have. */
  spilled: Spill | null = null;
  /** Estimated bytes of the updates and deletes that are in memory. */
  changedBytes = 0;
  /** Those that are in a temporary file. */
  aside: Aside | null = null;
  asideLimit: number;
  /** Sequences were advanced: commit has to wait for the log. */
  advancedSequences = false;
  /** Under SERIALIZABLE, from the first snapshot on, unless that is known to be safe. */
  serial: SerialTransaction | null = null;
  private first: StoreSnapshot | null = null;
  private newest: StoreSnapshot | null = null;
  private snapshotsInUse = 0;
  /** The next transaction id when the last snapshot was taken. */
  private snapshotXid = 0;
  readonly held = new HeldList();
  /** Made with the first statement that plans with an index. */
  indexLocks: IndexLocks | null = null;
  private readonly savepoints: Savepoint[] = [];
  private readonly rowTokens: (RowLockToken | undefined)[] = [];
  private end: TransactionEnd | null = null;
  private endListeners: (() => void)[] | null = null;
  commitListeners: (() => void)[] = [];
  private rollbackListeners: (() => void)[] = [];

  readonly tableLocks: DatabaseTableLocks;

  constructor(
    readonly engine: StoreEngine,
    public isolation: IsolationLevel,
    public group: LockGroup,
    private readonly minimumLsn: Lsn,
  ) {
    this.tableLocks = engine.tableLocks.of(group.database);
    this.asideLimit = engine.settings.changeSetMemory;
  }

  nextCommand(): void {
    this.commandId++;
  }

  snapshot(): Snapshot {
    if (this.isolation === 'read committed') return this.takeSnapshot();
    const first = this.first ?? this.takeFirst();
    return new StoreSnapshot(first.lsn, this, this.commandId, null);
  }

  private takeFirst(): StoreSnapshot {
    const first = this.takeSnapshot();
    this.first = first;
    if (this.isolation === 'serializable') this.serial = this.engine.serializable.register(this, first.lsn);
    return first;
  }

  /** READ ONLY: nothing that still runs can make what it sees inconsistent any more. */
  becomeSafe(): void {
    this.serial = null;
  }

  *awaitSafeSnapshot(): Task<void> {
    if (this.isolation !== 'serializable' || !this.readOnly) return;
    while (this.first === null) {
      const first = this.takeFirst();
      const { serial } = this;
      if (serial === null || (yield* serial.awaitVerdict())) return;
      this.engine.serializable.finished(serial);
      this.serial = null;
      this.releaseSnapshot(first);
      this.first = null;
    }
  }

  exportSnapshot(): string {
    const snapshot = this.snapshot();
    this.onEnd(() => this.releaseSnapshot(snapshot));
    return this.engine.exportedSnapshots.add(this, snapshot.lsn);
  }

  importSnapshot(id: string): void {
    const { transaction, lsn } = this.engine.exportedSnapshots.find(id, this);
    this.first = this.takeSnapshot(lsn);
    // What a safe snapshot shows is consistent for whoever reads with it.
    if (this.isolation === 'serializable' && transaction.serial !== null)
      this.serial = this.engine.serializable.register(this, lsn, transaction.serial.startedAt);
  }

  get hasExportedSnapshots(): boolean {
    return this.engine.exportedSnapshots.hasAny(this);
  }

  /** Called once, however the transaction ends, before its snapshot is let go. */
  onEnd(listener: () => void): void {
    this.endListeners ??= [];
    this.endListeners.push(listener);
  }

  private takeSnapshot(
    lsn: Lsn = Math.max(this.engine.visibleLsn, this.minimumLsn, this.group.followedLsn),
  ): StoreSnapshot {
    this.snapshotsInUse++;
    this.snapshotXid = this.engine.state.nextXid;
    return new StoreSnapshot(lsn, this, this.commandId, this.engine.snapshots.acquire(lsn));
  }

  get xmin(): number | null {
    if (this.snapshotsInUse === 0) return null;
    let oldest = this.snapshotXid;
    for (const { xid } of this.engine.active) if (xid !== 0 && xid < oldest) oldest = xid;
    return oldest;
  }

  latest(): Snapshot {
    if (this.newest === null || this.newest.commandId !== this.commandId) {
      this.newest = new StoreSnapshot(LATEST_LSN, this, this.commandId, null);
    }
    return this.newest;
  }

  releaseSnapshot(snapshot: Snapshot): void {
    if (!(snapshot instanceof StoreSnapshot) || snapshot.node === null) return;
    const node = snapshot.node;
    snapshot.node = null;
    this.snapshotsInUse--;
    if (this.engine.snapshots.release(node)) this.engine.undo.collect();
  }

  /** Sees the newest version of every row, also of those that the current command has written. */
  get newestOfAll(): Snapshot {
    return new StoreSnapshot(LATEST_LSN, this, Number.MAX_SAFE_INTEGER, null);
  }

  /** No snapshot is in use that was taken for an earlier command. */
  get readsOnlyNow(): boolean {
    return this.isolation === 'read committed' && this.snapshotsInUse <= 1;
  }

  get needsSpill(): boolean {
    const isLarge = this.unspilled > this.engine.settings.writeSetMemory || this.changedBytes > this.asideLimit;
    if (!isLarge && !this.held.wantsPacking) return false;
    return this.engine.materializer !== null;
  }

  *spill(): Task<void> {
    if (this.held.wantsPacking) yield* this.packRowLocks();
    yield* spillWrites(this, this.savepoints.at(-1)?.commandId ?? 0, false);
  }

  get needsSpillForSavepoint(): boolean {
    return isLargeForSavepoint(this);
  }

  *spillForSavepoint(): Task<void> {
    yield* spillWrites(this, this.savepoints.at(-1)?.commandId ?? 0, true);
  }

  hasChanged(storage: StorageId): boolean {
    return (this.heapWrites?.get(storage)?.changed ?? 0) > 0;
  }

  hasWritten(storage: StorageId, rowId: RowId): boolean {
    const writes = this.heapWrites?.get(storage);
    if (writes === undefined) return false;
    const entry = writes.entry(rowId);
    return entry === null ? writes.heap.storedBy(rowId) === this : entry.row !== null;
  }

  /** Whether a commit would have to be logged. */
  get hasWrites(): boolean {
    return this.heapWrites !== null || this.indexWrites !== null || this.created.length > 0 || this.dropped.length > 0;
  }

  ensureXid(): number {
    if (this.xid === 0) this.xid = this.engine.nextXid();
    return this.xid;
  }

  writesOf(heap: StoreHeap): HeapWrites {
    if (this.heapWrites === null) this.heapWrites = new Map();
    let writes = this.heapWrites.get(heap.id);
    if (writes === undefined) {
      this.checkActive();
      this.ensureXid();
      if (this.isolation === 'serializable' && this.first === null) this.takeFirst();
      writes = new HeapWrites(heap, this);
      this.heapWrites.set(heap.id, writes);
    }
    return writes;
  }

  indexWritesOf(index: StoreIndex): IndexWrites {
    if (this.indexWrites === null) this.indexWrites = new Map();
    let writes = this.indexWrites.get(index.id);
    if (writes === undefined) {
      this.checkActive();
      this.ensureXid();
      writes = new IndexWrites(index);
      this.indexWrites.set(index.id, writes);
    }
    return writes;
  }

  private checkActive(): void {
    if (this.state !== 'active') throw new Error(`transaction ${this.xid} is ${this.state}`);
  }

  savepoint(): number {
    if (this.log === null) this.log = [];
    this.nextCommand();
    this.savepoints.push({
      commandId: this.commandId,
      reverts: this.log.length,
      held: this.held.setMark(this.held.length),
      indexLocks: this.indexLocks?.length ?? 0,
      created: this.created.length,
      dropped: this.dropped.length,
    });
    return this.savepoints.length;
  }

  *undoInSlices(level: number): Task<void> {
    const mark = this.savepoints[level - 1];
    if (level > 0 && mark === undefined) return;
    // Of the whole transaction the write sets go as they are.
    if (level > 0) yield* inSlices(() => revertSome(this.log ?? [], mark.reverts), true);
    yield* this.releaseInSlices(mark?.held);
  }

  rollbackTo(level: number): void {
    const mark = this.savepoints[level - 1];
    if (mark === undefined) throw new Error(`no savepoint of level ${level}`);
    this.savepoints.length = level;
    const log = this.log ?? [];
    while (log.length > mark.reverts) log.pop()!.revert();
    const created = this.created.splice(mark.created);
    for (const { id } of created) this.engine.discard(id);
    if (this.spilled !== null) {
      this.engine.materializer?.clear(created.map(({ id }) => id));
      this.spilled.cleanUp();
    }
    this.dropped.length = mark.dropped;
    this.releaseHeld(this.held.setMark(mark.held), mark.indexLocks);
    this.nextCommand();
  }

  release(level: number): void {
    this.savepoints.length = Math.min(this.savepoints.length, level - 1);
    this.held.setMark(this.savepoints.at(-1)?.held ?? 0);
    if (this.savepoints.length === 0) this.log = null;
  }

  *commit(options: { readonly synchronous: boolean }): Task<void> {
    this.checkActive();
    yield* commitTransaction(this, options.synchronous);
  }

  tryCommit(): boolean {
    this.checkActive();
    if (this.hasWrites || this.advancedSequences || this.held.isLong) return false;
    if (this.group.followedLsn > this.engine.durableLsn) return false;
    commitUnchanged(this);
    return true;
  }

  rollback(): void {
    if (this.state !== 'active') return;
    const listeners = this.rollbackListeners;
    for (const { id } of this.created) this.engine.discard(id);
    if (this.spilled !== null) this.undoSpill(this.spilled);
    else this.engine.releaseLog(this);
    this.finish('aborted');
    for (const listener of listeners) listener();
  }

  /** PREPARE: it goes on without its session, which `group` stands for from now on; nothing is read or written any more. */
  detach(group: LockGroup): void {
    this.state = 'prepared';
    this.group.transactionEnded();
    this.group = group;
    this.log = null;
    this.savepoints.length = 0;
    if (this.first !== null) this.releaseSnapshot(this.first);
    this.first = null;
  }

  rollbackPrepared(): void {
    this.state = 'active';
    this.rollback();
  }

  private undoSpill(spilled: Spill): void {
    this.engine.materializer?.clear(this.created.map(({ id }) => id));
    spilled.rollback();
  }

  /** Ends the transaction: locks go, memory goes. Called by rollback and by commit. */
  finish(state: 'committed' | 'aborted'): void {
    this.state = state;
    this.engine.active.delete(this);
    this.group.transactionEnded();
    if (this.serial !== null) this.engine.serializable.finished(this.serial);
    this.serial = null;
    if (this.endListeners !== null) for (const listener of this.endListeners) listener();
    this.endListeners = null;
    this.aside?.close();
    this.aside = null;
    this.heapWrites = null;
    this.indexWrites = null;
    this.spilled = null;
    this.log = null;
    this.savepoints.length = 0;
    if (this.first !== null) this.releaseSnapshot(this.first);
    this.first = null;
    this.releaseHeld(0, 0);
    this.commitListeners = this.rollbackListeners = [];
  }

  temporaryFile(): TemporaryFile | null {
    return this.engine.materializer === null ? null : this.engine.temporaryFiles.make();
  }

  onCommit(listener: () => void): void {
    this.commitListeners.push(listener);
  }

  onRollback(listener: () => void): void {
    this.rollbackListeners.push(listener);
  }

  tryLockTable(relation: number, mode: TableLockMode): boolean {
    return this.tableLocks.tryLock(this, relation, mode);
  }

  lockTable(relation: number, mode: TableLockMode, policy: LockWaitPolicy): Task<boolean> {
    return this.tableLocks.lock(this, relation, mode, policy);
  }

  tryLockIndexes(planned: PlannedIndexes): boolean {
    return this.tableLocks.indexesOf(this).tryAdd(planned);
  }

  lockIndexes(planned: PlannedIndexes): Task<void> {
    return this.tableLocks.indexesOf(this).add(planned);
  }

  holdsTable(relation: number, mode: TableLockMode): boolean {
    return this.tableLocks.holds(this, relation, mode);
  }

  lockedTables(): number[] {
    return [...this.tableLocks.heldBy(this).keys()];
  }

  lockObject(key: string, exclusive: boolean, policy: LockWaitPolicy): Task<boolean> {
    return this.engine.objectLocks.take(this, key, exclusive ? EXCLUSIVE_LOCK : SHARE_LOCK, policy);
  }

  cancelWait(error: Error): void {
    this.group.waiting?.fail(error);
    this.serial?.cancelWait(error);
  }

  rowLockToken(mode: number): RowLockToken {
    let token = this.rowTokens[mode];
    if (token === undefined) {
      token = new RowLockToken(this, mode);
      this.rowTokens[mode] = token;
    }
    return token;
  }

  holdRow(locks: RowLocks, rowId: RowId, before: number): void {
    this.held.push(new HeldRow(locks, rowId, before));
  }

  /** Keeps the key of a unique index taken. */
  holdKey(table: KeyTable, key: string): void {
    this.held.addKey(table, key);
  }

  freeStoredKeys(): void {
    this.held.freeStoredKeys(this);
  }

  *packRowLocks(): Task<void> {
    yield* this.held.packRows(this);
  }

  dropSpilledReverts(): void {
    if (this.log !== null) dropSpilled(this.log, this.savepoints.at(-1)?.reverts ?? 0);
  }

  hold(held: Held): void {
    this.held.push(held);
  }

  /** Waits until this transaction, or the subtransaction that may be in `waiter`'s way, is over. `isVirtual`: whether it has an id or not. */
  *waitForEnd(waiter: StoreTransaction, isVirtual = false): Task<void> {
    if (!isVirtual) waiter.ensureXid();
    this.end ??= new TransactionEnd(this);
    yield* this.end.enqueue(waiter, isVirtual).wait();
  }

  awaitHolders(relation: number, mode: TableLockMode): Task<void> {
    return this.tableLocks.awaitOthers(this, this.engine.active, relation, mode);
  }

  /** Who waits for the end of this transaction because of something other than a row lock. */
  get endWaits(): readonly LockRequest[] {
    return this.end?.waiters ?? [];
  }

  /** Whether the transaction has written the row. */
  changes(heap: StorageId, rowId: RowId): boolean {
    return this.heapWrites?.get(heap)?.changes(rowId) ?? false;
  }

  get holdsMany(): boolean {
    return this.held.isLong || isMany(this.log?.length ?? 0);
  }

  /** Lets go of very many locks in slices. */
  *releaseInSlices(from = 0): Task<void> {
    if (this.held.isLong) yield* inSlices(() => this.held.releaseSome(this, from), true);
  }

  private releaseHeld(from: number, indexLocksFrom: number): void {
    this.held.release(this, from);
    this.indexLocks?.release(indexLocksFrom);
    if (this.end !== null) this.end.wake();
  }
}

/** The engine's own class behind the interface. Every transaction and snapshot comes from the engine itself. */
export function storeTransaction(transaction: Transaction): StoreTransaction {
  return transaction as StoreTransaction;
}
