/**
 * The face of the storage engine: transactions over heaps (rows by row id) and ordered indexes, above the
 * write-ahead log and the key-value store. It knows nothing of catalogs, types or SQL: rows are arrays of datums,
 * index keys are opaque ordered strings.
 *
 * Visibility. A commit gets the end LSN of its log record. A snapshot sees the commits up to its LSN (durable ones
 * only) and its own transaction's changes made by commands before `commandId`. The newest committed version of a
 * row is in the heap; older ones are kept as undo while a snapshot may need them. A transaction's uncommitted
 * changes are in its private write set.
 *
 * Indexes. An entry is (key, row id). Entries are added when a transaction that needs them commits, and removed only
 * when no snapshot can need them any more, so an index scan gives candidates: a superset of the visible entries. The
 * reader fetches the row; when `heap.recheck` says that the version it got is not simply the newest committed one,
 * it must compute that version's own key and drop the row unless it equals the entry's key.
 *
 * Nothing here returns a promise on a hot path: methods that may have to wait are tasks (see util/task.ts).
 */
import type { Row } from '../types/datum.js';
import type { Task, Wait } from '../util/task.js';
import type { TemporaryFile } from '../util/temporary-file.js';
import type { TwoPhase } from './prepared/two-phase.js';
import type { StoreActivity } from './store-activity.js';

/** Names a heap, an index or a sequence. Never reused. */
export type StorageId = number;
/** OID of a database; 0 for whoever belongs to none. */
export type DatabaseId = number;
/** Position of a row in its heap, from 1; grows with every insert. Stable over updates. */
export type RowId = number;
/** Byte position in the log. */
export type Lsn = number;

export type IsolationLevel = 'read committed' | 'repeatable read' | 'serializable';

export interface Snapshot {
  readonly lsn: Lsn;
  readonly transaction: Transaction;
  /** Own changes of commands below this number are seen. */
  readonly commandId: number;
}

/** PostgreSQL's row lock strengths, weakest first. */
export type RowLockMode = 'key share' | 'share' | 'no key update' | 'update';
export type LockWaitPolicy = 'wait' | 'nowait' | 'skip';

export type RowLockResult =
  /** Locked; `row` is the newest version. `moved`: it is not the version that the snapshot sees. */
  | { readonly status: 'locked'; readonly row: Row; readonly moved: boolean }
  /** The newest version is a deletion. */
  | { readonly status: 'deleted' }
  /** This transaction has changed it in a command that the snapshot does not see (normally the current one): PostgreSQL leaves such a row alone. */
  | { readonly status: 'self modified' }
  /** Policy 'nowait' or 'skip' and somebody else holds it. */
  | { readonly status: 'unavailable' };

/** Whether two versions of a row have the same values in the columns to which foreign keys may refer. */
export type SameKey = (before: Row, after: Row) => boolean;

/** Table-level lock modes, weakest first (PostgreSQL documentation, 13.3.1). */
export type TableLockMode =
  | 'AccessShareLock'
  | 'RowShareLock'
  | 'RowExclusiveLock'
  | 'ShareUpdateExclusiveLock'
  | 'ShareLock'
  | 'ShareRowExclusiveLock'
  | 'ExclusiveLock'
  | 'AccessExclusiveLock';

/**
 * Indexes of a table that a statement plans with, and how it locks them. Made once for a table and mode: transactions tell
 * them apart by identity.
 */
export interface PlannedIndexes {
  readonly indexes: readonly number[];
  readonly mode: 'AccessShareLock' | 'RowShareLock' | 'RowExclusiveLock';
}

