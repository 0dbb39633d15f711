/**
 * The contents of pg_locks: every lock held and every wait.
 */
import type { LockInfo } from './api.js';
import type { StoreEngine } from './store.js';

export function listLocks(engine: StoreEngine): LockInfo[] {
  const list: LockInfo[] = [];
  for (const entry of engine.tableLocks.list()) list.push({ kind: 'relation', ...entry });
  for (const entry of engine.objectLocks.list()) list.push({ kind: 'object', ...entry });
  for (const heap of engine.heaps.values()) {
    for (const { rowId, ...entry } of heap.locks.list())
      list.push({ kind: 'row', name: `${heap.id}/${rowId}`, ...entry });
  }
  for (const { xid, group } of engine.active) {
    if (xid === 0) continue;
    list.push({ kind: 'transaction', name: String(xid), pid: group.pid, xid, mode: 'ExclusiveLock', granted: true });
  }
  return list;
}
