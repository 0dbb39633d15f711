/**
 * What the storage tests share: a store in memory and short ways to do whole transactions.
 */
import type { Heap, Index, Snapshot, Store, StoreSettings, Transaction } from '../../src/storage/api.js';
import { openStore } from '../../src/storage/open-store.js';
import type { Row } from '../../src/types/datum.js';
import { runTask, type Task } from '../../src/util/task.js';

export function testSettings(changes: Partial<StoreSettings> = {}): StoreSettings {
  return {
    dataDir: '',
    provider: 'memory',
    blockCacheSize: 64 << 20,
    writeBufferSize: 4 << 20,
    maxWalSize: 64 << 20,
    writeSetMemory: 2 << 20,
    changeSetMemory: 256 << 20,
    entryMemory: 256 << 20,
    ignoreChecksumFailure: false,
    walSegmentSize: 1 << 20,
    compression: false,
    maxOpenTables: 100,
    maxTemporaryFiles: 16,
    ...changes,
  };
}

export function openMemoryStore(): Promise<Store> {
  return openStore(testSettings());
}

/** Runs a task that may wait, as a promise. */
export const run = runTask;

export async function commit(transaction: Transaction): Promise<void> {
  await runTask(transaction.commit({ synchronous: true }));
}

/** Runs `work` in a transaction of its own and commits it. */
export async function inTransaction<T>(store: Store, work: (tx: Transaction) => T | Task<T>): Promise<T> {
  const tx = store.begin('read committed');
  try {
    const result = work(tx);
    const value = isTask(result) ? await runTask(result) : result;
    await commit(tx);
    return value;
  } catch (error) {
    tx.rollback();
    throw error;
  }
}

function isTask<T>(value: T | Task<T>): value is Task<T> {
  return typeof value === 'object' && value !== null && 'next' in value && 'throw' in value;
}

/** A fresh snapshot's view of one row. */
export async function fetchNow(store: Store, heap: Heap, rowId: number): Promise<Row | null> {
  const tx = store.begin('read committed');
  const row = await runTask(heap.fetch(tx.snapshot(), rowId));
  tx.rollback();
  return row;
}

/** Every row that the snapshot sees, by row id. */
export async function allRows(heap: Heap, snapshot: Snapshot): Promise<Map<number, Row>> {
  const found = new Map<number, Row>();
  const scan = heap.scan(snapshot);
  for (;;) {
    const batch = await runTask(scan.next());
    if (batch === null) return found;
    for (let i = 0; i < batch.length; i++) found.set(batch.rowIds[i], batch.rows[i]);
  }
}

/** All candidates of an index range. */
export async function candidates(
  index: Index,
  snapshot: Snapshot,
  lo: string | null = null,
  hi: string | null = null,
  descending = false,
): Promise<[string, number][]> {
  const found: [string, number][] = [];
  const scan = index.scan(snapshot, { lo, hi }, descending);
  for (;;) {
    const batch = await runTask(scan.next());
    if (batch === null) return found;
    for (let i = 0; i < batch.length; i++) found.push([batch.keys[i], batch.rowIds[i]]);
  }
}

/** Locks and changes one row, as an UPDATE statement does. Returns false when it is gone. */
export function* updateRow(tx: Transaction, heap: Heap, rowId: number, change: (row: Row) => Row): Task<boolean> {
  const snapshot = tx.snapshot();
  try {
    const locked = yield* heap.lockRow(tx, snapshot, rowId, 'no key update', 'wait');
    if (locked.status !== 'locked') return false;
    heap.update(tx, rowId, change(locked.row));
    return true;
  } finally {
    tx.releaseSnapshot(snapshot);
    tx.nextCommand();
  }
}