export interface Transaction {
  /** 32-bit transaction id, assigned at the first write; 0 before. */
  readonly xid: number;
  /** Transactions below this id had ended when the snapshot in use was taken, if one is; for monitoring. */
  readonly xmin: number | null;
  isolation: IsolationLevel;
  readOnly: boolean;
  /** `prepared`: it belongs to no session any more (`Store.twoPhase`). */
  readonly state: 'active' | 'prepared' | 'committed' | 'aborted';
  /** The number of the current command. */
  readonly commandId: number;
  /** End of the commit record in the log, 0 while (or when) there is none. */
  readonly commitLsn: Lsn;
  /** Ends a command: its changes become visible to snapshots taken from now on. */
  nextCommand(): void;
  /** READ COMMITTED: a new snapshot; otherwise the transaction's first one, with the current command id. Release it with `releaseSnapshot`. */
  snapshot(): Snapshot;
  /** Before the first snapshot: takes one with which SERIALIZABLE READ ONLY can never fail. May wait for writers. */
  awaitSafeSnapshot(): Task<void>;
  /** Lets other transactions use its snapshot while it runs; returns the identifier. */
  exportSnapshot(): string;
  /** Before the first snapshot: takes an exported one. @throws SqlError 22023, 0A000 */
  importSnapshot(id: string): void;
  /** Whether others can import a snapshot of it. */
  readonly hasExportedSnapshots: boolean;
  /** OIDs of the relations that it has locked. */
  lockedTables(): number[];
  /** A snapshot of the newest installed commits (durable or not), for catalogs and constraint checks. Needs no release. */
  latest(): Snapshot;
  releaseSnapshot(snapshot: Snapshot): void;
  /** The transaction id, assigned now if there was none. */
  ensureXid(): number;
  /** Whether this transaction has inserted or changed the row. */
  hasWritten(storage: StorageId, rowId: RowId): boolean;
  /** Whether this transaction has changed the heap. */
  hasChanged(storage: StorageId): boolean;
  /** Whether the uncommitted changes take more memory than they should: call `spill` soon. */
  readonly needsSpill: boolean;
  /** Brings inserted rows and their index entries into the store, where nobody else sees them until the commit. */
  spill(): Task<void>;
  /** Whether so much is in memory that a savepoint, which keeps it there, should not be made before `spillForSavepoint`. */
  readonly needsSpillForSavepoint: boolean;
  spillForSavepoint(): Task<void>;
  /** Marks a place to come back to; savepoints nest. Returns its level. */
  savepoint(): number;
  /**
   * Undoes what was done since the savepoint (0: in the whole transaction), the last changes first, then lets go of the locks taken
   * since, and lets others run in between. `rollbackTo`, or `rollback`, is to follow. Cannot be cancelled.
   */
  undoInSlices(level: number): Task<void>;
  /** So much would be undone, or so many locks freed, by a rollback that it is to be done in slices. */
  readonly holdsMany: boolean;
  /** Undoes everything since the savepoint, which stays; locks taken since are released. */
  rollbackTo(level: number): void;
  release(level: number): void;
  /**
   * Makes the changes durable: returns once the record is on disk (`synchronous`: false returns after the append).
   * Throws (and has rolled back) when the log has failed.
   */
  commit(options: { readonly synchronous: boolean }): Task<void>;
  /** Commits a transaction that has changed nothing; false (and nothing has happened) when it has. Throws 40001. */
  tryCommit(): boolean;
  rollback(): void;
  /** For what its statements cannot keep in memory; null in a store that is in memory. Whoever asks for it closes it. */
  temporaryFile(): TemporaryFile | null;
  /** Called once, synchronously: after the commit is installed / after the rollback. */
  onCommit(listener: () => void): void;
  onRollback(listener: () => void): void;
  /** Throws 40P01 when waiting has closed a cycle, 55P03 after the backend's `lockTimeout`. */
  lockTable(relation: number, mode: TableLockMode, policy: LockWaitPolicy): Task<boolean>;
  /** Waits until the transactions that have locks now with which the mode conflicts have ended. Nobody waits for this one meanwhile. */
  awaitHolders(relation: number, mode: TableLockMode): Task<void>;
  /** Takes the lock if that needs no waiting; false (and nothing has happened) otherwise. */
  tryLockTable(relation: number, mode: TableLockMode): boolean;
  /** The same for indexes. REQUIRES of both: their table is locked. */
  tryLockIndexes(planned: PlannedIndexes): boolean;
  lockIndexes(planned: PlannedIndexes): Task<void>;
  /** Whether this transaction has the table lock itself. */
  holdsTable(relation: number, mode: TableLockMode): boolean;
  /** Any other lockable thing: advisory locks, objects. `key` names it. Shared or exclusive; freed at the end of the transaction. */
  lockObject(key: string, exclusive: boolean, policy: LockWaitPolicy): Task<boolean>;
  /** Cancels whatever lock this transaction waits for, with the given error. */
  cancelWait(error: Error): void;
}

