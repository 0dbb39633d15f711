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

  constructor(private readonly transaction: StoreTransaction) {}

  enqueue(waiter: StoreTransaction): LockRequest {
    const request = new LockRequest(waiter.group, this, waiter, SHARE_LOCK);
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

  tag(): LockTag {
    return { kind: 'transactionid', xid: this.transaction.xid };
  }

  modeName(): string {
    return 'ShareLock';
  }
}
