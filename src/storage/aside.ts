/**
 * Keeps the changes of a large transaction out of memory, other than inserts (for those see spill.ts): pages of its write
 * sets, and changed index entries (aside-entries.ts), go to a temporary file, and are read from there again when they are
 * asked for. The commit copies them into the log and makes the file an overlay of the heaps and indexes.
 *
 * What is in memory from before the current savepoint stays there: rolling back to it forgets whole pages, or goes back to what the file
 * had of them before.
 */
import { ByteWriter } from '../util/byte-writer.js';
import { failpoint } from '../util/failpoint.js';
import { GIVE_WAY, Slice, type Task } from '../util/task.js';
import type { TemporaryFile } from '../util/temporary-file.js';
import type { Lsn } from './api.js';
import { setEntriesAside } from './aside-entries.js';
import { encodeAside } from './aside-form.js';
import { AsidePage } from './aside-pages.js';
import type { AsidePart } from './commit-log.js';
import type { EntryChange } from './index-leaf.js';
import { IndexOverlay } from './index-overlay.js';
import { Overlay } from './overlay.js';
import type { PageWrites } from './page-writes.js';
import type { StoreTransaction } from './transaction.js';
import type { HeapWrites, Revert } from './write-set.js';

/** Bytes written in one go. */
const PART_BYTES = 256 << 10;
/** Pages, or index entries, that are put into one part of the commit: a few milliseconds of work. */
const PART_PAGES = 8;
const PART_ENTRIES = 2048;
/** How far the device may be behind before the next part waits for it. */
const UNWRITTEN_BYTES = 8 << 20;

const out = new ByteWriter(PART_BYTES * 2);

class AsideRevert implements Revert {
  readonly spilled = false;

  constructor(
    private readonly writes: HeapWrites,
    private readonly pageNo: number,
  ) {}

  revert(): void {
    this.writes.drop(this.pageNo);
  }
}

export class Aside {
  private readonly file: TemporaryFile;
  /** The file belongs to an overlay. */
  private committed = false;

  constructor(private readonly transaction: StoreTransaction) {
    this.file = transaction.engine.temporaryFiles.make();
  }

  /** Sets aside what was changed by commands from `floor` on. Returns whether there was something. */
  *run(floor: number): Task<boolean> {
    const { transaction } = this;
    let found = false;
    for (const writes of transaction.heapWrites?.values() ?? []) {
      if (writes.heap.pinned) continue;
      writes.closePrivatePage();
      const pages = [...writes.pages.values()].filter((page) => isSince(page, floor));
      pages.sort((a, b) => a.pageNo - b.pageNo);
      for (let next = 0; next < pages.length; ) {
        next = yield* this.write(writes, pages, next);
        found = true;
        yield GIVE_WAY;
      }
    }
    for (const writes of transaction.indexWrites?.values() ?? []) {
      if (writes.index.pinned) continue;
      if (yield* setEntriesAside(transaction, writes, this.file, floor)) found = true;
    }
    transaction.freeStoredKeys();
    yield* transaction.packRowLocks();
    transaction.dropSpilledReverts();
    return found;
  }

  /** Writes pages from position `from` on; returns the position of the first one that is left. */
  private *write(writes: HeapWrites, pages: readonly PageWrites[], from: number): Task<number> {
    const { commandId, readsOnlyNow, log } = this.transaction;
    const oldest = readsOnlyNow ? commandId : 0;
    const starts: number[] = [];
    out.reset();
    let to = from;
    for (; to < pages.length && out.length < PART_BYTES; to++) {
      starts.push(out.length);
      encodeAside(pages[to], oldest, out);
    }
    starts.push(out.length);
    const position = yield* this.file.append(out.copy());
    failpoint('after-set-aside');
    for (let i = from; i < to; i++) {
      const page = pages[i];
      const start = starts[i - from];
      const place = new AsidePage(this.file, position + start, starts[i - from + 1] - start, page);
      writes.setAside(page, place);
      log?.push(new AsideRevert(writes, page.pageNo));
    }
    return to;
  }