/** A page's worth of visible rows. Shared and reused by the scan: consume before asking for the next. */
export interface HeapBatch {
  readonly rows: Row[];
  readonly rowIds: RowId[];
  length: number;
}

export interface HeapScan {
  /** The next visible rows in row-id order, or null at the end. */
  next(): Task<HeapBatch | null>;
  close(): void;
}

export interface HeapOptions {
  /** Number of columns of a row. Rows stored with fewer are filled up from `missing` (null beyond). */
  readonly columns: number;
  readonly missing?: Row;
  /** OID of the table, for what is said of locks on its rows. */
  readonly relation?: number;
}

/** A version that a commit at `lsn` has replaced or deleted. */
export interface SupersededRow {
  readonly rowId: RowId;
  readonly row: Row;
  readonly lsn: Lsn;
}

/** The index entry of such a version. */
export interface SupersededEntry {
  readonly key: string;
  readonly rowId: RowId;
  readonly lsn: Lsn;
}

export interface Heap {
  readonly id: StorageId;
  /** Visible to the snapshot, or null. `undefined`: not in memory; ask `load`, then again. */
  tryFetch(snapshot: Snapshot, rowId: RowId): Row | null | undefined;
  /** True when the last `tryFetch`/`fetch` gave anything but the newest committed version (see Indexes above). */
  readonly recheck: boolean;
  /** Pages that were read from the KvStore since the start. */
  readonly pagesRead: number;
  /** Versions of rows that are kept for older snapshots only. */
  oldVersions(): number;
  load(rowId: RowId): Task<void>;
  fetch(snapshot: Snapshot, rowId: RowId): Task<Row | null>;
  scan(snapshot: Snapshot, from?: RowId, to?: RowId): HeapScan;
  /** A scan of everything for the sake of some columns; others may be null in its rows. */
  scanColumns(snapshot: Snapshot, wanted: readonly boolean[]): HeapScan;
  /** Adds a row to the write set. The caller adds the index entries. */
  insert(transaction: Transaction, row: Row): RowId;
  /** REQUIRES: the row is locked by `lockRow` with 'no key update' or 'update'. */
  update(transaction: Transaction, rowId: RowId, row: Row): void;
  /** Returns whether the transaction had not changed the row before. */
  delete(transaction: Transaction, rowId: RowId): boolean;
  /**
   * Locks the newest version. Waits for its holder, then looks again. Under REPEATABLE READ and above a version
   * that the snapshot does not see throws 40001 ("could not serialize access due to concurrent update" or
   * "… delete"). `onlyLock`: the row is not going to be changed. Then a deletion is an update to the message, and 'key share' is content
   * with the version that the snapshot sees where later ones have the same key.
   */
  lockRow(
    transaction: Transaction,
    snapshot: Snapshot,
    rowId: RowId,
    mode: RowLockMode,
    policy: LockWaitPolicy,
    onlyLock?: SameKey,
  ): Task<RowLockResult>;
  /** The same where nothing has to be waited for; else null, and `lockRow` is to be called. */
  tryLockRow(transaction: Transaction, snapshot: Snapshot, rowId: RowId, mode: RowLockMode): RowLockResult | null;
  /** Versions that are kept for older snapshots, newest first for each row. */
  superseded(): SupersededRow[];
  /** The row id that the next insert will get. */
  readonly nextRowId: RowId;
  /** Newest version regardless of snapshots: own write if any, else the newest committed one. Null when deleted. */
  newest(transaction: Transaction, rowId: RowId): Task<Row | null>;
  /** Live committed rows, and bytes on disk, roughly. For the planner and pg_class. */
  readonly rowCount: number;
  /** Some committed rows drawn at random, without waiting; none when too few are in memory. For the planner. */
  sampleRows(): readonly Row[];
  diskSize(): Promise<number>;
}

