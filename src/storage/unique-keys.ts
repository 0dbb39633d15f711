/**
 * The keys of a unique index that running transactions have taken: reserved in memory, announced (deferrable constraints),
 * or in the temporary file of a large transaction. Others who want such a key wait for the end of the transaction.
 */
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { AnnouncedKeys } from './announced-keys.js';
import type { Heap, RowId } from './api.js';
import { AppendedEntries } from './appended-entries.js';
import type { EntryRuns } from './entry-runs.js';
import type { StoreHeap } from './heap.js';
import type { KeyTable } from './held.js';
import type { StoreIndex } from './index.js';
import { SplitMap } from './split-map.js';
import type { StoreTransaction } from './transaction.js';

type KeyOf = (row: Row) => string | null;

export class UniqueKeys implements KeyTable {
  private readonly reserved = new SplitMap<StoreTransaction>();
  private readonly announced: AnnouncedKeys;
  /** What running transactions add behind all entries. */
  private readonly appending = new Map<StoreTransaction, AppendedEntries>();
  /** Null: there are none. */
  private aside: Map<StoreTransaction, EntryRuns> | null = null;

  constructor(readonly index: StoreIndex) {
    this.announced = new AnnouncedKeys(index);
  }

  /** As `Index.checkUnique`. */
  *check(self: StoreTransaction, heap: Heap, key: string, keyOf: KeyOf, own: RowId | null): Task<RowId> {
    for (;;) {
      const owner = this.ownerOf(self, key);
      if (owner !== null) {
        yield* owner.waitForEnd(self);
        continue;
      }
      const earlier = this.announced.earlier(self, key);
      if (earlier !== null) {
        yield* earlier.waitForEnd(self);
        continue;
      }
      const conflict = yield* this.findConflict(self, heap, key, keyOf, own ?? 0);
      if (conflict instanceof Object) {
        yield* conflict.waitForEnd(self);
        continue;
      }
      if (conflict !== 0) {
        // A duplicate that somebody else's reads have already shown to be unserializable is reported as such.
        if (self.serial !== null && own !== null) self.serial.writeDuplicate(heap.id, this.index.id, key);
        self.group.followedLsn = self.engine.installedLsn;
        return conflict;
      }
      // Loading pages may have let somebody else in.
      const now = this.reserved.get(key);
      if (now === self) return 0;
      if (now !== undefined || this.ownerElsewhere(self, key) !== null) continue;
      this.reserve(self, key);
      return 0;
    }
  }

  /** As `Index.tryReserve`. */
  tryReserve(self: StoreTransaction, key: string): boolean {
    if (this.reserved.get(key) !== undefined || this.announced.earlier(self, key) !== null) return false;
    if (this.ownerElsewhere(self, key) !== null) return false;
    const place = this.index.end.placeFor(self, key);
    if (place !== null) {
      place.reserve(key);
      return true;
    }
    if (this.index.tryGet(self.latest(), key) !== 0) return false;
    this.reserve(self, key);
    return true;
  }

  /** As `Index.announce`. */
  announce(self: StoreTransaction, key: string): boolean {
    const contested = this.index.tryGet(self.latest(), key) !== 0 || this.ownerElsewhere(self, key) !== null;
    return this.announced.add(self, key) || contested;
  }

  /** Another transaction that has taken the key. */
  private ownerOf(self: StoreTransaction, key: string): StoreTransaction | null {
    const owner = this.reserved.get(key);
    if (owner !== undefined && owner !== self) return owner;
    return this.ownerElsewhere(self, key);
  }

  /** Who has taken the key without reserving it. */
  private ownerElsewhere(self: StoreTransaction, key: string): StoreTransaction | null {
    if (this.appending.size > 0)
      for (const [owner, entries] of this.appending) if (owner !== self && entries.has(key)) return owner;
    if (this.aside === null) return null;
    for (const [owner, runs] of this.aside) if (owner !== self && runs.has(key)) return owner;
    return null;
  }

  /** A live row with the key, the transaction that may be changing one, or 0. */
  private *findConflict(
    self: StoreTransaction,
    heap: Heap,
    key: string,
    keyOf: KeyOf,
    own: RowId,
  ): Task<RowId | StoreTransaction> {
    const locks = (heap as StoreHeap).locks;
    const single = this.index.tryGet(self.latest(), key);
    if (single === 0 || single === own) return 0;
    const candidates = single > 0 ? [single] : yield* this.candidates(self, key);
    for (const rowId of candidates) {
      if (rowId === own) continue;
      const storing = (heap as StoreHeap).storedBy(rowId);
      if (storing !== null && storing !== self) return storing;
      const changer = locks.changer(rowId);
      if (changer !== null && changer !== self && changer.changes(heap.id, rowId)) return changer;
      const row = yield* heap.newest(self, rowId);
      if (row !== null && keyOf(row) === key) return rowId;
      const inserting = row === null ? self.engine.inserterOf(heap.id, rowId) : null;
      if (inserting !== null && inserting !== self) return inserting;
    }
    return 0;
  }

  private *candidates(self: StoreTransaction, key: string): Task<RowId[]> {
    const scan = this.index.scan(self.latest(), { lo: key, hi: `${key}\0` }, false);
    const found: RowId[] = [];
    for (;;) {
      const batch = yield* scan.next();
      if (batch === null) return found;
      for (let i = 0; i < batch.length; i++) if (batch.keys[i] === key) found.push(batch.rowIds[i]);
    }
  }

  /** Whether the transaction has taken, or announced, a key. */
  hasKeysOf(transaction: StoreTransaction): boolean {
    for (const owner of this.reserved.values()) if (owner === transaction) return true;
    if ((this.appending.get(transaction)?.count ?? 0) > 0) return true;
    return this.announced.hasKeysOf(transaction) || this.aside?.get(transaction)?.reserves === true;
  }

  /** Takes a key of a prepared transaction, which others may have to check now or later. REQUIRES: nobody else has it. */
  restore(transaction: StoreTransaction, key: string): void {
    this.reserve(transaction, key);
    this.announced.add(transaction, key);
  }

  private reserve(transaction: StoreTransaction, key: string): void {
    this.reserved.set(key, transaction);
    transaction.holdKey(this, key);
  }

  /** Begins what a transaction adds behind all entries. The keys are taken until its end. */
  append(transaction: StoreTransaction): AppendedEntries {
    const entries = new AppendedEntries();
    this.appending.set(transaction, entries);
    transaction.hold({ release: () => this.appending.delete(transaction) });
    return entries;
  }

  /** Lets others have a reserved key. */
  free(key: string): void {
    this.reserved.delete(key);
  }

  /** Keys of the runs are taken, whether or not they are reserved as well, until `release`. */
  setAside(transaction: StoreTransaction, runs: EntryRuns): void {
    this.aside ??= new Map();
    this.aside.set(transaction, runs);
  }

  release(transaction: StoreTransaction): void {
    if (this.aside?.delete(transaction) && this.aside.size === 0) this.aside = null;
  }
}
