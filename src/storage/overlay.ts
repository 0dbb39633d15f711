/**
 * Commits whose changes were too large for memory: they count, but are in the commit's temporary file, page by page
 * (heap-overlays.ts). A background task brings them into the KvStore at once. Until then no checkpoint is taken: recovery
 * would not replay what is before it, and the log would lose it. For what was before the file is kept as long as a
 * snapshot needs that.
 */

import { failpoint } from '../util/failpoint.js';
import { nextTurn, runTask } from '../util/task.js';
import type { TemporaryFile } from '../util/temporary-file.js';
import type { Lsn } from './api.js';
import type { StoreHeap } from './heap.js';
import type { IndexOverlay } from './index-overlay.js';
import { outlastCrowding } from './shortage-fault.js';
import type { StoreEngine } from './store.js';

/** Pages brought in before the KvStore has to follow. */
const PAGES_AT_ONCE = 64;
/** Pages that are read together, or forgotten in one go. */
const READ_AHEAD = 16;

/** Entries brought into an index before others have a turn, and before the KvStore has to follow. */
const ENTRIES_AT_ONCE = 256;
const ENTRIES_TO_STORE = 1 << 15;

/** A page with undo that goes when no snapshot needs it. */
interface SettledPage {
  readonly heap: StoreHeap;
  readonly pageNo: number;
  readonly slots: readonly number[];
}

/** What is left to do of one commit. */
export class Overlay {
  readonly heaps: { readonly heap: StoreHeap; readonly pages: readonly number[] }[] = [];
  readonly indexes: IndexOverlay[] = [];
  /** No snapshot needs what was before any more. */
  merging = false;
  /** Pages that were settled, with undo that is to be trimmed. */
  settled: SettledPage[] = [];

  constructor(
    readonly lsn: Lsn,
    private readonly file: TemporaryFile,
  ) {}

  close(): void {
    this.file.close();
  }
}

export class OverlayMerger {
  /** Those that are not forgotten. */
  private readonly known = new Set<Overlay>();
  /** Of those, the ones that the KvStore does not have. */
  private readonly waiting = new Set<Overlay>();
  private chain: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly engine: StoreEngine) {}

  /** There are commits that the KvStore does not have, whatever the write-behind has done. */
  get unmerged(): boolean {
    return this.waiting.size > 0;
  }

  /** A commit that is being installed. */
  add(overlay: Overlay): void {
    this.known.add(overlay);
    this.waiting.add(overlay);
  }

  /** The commit is installed: the KvStore gets what is new. */
  merge(overlay: Overlay): void {
    this.enqueue(() => this.bringIn(overlay));
  }

  /** What was before can be forgotten. REQUIRES: no snapshot in use is older than the commit, and it is durable. */
  forget(overlay: Overlay): void {
    overlay.merging = true;
    this.enqueue(() => this.drop(overlay));
  }

  private enqueue(work: () => Promise<void>): void {
    this.chain = this.chain.then(work).catch((error: unknown) => {
      if (!this.stopped) this.engine.fail(error instanceof Error ? error : new Error(String(error)));
    });
  }

  /** Ends when nothing is being merged. */
  idle(): Promise<void> {
    return this.chain;
  }

  /** What is not merged yet is left to the next recovery. */
  stop(): Promise<void> {
    this.stopped = true;
    return this.chain;
  }

  private async bringIn(overlay: Overlay): Promise<void> {
    const { engine } = this;
    let count = 0;
    for (const { heap, pages } of overlay.heaps) {
      for (const pageNo of pages) {
        if (this.stopped) return;
        // It may have been dropped meanwhile.
        if (engine.heaps.get(heap.id) !== heap) break;
        if (!heap.overlays.holds(pageNo, overlay)) continue;
        const load = (): Promise<void> => runTask(heap.loadPages(pageNo, pageNo + READ_AHEAD));
        await outlastCrowding(load, () => this.stopped || engine.isStopping);
        if (!heap.overlays.holds(pageNo, overlay)) continue;
        if (overlay.merging) heap.overlays.settle(pageNo);
        else heap.overlays.store(pageNo);
        if (overlay.merging) trim(overlay);
        failpoint('during-merge');
        await nextTurn();
        if (++count % PAGES_AT_ONCE === 0) await engine.materializer?.settle();
      }
    }
    if (overlay.indexes.length > 0) await engine.materializer?.settle();
    for (const entries of overlay.indexes) await this.bringInEntries(entries);
    if (this.stopped) return;
    await engine.materializer?.settle();
    this.waiting.delete(overlay);
    engine.materializer?.progress();
  }

  private async bringInEntries(entries: IndexOverlay): Promise<void> {
    const { engine } = this;
    const { index, runs } = entries;
    let count = 0;
    for (const change of runs.changes()) {
      // It may have been dropped meanwhile.
      if (this.stopped || engine.indexes.get(index.id) !== index) return;
      entries.merge(change);
      if (++count % ENTRIES_AT_ONCE !== 0) continue;
      failpoint('during-entry-merge');
      await nextTurn();
      if (count % ENTRIES_TO_STORE === 0) await engine.materializer?.settle();
    }
    entries.finish();
  }

  private async drop(overlay: Overlay): Promise<void> {
    if (!this.known.has(overlay)) return;
    let count = 0;
    for (const { heap, pages } of overlay.heaps) {
      for (const pageNo of pages) {
        if (this.stopped) return;
        heap.overlays.forget(pageNo, overlay);
        if (++count % READ_AHEAD === 0) await nextTurn();
      }
    }
    trim(overlay);
    for (const entries of overlay.indexes) entries.index.removeOverlay(entries);
    if (overlay.indexes.length > 0) for (const { heap } of overlay.heaps) heap.staleEntries--;
    this.known.delete(overlay);
    overlay.close();
  }
}

function trim(overlay: Overlay): void {
  const { settled, lsn } = overlay;
  overlay.settled = [];
  for (const { heap, pageNo, slots } of settled) heap.trimUndo(pageNo, slots, lsn);
}
