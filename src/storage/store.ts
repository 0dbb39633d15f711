/**
 * The engine: owns every heap, index and sequence, the transactions in progress, the locks, and the way to the log.
 * Invariant: `visibleLsn` is durable and fully installed, so a snapshot taken there sees whole commits only.
 */

import { join } from 'node:path';
import { sqlError } from '../errors/sql-error.js';
import { failpoint } from '../util/failpoint.js';
import { shortageError } from '../util/shortage.js';
import { giveWayForSure, Signal, type Task, type Wait, type WaitEvent } from '../util/task.js';
import { TemporaryFiles } from '../util/temporary-files.js';
import type {
  BeginOptions,
  DatabaseId,
  HeapOptions,
  IsolationLevel,
  LockGroup as LockGroupInterface,
  LockInfo,
  LockTag,
  Lsn,
  RowId,
  SequenceState,
  StorageId,
  Store,
  StoreSettings,
  Transaction,
} from './api.js';
import { type CommitChanges, type CommitLog, noChanges } from './commit-log.js';
import { ExportedSnapshots } from './exported-snapshots.js';
import { StoreHeap } from './heap.js';
import { StoreIndex } from './index.js';
import type { IndexLeaf } from './index-leaf.js';
import { listLocks } from './lock-list.js';
import { LockGroup } from './lock-wait.js';
import type { Materializer } from './materializer.js';
import { NamedLocks } from './named-locks.js';
import { OverlayMerger } from './overlay.js';
import { PageCache } from './page-cache.js';
import { PreparedTransactions } from './prepared/prepared-transactions.js';
import { StoreSessionLocks } from './session-locks.js';
import { isShortage, stoppedShort } from './shortage-fault.js';
import { LATEST_LSN, SnapshotRegistry } from './snapshot.js';
import { SpillCleaner } from './spill-cleaner.js';
import { SerialRegistry } from './ssi/serial-registry.js';
import type { StorageReader } from './storage-reader.js';
import { StoreActivity } from './store-activity.js';
import type { StoreState } from './store-state.js';
import { TableLocks } from './table-locks.js';
import { StoreTransaction, storeTransaction } from './transaction.js';
import { UndoQueue } from './undo.js';

/** Where temporary files are, in the data directory. */
export const TEMPORARY_DIRECTORY = 'tmp';
/** Record of the database whose catalogs came first. */
const HOME_DATABASE = 'home_database';
const WAL_SYNC: WaitEvent = { type: 'IO', name: 'WALSync' };

export class StoreEngine implements Store {
  readonly cache: PageCache;
  readonly snapshots = new SnapshotRegistry();
  readonly undo: UndoQueue;
  readonly tableLocks: TableLocks;
  readonly objectLocks = new NamedLocks<string>(
    (key) => ({ kind: 'object', key }),
    () => this.installedLsn,
  );
  readonly twoPhase = new PreparedTransactions(this);
  readonly exportedSnapshots = new ExportedSnapshots();
  readonly serializable = new SerialRegistry(
    () => this.visibleLsn,
    () => this.appendedLsn,
  );
  readonly heaps = new Map<StorageId, StoreHeap>();
  readonly indexes = new Map<StorageId, StoreIndex>();
  readonly active = new Set<StoreTransaction>();
  /** LSNs of commits that are in the log but not yet fully installed. */
  readonly installing = new Set<Lsn>();
  private readonly committers: { readonly lsn: Lsn; readonly signal: Signal }[] = [];
  private failure: Error | null = null;
  isStopping = false;
  /** The last commit that has changed catalogs, which everybody sees at once. */
  catalogLsn: Lsn = 0;
  /** The last commit that was answered before it was on disk. */
  asynchronousLsn: Lsn = 0;
  /** Storages from this id on were created since the start: nothing of them was in the KvStore then. */
  private readonly firstNewId: StorageId;
  private dirtySequences = new Map<StorageId, SequenceState>();
  private dirtyMeta = new Map<string, Buffer>();
  private appendScheduled = false;
  /** Storages whose drop has committed, but which a snapshot may still read. */
  readonly droppedLater = new Set<StorageId>();
  /** From where recovery would need the log, because of changes whose transaction is not over. */
  private readonly logHolds = new Map<object, Lsn>();
  readonly cleaner = new SpillCleaner(this);
  readonly overlays = new OverlayMerger(this);
  readonly temporaryFiles: TemporaryFiles;
  readonly activity = new StoreActivity();
  private readonly openedLsn: Lsn;
  /** Writes committed changes to the KvStore; null for a store in memory. */
  materializer: Materializer | null = null;

