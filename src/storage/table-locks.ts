/**
 * Table locks of all databases. The number of a relation is unique in its database only; the relations that all
 * databases share have locks of their own. Transactions ask for the locks of their database once.
 */
import type { Task } from '../util/task.js';
import type { DatabaseId, LockInfo, LockWaitPolicy, Lsn, TableLockMode } from './api.js';
import { tableModeNumber } from './lock-modes.js';
import { NamedLocks } from './named-locks.js';
import { FIRST_STORAGE_ID } from './store-state.js';
import type { StoreTransaction } from './transaction.js';

export class TableLocks {
  /** OIDs of the relations that all databases share; below FIRST_STORAGE_ID. */
  shared: ReadonlySet<number> = new Set();
  readonly sharedLocks: NamedLocks<number>;
  private readonly databases = new Map<DatabaseId, DatabaseTableLocks>();

  /** `home`: the database that prepared transactions of before there were several, which name none, belong to. */
  constructor(
    public home: DatabaseId,
    private readonly installedLsn: () => Lsn,
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

  private newLocks(database: () => DatabaseId): NamedLocks<number> {
    return new NamedLocks((relation) => ({ kind: 'relation', database: database(), relation }), this.installedLsn);
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
    readonly own: NamedLocks<number>,
  ) {}

  placeOf(relation: number): NamedLocks<number> {
    const { all } = this;
    return relation < FIRST_STORAGE_ID && all.shared.has(relation) ? all.sharedLocks : this.own;
  }

  tryLock(owner: StoreTransaction, relation: number, mode: TableLockMode): boolean {
    const locks = this.placeOf(relation);
    const number = tableModeNumber(mode);
    const before = locks.held(owner, relation);
    if ((before & (1 << number)) !== 0) return true;
    if (mode === 'AccessExclusiveLock' || !locks.tryAcquire(owner, relation, number)) return false;
    owner.hold({ release: (own) => locks.release(own, relation, 0xff & ~before) });
    return true;
  }

  *lock(owner: StoreTransaction, relation: number, mode: TableLockMode, policy: LockWaitPolicy): Task<boolean> {
    const locks = this.placeOf(relation);
    const number = tableModeNumber(mode);
    const before = locks.held(owner, relation);
    if ((before & (1 << number)) !== 0) return true;
    if (mode === 'AccessExclusiveLock') owner.ensureXid();
    owner.hold({ release: (own) => locks.release(own, relation, 0xff & ~before) });
    return yield* locks.acquire(owner, relation, number, policy);
  }

  holds(owner: StoreTransaction, relation: number, mode: TableLockMode): boolean {
    return (this.placeOf(relation).held(owner, relation) & (1 << tableModeNumber(mode))) !== 0;
  }

  /** The relations that the owner has locked, with the modes (bit masks). */
  heldBy(owner: StoreTransaction): Map<number, number> {
    return new Map([...this.own.heldBy(owner), ...this.all.sharedLocks.heldBy(owner)]);
  }
}
