/**
 * Index entries of rows that a large transaction has deleted, packed: nothing looks them up, because until the commit they are
 * in the index, and lead to rows that the transaction does not see any more. They have the form of entries of a run that is
 * looked up (entry-run.ts), so that they can be set aside as they are.
 */
import type { Task } from '../util/task.js';
import type { RowId } from './api.js';
import { marked, rowOfMarked } from './entry-run.js';
import { HAD } from './entry-runs.js';
import { PackedEntries } from './packed-entries.js';

export class RemovedEntries {
  readonly packed = new PackedEntries();
  private isSorted = false;

  get count(): number {
    return this.packed.count;
  }

  get isFull(): boolean {
    return this.packed.isFull;
  }

  add(key: string, rowId: RowId): void {
    this.isSorted = false;
    this.packed.add(key, marked(rowId, HAD));
  }

  /** Puts them into the order of the index. */
  *sort(): Task<void> {
    if (this.isSorted) return;
    yield* this.packed.sort();
    this.isSorted = true;
  }

  /** The bytes of an entry's key, which are valid until the next `add`. */
  keyBytes(i: number): Buffer {
    const { bytes, starts } = this.packed;
    const entry = this.entry(i);
    return bytes.subarray(starts[entry], starts[entry + 1]);
  }

  keyAt(i: number): string {
    const { bytes, starts } = this.packed;
    const entry = this.entry(i);
    return bytes.toString('latin1', starts[entry], starts[entry + 1]);
  }

  rowIdAt(i: number): RowId {
    return rowOfMarked(this.packed.rowIds[this.entry(i)]);
  }

  hasKey(i: number, key: string): boolean {
    const { bytes, starts } = this.packed;
    const entry = this.entry(i);
    const start = starts[entry];
    const { length } = key;
    if (starts[entry + 1] - start !== length) return false;
    for (let k = length - 1; k >= 0; k--) if (bytes[start + k] !== key.charCodeAt(k)) return false;
    return true;
  }

  private entry(i: number): number {
    return this.isSorted ? this.packed.order[i] : i;
  }
}
