/**
 * An ordered index: the committed entries in a tree of cached leaves, a transaction's own ones in its IndexWrites, and
 * the reservations of unique keys by running transactions. See index-leaf.ts for what a leaf keeps.
 */
import { decodeEntries } from '../encoding/entry-codec.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type {
  Heap,
  Index,
  IndexRange,
  IndexScan,
  Lsn,
  RowId,
  Snapshot,
  StorageId,
  SupersededEntry,
  Transaction,
} from './api.js';
import { boundaryRow, divide, dropFirst, dropLast, earlier } from './entry-position.js';
import type { EntryRun } from './entry-run.js';
import { IndexBlocks } from './index-blocks.js';
import { StoreIndexBuilder } from './index-builder.js';
import { IndexEnd } from './index-end.js';
import { type EntryChange, entryBefore, IndexLeaf, LEAF_MAX } from './index-leaf.js';
import type { IndexOverlay } from './index-overlay.js';
import { StoreIndexScan } from './index-scan.js';
import { IndexTree } from './index-tree.js';
import { withOwn } from './index-writes.js';
import type { PageCache } from './page-cache.js';
import { readFault } from './read-fault.js';
import { SharedLoad } from './shared-load.js';
import { LATEST_LSN } from './snapshot.js';
import type { IndexPosition, StorageReader, StoredEntries } from './storage-reader.js';
import { type StoreTransaction, storeTransaction } from './transaction.js';
import { UniqueKeys } from './unique-keys.js';
import { DELETED_BYTES, ENTRY_BYTES, SPILL_FROM } from './write-set.js';

/** Entries read from the KvStore in one go. */
const LOAD_ENTRIES = 256;
/** Changes of a leaf that are written in one go; an unloaded leaf may have any number. */
const FLUSH_ENTRIES = 4096;

export class StoreIndex implements Index {
  tree: IndexTree;
  /** Leaves with changes that the KvStore does not have. */
  dirty = new Set<IndexLeaf>();
  /** Leaves with changes in the batch that is just being written to the KvStore. */
  readonly flushing = new Set<IndexLeaf>();
  /** The dirty leaves that the write-behind is going through. */
  private taken: Set<IndexLeaf> | null = null;
  pinned: boolean;
  heap: StorageId = 0;
  entryCount = 0;
  pagesRead = 0;
  readonly unique = new UniqueKeys(this);
  /** Large commits whose entries may not be here yet, or are still needed, in their order; null: there are none. */
  private overlays: IndexOverlay[] | null = null;
  readonly blocks: IndexBlocks;
  readonly end: IndexEnd;

  constructor(
    readonly id: StorageId,
    private readonly cache: PageCache,
    private readonly reader: StorageReader | null,
    /** Nothing of the index is in the KvStore. */
    empty: boolean,
  ) {
    this.pinned = reader === null;
    this.blocks = new IndexBlocks(id, reader, empty);
    const leaf = new IndexLeaf(this, '', 0);
    this.tree = new IndexTree(leaf);
    this.end = new IndexEnd(this, empty);
    if (empty) this.fill(leaf, [], []);
  }

  tryGet(snapshot: Snapshot, key: string): RowId {
    const { serial } = storeTransaction(snapshot.transaction);
    if (serial !== null && snapshot.lsn !== LATEST_LSN) serial.readKey(this.id, key);
    const leaf = this.leafFor(key, 0);
    const keys = leaf.keys;
    if (keys === null) return -1;
    leaf.referenced = true;
    const at = leaf.lowerBound(key, 0);
    let found = 0;
    if (at < keys.length) {
      if (leaf.hasKey(at, key)) {
        found = leaf.rowIds![at];
        if (at + 1 < keys.length ? leaf.hasKey(at + 1, key) : this.continues(leaf, key)) return -1;
      }
    } else if (this.continues(leaf, key)) return -1;
    if (this.overlays?.some(({ runs }) => runs.has(key))) return -1;
    const writes = storeTransaction(snapshot.transaction).indexWrites?.get(this.id);
    if (writes === undefined) return found;
    if (writes.runs?.has(key)) return -1;
    const appended = writes.appended?.find(key) ?? 0;
    if (appended !== 0) return found === 0 ? appended : -1;
    return withOwn(writes.keyed.get(key) ?? null, found, snapshot.commandId);
  }