export interface IndexRange {
  /** Null: unbounded. Bounds are key prefixes or keys; `lo` inclusive, `hi` exclusive, compared as strings. */
  readonly lo: string | null;
  readonly hi: string | null;
}

export interface IndexBatch {
  readonly keys: string[];
  readonly rowIds: RowId[];
  length: number;
}

export interface IndexScan {
  /** Candidates in key order (row id order within a key), or null at the end. */
  next(): Task<IndexBatch | null>;
  close(): void;
}

/** Gathers the entries of a new index. They are in the index when `finish` has ended. */
export interface IndexBuilder {
  add(key: string, rowId: RowId): void;
  /** `endRun` has to be called before the next `add`. */
  readonly isFull: boolean;
  endRun(): Task<void>;
  /** `whenEqual` is told of the first two rows of every key that several have. */
  finish(whenEqual: ((first: RowId, second: RowId) => Task<void>) | null): Task<void>;
}

export interface Index {
  readonly id: StorageId;
  /** The heap to whose rows it leads; 0 when nobody has said. */
  heap: StorageId;
  /** Parts of it that were read from the KvStore since the start. */
  readonly pagesRead: number;
  /** For a key with at most one candidate: its row id, 0 for none, -1 when the answer needs `scan` (several, or not in memory). */
  tryGet(snapshot: Snapshot, key: string): RowId;
  scan(snapshot: Snapshot, range: IndexRange, descending: boolean): IndexScan;
  /** `isNew`: no committed entry can belong to the row, because it, or the whole index, was made by this transaction. */
  insert(transaction: Transaction, key: string, rowId: RowId, isNew?: boolean): void;
  delete(transaction: Transaction, key: string, rowId: RowId): void;
  /** The same for the entry of a row that the transaction deletes, and has not changed before. */
  remove(transaction: Transaction, key: string, rowId: RowId): void;
  /** Whether only older snapshots need the entry. REQUIRES: a scan has just given it. */
  isSuperseded(key: string, rowId: RowId): boolean;
  /** Fills an index that the transaction has made. REQUIRES: nothing is in it yet, and nobody writes to its table. */
  build(transaction: Transaction): IndexBuilder;
  /**
   * Makes sure that nobody else has, or is about to have, a row with `key`: waits for transactions that inserted,
   * deleted or updated such a row and are still running. `keyOf` gives the key of a row version, null when the row is
   * not in the index. Returns the row id of a live conflicting row, or 0 after reserving the key for this transaction.
   * `own` is a row id to be ignored (the row being updated), null when a conflicting row is not going to be an error.
   */
  checkUnique(
    transaction: Transaction,
    heap: Heap,
    key: string,
    keyOf: (row: Row) => string | null,
    own: RowId | null,
  ): Task<RowId>;
  /** Reserves a key that nobody has; false when `checkUnique` has to find that out. */
  tryReserve(transaction: Transaction, key: string): boolean;
  /**
   * Gives an index that this transaction makes entries of old versions, for as long as snapshots need those.
   * REQUIRES: none is the entry of the row's newest version, and none is given twice.
   */
  keepSuperseded(transaction: Transaction, entries: readonly SupersededEntry[]): void;
  /**
   * For deferrable constraints: tells others of a key that is about to be written. True when somebody has, or may have,
   * a row with it: then `checkUnique` is to be called later. REQUIRES: the new entry is not there yet.
   */
  announce(transaction: Transaction, key: string): boolean;
  readonly entryCount: number;
  diskSize(): Promise<number>;
}

