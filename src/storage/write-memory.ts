/**
 * How much of a transaction's changes is in memory. Beyond its limits inserts go to the store (spill.ts), updates and deletes to a
 * temporary file (aside.ts), unless they are older than an open savepoint: those stay where they are, so that a rollback to it is
 * exact. Therefore a savepoint is only made when little is in memory, and what may stay is limited in all.
 */
import { sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import { Aside } from './aside.js';
import { PAGE_ROWS } from './heap-page.js';
import { Spill } from './spill.js';
import type { StoreEngine } from './store.js';
import type { StoreTransaction } from './transaction.js';
import { ENTRY_BYTES } from './write-set.js';

/** What may be in memory when a savepoint is made, and what is worth a write then: parts of `changeSetMemory`. */
const BEFORE_SAVEPOINT = 1 / 4;
const WORTH_A_WRITE = 1 / 256;

/** Puts out of memory what is too much there; before a savepoint (`isEarly`), whatever can be. @throws SqlError 53200 */
export function* spillWrites(transaction: StoreTransaction, floor: number, isEarly: boolean): Task<void> {
  const { engine } = transaction;
  const { changeSetMemory, writeSetMemory } = engine.settings;
  const share = isEarly ? WORTH_A_WRITE : 1;
  if (transaction.unspilled > writeSetMemory * share) {
    transaction.spilled ??= new Spill(transaction);
    const spilled = yield* transaction.spilled.run(floor);
    // Rows that were changed again, or that an older snapshot of this transaction tells apart, count as changes.
    if (!spilled) transaction.changedBytes += transaction.unspilled;
    transaction.unspilled = 0;
  }
  if (transaction.changedBytes > transaction.asideLimit * share) {
    transaction.aside ??= new Aside(transaction);
    const done = yield* transaction.aside.run(floor);
    // What is older than the savepoint stays in memory.
    transaction.asideLimit = done ? changeSetMemory : Math.max(transaction.asideLimit, transaction.changedBytes * 2);
    if (done) transaction.changedBytes = 0;
  }
  requireEntryMemory(engine);
}

/** Whether `spillWrites` should be called before a savepoint is made. */
export function isLargeForSavepoint(transaction: StoreTransaction): boolean {
  const { engine, unspilled, changedBytes } = transaction;
  const { changeSetMemory } = engine.settings;
  if (unspilled + changedBytes <= changeSetMemory * WORTH_A_WRITE || engine.materializer === null) return false;
  return mayKeep(transaction) > changeSetMemory * BEFORE_SAVEPOINT;
}

/**
 * Bytes of what is in memory, estimated. Pages count as if all of their rows were changed: one row that is older than the savepoint
 * keeps its page in memory.
 */
function mayKeep({ heapWrites, indexWrites }: StoreTransaction): number {
  let bytes = 0;
  for (const { heap, pages } of heapWrites?.values() ?? [])
    if (!heap.pinned) bytes += pages.size * PAGE_ROWS * (heap.averageRow.bytes + ENTRY_BYTES);
  for (const { index, bytes: entries } of indexWrites?.values() ?? []) if (!index.pinned) bytes += entries;
  return bytes;
}

/** @throws SqlError 53200 when running transactions hold more index entries than `entryMemory` */
function requireEntryMemory({ active, settings }: StoreEngine): void {
  let bytes = 0;
  for (const { indexWrites } of active) for (const writes of indexWrites?.values() ?? []) bytes += writes.bytes;
  if (bytes <= settings.entryMemory) return;
  throw sqlError('out_of_memory', 'out of memory', {
    detail: `Failed on request of size ${bytes} in memory context "IndexEntries".`,
    hint: 'Index entries of changed keys that are older than an open savepoint are in memory. Use fewer savepoints.',
  });
}
