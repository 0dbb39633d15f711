/**
 * Runs of heap pages whose rows were stored before their transaction committed. Such pages hold rows of that transaction
 * alone, so one entry for the run says who sees them: until the commit the transaction itself, afterwards the snapshots
 * that see the commit, and after a rollback nobody. Runs never overlap.
 */
import type { Lsn, Snapshot } from './api.js';
import type { StoreTransaction } from './transaction.js';

export class Extent {
  /** LSN of the commit; 0 while there is none. */
  lsn: Lsn = 0;
  /** Rolled back: nobody sees the rows, which are being removed. */
  aborted = false;

  constructor(
    /** Page numbers; `end` is the first one behind. */
    readonly first: number,
    readonly end: number,
    readonly transaction: StoreTransaction,
    /** The last command that inserted any of the rows. */
    readonly commandId: number,
  ) {}

  hiddenFrom(snapshot: Snapshot): boolean {
    if (this.aborted) return true;
    if (this.lsn !== 0) return this.lsn > snapshot.lsn;
    return this.transaction !== snapshot.transaction || this.commandId >= snapshot.commandId;
  }
}

/** The runs of one heap, by page number. */
export class ExtentList {
  private list: Extent[] = [];

  get empty(): boolean {
    return this.list.length === 0;
  }

  find(pageNo: number): Extent | null {
    const extent = this.list[this.after(pageNo) - 1];
    return extent !== undefined && pageNo < extent.end ? extent : null;
  }

  hides(pageNo: number, snapshot: Snapshot): boolean {
    return this.find(pageNo)?.hiddenFrom(snapshot) ?? false;
  }

  add(extent: Extent): void {
    this.list.splice(this.after(extent.first), 0, extent);
  }

  /** Forgets runs: their rows are visible to everybody, or gone. */
  remove(extents: ReadonlySet<Extent>): void {
    this.list = this.list.filter((extent) => !extents.has(extent));
  }

  clear(): void {
    this.list = [];
  }

  /** Position of the first run that begins behind the page. */
  private after(pageNo: number): number {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.list[middle].first <= pageNo) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
