/** Work outside of any execution that the end of the statement ends as well: cancel requests, timeouts, lost connections. */
import type { SqlError } from '../errors/sql-error.js';
import { Gate } from '../exec/suspend.js';
import type { Task } from '../util/task.js';
import type { SessionEnvironment } from './session-environment.js';

/** Runs the task. @throws SqlError what ends the statement meanwhile; the task is closed then */
export function* interruptible<T>(session: SessionEnvironment, task: Task<T>): Task<T> {
  const stop: { error: SqlError | null; gate: Gate | null } = { error: null, gate: null };
  const forget = session.onCancel((error) => {
    stop.error = error;
    stop.gate?.open();
  });
  let done = false;
  try {
    for (;;) {
      const step = task.next();
      if (step.done) {
        done = true;
        return step.value;
      }
      stop.gate = new Gate(step.value);
      yield stop.gate;
      if (stop.error !== null) throw stop.error;
    }
  } finally {
    forget();
    // The generator ends in its `finally` blocks; what it would return is not looked at.
    if (!done) task.return(undefined as never);
  }
}
