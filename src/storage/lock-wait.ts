/**
 * Waiting for locks, and the graph of who waits for whom. Its nodes are backends (`LockGroup`), each of which waits for at
 * most one request at a time. A cycle can only be closed by the wait that begins last, so it is looked for there.
 */
import { sqlError } from '../errors/sql-error.js';
import type { Task, Wait } from '../util/task.js';

/** One backend: its transaction and its session-level locks never conflict with each other. */
export class LockGroup {
  waiting: LockRequest | null = null;

  constructor(
    /** The number that clients see (pg_backend_pid). */
    readonly pid: number,
  ) {}
}

/** Whatever can be waited for. */
export interface LockTarget {
  /** The backends that keep the request from being granted. */
  blockers(request: LockRequest): LockGroup[];
  /** Takes a request that is given up out of the queue. */
  withdraw(request: LockRequest): void;
  /** As in PostgreSQL's messages: "ShareLock on transaction 731". */
  describe(request: LockRequest): string;
}

export class LockRequest implements Wait {
  granted = false;
  private error: Error | null = null;
  private resume: (() => void) | null = null;
  private over = false;

  constructor(
    readonly group: LockGroup,
    readonly target: LockTarget,
    readonly owner: object,
    readonly mode: number,
  ) {}

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
    this.target.withdraw(this);
    this.end();
  }

  private end(): void {
    this.over = true;
    const resume = this.resume;
    this.resume = null;
    if (resume !== null) queueMicrotask(resume);
  }

  /** Waits until granted. `timeout` in milliseconds, 0 for none. Throws 40P01, 55P03 or the error given to `fail`. */
  *wait(timeout: number): Task<void> {
    if (this.granted) return;
    const group = this.group;
    group.waiting = this;
    let timer: NodeJS.Timeout | null = null;
    try {
      checkDeadlock(this);
      if (timeout > 0) {
        timer = setTimeout(() => {
          this.fail(sqlError('lock_not_available', 'canceling statement due to lock timeout'));
        }, timeout);
      }
      yield this;
    } finally {
      group.waiting = null;
      if (timer !== null) clearTimeout(timer);
      if (!this.over) {
        this.over = true;
        this.target.withdraw(this);
      }
    }
    if (this.error !== null) throw this.error;
  }
}

function checkDeadlock(request: LockRequest): void {
  const path = findCycle(request.group, request.group, [], new Set());
  if (path === null) return;
  const lines = path.map(
    (step) =>
      `Process ${step.group.pid} waits for ${step.request.target.describe(step.request)}; blocked by process ${step.blocker.pid}.`,
  );
  throw sqlError('deadlock_detected', 'deadlock detected', {
    detail: lines.join('\n'),
    hint: 'See server log for query details.',
  });
}

interface Step {
  readonly group: LockGroup;
  readonly request: LockRequest;
  readonly blocker: LockGroup;
}

function findCycle(start: LockGroup, group: LockGroup, path: Step[], visited: Set<LockGroup>): Step[] | null {
  const request = group.waiting;
  if (request === null || visited.has(group)) return null;
  visited.add(group);
  for (const blocker of request.target.blockers(request)) {
    path.push({ group, request, blocker });
    if (blocker === start) return path;
    const found = findCycle(start, blocker, path, visited);
    if (found !== null) return found;
    path.pop();
  }
  return null;
}
