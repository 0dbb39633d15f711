/**
 * The contents of pg_locks: what is held and waited for. Row locks that are held are listed too, under a kind of their
 * own: PostgreSQL keeps them in the rows, so pg_locks does not show them.
 */
import type { LockInfo, LockTag } from './api.js';
import type { LockGroup, LockRequest } from './lock-wait.js';
import { predicateLocks } from './ssi/predicate-locks.js';
import type { StoreEngine } from './store.js';

export function heldLock(tag: LockTag, group: LockGroup, mode: string): LockInfo {
  const { pid, isPrepared, virtualTransaction } = group;
  return { tag, pid, isPrepared, virtualTransaction, mode, granted: true, waitStart: null };
}

export function wantedLock(request: LockRequest): LockInfo {
  const { group, target, since } = request;
  const mode = target.modeName(request);
  return { ...heldLock(target.tag(request), group, mode), granted: false, waitStart: since };
}

/** `rows`: also the locks of rows that nobody waits for. There may be millions of them. */
export function listLocks(engine: StoreEngine, rows: boolean): LockInfo[] {
  const list = [...engine.tableLocks.list(), ...engine.objectLocks.list()];
  for (const heap of engine.heaps.values()) for (const lock of heap.locks.list(rows)) list.push(lock);
  for (const { group, xid, endWaits, indexLocks } of engine.active) {
    const { virtualTransaction, isPrepared } = group;
    if (!isPrepared) list.push(heldLock({ kind: 'virtualxid', virtualTransaction }, group, 'ExclusiveLock'));
    if (xid !== 0) list.push(heldLock({ kind: 'transactionid', xid }, group, 'ExclusiveLock'));
    for (const { tag, mode } of indexLocks?.noted() ?? []) list.push(heldLock(tag, group, mode));
    for (const request of endWaits) list.push(wantedLock(request));
  }
  list.push(...predicateLocks(engine.serializable.all()));
  return list;
}
