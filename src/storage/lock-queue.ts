/**
 * One lockable thing: who holds it in which modes, and who waits, in order of arrival. A newcomer waits behind earlier
 * waiters that it conflicts with, unless it holds the lock in some mode already (it would wait for itself otherwise).
 */
import type { LockTag } from './api.js';
import type { LockTable } from './lock-modes.js';
import { type Blocker, type LockGroup, LockRequest, type LockTarget, type ReorderableQueue } from './lock-wait.js';

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

interface Waiter {
  readonly request: LockRequest;
  readonly owner: LockOwner;
}

export class LockQueue implements LockTarget, ReorderableQueue {
  readonly holders: LockHolder[] = [];
  readonly waiters: Waiter[] = [];
  /** Whether a newcomer that no holder hinders is granted past earlier waiters. */
  protected readonly overtakes: boolean = false;

  constructor(
    protected readonly table: LockTable,
    private readonly what: LockTag,
  ) {}

  get queue(): ReorderableQueue {
    return this;
  }

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
    if (!this.grantable(owner.group, mode, this.overtakes ? 0 : this.waiters.length)) return false;
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
    if (this.isHolder(owner.group)) this.waiters.unshift(entry);
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

  blockers(request: LockRequest): Blocker[] {
    return [
      ...this.conflictingHolders(request).map(({ owner }) => ({ group: owner.group, waiter: null })),
      ...this.conflictingAhead(request).map((waiter) => ({ group: waiter.group, waiter })),
    ];
  }

  protected conflictingHolders(request: LockRequest): LockHolder[] {
    const conflicts = this.table.conflicts[request.mode];
    return this.holders.filter(({ owner, modes }) => owner.group !== request.group && (modes & conflicts) !== 0);
  }

  /** Requests that were made before and have to be served before. */
  protected conflictingAhead(request: LockRequest): LockRequest[] {
    const conflicts = this.table.conflicts[request.mode];
    const ahead: LockRequest[] = [];
    for (const { request: other } of this.waiters) {
      if (other === request) break;
      if (other.group !== request.group && (conflicts & (1 << other.mode)) !== 0) ahead.push(other);
    }
    return ahead;
  }

  tag(_request: LockRequest): LockTag {
    return this.what;
  }

  modeName(request: LockRequest): string {
    return this.table.names[request.mode];
  }

  requests(): LockRequest[] {
    return this.waiters.map(({ request }) => request);
  }

  moveAhead(request: LockRequest, other: LockRequest): () => void {
    const before = [...this.waiters];
    const moved = before.find((waiter) => waiter.request === request);
    if (moved !== undefined) {
      this.waiters.splice(this.waiters.indexOf(moved), 1);
      this.waiters.splice(
        this.waiters.findIndex((waiter) => waiter.request === other),
        0,
        moved,
      );
    }
    return () => {
      this.waiters.splice(0, this.waiters.length, ...before);
    };
  }

  protected isHolder(group: LockGroup): boolean {
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

  wake(): void {
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