  /** Runs with more candidates for the transaction than the leaves have; null: there are none. */
  runsFor(transaction: StoreTransaction): readonly EntryRun[] | null {
    const own = transaction.indexWrites?.get(this.id)?.runs?.runs ?? null;
    if (this.overlays === null) return own;
    return [...this.overlays.flatMap(({ runs }) => runs.runs), ...(own ?? [])];
  }

  get hasOverlays(): boolean {
    return this.overlays !== null;
  }

  addOverlay(overlay: IndexOverlay): void {
    this.overlays ??= [];
    this.overlays.push(overlay);
    this.entryCount += overlay.runs.difference;
  }

  removeOverlay(overlay: IndexOverlay): void {
    const left = this.overlays?.filter((other) => other !== overlay) ?? [];
    this.overlays = left.length === 0 ? null : left;
  }

  /** Brings an entry of a large commit in, which counts it already. */
  mergeEntry({ key, rowId, put }: EntryChange): void {
    const { entryCount } = this;
    if (put) this.put(key, rowId);
    else this.removeStored(key, rowId);
    this.entryCount = entryCount;
  }

  private settleEntry(key: string, rowId: RowId): void {
    if (this.overlays !== null) for (const overlay of this.overlays) overlay.settle(key, rowId);
  }

  /** Whether entries of the key may be in the leaf behind. */
  private continues(leaf: IndexLeaf, key: string): boolean {
    const next = this.tree.next(leaf);
    return next !== null && next.lowKey <= key;
  }

  scan(snapshot: Snapshot, range: IndexRange, descending: boolean): IndexScan {
    return new StoreIndexScan(this, snapshot, range, descending);
  }

  insert(transaction: Transaction, key: string, rowId: RowId, isNew = false): void {
    const own = storeTransaction(transaction);
    const writes = own.indexWritesOf(this);
    if (own.serial !== null) own.serial.writeKey(this.id, key);
    const behind = isNew ? this.end.placeFor(own, key) : null;
    if (behind !== null) {
      writes.append(behind, key, rowId, own.commandId);
      own.unspilled += key.length + DELETED_BYTES;
      return;
    }
    writes.record(key, rowId, 'put', own.commandId, own.log, isNew);
    if (!isNew) own.changedBytes += key.length + ENTRY_BYTES;
    else if (writes.keyed.size > SPILL_FROM) own.unspilled += key.length + ENTRY_BYTES;
  }

  delete(transaction: Transaction, key: string, rowId: RowId): void {
    const own = storeTransaction(transaction);
    own.indexWritesOf(this).record(key, rowId, 'delete', own.commandId, own.log);
    own.changedBytes += key.length + ENTRY_BYTES;
  }

  remove(transaction: Transaction, key: string, rowId: RowId): void {
    const own = storeTransaction(transaction);
    const writes = own.indexWritesOf(this);
    if (own.log !== null || !writes.packsRemoved) {
      this.delete(transaction, key, rowId);
      return;
    }
    writes.removeEntry(key, rowId);
    own.changedBytes += key.length + DELETED_BYTES;
  }

  *checkUnique(
    transaction: Transaction,
    heap: Heap,
    key: string,
    keyOf: (row: Row) => string | null,
    own: RowId | null,
  ): Task<RowId> {
    return yield* this.unique.check(storeTransaction(transaction), heap, key, keyOf, own);
  }

  tryReserve(transaction: Transaction, key: string): boolean {
    return this.unique.tryReserve(storeTransaction(transaction), key);
  }

  build(transaction: Transaction): StoreIndexBuilder {
    return new StoreIndexBuilder(this, storeTransaction(transaction));
  }

