/** pg_cancel_backend and pg_terminate_backend, and who may use them on whom. */
import { sqlError } from '../../errors/sql-error.js';
import { type CallContext, contextFunctions, type FunctionFamily } from '../../sql/functions/registry.js';
import type { Task, WaitEvent } from '../../util/task.js';
import type { Session } from '../session.js';
import { mayActAs } from './privilege-functions.js';
import { pause, sessionOf, waitFor } from './session-of.js';

/** OID of pg_signal_backend. */
const SIGNAL_BACKEND = 4200;
/** How often a terminating backend is looked at: milliseconds. */
const POLL_MS = 10;
const TERMINATION: WaitEvent = { type: 'IPC', name: 'BackendTermination' };

/** The session to be signalled; null, after a warning, when there is none. Throws 42501. */
function target(cx: CallContext, pid: number, superuserOnly: string, membersOnly: string): Session | null {
  const { sessions, catalog } = sessionOf(cx);
  const session = sessions.get(pid);
  if (session === undefined) {
    cx.session.notice('WARNING', `PID ${pid} is not a PostgreSQL backend process`);
    return null;
  }
  const { roleOid } = session;
  if (catalog.role(roleOid)?.superuser === true && catalog.roleByName(cx.session.currentUser)?.superuser !== true)
    throw sqlError('insufficient_privilege', `must be a superuser to ${superuserOnly}`);
  if (!mayActAs(cx, roleOid) && !mayActAs(cx, SIGNAL_BACKEND)) {
    throw sqlError(
      'insufficient_privilege',
      `must be a member of the role whose ${membersOnly} or member of pg_signal_backend`,
    );
  }
  return session;
}

/** Ends the connection. With a timeout (milliseconds): whether the backend is gone before it is over. */
function* terminate(cx: CallContext, pid: number, timeout: number): Task<boolean> {
  const session = target(cx, pid, 'terminate superuser process', 'process is being terminated');
  if (session === null) return false;
  const reason = 'terminating connection due to administrator command';
  session.db.cluster.backends.stop(pid, sqlError('admin_shutdown', reason, { severity: 'FATAL' }));
  if (timeout === 0) return true;
  const deadline = performance.now() + timeout;
  while (sessionOf(cx).sessions.get(pid) === session) {
    if (performance.now() > deadline) {
      cx.session.notice('WARNING', `backend with PID ${pid} did not terminate within ${timeout} milliseconds`);
      return false;
    }
    yield* pause(sessionOf(cx), POLL_MS, TERMINATION);
  }
  return true;
}

export const signalFunctions: FunctionFamily = contextFunctions({
  pg_cancel_backend: (cx, pid: number) => {
    const session = target(cx, pid, 'cancel superuser query', 'query is being canceled');
    session?.db.cluster.backends.cancel(pid);
    return session !== null;
  },
  pg_terminate_backend: (cx, pid: number, timeout: number | bigint) => {
    if (timeout < 0) throw sqlError('numeric_value_out_of_range', '"timeout" must not be negative');
    return waitFor(cx, () => terminate(cx, pid, Number(timeout)));
  },
});
