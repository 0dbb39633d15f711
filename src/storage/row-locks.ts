/**
 * Row locks of one heap. The plain case, one holder and nobody waiting, is a map entry from the row id to a token
 * that the transaction shares among all rows it locks in that mode; sharing or waiting inflates it to a LockQueue.
 * Of a transaction that locks more than a few rows, they are packed: a byte a row, until somebody else wants the row.
 */
import type { DatabaseId, LockInfo, LockTag, RowId } from './api.js';
import { PAGE_ROWS, pageOf, slotOf } from './heap-page.js';
import type { HeldPage } from './held.js';
import { heldLock, wantedLock } from './lock-list.js';
import { FIRST_CHANGING_ROW_MODE, ROW_LOCKS, TUPLE_LOCK_NAMES } from './lock-modes.js';
import { LockQueue } from './lock-queue.js';
import type { Blocker, LockRequest } from './lock-wait.js';
import type { StoreTransaction } from './transaction.js';

/** "This transaction holds the row in this mode." Modes are cumulative upwards: the strongest one counts. */
export class RowLockToken {
  constructor(
    readonly transaction: StoreTransaction,
    readonly mode: number,
  ) {}
}

/**
 * The queue of one row, as PostgreSQL has it: those at its front hold the row's tuple lock and wait for a transaction
 * that has locked the row; the others wait for the tuple lock. A newcomer whom the row's holders do not hinder never
 * gets into the queue, and one who has locked the row already waits for the others without the tuple lock.
 */
class RowLockQueue extends LockQueue {
  protected override readonly overtakes = true;

  constructor(readonly tuple: Extract<LockTag, { kind: 'tuple' }>) {
    super(ROW_LOCKS, tuple);
  }

  protected override conflictingAhead(request: LockRequest): LockRequest[] {
    if (this.isHolder(request.group)) return [];
    return super.conflictingAhead(request).filter(({ group }) => !this.isHolder(group));
  }

  /** Whether the request has the row's tuple lock while it waits. */
  hasTupleLock(request: LockRequest): boolean {
    return !this.isHolder(request.group) && this.isInFront(request);
  }

  private isInFront(request: LockRequest): boolean {
    return this.conflictingAhead(request).length === 0;
  }

  override blockers(request: LockRequest): Blocker[] {
    const ahead = this.conflictingAhead(request);
    if (ahead.length > 0) return ahead.map(({ group }) => ({ group, waiter: null }));
    return this.conflictingHolders(request).map(({ owner }) => ({ group: owner.group, waiter: null }));
  }

  override tag(request: LockRequest): LockTag {
    if (!this.isInFront(request)) return this.tuple;
    return { kind: 'transactionid', xid: this.conflictingHolders(request)[0]?.owner.xid ?? 0 };
  }

  override modeName(request: LockRequest): string {
    return this.isInFront(request) ? 'ShareLock' : TUPLE_LOCK_NAMES[request.mode];
  }
}

/** Rows of a page that one transaction has locked, and that nobody else wants. */
class PackedLocks {
  /** By slot: the mode plus one, 0 for rows that are not locked here. */
  readonly modes = new Uint8Array(PAGE_ROWS);
  count = 0;

  constructor(readonly transaction: StoreTransaction) {}
}

export class RowLocks {
  /** OID of the table, for messages and pg_locks; 0 when nobody has said. */
  relation = 0;
  private readonly locks = new Map<RowId, RowLockToken | RowLockQueue>();
  /** By page; a row is either here or in `locks`. */
  private readonly packed = new Map<number, PackedLocks>();

  /** Locks the row if nobody is in the way. */
  tryLock(transaction: StoreTransaction, rowId: RowId, mode: number): boolean {
    if (this.packed.size > 0 && this.unpack(rowId, transaction, mode)) return true;
    const current = this.locks.get(rowId);
    if (current === undefined) {
      if (transaction.held.packsLocks && this.packNew(transaction, rowId, mode)) return true;
      this.locks.set(rowId, transaction.rowLockToken(mode));
      transaction.holdRow(this, rowId, 0);
      return true;
    }
    if (current instanceof RowLockToken && current.transaction === transaction) {
      if (current.mode >= mode) return true;
      this.locks.set(rowId, transaction.rowLockToken(mode));
      transaction.holdRow(this, rowId, 1 << current.mode);
      return true;
    }
    const queue = this.inflate(rowId, current);
    const before = queue.holder(transaction)?.modes ?? 0;
    if (before >> mode !== 0) return true;
    if (!queue.tryAcquire(transaction, mode)) return false;
    transaction.holdRow(this, rowId, before);
    return true;
  }

