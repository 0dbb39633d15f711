/**
 * One commit's changes of an index that are in its temporary file (entry-runs.ts). They are candidates for everybody from the
 * commit on. A background task brings them into the index, in their order; afterwards, snapshots from before the
 * commit still find here what it has removed. Whoever changes an entry otherwise settles it first.
 *
 * Invariant: while there is one, `StoreHeap.staleEntries` has readers look at the rows, because the index may still have
 * removed entries.
 */
import type { RowId } from './api.js';
import { EntrySet } from './entry-reader.js';
import type { EntryRuns } from './entry-runs.js';
import type { StoreIndex } from './index.js';
import { type EntryChange, entryBefore } from './index-leaf.js';

export class IndexOverlay {
  /** The last one that was brought in; null: none was. */
  private reached: EntryChange | null = null;
  private isMerged = false;
  /** Those that were brought in before their turn. */
  private settled = new EntrySet();

  constructor(
    readonly index: StoreIndex,
    readonly runs: EntryRuns,
  ) {}

  /** Brings an entry in that is about to be changed. */
  settle(key: string, rowId: RowId): void {
    if (this.isMerged || !this.runs.mayHave(key) || this.settled.has(key, rowId)) return;
    const { reached } = this;
    if (reached !== null && !entryBefore(reached.key, reached.rowId, key, rowId)) return;
    const change = this.runs.changeOf(key, rowId);
    if (change === null) return;
    this.settled.add(key, rowId);
    this.index.mergeEntry(change);
  }

  /** Brings the changes in. REQUIRES: they come in order; `finish` follows. */
  merge(change: EntryChange): void {
    if (!this.settled.has(change.key, change.rowId)) this.index.mergeEntry(change);
    this.reached = change;
  }

  /** All are in the index. */
  finish(): void {
    this.isMerged = true;
    this.settled = new EntrySet();
  }
}
