/**
 * Those who wait until a transaction is over, because of anything but a row lock: uncommitted unique keys and the like.
 */
import type { LockTag } from './api.js';
import { SHARE_LOCK } from './lock-modes.js';
import { type Blocker, LockRequest, type LockTarget } from './lock-wait.js';
import type { StoreTransaction } from './transaction.js';

/** Waits for the end of a transaction, or of the subtransaction that is in the way. */
export class TransactionEnd implements LockTarget {
  waiters: LockRequest[] = [];
  /** Those who wait for the transaction whether it has an id or not. */
  private readonly virtual = new WeakSet<LockRequest>();

  constructor(private readonly transaction: StoreTransaction) {}

  enqueue(waiter: StoreTransaction, isVirtual: boolean): LockRequest {
    const request = new LockRequest(waiter.group, this, waiter, SHARE_LOCK);
    if (isVirtual) this.virtual.add(request);
    this.waiters.push(request);
    return request;
  }

  wake(): void {
    const waiters = this.waiters;
    this.waiters = [];
    for (const waiter of waiters) waiter.grant();
  }

  blockers(): Blocker[] {
    return [{ group: this.transaction.group, waiter: null }];
  }

  withdraw(request: LockRequest): void {
    this.waiters = this.waiters.filter((waiter) => waiter !== request);
  }

  tag(request: LockRequest): LockTag {
    const { xid, group } = this.transaction;
    if (this.virtual.has(request)) return { kind: 'virtualxid', virtualTransaction: group.virtualTransaction };
    return { kind: 'transactionid', xid };
  }

  modeName(): string {
    return 'ShareLock';
  }
}