export interface SequenceState {
  readonly lastValue: number | bigint;
  readonly isCalled: boolean;
}

export interface StoreSettings {
  readonly dataDir: string;
  readonly provider: 'level' | 'memory';
  /** Bytes of decoded leaves kept in memory. */
  readonly blockCacheSize: number;
  readonly writeBufferSize: number;
  /** Bytes of log after which a checkpoint starts. */
  readonly maxWalSize: number;
  /** Bytes of uncommitted inserts that a transaction keeps in memory; what is more goes to the store before the commit. */
  readonly writeSetMemory: number;
  /** Bytes of uncommitted updates and deletes that a transaction keeps in memory; what is more goes to a temporary file. */
  readonly changeSetMemory: number;
  /** Bytes of changed index entries (roughly) that all running transactions may keep in memory: more ends a statement with 53200. */
  readonly entryMemory: number;
  readonly walSegmentSize: number;
  readonly compression: boolean;
  /** Whether damaged table files are read as far as that is possible, instead of refusing to open the store. */
  readonly ignoreChecksumFailure: boolean;
  /** Table files kept open. */
  readonly maxOpenTables: number;
  /** Descriptors for temporary files; more files share them. */
  readonly maxTemporaryFiles: number;
  /** Told once when the store can take no more commits and must be opened anew. */
  readonly onFailure?: (error: Error) => void;
  /** Told of what an operator should know, and the store has dealt with. */
  readonly onWarning?: (message: string) => void;
}

export interface BeginOptions {
  /** The backend of the transaction; without one it is a backend of its own, with process id 0. */
  readonly group?: LockGroup;
  /** Snapshots see at least this LSN: `commitLsn` of the session's last asynchronous commit. */
  readonly minimumLsn?: Lsn;
}

/** A backend, as locks see it. Made by `Store.lockGroup`. */
export interface LockGroup {
  /** The number that clients see (pg_backend_pid). */
  readonly pid: number;
  /** Whose relations it locks. */
  readonly database: DatabaseId;
  /** Milliseconds to wait for any one lock; 0: for ever. Both hold for waits that begin from now on. */
  lockTimeout: number;
  /** Milliseconds of waiting after which a deadlock is looked for. */
  deadlockTimeout: number;
  /** Backend and number of the running transaction, e.g. "4/17"; 0 when none is running. */
  readonly virtualTransaction: string;
}

/** Object locks that outlive transactions. Each lock is counted, and goes after as many unlocks. */
export interface SessionLocks {
  lock(key: string, exclusive: boolean, policy: LockWaitPolicy): Task<boolean>;
  /** False when it was not held. */
  unlock(key: string, exclusive: boolean): boolean;
  unlockAll(): void;
}

/** What a lock is on. */
export type LockTag =
  /** `database` is 0 for relations that all databases share. */
  | { readonly kind: 'relation'; readonly database: DatabaseId; readonly relation: number }
  | { readonly kind: 'transactionid'; readonly xid: number }
  | { readonly kind: 'virtualxid'; readonly virtualTransaction: string }
  /** `tuple`: the place in the queue for a row. `row`: the row itself. */
  | { readonly kind: 'tuple'; readonly database: DatabaseId; readonly relation: number; readonly rowId: RowId }
  | { readonly kind: 'row'; readonly database: DatabaseId; readonly relation: number; readonly rowId: RowId }
  /** What a serializable transaction has read: a row, a page (from 0), or everything of a heap or an index. */
  | {
      readonly kind: 'predicate';
      readonly database: DatabaseId;
      readonly storage: StorageId;
      readonly page: number | null;
      readonly rowId: RowId | null;
    }
  /** Whatever `lockObject` and `SessionLocks` lock, by its key. */
  | { readonly kind: 'object'; readonly key: string };

