/**
 * Cycles among waiting backends. One that runs through a backend which merely waits ahead in a queue is broken by
 * serving the queue in another order; any other costs the backend that has found it its transaction.
 */
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { describeTag } from './lock-tag.js';
import type { Blocker, LockGroup, LockRequest } from './lock-wait.js';

interface Step {
  readonly request: LockRequest;
  readonly blocker: Blocker;
}

/** The error for the waiter when it is part of a deadlock, null when it is not, or not any longer. */
export function breakDeadlock(request: LockRequest): SqlError | null {
  const cycle = findCycle(request.group, request.group, [], new Set());
  if (cycle === null) return null;
  if (cycle.some(reorder)) return null;
  const lines = cycle.map(
    ({ request: { group, target }, request: waiting, blocker }) =>
      `Process ${group.pid} waits for ${target.modeName(waiting)} on ${describeTag(target.tag(waiting))}; blocked by process ${blocker.group.pid}.`,
  );
  return sqlError('deadlock_detected', 'deadlock detected', {
    detail: lines.join('\n'),
    hint: 'See server log for query details.',
  });
}

function findCycle(start: LockGroup, group: LockGroup, path: Step[], visited: Set<LockGroup>): Step[] | null {
  const request = group.waiting;
  if (request === null || visited.has(group)) return null;
  visited.add(group);
  for (const blocker of request.target.blockers(request)) {
    path.push({ request, blocker });
    if (blocker.group === start) return path;
    const found = findCycle(start, blocker.group, path, visited);
    if (found !== null) return found;
    path.pop();
  }
  return null;
}

/** Lets the request pass the one that waits ahead of it, if nobody in that queue is deadlocked then. */
function reorder({ request, blocker }: Step): boolean {
  const { queue } = request.target;
  if (queue === undefined || blocker.waiter === null) return false;
  const undo = queue.moveAhead(request, blocker.waiter);
  if (queue.requests().every(({ group }) => findCycle(group, group, [], new Set()) === null)) {
    queue.wake();
    return true;
  }
  undo();
  return false;
}
