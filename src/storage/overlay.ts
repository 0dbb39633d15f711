/**
 * Commits whose changes were too large for memory: they count, but are in the commit's temporary file, page by page
 * (heap-overlays.ts). Once no snapshot needs what was before, a background task brings them into the KvStore. Until then
 * no checkpoint is taken: recovery would not replay what is before it, and the log would lose it.
 */

import { failpoint } from '../util/failpoint.js';
import { nextTurn, runTask } from '../util/task.js';
import type { TemporaryFile } from '../util/temporary-file.js';
import type { Lsn, RowId, StorageId } from './api.js';
import type { StoreHeap } from './heap.js';
import type { StoreIndex } from './index.js';
import { outlastCrowding } from './shortage-fault.js';
import type { StoreEngine } from './store.js';

/** Pages brought in before the KvStore has to follow. */
const PAGES_AT_ONCE = 64;
/** Pages that are read together. */
const READ_AHEAD = 16;

/** A page with undo, and index entries, that go when no snapshot needs them. */
interface SettledPage {
  readonly heap: StoreHeap;
  readonly pageNo: number;
  readonly slots: readonly number[];
  readonly entries: readonly { readonly index: StoreIndex; readonly key: string; readonly rowId: RowId }[];
}

/** What is left to do of one commit. */
export class Overlay {
  readonly heaps: { readonly heap: StoreHeap; readonly pages: readonly number[] }[] = [];
  /** No snapshot needs what was before any more. */
  merging = false;
  /** Pages that were settled, with undo that is to be trimmed. */
  settled: SettledPage[] = [];

  constructor(
    readonly lsn: Lsn,
    private readonly file: TemporaryFile,
    private readonly engine: StoreEngine,
  ) {}

  /** Null: it was dropped since. */
  index(id: StorageId): StoreIndex | null {
    return this.engine.indexes.get(id) ?? null;
  }

  close(): void {
    this.file.close();
  }
}

export class OverlayMerger {
  private readonly waiting = new Set<Overlay>();
  private chain: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly engine: StoreEngine) {}

  /** There are commits that the KvStore does not have, whatever the write-behind has done. */
  get unmerged(): boolean {
    return this.waiting.size > 0;
  }

  add(overlay: Overlay): void {
    this.waiting.add(overlay);
  }

  /** REQUIRES: no snapshot in use is older than the commit, and it is durable. */
  merge(overlay: Overlay): void {
    this.chain = this.chain
      .then(() => this.bringIn(overlay))
      .catch((error: unknown) => {
        if (!this.stopped) this.engine.fail(error instanceof Error ? error : new Error(String(error)));
      });
  }

  /** Ends when nothing is being merged. What a snapshot keeps from it may be left. */
  idle(): Promise<void> {
    return this.chain;
  }

  /** REQUIRES: there are no snapshots. */
  async mergeAll(): Promise<void> {
    for (const overlay of this.waiting) this.merge(overlay);
    await this.chain;
  }

  /** What is not merged yet is left to the next recovery. */
  stop(): Promise<void> {
    this.stopped = true;
    return this.chain;
  }

  private async bringIn(overlay: Overlay): Promise<void> {
    const { engine } = this;
    if (!this.waiting.has(overlay)) return;
    overlay.merging = true;
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
        heap.overlays.settle(pageNo);
        trim(overlay);
        failpoint('during-merge');
        await nextTurn();
        if (++count % PAGES_AT_ONCE === 0) await engine.materializer?.settle();
      }
    }
    trim(overlay);
    await engine.materializer?.settle();
    this.waiting.delete(overlay);
    overlay.close();
    engine.materializer?.progress();
  }
}

function trim(overlay: Overlay): void {
  const { settled, lsn } = overlay;
  overlay.settled = [];
  for (const { heap, pageNo, slots, entries } of settled) {
    for (const { index, key, rowId } of entries) index.removeZombie(key, rowId, lsn);
    heap.trimUndo(pageNo, slots, lsn);
  }
}
