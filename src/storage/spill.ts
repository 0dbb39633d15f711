/**
 * Keeps the uncommitted inserts of a large transaction out of memory: they go to the log and into the store before the
 * commit, in parts. Rows are in pages of their own, which an Extent hides from everybody else; an index entry may be seen
 * by anybody, because it leads to a hidden row, or is in an index that only this transaction knows. The commit record
 * makes all parts count at once; without one, recovery removes what they stored (recovery.ts).
 *
 * What was there before the current savepoint is not touched: rolling back to it cancels whole parts.
 */
import type { EntryBlock } from '../encoding/entry-codec.js';
import { failpoint } from '../util/failpoint.js';
import { GIVE_WAY, type Task } from '../util/task.js';
import type { Lsn } from './api.js';
import { type CommitChanges, noChanges } from './commit-log.js';
import { entryBlocks, FEWEST_IN_BLOCKS, storableKeys } from './entry-blocks.js';
import { Extent } from './extent.js';
import type { StoreHeap } from './heap.js';
import type { StoreIndex } from './index.js';
import { IndexWrites } from './index-writes.js';
import type { PageWrites } from './page-writes.js';
import type { StoredCopies } from './spill-cleaner.js';
import type { StoredPart } from './stored-part.js';
import type { StoreTransaction } from './transaction.js';
import { HeapWrites, type Revert } from './write-set.js';

/** Pages, bytes of rows, and index entries that go into one part at most: a few milliseconds of work. */
const PART_PAGES = 2;
const PART_BYTES = 256 << 10;
const PART_ENTRIES = 500;
/** The same for entries that are stored as blocks. */
const PART_BLOCK_ENTRIES = 2048;
/** How far the device may be behind before the next part waits for it. */
const UNWRITTEN_BYTES = 1 << 20;

class SpillRevert implements Revert {
  readonly spilled = false;

  constructor(
    private readonly spill: Spill,
    private readonly part: StoredPart,
  ) {}

  revert(): void {
    this.spill.cancel(this.part);
  }
}

export class Spill {
  /** LSNs of parts that were rolled back to a savepoint. */
  readonly cancelled: Lsn[] = [];
  private readonly parts = new Set<StoredPart>();
  /** Cancelled parts that nobody removes yet. */
  private uncleaned: StoredPart[] = [];
  /** Of a prepared transaction, when the log need not have the parts any more. */
  copies: StoredCopies | null = null;

  constructor(private readonly transaction: StoreTransaction) {}

  /** Stores what can be stored. Returns whether there was something. An error in between leaves whole parts. */
  *run(floor: number): Task<boolean> {
    const { transaction } = this;
    const before = this.parts.size;
    for (const writes of transaction.heapWrites?.values() ?? []) {
      writes.closePrivatePage();
      const pages = [...writes.pages.values()].filter((page) => this.isStorable(page, floor));
      for (const run of runsOf(pages)) {
        this.storeRows(writes, run);
        yield* this.pause();
      }
    }
    for (const writes of transaction.indexWrites?.values() ?? []) {
      yield* this.storeNew(writes, floor);
    }
    yield GIVE_WAY;
    transaction.freeStoredKeys();
    transaction.dropSpilledReverts();
    return this.parts.size > before;
  }

  private *pause(): Task<void> {
    const { engine } = this.transaction;
    yield GIVE_WAY;
    yield* engine.throttle(true);
    if (engine.appendedLsn - engine.durableLsn > UNWRITTEN_BYTES) yield* engine.waitDurable(engine.appendedLsn);
  }

  /** Whether one command id can stand for all of the page's rows. */
  private isStorable(page: PageWrites, floor: number): boolean {
    const first = page.entries[0]?.commandId ?? -1;
    if (!page.isPrivate || first < 0) return false;
    const { commandId, readsOnlyNow } = this.transaction;
    return page.entries.every((entry) => {
      if (entry === null || entry.prev !== null || entry.row === null || entry.commandId < floor) return false;
      return entry.commandId === first || (readsOnlyNow && entry.commandId < commandId && first < commandId);
    });
  }

  private storeRows(writes: HeapWrites, pages: readonly PageWrites[]): void {
    const { transaction } = this;
    const { heap } = writes;
    const piece = new HeapWrites(heap, null);
    let commandId = 0;
    for (const page of pages) {
      piece.pages.set(page.pageNo, page);
      for (const entry of page.entries) commandId = Math.max(commandId, entry?.commandId ?? 0);
    }
    const lsn = this.append({ ...noChanges(transaction.xid), heaps: [piece] });
    const extent = new Extent(pages[0].pageNo, pages[pages.length - 1].pageNo + 1, transaction, commandId);
    heap.extents.add(extent);
    let rows = 0;
    for (const page of pages) {
      rows += heap.storePage(page);
      writes.take(page);
    }
    this.add({ lsn, heap, extent, rows, index: null, entries: 0 });
  }

  private *storeNew(writes: IndexWrites, floor: number): Task<void> {
    const { index, appended } = writes;
    let keys = storableKeys(writes, floor).sort();
    if (floor === 0 && appended !== null && appended.count > 0) {
      const first = appended.keyAt(0);
      yield* this.storeKeys(
        writes,
        keys.filter((key) => key < first),
      );
      if (first > (index.end.key() ?? first)) {
        this.addBlocks(index, appended.blocks());
        writes.takeAppended();
        yield* this.pause();
      } else writes.mapAppended(); // Others have added some behind them since.
      keys = storableKeys(writes, floor).sort();
    }
    yield* this.storeKeys(writes, keys);
  }

