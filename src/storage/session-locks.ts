/**
 * The session-level locks of one backend, each with its count.
 */
import type { Task } from '../util/task.js';
import type { LockWaitPolicy, SessionLocks } from './api.js';
import { EXCLUSIVE_LOCK, SHARE_LOCK } from './lock-modes.js';
import type { LockOwner } from './lock-queue.js';
import type { LockGroup } from './lock-wait.js';
import type { NamedLocks } from './named-locks.js';

export class StoreSessionLocks implements SessionLocks, LockOwner {
  readonly xid = 0;
  private readonly counts = new Map<string, { share: number; exclusive: number }>();

  constructor(
    readonly group: LockGroup,
    private readonly locks: NamedLocks<string>,
  ) {}

  *lock(key: string, exclusive: boolean, policy: LockWaitPolicy): Task<boolean> {
    const mode = exclusive ? EXCLUSIVE_LOCK : SHARE_LOCK;
    if (!(yield* this.locks.acquire(this, key, mode, policy))) return false;
    const count = this.counts.get(key) ?? { share: 0, exclusive: 0 };
    if (exclusive) count.exclusive++;
    else count.share++;
    this.counts.set(key, count);
    return true;
  }

  unlock(key: string, exclusive: boolean): boolean {
    const count = this.counts.get(key);
    if (count === undefined || (exclusive ? count.exclusive : count.share) === 0) return false;
    const left = exclusive ? --count.exclusive : --count.share;
    if (left === 0) this.locks.release(this, key, 1 << (exclusive ? EXCLUSIVE_LOCK : SHARE_LOCK));
    if (count.share + count.exclusive === 0) this.counts.delete(key);
    return true;
  }

  unlockAll(): void {
    for (const key of this.counts.keys()) this.locks.release(this, key, 0xff);
    this.counts.clear();
  }
}