  /** REQUIRES: `tryLock` has just failed. When the wait is over, call `granted`. */
  enqueue(transaction: StoreTransaction, rowId: RowId, mode: number): LockRequest {
    const current = this.locks.get(rowId);
    if (current === undefined) throw new Error('waiting for a row that is not locked');
    const queue = this.inflate(rowId, current);
    const before = queue.holder(transaction)?.modes ?? 0;
    // Noted before it is held: letting go of something not held is harmless, forgetting something held is not.
    transaction.holdRow(this, rowId, before);
    return queue.enqueue(transaction, mode);
  }

  /** Goes back to the modes held before (bit mask). */
  release(transaction: StoreTransaction, rowId: RowId, before: number): void {
    const current = this.locks.get(rowId);
    if (current === undefined) {
      if (before === 0) this.freePacked(transaction, rowId);
      return;
    }
    if (current instanceof RowLockToken) {
      if (current.transaction !== transaction) return;
      if (before === 0) this.locks.delete(rowId);
      else this.locks.set(rowId, transaction.rowLockToken(31 - Math.clz32(before)));
      return;
    }
    current.release(transaction, 0b1111 & ~before);
    if (current.idle) this.locks.delete(rowId);
  }

  /** Who may be changing the row right now: the holder of one of the two changing modes. */
  changer(rowId: RowId): StoreTransaction | null {
    const current = this.locks.get(rowId);
    if (current === undefined) return this.packedChanger(rowId);
    if (current instanceof RowLockToken) {
      return current.mode >= FIRST_CHANGING_ROW_MODE ? current.transaction : null;
    }
    for (const holder of current.holders) {
      if (holder.modes >> FIRST_CHANGING_ROW_MODE === 0) continue;
      return queuedTransaction(holder.owner);
    }
    return null;
  }

  /** The rows that the transaction holds, with the strongest mode. */
  heldBy(transaction: StoreTransaction): Map<RowId, number> {
    const rows = new Map<RowId, number>();
    for (const [pageNo, page] of this.packed) {
      if (page.transaction !== transaction) continue;
      for (const [slot, mode] of page.modes.entries()) if (mode > 0) rows.set(pageNo * PAGE_ROWS + slot, mode - 1);
    }
    for (const [rowId, lock] of this.locks) {
      if (lock instanceof RowLockToken) {
        if (lock.transaction === transaction) rows.set(rowId, lock.mode);
        continue;
      }
      const modes = lock.holder(transaction)?.modes ?? 0;
      if (modes !== 0) rows.set(rowId, 31 - Math.clz32(modes));
    }
    return rows;
  }

  /** The locks that waiters hold and want and, when `rows`, every lock that is held (kind 'row'). */
  *list(rows: boolean): Iterable<LockInfo> {
    if (rows) yield* this.listPacked();
    const { relation } = this;
    for (const [rowId, lock] of this.locks) {
      const row: LockTag = { kind: 'row', database: databaseOf(lock), relation, rowId };
      if (lock instanceof RowLockToken) {
        if (rows) yield heldLock(row, lock.transaction.group, ROW_LOCKS.names[lock.mode]);
        continue;
      }
      for (const { owner, modes } of rows ? lock.holders : [])
        yield heldLock(row, owner.group, ROW_LOCKS.names[31 - Math.clz32(modes)]);
      for (const { request } of lock.waiters) {
        if (lock.hasTupleLock(request)) yield heldLock(lock.tuple, request.group, TUPLE_LOCK_NAMES[request.mode]);
        yield wantedLock(request);
      }
    }
  }

  private *listPacked(): Iterable<LockInfo> {
    const { relation } = this;
    for (const [pageNo, { transaction, modes }] of this.packed) {
      for (let slot = 0; slot < PAGE_ROWS; slot++) {
        if (modes[slot] === 0) continue;
        const { database } = transaction.group;
        const row: LockTag = { kind: 'row', database, relation, rowId: pageNo * PAGE_ROWS + slot };
        yield heldLock(row, transaction.group, ROW_LOCKS.names[modes[slot] - 1]);
      }
    }
  }

