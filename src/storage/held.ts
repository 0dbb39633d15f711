/** What a transaction holds until its end, besides its write sets. */
import type { RowId } from './api.js';
import type { StoreIndex } from './index.js';
import type { RowLocks } from './row-locks.js';
import type { StoreTransaction } from './transaction.js';

/** Something to let go of at the end of the transaction, or when a savepoint taken before is rolled back to. */
export interface Held {
  release(transaction: StoreTransaction): void;
}

export class HeldRow implements Held {
  constructor(
    private readonly locks: RowLocks,
    private readonly rowId: RowId,
    private readonly before: number,
  ) {}

  release(transaction: StoreTransaction): void {
    this.locks.release(transaction, this.rowId, this.before);
  }
}

/** Unique keys that are reserved. */
export class HeldKeys implements Held {
  indexes: StoreIndex[] = [];
  keys: string[] = [];

  release(): void {
    for (let i = 0; i < this.keys.length; i++) this.indexes[i].freeKey(this.keys[i]);
  }

  /** Frees the keys whose entries are in the store, where others find them. */
  freeStored(transaction: StoreTransaction): void {
    const { indexes, keys } = this;
    this.indexes = [];
    this.keys = [];
    for (let i = 0; i < keys.length; i++) {
      if (transaction.indexWrites?.get(indexes[i].id)?.byKey.has(keys[i])) {
        this.indexes.push(indexes[i]);
        this.keys.push(keys[i]);
      } else indexes[i].freeKey(keys[i]);
    }
  }
}
