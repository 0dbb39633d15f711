/**
 * Removes what rolled-back transactions had stored before their end (spill.ts). What a part stored is read from the log
 * again; nobody sees it meanwhile. The log is held until everything is removed, so that a crash leaves this to recovery.
 */

import { nextTurn } from '../util/task.js';
import type { StoredSource } from './commit-log.js';
import type { Extent } from './extent.js';
import type { StoreHeap } from './heap.js';
import { pageOf } from './heap-page.js';
import type { StoreEngine } from './store.js';
import type { CommitVisitor } from './stored-form.js';
import type { StoredPart } from './stored-part.js';

/** Parts removed before the KvStore has to follow. */
const PARTS_AT_ONCE = 64;

/** Copies of the parts of a prepared transaction. */
export interface StoredCopies extends StoredSource {
  /** They are needed although the transaction is rolled back, until `release`. */
  hold(): void;
  release(): void;
}

export class SpillCleaner {
  private chain: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly engine: StoreEngine) {}

  /** `holder`: who holds the log for the parts, and lets go of it afterwards. `copies`: they are not read from the log. */
  add(holder: object, parts: readonly StoredPart[], copies: StoredCopies | null = null): void {
    const oldest = parts.reduce((low, part) => Math.min(low, part.lsn), Number.MAX_SAFE_INTEGER);
    if (copies !== null) copies.hold();
    else if (parts.length > 0) this.engine.holdLog(holder, oldest);
    this.chain = this.chain
      .then(() => this.clean(holder, parts, copies))
      .catch((error: unknown) => {
        if (!this.stopped) this.engine.fail(error instanceof Error ? error : new Error(String(error)));
      });
  }

  /** What is not removed yet is left to the next recovery. */
  stop(): Promise<void> {
    this.stopped = true;
    return this.chain;
  }

  private async clean(holder: object, parts: readonly StoredPart[], copies: StoredCopies | null): Promise<void> {
    const { engine } = this;
    const there = new Map<number, StoredPart>();
    for (const part of parts) if (this.isThere(part)) there.set(part.lsn, part);
    let count = 0;
    for await (const { lsn, read } of (copies ?? engine.log).readStored([...there.keys()])) {
      if (this.stopped) return;
      const part = there.get(lsn);
      // It may have been dropped meanwhile.
      if (part === undefined || !this.isThere(part)) continue;
      read({
        ...NO_VISITOR,
        putRow: (_id, rowId) => part.heap?.removePage(pageOf(rowId)),
        putPage: (_id, pageNo) => part.heap?.removePage(pageNo),
        putEntry: (_id, key, rowId) => part.index?.removeStored(key, rowId),
        putEntries: (_id, _count, bytes) => part.index?.end.removeBlock(bytes),
      });
      await nextTurn();
      if (++count % PARTS_AT_ONCE === 0) await engine.materializer?.settle();
    }
    await engine.materializer?.settle();
    if (this.stopped) return;
    const extents = new Set<Extent>();
    const heaps = new Set<StoreHeap>();
    for (const { heap, extent } of parts) {
      if (extent !== null) extents.add(extent);
      if (heap !== null) heaps.add(heap);
    }
    for (const heap of heaps) heap.extents.remove(extents);
    copies?.release();
    engine.releaseLog(holder);
  }

  private isThere({ heap, index }: StoredPart): boolean {
    const { heaps, indexes } = this.engine;
    return heap !== null ? heaps.get(heap.id) === heap : index !== null && indexes.get(index.id) === index;
  }
}

function ignore(): void {
  // Not of interest.
}

/** Reads a record for the sake of some of it, or of the transaction id only. */
export const NO_VISITOR: CommitVisitor = {
  putRow: ignore,
  putPage: ignore,
  deleteRow: ignore,
  putEntry: ignore,
  deleteEntry: ignore,
  putEntries: ignore,
  sequence: ignore,
  meta: ignore,
  created: ignore,
  dropped: ignore,
  cancelled: ignore,
};
