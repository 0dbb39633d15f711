/**
 * Removes what rolled-back transactions had stored before their end (spill.ts). What a part stored is read from the log
 * again; nobody sees it meanwhile. The log is held until everything is removed, so that a crash leaves this to recovery.
 */

import type { StoreEngine } from './store.js';
import type { CommitVisitor } from './stored-form.js';
import type { StoredPart } from './stored-part.js';

/** Parts removed before the KvStore has to follow. */
const PARTS_AT_ONCE = 16;

export class SpillCleaner {
  private chain: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly engine: StoreEngine) {}

  /** `holder`: who holds the log for the parts, and is to let go of it afterwards. */
  add(holder: object | null, parts: readonly StoredPart[]): void {
    // A part of a transaction that goes on holds the log on its own.
    const own = holder ?? {};
    if (parts.length > 0) this.engine.holdLog(own, parts[0].lsn);
    this.chain = this.chain
      .then(() => this.clean(own, parts))
      .catch((error: unknown) => {
        if (!this.stopped) this.engine.fail(error instanceof Error ? error : new Error(String(error)));
      });
  }

  /** What is not removed yet is left to the next recovery. */
  stop(): Promise<void> {
    this.stopped = true;
    return this.chain;
  }

  private async clean(holder: object, parts: readonly StoredPart[]): Promise<void> {
    let count = 0;
    for (const part of parts) {
      if (this.stopped) return;
      await this.remove(part);
      if (++count % PARTS_AT_ONCE === 0) await this.engine.materializer?.settle();
    }
    await this.engine.materializer?.settle();
    if (this.stopped) return;
    for (const { heap, extent } of parts) if (extent !== null) heap?.extents.remove(new Set([extent]));
    this.engine.releaseLog(holder);
  }

  private async remove({ lsn, heap, index }: StoredPart): Promise<void> {
    const { engine } = this;
    const isHeapThere = heap !== null && engine.heaps.get(heap.id) === heap;
    const isIndexThere = index !== null && engine.indexes.get(index.id) === index;
    if (!isHeapThere && !isIndexThere) return;
    await engine.log.readStored(lsn, {
      ...NO_VISITOR,
      putRow: (_id, rowId) => heap?.removeStored(rowId),
      putEntry: (_id, key, rowId) => index?.removeStored(key, rowId),
    });
  }
}

function ignore(): void {
  // Not of interest.
}

/** Reads a record for the sake of some of it, or of the transaction id only. */
export const NO_VISITOR: CommitVisitor = {
  putRow: ignore,
  deleteRow: ignore,
  putEntry: ignore,
  deleteEntry: ignore,
  sequence: ignore,
  meta: ignore,
  created: ignore,
  dropped: ignore,
  cancelled: ignore,
};