  keepSuperseded(transaction: Transaction, entries: readonly SupersededEntry[]): void {
    if (entries.length === 0) return;
    const { undo } = storeTransaction(transaction).engine;
    transaction.onCommit(() => {
      for (const { key, rowId, lsn } of entries) {
        // It goes with the version's undo: while it is there, readers know that they have to look at the row.
        if (!undo.attach(lsn, { index: this, keys: [key], rowIds: [rowId] })) continue;
        const leaf = this.leafFor(key, rowId);
        leaf.addZombie(key, rowId, lsn);
        this.end.reach(key);
        if (leaf.keys === null) continue;
        leaf.addEntry(key, rowId);
        if (leaf.keys.length > LEAF_MAX) this.split(leaf);
      }
    });
  }

  announce(transaction: Transaction, key: string): boolean {
    return this.unique.announce(storeTransaction(transaction), key);
  }

  async diskSize(): Promise<number> {
    if (this.reader !== null) return this.reader.diskSize(this.id);
    return this.entryCount * 40;
  }

  /** Stores an entry of a running transaction. It counts from the commit on. */
  storeEntry(key: string, rowId: RowId): void {
    this.put(key, rowId);
    this.entryCount--;
  }

  /** The leaf of an entry, unpacked where it was packed. */
  leafFor(key: string, rowId: RowId): IndexLeaf {
    const leaf = this.tree.leafFor(key, rowId);
    if (leaf.block === null) return leaf;
    this.unpack(leaf, leaf.block);
    return this.tree.leafFor(key, rowId);
  }

  unpack(leaf: IndexLeaf, block: Buffer): void {
    const { keys, rowIds } = decodeEntries(block);
    leaf.fill(keys, rowIds);
    leaf.zombies?.forEach((key, rowId) => leaf.addEntry(key, rowId));
    if (keys.length > LEAF_MAX) this.split(leaf);
    else this.account(leaf);
  }

  /** Takes an entry away that leads nobody to a row, or that those who need it find elsewhere. */
  removeStored(key: string, rowId: RowId): void {
    const leaf = this.leafFor(key, rowId);
    if (this.reader !== null) this.addPending(leaf, { key, rowId, put: false });
    leaf.takeZombie(key, rowId, LATEST_LSN);
    if (leaf.keys !== null) leaf.removeEntry(key, rowId);
  }

  installPut(key: string, rowId: RowId): void {
    this.settleEntry(key, rowId);
    this.put(key, rowId);
  }

  private put(key: string, rowId: RowId): void {
    this.end.reach(key);
    const leaf = this.leafFor(key, rowId);
    const revived = leaf.takeZombie(key, rowId, LATEST_LSN) !== 0;
    if (this.reader !== null) this.addPending(leaf, { key, rowId, put: true });
    if (leaf.keys === null) {
      this.entryCount++;
      return;
    }
    const added = leaf.addEntry(key, rowId);
    if (added || revived) this.entryCount++;
    if (!added) return;
    leaf.referenced = true;
    if (leaf.keys.length > LEAF_MAX) this.split(leaf);
    else if ((leaf.keys.length & 31) === 0) this.account(leaf);
  }

  installDelete(key: string, rowId: RowId, lsn: Lsn): void {
    this.settleEntry(key, rowId);
    const leaf = this.leafFor(key, rowId);
    if (this.reader !== null) this.addPending(leaf, { key, rowId, put: false });
    if (leaf.keys !== null) {
      const at = leaf.lowerBound(key, rowId);
      if (leaf.keys[at] !== key || leaf.rowIds![at] !== rowId) return;
    }
    leaf.addZombie(key, rowId, lsn);
    this.entryCount--;
  }

  /** Has the KvStore lose entries of a leaf that are zombies now. */
  removed(leaf: IndexLeaf, keys: readonly string[], rowIds: readonly RowId[]): void {
    this.entryCount -= keys.length;
    if (this.reader === null) return;
    for (let i = 0; i < keys.length; i++) this.addPending(leaf, { key: keys[i], rowId: rowIds[i], put: false });
  }