  constructor(
    readonly settings: StoreSettings,
    readonly state: StoreState,
    readonly log: CommitLog,
    private readonly reader: StorageReader | null,
  ) {
    this.firstNewId = state.nextStorageId;
    this.tableLocks = new TableLocks(
      state.meta.get(HOME_DATABASE)?.readUInt32BE(0) ?? 0,
      () => this.installedLsn,
      this.active,
    );
    this.cache = new PageCache(reader === null ? Number.POSITIVE_INFINITY : settings.blockCacheSize);
    this.temporaryFiles = new TemporaryFiles(join(settings.dataDir, TEMPORARY_DIRECTORY), settings.maxTemporaryFiles);
    this.undo = new UndoQueue(() => Math.min(this.snapshots.oldestLsn, this.visibleLsn));
    this.openedLsn = log.appendedLsn;
    log.onFlush(() => this.flushed());
    log.onFailure((error) => this.fail(error));
  }

  get durableLsn(): Lsn {
    return this.log.flushedLsn;
  }

  get appendedLsn(): Lsn {
    return this.log.appendedLsn;
  }

  get logged(): { readonly records: number; readonly bytes: number } {
    // The memory's log has no bytes.
    const bytes = this.reader === null ? 0 : this.log.appendedLsn - this.openedLsn;
    return { records: this.log.appendedRecords, bytes };
  }

  /** Where new snapshots are taken: durable, and nothing below is still being installed. */
  get visibleLsn(): Lsn {
    let lsn = this.log.flushedLsn;
    for (const installing of this.installing) if (installing <= lsn) lsn = installing - 1;
    return lsn;
  }

  /** Everything up to here is installed, durable or not. */
  get installedLsn(): Lsn {
    let lsn = this.log.appendedLsn;
    if (this.installing.size === 0) return lsn;
    for (const installing of this.installing) if (installing <= lsn) lsn = installing - 1;
    return lsn;
  }

  get upcomingXid(): number {
    return this.state.nextXid;
  }

  nextXid(): number {
    return this.state.nextXid++;
  }

  begin(isolation: IsolationLevel, options: BeginOptions = {}): StoreTransaction {
    this.checkAlive();
    const group = options.group instanceof LockGroup ? options.group : new LockGroup(options.group?.pid ?? 0);
    const transaction = new StoreTransaction(this, isolation, group, options.minimumLsn ?? 0);
    group.transactionBegan();
    this.active.add(transaction);
    return transaction;
  }

  lockGroup(pid: number, database: DatabaseId = 0): LockGroup {
    return new LockGroup(pid, database);
  }

  sessionLocks(group: LockGroupInterface): StoreSessionLocks {
    return new StoreSessionLocks(group instanceof LockGroup ? group : new LockGroup(group.pid), this.objectLocks);
  }

  lockWait(group: LockGroupInterface): { tag: LockTag; blockers: number[] } | null {
    const request = group instanceof LockGroup ? group.waiting : null;
    if (request === null) return null;
    const { target } = request;
    const tag = target.tag(request);
    const blockers = target.blockers(request).map((blocker) => blocker.group.pid);
    // Of several who have locked a row PostgreSQL waits for one after the other.
    return { tag, blockers: tag.kind === 'transactionid' ? blockers.slice(0, 1) : [...new Set(blockers)] };
  }

  locks(rows = true): LockInfo[] {
    return listLocks(this, rows);
  }

  heap(id: StorageId, options: HeapOptions): StoreHeap {
    let heap = this.heaps.get(id);
    if (heap !== undefined) {
      heap.setOptions(options);
      return heap;
    }
    heap = new StoreHeap(id, options, this.cache, this.reader);
    const state = this.state.heaps.get(id);
    if (state !== undefined) heap.restore(state);
    this.heaps.set(id, heap);
    return heap;
  }

  index(id: StorageId): StoreIndex {
    let index = this.indexes.get(id);
    if (index !== undefined) return index;
    index = new StoreIndex(id, this.cache, this.reader, id >= this.firstNewId || this.reader === null);
    index.entryCount = this.state.indexes.get(id) ?? 0;
    this.indexes.set(id, index);
    return index;
  }

  allocateStorageId(): StorageId {
    return this.state.nextStorageId++;
  }

  create(transaction: Transaction, kind: 'heap' | 'index' | 'sequence'): StorageId {
    const own = storeTransaction(transaction);
    own.ensureXid();
    const id = this.allocateStorageId();
    own.created.push({ id, kind });
    return id;
  }