  /** Puts everything into the log. It counts with the commit record, or with the record that prepares the transaction. */
  *appendParts(use: 'commit' | 'prepare'): Task<void> {
    const { engine, xid } = this.transaction;
    yield* this.finishEntries();
    for (const part of this.parts()) {
      engine.checkAlive();
      engine.holdLog(this.transaction, engine.appendedLsn);
      engine.log.appendAside(xid, part, use);
      failpoint(part.kind === 'pages' ? 'between-aside-parts' : 'between-entry-parts');
      yield GIVE_WAY;
      if (engine.appendedLsn - engine.durableLsn > UNWRITTEN_BYTES) yield* engine.waitDurable(engine.appendedLsn);
    }
  }

  /** Of an index that has runs, everything is to be in them. */
  *finishEntries(): Task<void> {
    for (const writes of this.transaction.indexWrites?.values() ?? [])
      if (writes.runs !== null) yield* setEntriesAside(this.transaction, writes, this.file, 0);
  }

  /** What is in the file, some pages or entries at a time. REQUIRES: `appendParts` was called. */
  *parts(): Iterable<AsidePart> {
    const { heapWrites, indexWrites } = this.transaction;
    for (const { heap, aside } of heapWrites?.values() ?? []) {
      if (aside === null) continue;
      const pages = [...aside.places.keys()].sort((a, b) => a - b);
      for (let at = 0; at < pages.length; at += PART_PAGES) {
        const some = pages.slice(at, at + PART_PAGES).map((pageNo) => aside.bytes(pageNo));
        yield { kind: 'pages', heap: heap.id, pages: some };
      }
    }
    for (const { index, runs } of indexWrites?.values() ?? []) {
      if (runs === null) continue;
      let changes: EntryChange[] = [];
      for (const change of runs.changes()) {
        if (changes.push(change) < PART_ENTRIES) continue;
        yield { kind: 'entries', index: index.id, changes };
        changes = [];
      }
      if (changes.length > 0) yield { kind: 'entries', index: index.id, changes };
    }
  }

  /** Everything is committed at `lsn`. The overlay is to be merged when no snapshot needs what was before. */
  *install(lsn: Lsn): Task<Overlay> {
    const { engine, heapWrites } = this.transaction;
    const overlay = new Overlay(lsn, this.file);
    this.committed = true;
    engine.overlays.add(overlay);
    this.installEntries(overlay);
    const slice = new Slice();
    for (const { heap, aside } of heapWrites?.values() ?? []) {
      const pages = [...(aside?.places.keys() ?? [])].sort((a, b) => a - b);
      overlay.heaps.push({ heap, pages });
      for (const [pageNo, place] of aside?.places ?? []) {
        heap.overlays.add(pageNo, place, overlay);
        if (slice.isOver) yield* slice.next();
      }
    }
    failpoint('after-overlay');
    return overlay;
  }

  private installEntries(overlay: Overlay): void {
    const { heapWrites, indexWrites } = this.transaction;
    for (const { index, runs } of indexWrites?.values() ?? []) {
      if (runs === null) continue;
      const entries = new IndexOverlay(index, runs);
      overlay.indexes.push(entries);
      index.addOverlay(entries);
    }
    if (overlay.indexes.length > 0) for (const { heap } of heapWrites?.values() ?? []) heap.staleEntries++;
  }

  /** The transaction is over. */
  close(): void {
    for (const { index, runs } of this.transaction.indexWrites?.values() ?? [])
      if (runs !== null) index.unique.release(this.transaction);
    if (!this.committed) this.file.close();
  }
}

function isSince(page: PageWrites, floor: number): boolean {
  if (page.slots.length === 0) return false;
  // As it was before, it is in the file.
  if (page.takenBackBy >= floor) return true;
  return page.entries.every((entry) => {
    let oldest = entry;
    while (oldest !== null && oldest.prev !== null) oldest = oldest.prev;
    return oldest === null || oldest.commandId >= floor;
  });
}
