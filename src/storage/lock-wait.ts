/**
 * Waiting for locks. The nodes of the graph of who waits for whom are backends (`LockGroup`), each of which waits for
 * at most one request at a time. As in PostgreSQL a wait looks for a deadlock once, after the backend's
 * deadlock_timeout, so the victim of a cycle is the backend whose time is up first.
 */
import { sqlError } from '../errors/sql-error.js';
import type { Task, Wait, WaitEvent } from '../util/task.js';
import type { DatabaseId, LockGroup as LockGroupInterface, LockTag, Lsn } from './api.js';
import { breakDeadlock } from './deadlock.js';

/** One backend: its transactions and its session-level locks never conflict with each other. */
export class LockGroup implements LockGroupInterface {
  waiting: LockRequest | null = null;
  /** No backend any more, but a prepared transaction. */
  readonly isPrepared: boolean = false;
  lockTimeout = 0;
  deadlockTimeout = 1000;
  /**
   * What was installed when it last got a lock. Locks are freed before commits are durable: whoever has one after them
   * must see them all the same, so its snapshots see at least this.
   */
  followedLsn: Lsn = 0;
  private begun = 0;
  /** The number of the running transaction among those of this backend, 0 when there is none. */
  private current = 0;

  constructor(
    readonly pid: number,
    readonly database: DatabaseId = 0,
  ) {}

  get virtualTransaction(): string {
    return `${this.pid}/${this.current}`;
  }

  transactionBegan(): void {
    this.current = ++this.begun;
  }

  transactionEnded(): void {
    this.current = 0;
  }
}

/** Who keeps a request from being granted. */
export interface Blocker {
  readonly group: LockGroup;
  /** Null when it holds the lock; else it only waits as well, ahead of the request. */
  readonly waiter: LockRequest | null;
}

/** Whatever can be waited for. */
export interface LockTarget {
  blockers(request: LockRequest): Blocker[];
  /** Takes a request that is given up out of the queue. */
  withdraw(request: LockRequest): void;
  /** What the request waits for right now, and in which mode. */
  tag(request: LockRequest): LockTag;
  modeName(request: LockRequest): string;
  /** Queues that can serve a request before an earlier one, to break a deadlock. */
  readonly queue?: ReorderableQueue;
}

export interface ReorderableQueue {
  /** Puts the request right before the other one. Returns how to undo that. */
  moveAhead(request: LockRequest, other: LockRequest): () => void;
  requests(): LockRequest[];
  /** Grants what can be granted. */
  wake(): void;
}

/** Errors that have ended a wait for another transaction, as opposed to any other failure of the same statement. */
const endedTransactionWaits = new WeakSet<Error>();

/** Whether the error has ended a wait for another transaction: PostgreSQL tells in its context what the row was. */
export function endedTransactionWait(error: unknown): error is Error {
  return error instanceof Error && endedTransactionWaits.has(error);
}

export class LockRequest implements Wait {
  granted = false;
  /** Wall clock at the beginning of the wait: milliseconds. */
  readonly since = Date.now();
  private error: Error | null = null;
  private resume: (() => void) | null = null;
  private over = false;

  constructor(
    readonly group: LockGroup,
    readonly target: LockTarget,
    readonly owner: object,
    readonly mode: number,
  ) {}

  get event(): WaitEvent {
    const { kind } = this.target.tag(this);
    return { type: 'Lock', name: kind === 'object' ? 'advisory' : kind };
  }

  subscribe(resume: () => void): void {
    if (this.over) resume();
    else this.resume = resume;
  }

  cancel(): void {
    this.resume = null;
    if (!this.over) this.target.withdraw(this);
    this.over = true;
  }

  /** The lock is there. The waiter runs soon, but not inside the caller. */
  grant(): void {
    this.granted = true;
    this.end();
  }

  /** Gives the wait up with an error. */
  fail(error: Error): void {
    if (this.over) return;
    this.error = error;
    if (this.target.tag(this).kind === 'transactionid') endedTransactionWaits.add(error);
    this.target.withdraw(this);
    this.end();
  }

  private end(): void {
    this.over = true;
    const resume = this.resume;
    this.resume = null;
    if (resume !== null) queueMicrotask(resume);
  }

  /** Waits until granted. Throws 40P01, 55P03 or the error given to `fail`. */
  *wait(): Task<void> {
    if (this.granted) return;
    const group = this.group;
    group.waiting = this;
    const { lockTimeout, deadlockTimeout } = group;
    const deadlockTimer = setTimeout(() => {
      const error = breakDeadlock(this);
      if (error !== null) this.fail(error);
    }, deadlockTimeout);
    const lockTimer =
      lockTimeout === 0
        ? null
        : setTimeout(
            () => this.fail(sqlError('lock_not_available', 'canceling statement due to lock timeout')),
            lockTimeout,
          );
    try {
      yield this;
    } finally {
      group.waiting = null;
      clearTimeout(deadlockTimer);
      if (lockTimer !== null) clearTimeout(lockTimer);
      if (!this.over) {
        this.over = true;
        this.target.withdraw(this);
      }
    }
    if (this.error !== null) throw this.error;
  }
}
