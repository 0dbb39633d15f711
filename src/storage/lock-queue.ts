/**
 * One lockable thing: who holds it in which modes, and who waits, in order of arrival. A newcomer waits behind earlier
 * waiters that it conflicts with, unless it holds the lock in some mode already (it would wait for itself otherwise).
 */
import type { LockTable } from './lock-modes.js';
import { type LockGroup, LockRequest, type LockTarget } from './lock-wait.js';

/** Holds locks: a transaction, or a session for its session-level advisory locks. */
export interface LockOwner {
  readonly group: LockGroup;
  readonly xid: number;
}

export class LockHolder {
  /** Bit mask of the modes held. */
  modes: number;

  constructor(
    readonly owner: LockOwner,
    modes: number,
  ) {
    this.modes = modes;
  }
}

export class LockQueue implements LockTarget {
  readonly holders: LockHolder[] = [];
  readonly waiters: { readonly request: LockRequest; readonly owner: LockOwner }[] = [];

  constructor(
    private readonly table: LockTable,
    private readonly label: (queue: LockQueue, request: LockRequest) => string,
  ) {}

  get idle(): boolean {
    return this.holders.length === 0 && this.waiters.length === 0;
  }

  holder(owner: LockOwner): LockHolder | undefined {
    for (const holder of this.holders) if (holder.owner === owner) return holder;
    return undefined;
  }

  /** Takes the lock if nobody is in the way. */
  tryAcquire(owner: LockOwner, mode: number): boolean {
    const holder = this.holder(owner);
    if (holder !== undefined && (holder.modes & (1 << mode)) !== 0) return true;
    if (!this.grantable(owner.group, mode, this.waiters.length)) return false;
    this.hold(owner, mode);
    return true;
  }

  /** Registers the holding without a check. */
  hold(owner: LockOwner, mode: number): void {
    const holder = this.holder(owner);
    if (holder === undefined) this.holders.push(new LockHolder(owner, 1 << mode));
    else holder.modes |= 1 << mode;
  }

  /** REQUIRES: `tryAcquire` has just failed. The caller waits for the request. */
  enqueue(owner: LockOwner, mode: number): LockRequest {
    const request = new LockRequest(owner.group, this, owner, mode);
    const entry = { request, owner };
    if (this.holds(owner.group)) this.waiters.unshift(entry);
    else this.waiters.push(entry);
    return request;
  }

  /** Takes modes away from the owner; wakes those who can go on. */
  release(owner: LockOwner, modes: number): void {
    const at = this.holders.findIndex((holder) => holder.owner === owner);
    if (at < 0) return;
    const holder = this.holders[at];
    holder.modes &= ~modes;
    if (holder.modes === 0) this.holders.splice(at, 1);
    this.wake();
  }

  withdraw(request: LockRequest): void {
    const at = this.waiters.findIndex((waiter) => waiter.request === request);
    if (at < 0) return;
    this.waiters.splice(at, 1);
    this.wake();
  }

  blockers(request: LockRequest): LockGroup[] {
    const conflicts = this.table.conflicts[request.mode];
    const groups: LockGroup[] = [];
    for (const holder of this.holders) {
      if (holder.owner.group !== request.group && (holder.modes & conflicts) !== 0) groups.push(holder.owner.group);
    }
    for (const waiter of this.waiters) {
      if (waiter.request === request) break;
      if (waiter.request.group !== request.group && (conflicts & (1 << waiter.request.mode)) !== 0) {
        groups.push(waiter.request.group);
      }
    }
    return groups;
  }

  describe(request: LockRequest): string {
    return this.label(this, request);
  }

  private holds(group: LockGroup): boolean {
    for (const holder of this.holders) if (holder.owner.group === group) return true;
    return false;
  }

  /** Whether neither a holder nor one of the first `ahead` waiters conflicts. */
  private grantable(group: LockGroup, mode: number, ahead: number): boolean {
    const conflicts = this.table.conflicts[mode];
    let holds = false;
    for (const holder of this.holders) {
      if (holder.owner.group === group) holds = true;
      else if ((holder.modes & conflicts) !== 0) return false;
    }
    if (holds) return true;
    for (let i = 0; i < ahead; i++) {
      const other = this.waiters[i].request;
      if (other.group !== group && (conflicts & (1 << other.mode)) !== 0) return false;
    }
    return true;
  }

  private wake(): void {
    for (let i = 0; i < this.waiters.length; ) {
      const { request, owner } = this.waiters[i];
      if (!this.grantable(request.group, request.mode, i)) {
        i++;
        continue;
      }
      this.waiters.splice(i, 1);
      this.hold(owner, request.mode);
      request.grant();
    }
  }
}
