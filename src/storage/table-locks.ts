/**
 * Table locks of all databases. The number of a relation is unique in its database only; the relations that all
 * databases share have locks of their own. Transactions ask for the locks of their database once.
 */
import type { Task } from '../util/task.js';
import type { DatabaseId, LockInfo, LockWaitPolicy, Lsn, TableLockMode } from './api.js';
import { IndexLocks } from './index-locks.js';
import { FIRST_STRONG_TABLE_MODE, TABLE_LOCKS, tableModeNumber } from './lock-modes.js';
import { RelationLocks } from './relation-locks.js';
import { FIRST_STORAGE_ID } from './store-state.js';
import type { StoreTransaction } from './transaction.js';

export class TableLocks {
  /** OIDs of the relations that all databases share; below FIRST_STORAGE_ID. */
  shared: ReadonlySet<number> = new Set();
  readonly sharedLocks: RelationLocks;
  private readonly databases = new Map<DatabaseId, DatabaseTableLocks>();

  /** `home`: the database that prepared transactions of before there were several, which name none, belong to. */
  constructor(
    public home: DatabaseId,
    private readonly installedLsn: () => Lsn,
    private readonly active: ReadonlySet<StoreTransaction>,
  ) {
    this.sharedLocks = this.newLocks(() => 0);
  }

  of(database: DatabaseId): DatabaseTableLocks {
    const id = database === this.home ? 0 : database;
    let locks = this.databases.get(id);
    if (locks === undefined) {
      locks = new DatabaseTableLocks(
        this,
        this.newLocks(() => (id === 0 ? this.home : id)),
      );
      this.databases.set(id, locks);
    }
    return locks;
  }

  private newLocks(database: () => DatabaseId): RelationLocks {
    return new RelationLocks(database, this.installedLsn, () => this.indexLocks());
  }

  private *indexLocks(): Iterable<IndexLocks> {
    for (const { indexLocks } of this.active) if (indexLocks !== null) yield indexLocks;
  }

  *list(): Iterable<LockInfo> {
    yield* this.sharedLocks.list();
    for (const { own } of this.databases.values()) yield* own.list();
  }
}

/** What transactions of one database lock. */
export class DatabaseTableLocks {
  constructor(
    private readonly all: TableLocks,
    /** Those of the relations that no other database has. */
    readonly own: RelationLocks,
  ) {}

  placeOf(relation: number): RelationLocks {
    const { all } = this;
    return relation < FIRST_STORAGE_ID && all.shared.has(relation) ? all.sharedLocks : this.own;
  }

  tryLock(owner: StoreTransaction, relation: number, mode: TableLockMode): boolean {
    const number = tableModeNumber(mode);
    return number < FIRST_STRONG_TABLE_MODE && this.placeOf(relation).tryTake(owner, relation, number);
  }

  lock(owner: StoreTransaction, relation: number, mode: TableLockMode, policy: LockWaitPolicy): Task<boolean> {
    const locks = this.placeOf(relation);
    const number = tableModeNumber(mode);
    locks.announce(relation, number);
    if (mode === 'AccessExclusiveLock') owner.ensureXid();
    return locks.take(owner, relation, number, policy);
  }

  /** What the transaction locks because it plans with it. */
  indexesOf(owner: StoreTransaction): IndexLocks {
    owner.indexLocks ??= new IndexLocks(owner, this);
    return owner.indexLocks;
  }

  /** Whether locks on all of these may be mere notes. */
  areUncontested(relations: readonly number[]): boolean {
    if (this.own.isQuiet && this.all.sharedLocks.isQuiet) return true;
    for (const relation of relations) if (this.placeOf(relation).isContested(relation)) return false;
    return true;
  }

  holds(owner: StoreTransaction, relation: number, mode: TableLockMode): boolean {
    return (this.placeOf(relation).held(owner, relation) & (1 << tableModeNumber(mode))) !== 0;
  }

  /** Waits for the ends of those of the transactions that have a lock with which the mode conflicts now, other backends' only. */
  *awaitOthers(
    owner: StoreTransaction,
    transactions: Iterable<StoreTransaction>,
    relation: number,
    mode: TableLockMode,
  ): Task<void> {
    const number = tableModeNumber(mode);
    const locks = this.placeOf(relation);
    locks.announce(relation, number);
    const conflicts = TABLE_LOCKS.conflicts[number];
    const others = [...transactions].filter(
      (other) => other.group !== owner.group && (locks.held(other, relation) & conflicts) !== 0,
    );
    for (const other of others)
      while (other.state === 'active' || other.state === 'prepared') yield* other.waitForEnd(owner, true);
  }

  /** The relations that the owner has locked, with the modes (bit masks). */
  heldBy(owner: StoreTransaction): Map<number, number> {
    return new Map([...this.own.heldBy(owner), ...this.all.sharedLocks.heldBy(owner)]);
  }
}