  /** Forgets an entry that no snapshot needs any more, unless it was added anew since. */
  isSuperseded(key: string, rowId: RowId): boolean {
    return this.leafFor(key, rowId).zombies?.has(key, rowId) ?? false;
  }

  removeZombie(key: string, rowId: RowId, lsn: Lsn): void {
    const leaf = this.leafFor(key, rowId);
    if (leaf.takeZombie(key, rowId, lsn) === 0) return;
    if (leaf.keys !== null) leaf.removeEntry(key, rowId);
  }

  addPending(leaf: IndexLeaf, change: EntryChange): void {
    if (leaf.pending === null) {
      leaf.pending = [];
      this.dirty.add(leaf);
    }
    leaf.pending.push(change);
  }

  /** Reads up to LOAD_ENTRIES of an unloaded leaf: from the position on or, descending, just before it. */
  *loadLeaf(leaf: IndexLeaf, position: IndexPosition, descending: boolean): Task<void> {
    if (leaf.block !== null) this.unpack(leaf, leaf.block);
    if (leaf.keys !== null || this.reader === null) return;
    if (leaf.loading === null) this.startLoad(leaf, position, descending, this.reader);
    yield* leaf.loading!.wait();
  }

  private startLoad(leaf: IndexLeaf, position: IndexPosition, descending: boolean, reader: StorageReader): void {
    const load = new SharedLoad<EntryChange[]>();
    leaf.loading = load;
    const next = this.tree.next(leaf);
    let low: IndexPosition = { key: leaf.lowKey, rowId: leaf.lowRow };
    let high: IndexPosition = next === null ? { key: null, rowId: 0 } : { key: next.lowKey, rowId: next.lowRow };
    if (descending) high = earlier(position, high) ? position : high;
    else low = earlier(low, position) ? position : low;
    this.pagesRead++;
    reader.readEntries(this.id, low, high, LOAD_ENTRIES + 1, descending, this.blocks.any).then(
      (entries) => {
        if (entries.keys.length > LOAD_ENTRIES) {
          if (descending) low = dropFirst(entries);
          else high = dropLast(entries);
        }
        this.finishLoad(leaf, low, high, entries);
        load.finish();
      },
      (error: unknown) => {
        leaf.loading = null;
        load.finish(readFault(error, `index storage ${this.id}`));
      },
    );
  }

  /** Cuts the leaf down to the range that was read, and leaves the rest to new unloaded leaves. */
  private finishLoad(leaf: IndexLeaf, low: IndexPosition, high: IndexPosition, entries: StoredEntries): void {
    const load = leaf.loading!;
    leaf.loading = null;
    let target = leaf;
    if (low.key !== null && entryBefore(leaf.lowKey, leaf.lowRow, low.key, low.rowId))
      target = this.cut(leaf, low.key, low.rowId);
    const next = this.tree.next(target);
    if (high.key !== null && (next === null || entryBefore(high.key, high.rowId, next.lowKey, next.lowRow))) {
      this.cut(target, high.key, high.rowId);
    }
    this.fill(target, entries.keys, entries.rowIds);
    // `flushed` may reach beyond the range. What lies there is in the KvStore, and will be read from there.
    for (const changes of load.flushed) this.overlay(target, changes, low, high);
    if (target.flushing !== null) this.overlay(target, target.flushing, low, high);
    if (target.pending !== null) this.overlay(target, target.pending, low, high);
    target.zombies?.forEach((key, rowId) => target.addEntry(key, rowId));
    if (target.keys!.length > LEAF_MAX) this.split(target);
    else this.account(target);
  }

  private overlay(leaf: IndexLeaf, changes: EntryChange[], low: IndexPosition, high: IndexPosition): void {
    for (const change of changes) {
      if (earlier(change, low) || !earlier(change, high)) continue;
      if (change.put) leaf.addEntry(change.key, change.rowId);
      else leaf.removeEntry(change.key, change.rowId);
    }
  }