  private *storeKeys(writes: IndexWrites, keys: readonly string[]): Task<void> {
    for (let at = 0; at < keys.length; ) {
      at = this.storeNext(writes, keys, at);
      yield* this.pause();
    }
  }

  /** Stores entries of the keys from a position on; returns where it has ended. Behind all others they are blocks. */
  private storeNext(writes: IndexWrites, keys: readonly string[], at: number): number {
    const last = writes.index.end.key();
    if (last !== null && keys[at] > last && keys.length - at >= FEWEST_IN_BLOCKS) {
      const some = keys.slice(at, at + PART_BLOCK_ENTRIES);
      this.addBlocks(writes.index, entryBlocks(writes, some));
      writes.take(some);
      return at + some.length;
    }
    let to = at + 1;
    while (to < keys.length && to < at + PART_ENTRIES && (last === null || keys[to] <= last)) to++;
    this.storeEntries(writes, keys.slice(at, to));
    return to;
  }

  private storeEntries(writes: IndexWrites, keys: readonly string[]): void {
    const { index } = writes;
    const piece = new IndexWrites(index);
    let entries = 0;
    for (const key of keys) piece.keyed.set(key, writes.keyed.get(key)!);
    const lsn = this.append({ ...noChanges(this.transaction.xid), indexes: [piece] });
    for (const [key, first] of piece.keyed) {
      for (let write: typeof first | null = first; write !== null; write = write.next) {
        index.storeEntry(key, write.rowId);
        entries++;
      }
    }
    writes.take(keys);
    this.add({ lsn, heap: null, extent: null, rows: 0, index, entries });
  }

  /** Stores blocks in their order. REQUIRES: they are behind all entries. */
  *storeBlocks(index: StoreIndex, blocks: readonly EntryBlock[]): Task<void> {
    this.addBlocks(index, blocks);
    yield* this.pause();
  }

  private addBlocks(index: StoreIndex, blocks: readonly EntryBlock[]): void {
    const { transaction } = this;
    transaction.indexWritesOf(index);
    const lsn = this.append({ ...noChanges(transaction.xid), entryBlocks: [{ index: index.id, blocks }] });
    let entries = 0;
    for (const block of blocks) {
      index.end.storeBlock(block);
      entries += block.count;
    }
    this.add({ lsn, heap: null, extent: null, rows: 0, index, entries });
  }

  private append(changes: CommitChanges): Lsn {
    const { engine } = this.transaction;
    engine.checkAlive();
    const lsn = engine.appendedLsn;
    engine.holdLog(this.transaction, lsn);
    engine.log.appendStored(changes);
    return lsn;
  }

  private add(part: StoredPart): void {
    failpoint('after-stored-part');
    this.parts.add(part);
    this.transaction.log?.push(new SpillRevert(this, part));
  }

  /** Rolls one part back. */
  cancel(part: StoredPart): void {
    this.parts.delete(part);
    this.cancelled.push(part.lsn);
    this.uncount(part);
    this.uncleaned.push(part);
  }

  /** Has the cancelled parts removed. */
  cleanUp(): void {
    const parts = this.uncleaned;
    this.uncleaned = [];
    if (parts.length > 0) this.transaction.engine.cleaner.add({}, parts);
  }

  /** Rolls everything back. The log is held until it is cleaned up. */
  rollback(): void {
    for (const part of this.parts) if (part.extent !== null) part.extent.aborted = true;
    this.transaction.engine.cleaner.add(this.transaction, [...this.parts], this.copies);
  }

  /** Where the parts are that count, in their order. */
  get lsns(): Lsn[] {
    return [...this.parts].map(({ lsn }) => lsn).sort((a, b) => a - b);
  }

  /** Takes in a part that was stored before a restart. */
  restore(part: StoredPart): void {
    if (part.heap !== null && part.extent !== null) {
      part.heap.extents.add(part.extent);
      this.transaction.writesOf(part.heap).changed += part.rows;
    }
    if (part.index !== null) this.transaction.indexWritesOf(part.index);
    this.parts.add(part);
  }

  private uncount({ heap, rows, extent }: StoredPart): void {
    if (extent !== null) extent.aborted = true;
    const writes = heap === null ? undefined : this.transaction.heapWrites?.get(heap.id);
    if (writes !== undefined) writes.changed -= rows;
  }

  /** Everything becomes visible to snapshots from `lsn` on. Returns what to do when no older snapshot is left. */
  commit(lsn: Lsn): () => void {
    const heaps = new Set<StoreHeap>();
    const extents = new Set<Extent>();
    for (const { heap, extent, rows, index, entries } of this.parts) {
      if (heap !== null && extent !== null) {
        extent.lsn = lsn;
        heap.rowCount += rows;
        heaps.add(heap);
        extents.add(extent);
      }
      if (index !== null) index.entryCount += entries;
    }
    return () => {
      for (const heap of heaps) heap.extents.remove(extents);
    };
  }
}

/** Divides pages into runs without gaps that are not too large for a part. */
function runsOf(pages: PageWrites[]): PageWrites[][] {
  pages.sort((a, b) => a.pageNo - b.pageNo);
  const runs: PageWrites[][] = [];
  let bytes = 0;
  let last: PageWrites[] = [];
  for (const page of pages) {
    const follows = last.length > 0 && last[last.length - 1].pageNo + 1 === page.pageNo;
    if (!follows || last.length === PART_PAGES || bytes > PART_BYTES) {
      last = [];
      bytes = 0;
      runs.push(last);
    }
    last.push(page);
    bytes += page.bytes;
  }
  return runs;
}
