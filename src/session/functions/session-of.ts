/** How system functions reach the session that calls them, and how they wait. */
import type { SqlError } from '../../errors/sql-error.js';
import { Gate, Suspend } from '../../exec/suspend.js';
import type { CallContext } from '../../sql/functions/registry.js';
import { Signal, type Task, type WaitEvent } from '../../util/task.js';
import { SessionEnvironment } from '../session-environment.js';

/** The session behind a call. */
export function sessionOf(cx: CallContext): SessionEnvironment {
  if (cx.session instanceof SessionEnvironment) return cx.session;
  throw new Error('a system function was called outside a session');
}

/** Lets time pass. Throws the error that ends the statement meanwhile. */
export function* pause(session: SessionEnvironment, milliseconds: number, event: WaitEvent): Task<void> {
  const signal = new Signal(event);
  let stopped: SqlError | null = null;
  const forget = session.onCancel((error) => {
    stopped = error;
    signal.fire();
  });
  const timer = setTimeout(() => signal.fire(), milliseconds);
  try {
    yield signal;
  } finally {
    clearTimeout(timer);
    forget();
  }
  if (stopped !== null) throw stopped;
}

interface Running {
  readonly task: Task<unknown>;
  readonly gate: Gate;
  /** Takes back that the task is given up with the statement. */
  readonly finish: () => void;
}

const running = new WeakMap<CallContext, Running>();

/**
 * Runs a task inside a function call. While it waits the call is suspended and evaluated again later with the same
 * context; `start` is then not called again. REQUIRES: one task at a time for each call site.
 */
export function waitFor<T>(cx: CallContext, start: () => Task<T>): T {
  const known = running.get(cx);
  if (known !== undefined && !known.gate.over) throw new Suspend(known.gate);
  const task = (known?.task as Task<T> | undefined) ?? start();
  known?.finish();
  running.delete(cx);
  const step = task.next();
  if (step.done) return step.value;
  const gate = new Gate(step.value);
  // The call may not be evaluated again: the statement can fail elsewhere, or be cancelled.
  const unfinished: Task<unknown> = task;
  const finish = sessionOf(cx).abandonAtEnd(() => {
    running.delete(cx);
    unfinished.return(undefined);
  });
  running.set(cx, { task, gate, finish });
  throw new Suspend(gate);
}
