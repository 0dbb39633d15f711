/** How system functions reach the session that calls them, and how they wait. */
import { Suspend } from '../../exec/suspend.js';
import type { CallContext } from '../../sql/functions/registry.js';
import type { Task } from '../../util/task.js';
import { SessionEnvironment } from '../session-environment.js';

/** The session behind a call. */
export function sessionOf(cx: CallContext): SessionEnvironment {
  if (cx.session instanceof SessionEnvironment) return cx.session;
  throw new Error('a system function was called outside a session');
}

const running = new WeakMap<CallContext, Task<unknown>>();

/**
 * Runs a task inside a function call. While it waits the call is suspended and evaluated again later with the same
 * context; `start` is then not called again. REQUIRES: one task at a time for each call site.
 */
export function waitFor<T>(cx: CallContext, start: () => Task<T>): T {
  const task = (running.get(cx) as Task<T> | undefined) ?? start();
  running.delete(cx);
  const step = task.next();
  if (step.done) return step.value;
  running.set(cx, task);
  throw new Suspend(step.value);
}