export interface LockInfo {
  readonly tag: LockTag;
  /** 0 for what belongs to no backend. */
  readonly pid: number;
  /** Held by a prepared transaction. */
  readonly isPrepared: boolean;
  readonly virtualTransaction: string;
  readonly mode: string;
  readonly granted: boolean;
  /** Wall clock: milliseconds since 1970; null when granted. */
  readonly waitStart: number | null;
}

export interface Store {
  begin(isolation: IsolationLevel, options?: BeginOptions): Transaction;
  /** The id that the next transaction to write will get. */
  readonly upcomingXid: number;
  /** A backend, as locks see it: its transactions and its session-level locks do not conflict with each other. */
  lockGroup(pid: number, database?: DatabaseId): LockGroup;
  /** Session-level locks (pg_advisory_lock) of a backend. */
  sessionLocks(group: LockGroup): SessionLocks;
  /**
   * What to wait for before the backend tells anybody what it has seen: commits that it came after because of a lock, or that
   * have changed catalogs, and that are not on disk yet. Null when there are none. Ask again afterwards.
   */
  beforeTelling(group: LockGroup): Wait | null;
  /** Everything that is locked or waited for; without `rows` no rows that are just locked, as pg_locks has it. */
  locks(rows?: boolean): LockInfo[];
  /** What the backend waits for, if it waits for a lock, and the process numbers of those it waits for. */
  lockWait(group: LockGroup): { readonly tag: LockTag; readonly blockers: readonly number[] } | null;
  /** The handle of a heap; `options` follow the catalog and may change when columns are added. */
  heap(id: StorageId, options: HeapOptions): Heap;
  index(id: StorageId): Index;
  allocateStorageId(): StorageId;
  /** Loads everything of a storage and keeps it in memory (system catalogs). */
  pin(id: StorageId): Task<void>;
  /** It may leave memory again, and does so as far as that is possible now. */
  unpin(id: StorageId): void;
  /** Creation needs no call. Removes the storage for good when (and only when) `transaction` commits. */
  drop(transaction: Transaction, id: StorageId): void;
  /** Frees a storage that an aborted transaction created. Called by the engine itself for ids allocated through `create`. */
  create(transaction: Transaction, kind: 'heap' | 'index' | 'sequence'): StorageId;
  /** Sequences are not transactional: a value is never handed out twice, even after a crash. */
  readSequence(id: StorageId): SequenceState | undefined;
  /** With a transaction, its commit makes the change safe; without, it is logged at once. */
  writeSequence(id: StorageId, state: SequenceState, transaction?: Transaction): void;
  /** What it has done since its start. */
  readonly activity: StoreActivity;
  /** What was appended to the log since the start. */
  readonly logged: { readonly records: number; readonly bytes: number };
  /** Small records of the database itself (database id, catalog version). Read at open; written with `writeMeta` through the log. */
  readMeta(key: string): Buffer | undefined;
  writeMeta(key: string, value: Buffer): void;
  /** The database whose system tables are stored under their own OIDs; 0 until that has been said. Others came later. */
  readonly homeDatabase: DatabaseId;
  setHomeDatabase(database: DatabaseId): void;
  /** OIDs of the relations that all databases share: locks on them are the same from everywhere. */
  shareRelations(relations: ReadonlySet<number>): void;
  /** Transactions that are prepared. */
  readonly twoPhase: TwoPhase;
  readonly durableLsn: Lsn;
  readonly appendedLsn: Lsn;
  checkpoint(): Promise<void>;
  /** Nothing waits for space or descriptors any more: what does so now fails. REQUIRES: `close` follows. */
  stopWaiting(): void;
  close(): Promise<void>;
}