  /** Divides an unloaded leaf's range; returns the new leaf, from (key, rowId) on. */
  cut(leaf: IndexLeaf, key: string, rowId: RowId): IndexLeaf {
    const right = new IndexLeaf(this, key, rowId);
    this.shareChanges(leaf, right);
    this.tree.add(right);
    return right;
  }

  private shareChanges(leaf: IndexLeaf, right: IndexLeaf): void {
    const before = (entry: { key: string; rowId: RowId }): boolean =>
      entryBefore(entry.key, entry.rowId, right.lowKey, right.lowRow);
    [leaf.pending, right.pending] = divide(leaf.pending, before);
    [leaf.flushing, right.flushing] = divide(leaf.flushing, before);
    right.zombies = leaf.zombies?.divide(before) ?? null;
    if (leaf.zombies?.empty) leaf.zombies = null;
    if (right.pending !== null) {
      this.dirty.add(right);
      if (this.taken?.has(leaf)) this.taken.add(right);
    }
    if (right.flushing !== null) this.flushing.add(right);
  }

  private split(leaf: IndexLeaf): void {
    const keys = leaf.keys!;
    const rowIds = leaf.rowIds!;
    // Keys that grow, such as those of a sequence, leave full leaves behind.
    const ascending = this.tree.last() === leaf;
    while (keys.length > LEAF_MAX) {
      const half = ascending ? LOAD_ENTRIES : keys.length >>> 1;
      const at = keys.length > 2 * LOAD_ENTRIES ? keys.length - LOAD_ENTRIES : half;
      const right = new IndexLeaf(this, keys[at], boundaryRow(keys, rowIds, at));
      this.shareChanges(leaf, right);
      this.tree.add(right);
      const { keys: rightKeys, rowIds: rightRows } = leaf.cutOff(at);
      this.fill(right, rightKeys, rightRows);
    }
    this.account(leaf);
  }

  private fill(leaf: IndexLeaf, keys: string[], rowIds: RowId[]): void {
    leaf.fill(keys, rowIds);
    this.account(leaf);
  }

  account(leaf: IndexLeaf): void {
    if (leaf.cacheSlot < 0) {
      leaf.bytes = leaf.estimateBytes();
      this.cache.add(leaf);
    } else this.cache.resize(leaf, leaf.estimateBytes());
  }

  /** The leaves to be written; those that become dirty from now on belong to the next round. */
  takeDirty(): Set<IndexLeaf> {
    this.taken = this.dirty;
    this.dirty = new Set();
    return this.taken;
  }

  /** The changes of the leaf that are to be written now: all, or the oldest of them. They stay visible to loads until `finishFlush`. */
  startFlush(leaf: IndexLeaf): EntryChange[] | null {
    const { pending } = leaf;
    if (pending === null || leaf.flushing !== null) return null;
    const changes = pending.length > FLUSH_ENTRIES ? pending.splice(0, FLUSH_ENTRIES) : pending;
    leaf.flushing = changes;
    this.flushing.add(leaf);
    if (changes === pending) {
      this.dirty.delete(leaf);
      leaf.pending = null;
    }
    return changes;
  }

  /** The write-behind has gone through what it took. */
  finishTake(): void {
    this.taken = null;
  }

  /** The write-behind has stored all `flushing` changes. */
  finishFlush(): void {
    for (const leaf of this.flushing) {
      if (leaf.flushing !== null && leaf.loading !== null) leaf.loading.flushed.push(leaf.flushing);
      leaf.flushing = null;
    }
    this.flushing.clear();
    this.blocks.written();
  }

  /** Gives all memory back; the index was dropped or its creator rolled back. */
  discard(): void {
    for (const leaf of this.tree.leaves()) this.cache.remove(leaf);
    const leaf = new IndexLeaf(this, '', 0);
    this.tree = new IndexTree(leaf);
    this.fill(leaf, [], []);
    this.dirty.clear();
    this.overlays = null;
    this.end.reset();
    this.blocks.discard();
    this.entryCount = 0;
  }
}
