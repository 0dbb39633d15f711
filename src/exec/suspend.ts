/**
 * How a synchronous evaluation waits. An expression whose subplan cannot go on throws a `Suspend`; the operator that
 * evaluates it catches it, yields the wait inside, and evaluates the same row again. The subplan keeps its half-run
 * state, so the second evaluation goes on where the first one stopped. See README.md, "Waiting inside expressions".
 */
import type { Wait } from '../util/task.js';

/** Not an Error: it is control flow, and no stack is wanted. */
export class Suspend {
  constructor(readonly wait: Wait) {}
}

/** For `catch` blocks around evaluation loops: the wait to yield. Any other error is thrown on. */
export function suspension(error: unknown): Wait {
  if (error instanceof Suspend) return error.wait;
  throw error;
}
