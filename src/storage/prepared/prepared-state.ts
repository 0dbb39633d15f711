/**
 * What a prepared transaction is besides its changes: its name and owner, and what it keeps from others. Taken from a
 * running transaction, and given back to one that is rebuilt after a restart. Its keys are not listed: those that it has
 * written to a unique index are the ones it has reserved.
 */
import type { RowId, StorageId } from '../api.js';
import type { NamedLocks } from '../named-locks.js';
import type { RowLocks } from '../row-locks.js';
import type { NotedReads } from '../ssi/predicate-reads.js';
import type { StoreEngine } from '../store.js';
import type { StoreTransaction } from '../transaction.js';
import type { PreparedFacts } from './two-phase.js';

export interface PreparedState extends PreparedFacts {
  /** Relations, and the modes held (bit masks). */
  readonly tables: ReadonlyMap<number, number>;
  readonly objects: ReadonlyMap<string, number>;
  /** Rows of a heap, and the strongest mode held. */
  readonly rows: ReadonlyMap<StorageId, ReadonlyMap<RowId, number>>;
  /** Indexes in which it has reserved keys. */
  readonly uniqueIndexes: readonly StorageId[];
  /** What it has read; null when it is not watched for serializability. */
  readonly reads: NotedReads | null;
}

export function captureState(engine: StoreEngine, own: StoreTransaction, facts: PreparedFacts): PreparedState {
  own.indexLocks?.enqueue();
  const rows = new Map<StorageId, ReadonlyMap<RowId, number>>();
  for (const heap of engine.heaps.values()) {
    const held = heap.locks.heldBy(own);
    if (held.size > 0) rows.set(heap.id, held);
  }
  return {
    ...facts,
    tables: own.tableLocks.heldBy(own),
    objects: engine.objectLocks.heldBy(own),
    rows,
    uniqueIndexes: [...(own.indexWrites?.values() ?? [])].flatMap(({ index }) =>
      index.unique.hasKeysOf(own) ? index.id : [],
    ),
    reads: own.serial === null ? null : own.serial.reads.noted(),
  };
}

/** Takes everything again that the transaction had. REQUIRES: its changes are in its write set; nobody else is there. */
export function restoreState(engine: StoreEngine, own: StoreTransaction, state: PreparedState): void {
  for (const [relation, modes] of state.tables) {
    const locks = own.tableLocks.placeOf(relation);
    locks.announce(relation, strongestMode(modes));
    lockName(locks, own, relation, modes);
  }
  for (const [key, modes] of state.objects) lockName(engine.objectLocks, own, key, modes);
  for (const [id, rows] of state.rows) lockRows(engine.heap(id, { columns: 0 }).locks, own, rows);
  for (const id of state.uniqueIndexes) {
    for (const key of own.indexWrites?.get(id)?.byKey.keys() ?? []) engine.index(id).unique.restore(own, key);
  }
  if (state.reads !== null) own.serial = engine.serializable.restore(own, state.reads);
}

function strongestMode(modes: number): number {
  return 31 - Math.clz32(modes);
}

function lockName<Name extends string | number>(
  locks: NamedLocks<Name>,
  own: StoreTransaction,
  name: Name,
  modes: number,
): void {
  for (let mode = 0; modes >> mode !== 0; mode++) {
    if ((modes & (1 << mode)) !== 0 && !locks.tryAcquire(own, name, mode))
      throw new Error(`two prepared transactions have locked ${name}`);
  }
  own.hold({ release: () => locks.release(own, name, modes) });
}

function lockRows(locks: RowLocks, own: StoreTransaction, rows: ReadonlyMap<RowId, number>): void {
  for (const [rowId, mode] of rows) {
    if (!locks.tryLock(own, rowId, mode)) throw new Error(`two prepared transactions have locked row ${rowId}`);
  }
}