  /** Keeps the transaction's lock of a row by page, if it is a plain one. Returns whether it is. */
  pack(transaction: StoreTransaction, rowId: RowId): boolean {
    const current = this.locks.get(rowId);
    if (current === undefined) return this.isPacked(transaction, rowId);
    if (!(current instanceof RowLockToken) || current.transaction !== transaction) return false;
    if (!this.putPacked(transaction, rowId, current.mode)) return false;
    this.locks.delete(rowId);
    return true;
  }

  /** Locks a row that nobody has locked. False, and it is not, when it has to be a lock of its own. */
  private packNew(transaction: StoreTransaction, rowId: RowId, mode: number): boolean {
    if (!this.putPacked(transaction, rowId, mode)) return false;
    transaction.held.addPacked(this, rowId);
    return true;
  }

  /** False when another transaction's locks are packed there. */
  private putPacked(transaction: StoreTransaction, rowId: RowId, mode: number): boolean {
    let page = this.packed.get(pageOf(rowId));
    if (page === undefined) {
      page = new PackedLocks(transaction);
      this.packed.set(pageOf(rowId), page);
    }
    if (page.transaction !== transaction) return false;
    page.modes[slotOf(rowId)] = mode + 1;
    page.count++;
    return true;
  }

  private isPacked(transaction: StoreTransaction, rowId: RowId): boolean {
    const page = this.packed.get(pageOf(rowId));
    return page?.transaction === transaction && page.modes[slotOf(rowId)] > 0;
  }

  /** Makes a packed lock one of the others, unless it is the transaction's own and strong enough: then true. */
  private unpack(rowId: RowId, transaction: StoreTransaction, mode: number): boolean {
    const page = this.packed.get(pageOf(rowId));
    const packed = page?.modes[slotOf(rowId)] ?? 0;
    if (page === undefined || packed === 0) return false;
    if (page.transaction === transaction && packed > mode) return true;
    this.locks.set(rowId, page.transaction.rowLockToken(packed - 1));
    this.freePacked(page.transaction, rowId);
    return false;
  }

  /** Frees rows of a page at once, if they are just those of which locks are packed. */
  freePage(transaction: StoreTransaction, pageNo: number, rows: HeldPage): boolean {
    const page = this.packed.get(pageNo);
    if (page?.transaction !== transaction) return false;
    for (let slot = 0; slot < PAGE_ROWS; slot++) if (page.modes[slot] > 0 !== rows.has(slot)) return false;
    return this.packed.delete(pageNo);
  }

  private freePacked(transaction: StoreTransaction, rowId: RowId): void {
    const page = this.packed.get(pageOf(rowId));
    if (page?.transaction !== transaction || page.modes[slotOf(rowId)] === 0) return;
    page.modes[slotOf(rowId)] = 0;
    if (--page.count === 0) this.packed.delete(pageOf(rowId));
  }

  private packedChanger(rowId: RowId): StoreTransaction | null {
    const page = this.packed.get(pageOf(rowId));
    return page !== undefined && page.modes[slotOf(rowId)] > FIRST_CHANGING_ROW_MODE ? page.transaction : null;
  }

  private inflate(rowId: RowId, current: RowLockToken | RowLockQueue): RowLockQueue {
    if (current instanceof RowLockQueue) return current;
    const { database } = current.transaction.group;
    const queue = new RowLockQueue({ kind: 'tuple', database, relation: this.relation, rowId });
    // A token stands for all weaker modes as well: one of them may be what a rollback to a savepoint leaves.
    for (let mode = 0; mode <= current.mode; mode++) queue.hold(current.transaction, mode);
    this.locks.set(rowId, queue);
    return queue;
  }
}

function databaseOf(lock: RowLockToken | RowLockQueue): DatabaseId {
  return lock instanceof RowLockToken ? lock.transaction.group.database : lock.tuple.database;
}

/** Row locks are only ever taken by transactions (`tryLock` and `enqueue` accept nothing else). */
function queuedTransaction(owner: object): StoreTransaction {
  return owner as StoreTransaction;
}
