/**
 * Table locks, object locks and advisory locks: LockQueues by name. An entry lives while somebody holds or wants it, and
 * while there are few: statements on the same tables find their queues again.
 */

import type { Task } from '../util/task.js';
import type { LockInfo, LockTag, LockWaitPolicy, Lsn } from './api.js';
import { heldLock, wantedLock } from './lock-list.js';
import { FIRST_EXCLUDING_TABLE_MODE, TABLE_LOCKS } from './lock-modes.js';
import { type LockOwner, LockQueue } from './lock-queue.js';
import type { StoreTransaction } from './transaction.js';

/** As many queues are kept though nobody uses them. */
const KEPT_QUEUES = 1024;

export class NamedLocks<Name extends string | number> {
  private readonly queues = new Map<Name, LockQueue>();

  constructor(
    readonly tagOf: (name: Name) => LockTag,
    private readonly installedLsn: () => Lsn,
  ) {}

  /** The modes (bit mask) that the owner holds. */
  held(owner: LockOwner, name: Name): number {
    return this.queues.get(name)?.holder(owner)?.modes ?? 0;
  }

  /** Everything that the owner holds, with the modes (bit masks). */
  heldBy(owner: LockOwner): Map<Name, number> {
    const held = new Map<Name, number>();
    for (const [name, queue] of this.queues) {
      const modes = queue.holder(owner)?.modes ?? 0;
      if (modes !== 0) held.set(name, modes);
    }
    return held;
  }

  /** Whether the owner's backend holds something both through this owner and through another one. */
  isShared(owner: LockOwner): boolean {
    for (const name of this.heldBy(owner).keys()) {
      const holders = this.queues.get(name)?.holders ?? [];
      if (holders.some((holder) => holder.owner !== owner && holder.owner.group === owner.group)) return true;
    }
    return false;
  }

  tryAcquire(owner: LockOwner, name: Name, mode: number): boolean {
    if (!this.queue(name).tryAcquire(owner, mode)) return false;
    if (mode >= FIRST_EXCLUDING_TABLE_MODE) owner.group.followedLsn = this.installedLsn();
    return true;
  }

  /** False when the policy is not to wait and the lock is taken. Throws 40P01, 55P03. */
  *acquire(owner: LockOwner, name: Name, mode: number, policy: LockWaitPolicy): Task<boolean> {
    if (this.tryAcquire(owner, name, mode)) return true;
    if (policy !== 'wait') return false;
    const queue = this.queue(name);
    const request = queue.enqueue(owner, mode);
    try {
      yield* request.wait();
    } finally {
      // Granted in the same moment in which the task was closed: nobody else would let go of it.
      if (!request.granted) this.discard(name, queue);
    }
    owner.group.followedLsn = this.installedLsn();
    return true;
  }

  /** The same until the end of the transaction, or of a savepoint. */
  *take(owner: StoreTransaction, name: Name, mode: number, policy: LockWaitPolicy): Task<boolean> {
    const before = this.held(owner, name);
    if ((before & (1 << mode)) !== 0) return true;
    owner.hold({ release: (own) => this.release(own, name, 0xff & ~before) });
    return yield* this.acquire(owner, name, mode, policy);
  }

  /** The same when nobody is in the way; false (and nothing has happened) otherwise. */
  tryTake(owner: StoreTransaction, name: Name, mode: number): boolean {
    const before = this.held(owner, name);
    if ((before & (1 << mode)) !== 0) return true;
    if (!this.tryAcquire(owner, name, mode)) return false;
    owner.hold({ release: (own) => this.release(own, name, 0xff & ~before) });
    return true;
  }

  release(owner: LockOwner, name: Name, modes: number): void {
    const queue = this.queues.get(name);
    if (queue === undefined) return;
    queue.release(owner, modes);
    this.discard(name, queue);
  }

  /** Takes the lock without asking whether somebody is in the way. */
  hold(owner: LockOwner, name: Name, mode: number): void {
    this.queue(name).hold(owner, mode);
  }

  /** Whether somebody holds or wants the lock in the mode or a stronger one. */
  isUsed(name: Name, from: number): boolean {
    const queue = this.queues.get(name);
    if (queue === undefined) return false;
    return queue.holders.some(({ modes }) => modes >> from !== 0) || queue.requests().some(({ mode }) => mode >= from);
  }

  /** Every lock held and wanted, for pg_locks. */
  *list(): Iterable<LockInfo> {
    for (const [name, queue] of this.queues) {
      const tag = this.tagOf(name);
      for (const { owner, modes } of queue.holders) {
        for (let mode = 0; mode < TABLE_LOCKS.names.length; mode++) {
          if ((modes & (1 << mode)) !== 0) yield heldLock(tag, owner.group, TABLE_LOCKS.names[mode]);
        }
      }
      for (const { request } of queue.waiters) yield wantedLock(request);
    }
  }

  private queue(name: Name): LockQueue {
    let queue = this.queues.get(name);
    if (queue === undefined) {
      queue = new LockQueue(TABLE_LOCKS, this.tagOf(name));
      this.queues.set(name, queue);
    }
    return queue;
  }

  private discard(name: Name, queue: LockQueue): void {
    if (this.queues.size > KEPT_QUEUES && queue.idle && this.queues.get(name) === queue) this.queues.delete(name);
  }
}
