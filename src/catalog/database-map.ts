/**
 * Which storage each system table and index of a database has: a heap of its own that SQL does not see, with rows of
 * database, relation and storage. The home database is not in it: its system tables are stored under their own OIDs.
 * A database that is in neither has never been connected to; what it contains is what every new one contains.
 */
import type { DatabaseId, Heap, StorageId, Store, Transaction } from '../storage/api.js';
import { runSync, type Task } from '../util/task.js';

/** Below every system table's. Do not change this value. */
const STORAGE: StorageId = 1;

export class DatabaseMap {
  private readonly heap: Heap;

  constructor(private readonly store: Store) {
    this.heap = store.heap(STORAGE, { columns: 3 });
  }

  *pin(): Task<void> {
    yield* this.store.pin(STORAGE);
  }

  /** Relation to storage; null when the database has no storages of its own yet. REQUIRES: pinned. */
  read(transaction: Transaction, database: DatabaseId): ReadonlyMap<number, StorageId> | null {
    const found = new Map<number, StorageId>();
    this.visit(transaction, database, (relation, storage) => found.set(relation, storage));
    return found.size === 0 ? null : found;
  }

  add(transaction: Transaction, database: DatabaseId, storages: ReadonlyMap<number, StorageId>): void {
    for (const [relation, storage] of storages) this.heap.insert(transaction, [database, relation, storage]);
  }

  *remove(transaction: Transaction, database: DatabaseId): Task<void> {
    const rowIds: number[] = [];
    this.visit(transaction, database, (_relation, _storage, rowId) => rowIds.push(rowId));
    for (const rowId of rowIds) {
      yield* this.heap.lockRow(transaction, transaction.latest(), rowId, 'update', 'wait');
      this.heap.delete(transaction, rowId);
    }
  }

  private visit(
    transaction: Transaction,
    database: DatabaseId,
    tell: (relation: number, storage: StorageId, rowId: number) => void,
  ): void {
    const scan = this.heap.scan(transaction.latest());
    for (let batch = runSync(scan.next()); batch !== null; batch = runSync(scan.next())) {
      for (let i = 0; i < batch.length; i++) {
        const [owner, relation, storage] = batch.rows[i];
        if (owner === database) tell(Number(relation), Number(storage), batch.rowIds[i]);
      }
    }
    scan.close();
  }
}