  drop(transaction: Transaction, id: StorageId): void {
    const own = storeTransaction(transaction);
    own.ensureXid();
    own.dropped.push(id);
  }

  /** Forgets what is in memory of a storage whose creator has rolled back or whose dropper has committed. */
  discard(id: StorageId): void {
    this.heaps.get(id)?.discard();
    this.heaps.delete(id);
    this.indexes.get(id)?.discard();
    this.indexes.delete(id);
    this.state.heaps.delete(id);
    this.state.indexes.delete(id);
    this.state.sequences.delete(id);
    this.dirtySequences.delete(id);
  }

  /** Called when no snapshot can need the dropped storages any more. */
  removeDropped(ids: readonly StorageId[]): void {
    for (const id of ids) {
      this.droppedLater.delete(id);
      this.discard(id);
    }
    this.materializer?.clear(ids);
  }

  *pin(id: StorageId): Task<void> {
    const heap = this.heaps.get(id);
    if (heap !== undefined) {
      heap.pinned = true;
      for (let pageNo = 0; pageNo < heap.storedPages; pageNo++) yield* heap.loadPages(pageNo, heap.storedPages);
    }
    const index = this.indexes.get(id);
    if (index === undefined) return;
    index.pinned = true;
    for (let leaf = index.tree.last(); ; ) {
      while (leaf.keys === null) {
        yield* index.loadLeaf(leaf, { key: leaf.lowKey, rowId: leaf.lowRow }, false);
        leaf = index.tree.last();
      }
      const previous = index.tree.previous(leaf);
      if (previous === null) return;
      leaf = previous;
    }
  }

  unpin(id: StorageId): void {
    // In memory there is no other place for it.
    if (this.reader === null) return;
    const heap = this.heaps.get(id);
    if (heap !== undefined) {
      heap.pinned = false;
      for (const page of heap.pages) if (page !== undefined) this.cache.evict(page);
    }
    const index = this.indexes.get(id);
    if (index === undefined) return;
    index.pinned = false;
    for (let leaf: IndexLeaf | null = index.tree.last(); leaf !== null; leaf = index.tree.previous(leaf))
      this.cache.evict(leaf);
  }

  readSequence(id: StorageId): SequenceState | undefined {
    return this.state.sequences.get(id);
  }

  writeSequence(id: StorageId, state: SequenceState, transaction?: Transaction): void {
    this.state.sequences.set(id, state);
    this.dirtySequences.set(id, state);
    if (transaction !== undefined) storeTransaction(transaction).advancedSequences = true;
    else this.scheduleAppend();
  }

  readMeta(key: string): Buffer | undefined {
    return this.state.meta.get(key);
  }

  writeMeta(key: string, value: Buffer): void {
    this.state.meta.set(key, value);
    this.dirtyMeta.set(key, value);
    this.scheduleAppend();
  }

  get homeDatabase(): DatabaseId {
    return this.tableLocks.home;
  }

  setHomeDatabase(database: DatabaseId): void {
    const saved = Buffer.alloc(4);
    saved.writeUInt32BE(database);
    this.writeMeta(HOME_DATABASE, saved);
    this.tableLocks.home = database;
  }

  shareRelations(relations: ReadonlySet<number>): void {
    this.tableLocks.shared = relations;
  }

  takeDirtySequences(): ReadonlyMap<StorageId, SequenceState> {
    const taken = this.dirtySequences;
    if (taken.size > 0) this.dirtySequences = new Map();
    return taken;
  }

  takeDirtyMeta(): ReadonlyMap<string, Buffer> {
    const taken = this.dirtyMeta;
    if (taken.size > 0) this.dirtyMeta = new Map();
    return taken;
  }

  /** Changes outside of any transaction go into the next commit record, or soon into one of their own. */
  private scheduleAppend(): void {
    if (this.appendScheduled) return;
    this.appendScheduled = true;
    queueMicrotask(() => {
      this.appendScheduled = false;
      this.appendLoose();
    });
  }

