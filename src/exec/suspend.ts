/**
 * How a synchronous evaluation waits. An expression whose subplan cannot go on throws a `Suspend`; the operator that
 * evaluates it catches it, yields the wait inside, and evaluates the same row again. The subplan keeps its half-run
 * state, so the second evaluation goes on where the first one stopped. See README.md, "Waiting inside expressions".
 */
import type { Wait, WaitEvent } from '../util/task.js';

/** Not an Error: it is control flow, and no stack is wanted. */
export class Suspend {
  constructor(readonly wait: Wait) {}
}

/** For `catch` blocks around evaluation loops: the wait to yield. Any other error is thrown on. */
export function suspension(error: unknown): Wait {
  if (error instanceof Suspend) return error.wait;
  throw error;
}

/** A wait that remembers whether it is over: a suspended call may be evaluated again before it was waited for. */
export class Gate implements Wait {
  over = false;
  private resume: (() => void) | null = null;

  constructor(private readonly inner: Wait) {}

  subscribe(resume: () => void): void {
    this.resume = resume;
    this.inner.subscribe(() => this.open());
  }

  /** Ends the wait, whatever it is for. */
  open(): void {
    this.over = true;
    const { resume } = this;
    this.resume = null;
    resume?.();
  }

  get isWork(): boolean {
    return this.inner.isWork === true;
  }

  atOnce(): void {
    this.inner.atOnce?.();
    this.open();
  }

  get event(): WaitEvent | undefined {
    return this.inner.event;
  }

  cancel(): void {
    this.resume = null;
    this.inner.cancel?.();
  }
}
