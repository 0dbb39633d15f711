/**
 * Keeps the changes of a large transaction out of memory, other than inserts (for those see spill.ts): pages of its write
 * sets go to a temporary file, and are read from there again when they are asked for. The commit copies them into the log
 * and makes the file an overlay of the heaps.
 *
 * What was there before the current savepoint stays in memory: rolling back to it forgets whole pages.
 */
import { ByteWriter } from '../util/byte-writer.js';
import { failpoint } from '../util/failpoint.js';
import { GIVE_WAY, giveWayForSure, type Task } from '../util/task.js';
import type { TemporaryFile } from '../util/temporary-file.js';
import type { Lsn, StorageId } from './api.js';
import { takeRemovedEntries } from './aside-entries.js';
import { encodeAside } from './aside-form.js';
import { AsidePage } from './aside-pages.js';
import { PAGE_ROWS } from './heap-page.js';
import { Overlay } from './overlay.js';
import type { PageWrites, RemovedEntry } from './page-writes.js';
import type { StoreTransaction } from './transaction.js';
import type { HeapWrites, Revert } from './write-set.js';

/** Bytes written in one go. */
const PART_BYTES = 256 << 10;
/** Pages whose changes are put into one part of the commit: a few milliseconds of work. */
const PART_PAGES = 8;
/** How far the device may be behind before the next part waits for it. */
const UNWRITTEN_BYTES = 8 << 20;
/** Changed slots that become an overlay before the event loop gets a turn. */
const INSTALL_BUDGET = 2048;

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

/** Pages of one heap, as they are in the file. */
export interface AsidePart {
  readonly heap: StorageId;
  readonly pages: readonly { readonly pageNo: number; readonly bytes: Buffer }[];
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
      const removed = yield* takeRemovedEntries(
        transaction,
        writes.heap.id,
        new Map(pages.map((page) => [page.pageNo, page])),
      );
      for (let next = 0; next < pages.length; ) {
        next = yield* this.write(writes, pages, removed, next);
        found = true;
        yield GIVE_WAY;
      }
    }
    yield* transaction.packRowLocks();
    transaction.dropSpilledReverts();
    return found;
  }

  /** Writes pages from position `from` on; returns the position of the first one that is left. */
  private *write(
    writes: HeapWrites,
    pages: readonly PageWrites[],
    removed: ReadonlyMap<number, readonly RemovedEntry[]>,
    from: number,
  ): Task<number> {
    const { commandId, readsOnlyNow, log } = this.transaction;
    const oldest = readsOnlyNow ? commandId : 0;
    const starts: number[] = [];
    out.reset();
    let to = from;
    for (; to < pages.length && out.length < PART_BYTES; to++) {
      starts.push(out.length);
      const page = pages[to];
      const more = removed.get(page.pageNo);
      if (more !== undefined) page.removedEntries = [...page.removedEntries, ...more];
      encodeAside(page, oldest, out);
    }
    starts.push(out.length);
    const position = yield* this.file.append(out.copy());
    failpoint('after-set-aside');
    for (let i = from; i < to; i++) {
      const page = pages[i];
      const start = starts[i - from];
      const place = new AsidePage(
        this.file,
        position + start,
        starts[i - from + 1] - start,
        page,
        page.removedEntries.length > 0,
      );
      writes.setAside(page, place);
      log?.push(new AsideRevert(writes, page.pageNo));
    }
    return to;
  }

  /** Puts everything into the log. It counts with the commit record, or with the record that prepares the transaction. */
  *appendParts(use: 'commit' | 'prepare'): Task<void> {
    this.restoreEntries();
    const { engine, xid } = this.transaction;
    for (const { heap, pages } of this.parts()) {
      engine.checkAlive();
      engine.holdLog(this.transaction, engine.appendedLsn);
      if (use === 'commit') engine.log.appendAside(xid, heap, pages);
      else engine.log.appendPreparedAside(xid, heap, pages);
      failpoint('between-aside-parts');
      yield GIVE_WAY;
      if (engine.appendedLsn - engine.durableLsn > UNWRITTEN_BYTES) yield* engine.waitDurable(engine.appendedLsn);
    }
  }

  /** What is in the file, some pages at a time. */
  *parts(): Iterable<AsidePart> {
    for (const { heap, aside } of this.transaction.heapWrites?.values() ?? []) {
      if (aside === null) continue;
      const pages = [...aside.places.keys()].sort((a, b) => a - b);
      for (let at = 0; at < pages.length; at += PART_PAGES)
        yield { heap: heap.id, pages: pages.slice(at, at + PART_PAGES).map((pageNo) => aside.bytes(pageNo)) };
    }
  }

  /** Entries of pages that are in memory again go with the others. */
  private restoreEntries(): void {
    const { transaction } = this;
    for (const { pages } of transaction.heapWrites?.values() ?? []) {
      for (const { pageNo, removedEntries } of pages.values()) {
        for (const { index, key, slot } of removedEntries) {
          const writes = transaction.indexWritesOf(transaction.engine.index(index));
          writes.record(key, pageNo * PAGE_ROWS + slot, 'delete', transaction.commandId, null);
        }
      }
    }
  }

  /** Everything is committed at `lsn`. The overlay is to be merged when no snapshot needs what was before. */
  *install(lsn: Lsn): Task<Overlay> {
    const { engine, heapWrites } = this.transaction;
    const overlay = new Overlay(lsn, this.file, engine);
    this.committed = true;
    engine.overlays.add(overlay);
    let work = 0;
    for (const { heap, aside } of heapWrites?.values() ?? []) {
      if (aside === null) continue;
      const pages = [...aside.places.keys()].sort((a, b) => a - b);
      overlay.heaps.push({ heap, pages });
      for (const [pageNo, place] of aside.places) {
        heap.overlays.add(pageNo, place, overlay);
        work += place.changed;
        if (work < INSTALL_BUDGET) continue;
        work = 0;
        yield* giveWayForSure();
      }
    }
    failpoint('after-overlay');
    return overlay;
  }

  /** The transaction is over. */
  close(): void {
    if (!this.committed) this.file.close();
  }
}

function isSince(page: PageWrites, floor: number): boolean {
  if (page.slots.length === 0) return false;
  return page.entries.every((entry) => {
    let oldest = entry;
    while (oldest !== null && oldest.prev !== null) oldest = oldest.prev;
    return oldest === null || oldest.commandId >= floor;
  });
}
