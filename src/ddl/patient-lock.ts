/**
 * Locks of CREATE INDEX CONCURRENTLY and its like. While such a statement waits, others go on reading and writing: it does not stand
 * in the queue, but waits for the ends of those who have the relation. Once it has its lock, others wait for the work itself.
 */
import type { TableLockMode } from '../storage/api.js';
import type { Task } from '../util/task.js';
import type { DdlContext } from './ddl-context.js';

/** Where there is always somebody, it gets into the queue in the end. */
const ROUNDS = 100;

/** REQUIRES: `relation` is kept from changes otherwise (by ShareUpdateExclusiveLock on the table). */
export function* lockPatiently({ transaction }: DdlContext, relation: number, mode: TableLockMode): Task<void> {
  for (let round = 0; round < ROUNDS; round++) {
    if (yield* transaction.lockTable(relation, mode, 'nowait')) return;
    yield* transaction.awaitHolders(relation, mode);
  }
  yield* transaction.lockTable(relation, mode, 'wait');
}
