/**
 * Row locks of one heap. The plain case, one holder and nobody waiting, is a map entry from the row id to a token
 * that the transaction shares among all rows it locks in that mode; sharing or waiting inflates it to a LockQueue.
 */
import type { RowId } from './api.js';
import { FIRST_CHANGING_ROW_MODE, ROW_LOCKS } from './lock-modes.js';
import { LockQueue } from './lock-queue.js';
import type { LockRequest } from './lock-wait.js';
import type { StoreTransaction } from './transaction.js';

/** "This transaction holds the row in this mode." Modes are cumulative upwards: the strongest one counts. */
export class RowLockToken {
  constructor(
    readonly transaction: StoreTransaction,
    readonly mode: number,
  ) {}
}

export class RowLocks {
  private readonly locks = new Map<RowId, RowLockToken | LockQueue>();

  /** Heap id, for messages and listings. */
  constructor(readonly heapId: number) {}

  /** Locks the row if nobody is in the way. */
  tryLock(transaction: StoreTransaction, rowId: RowId, mode: number): boolean {
    const current = this.locks.get(rowId);
    if (current === undefined) {
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
    if (current === undefined) return;
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
    if (current === undefined) return null;
    if (current instanceof RowLockToken) {
      return current.mode >= FIRST_CHANGING_ROW_MODE ? current.transaction : null;
    }
    for (const holder of current.holders) {
      if (holder.modes >> FIRST_CHANGING_ROW_MODE === 0) continue;
      return queuedTransaction(holder.owner);
    }
    return null;
  }

  /** Every lock, for pg_locks. */
  *list(): Iterable<{ rowId: RowId; xid: number; pid: number; mode: string; granted: boolean }> {
    for (const [rowId, lock] of this.locks) {
      if (lock instanceof RowLockToken) {
        const { xid, group } = lock.transaction;
        yield { rowId, xid, pid: group.pid, mode: ROW_LOCKS.names[lock.mode], granted: true };
        continue;
      }
      for (const { owner, modes } of lock.holders) {
        const mode = ROW_LOCKS.names[31 - Math.clz32(modes)];
        yield { rowId, xid: owner.xid, pid: owner.group.pid, mode, granted: true };
      }
      for (const { owner, request } of lock.waiters) {
        const mode = ROW_LOCKS.names[request.mode];
        yield { rowId, xid: owner.xid, pid: owner.group.pid, mode, granted: false };
      }
    }
  }

  private inflate(rowId: RowId, current: RowLockToken | LockQueue): LockQueue {
    if (current instanceof LockQueue) return current;
    const queue = new LockQueue(ROW_LOCKS, describeRowWait);
    queue.hold(current.transaction, current.mode);
    this.locks.set(rowId, queue);
    return queue;
  }
}

/** Row locks are only ever taken by transactions (`tryLock` and `enqueue` accept nothing else). */
function queuedTransaction(owner: object): StoreTransaction {
  return owner as StoreTransaction;
}

/** PostgreSQL waits for the transaction that holds the row. */
function describeRowWait(queue: LockQueue, request: LockRequest): string {
  const conflicts = ROW_LOCKS.conflicts[request.mode];
  const holder = queue.holders.find((h) => h.owner.group !== request.group && (h.modes & conflicts) !== 0);
  return `ShareLock on transaction ${holder?.owner.xid ?? queue.waiters[0]?.owner.xid ?? 0}`;
}