  /** Appends what no transaction has logged. */
  appendLoose(): void {
    if (this.failure !== null || this.dirtySequences.size + this.dirtyMeta.size === 0) return;
    try {
      this.append({
        ...noChanges(0),
        sequences: this.takeDirtySequences(),
        meta: this.takeDirtyMeta(),
      });
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** The transaction that has stored entries of a row before its commit, while the row itself is in its write set. */
  inserterOf(heap: StorageId, rowId: RowId): StoreTransaction | null {
    for (const transaction of this.active) {
      if (transaction.spilled !== null && transaction.changes(heap, rowId)) return transaction;
    }
    return null;
  }

  /** Keeps the log from `lsn` on, unless the holder already keeps more. */
  holdLog(holder: object, lsn: Lsn): void {
    if (!this.logHolds.has(holder)) this.logHolds.set(holder, lsn);
  }

  releaseLog(holder: object): void {
    this.logHolds.delete(holder);
  }

  /** The oldest LSN that is held, or `lsn` when that is older. */
  heldLsn(lsn: Lsn): Lsn {
    let oldest = lsn;
    for (const held of this.logHolds.values()) if (held < oldest) oldest = held;
    return oldest;
  }

  append(changes: CommitChanges): Lsn {
    return this.log.append(changes);
  }

  /** Throws when the log has failed: what is in memory may then be ahead of the disk, so nothing can go on. */
  checkAlive(): void {
    if (this.failure !== null) {
      throw sqlError('io_error', `the storage engine has stopped: ${this.failure.message}`);
    }
  }

  /** While the disk is full, or descriptors are missing, a commit fails before anybody can see it; those already appended wait. */
  checkSpace(): void {
    const shortage = this.log.shortage ?? this.materializer?.shortage ?? null;
    if (shortage !== null) throw shortageError(shortage);
  }

  /** Waits while the KvStore is too far behind. `early`: already when it is somewhat behind. */
  *throttle(early = false): Task<void> {
    if (this.materializer !== null) yield* this.materializer.throttle(early);
    this.checkSpace();
  }

  *waitDurable(lsn: Lsn): Task<void> {
    if (this.log.flushedLsn < lsn && this.failure === null) {
      const signal = new Signal(WAL_SYNC);
      this.committers.push({ lsn, signal });
      yield signal;
    }
    if (this.log.flushedLsn < lsn) this.checkAlive();
    this.undo.collect();
  }

  beforeTelling(group: LockGroupInterface): Wait | null {
    const followed = group instanceof LockGroup ? group.followedLsn : 0;
    const lsn = Math.max(followed, this.catalogLsn);
    if (lsn <= this.log.flushedLsn) return null;
    const signal = new Signal(WAL_SYNC);
    // A log that has failed never gets there.
    if (this.failure === null) this.committers.push({ lsn, signal });
    return signal;
  }

  /** Waits until new snapshots see a durable commit: others before it may still be being installed. */
  *waitVisible(lsn: Lsn): Task<void> {
    while (this.failure === null && this.visibleLsn < lsn) yield* giveWayForSure();
  }

  /** The log has reached the disk: free what was kept for snapshots before it, then wake the committers, in order. */
  private flushed(): void {
    this.activity.logFlushes++;
    failpoint('after-flush');
    this.undo.collect();
    this.materializer?.progress();
    const lsn = this.log.flushedLsn;
    let count = 0;
    while (count < this.committers.length && this.committers[count].lsn <= lsn) count++;
    if (count === 0) return;
    for (const { signal } of this.committers.splice(0, count)) signal.fire();
  }

  /** Stops everything: the log or the KvStore has failed. */
  fail(error: Error): void {
    if (this.failure !== null) return;
    this.failure = error;
    for (const { signal } of this.committers.splice(0)) signal.fire();
    this.materializer?.fail(error);
    if (this.isStopping && isShortage(error)) this.settings.onWarning?.(stoppedShort(error));
    else this.settings.onFailure?.(error);
  }

  stopWaiting(): void {
    this.isStopping = true;
    this.log.stopWaiting();
    this.materializer?.stopWaiting();
  }

  async checkpoint(): Promise<void> {
    this.checkSpace();
    await this.overlays.idle();
    await this.materializer?.checkpoint();
  }

  /** When a shortage prevents the last checkpoint, it warns. @throws Error when the log cannot take what was answered */
  async close(): Promise<void> {
    this.stopWaiting();
    // Leaves the prepared ones alone.
    for (const transaction of [...this.active]) transaction.rollback();
    this.appendLoose();
    await this.cleaner.stop();
    if (this.failure === null) await this.overlays.idle();
    await this.overlays.stop();
    if (this.materializer !== null) await this.materializer.close(this.failure === null);
    // The prepared ones are in the KvStore now.
    for (const transaction of this.active) transaction.aside?.close();
    await this.log.close();
    if (this.log.flushedLsn < this.asynchronousLsn)
      throw new Error('asynchronous commits are lost: the log could not be written');
  }

  /** For tests and statistics. */
  get oldestSnapshotLsn(): Lsn {
    const lsn = this.snapshots.oldestLsn;
    return lsn === LATEST_LSN ? this.visibleLsn : lsn;
  }
}
