/**
 * A scan over an index range, one batch a leaf, merged with the transaction's own entries. Between batches it keeps
 * only its position, so leaves may be split, evicted and loaded meanwhile.
 */
import type { Task } from '../util/task.js';
import type { IndexBatch, IndexRange, IndexScan, RowId, Snapshot } from './api.js';
import { type Candidates, readCandidates } from './entry-runs.js';
import type { StoreIndex } from './index.js';
import type { IndexLeaf } from './index-leaf.js';
import type { IndexWrites } from './index-writes.js';
import { LATEST_LSN } from './snapshot.js';
import { type StoreTransaction, storeTransaction } from './transaction.js';

/** Own rows of a key that are sorted once for the whole scan rather than for each leaf. */
const LONG_LIST = 256;

export class StoreIndexScan implements IndexScan {
  /** Ascending: everything below is done. Descending: everything from here on is done; null key: nothing is. */
  private key: string | null;
  private rowId: RowId = 0;
  private done = false;
  private readonly own: IndexWrites | null;
  private readonly transaction: StoreTransaction;
  private readonly latest: boolean;
  private readonly commandId: number;
  /** The range is one key, for which own entries need not be ordered. */
  private readonly isPoint: boolean;
  private long: { readonly key: string; readonly rowIds: readonly RowId[] } | null = null;

  constructor(
    private readonly index: StoreIndex,
    snapshot: Snapshot,
    private readonly range: IndexRange,
    private readonly descending: boolean,
  ) {
    this.key = descending ? range.hi : (range.lo ?? '');
    this.commandId = snapshot.commandId;
    this.transaction = storeTransaction(snapshot.transaction);
    this.latest = snapshot.lsn === LATEST_LSN;
    this.own = this.transaction.indexWrites?.get(index.id) ?? null;
    this.isPoint = range.lo !== null && range.hi === `${range.lo}\0`;
  }

  *next(): Task<IndexBatch | null> {
    while (!this.done) {
      const leaf = this.leaf();
      if (leaf === null) {
        this.done = true;
        break;
      }
      if (leaf.keys === null) {
        yield* this.index.loadLeaf(leaf, { key: this.key, rowId: this.rowId }, this.descending);
        continue;
      }
      leaf.referenced = true;
      const from = this.key;
      const batch = this.descending ? this.readDescending(leaf) : this.readAscending(leaf);
      if (this.transaction.serial !== null) this.noteRead(from);
      if (batch.length > 0) return batch;
    }
    return null;
  }

  close(): void {
    this.done = true;
  }

  /** What has been scanned since the position was at `from` is a predicate read, the gaps in it too. */
  private noteRead(from: string | null): void {
    const { serial } = this.transaction;
    if (serial === null || this.latest) return;
    const { lo, hi } = this.range;
    if (this.descending) {
      // Other entries of the key at the upper end may have been read before.
      const end = from === null || from === hi ? from : `${from}\0`;
      serial.readRange(this.index.id, this.done ? (lo ?? '') : (this.key ?? ''), end);
    } else serial.readRange(this.index.id, from ?? '', this.done ? hi : `${this.key ?? ''}\0`);
  }

  private leaf(): IndexLeaf | null {
    const tree = this.index.tree;
    if (!this.descending) return tree.leafFor(this.key ?? '', this.rowId);
    return this.key === null ? tree.last() : tree.leafBefore(this.key, this.rowId);
  }

  private readAscending(leaf: IndexLeaf): IndexBatch {
    const low = { key: this.key ?? '', rowId: this.rowId };
    const from = leaf.lowerBound(low.key, low.rowId);
    const next = this.index.tree.next(leaf);
    const hi = this.range.hi;
    const keys = leaf.keys!;
    let ends = next === null || (hi !== null && next.lowKey >= hi);
    let to = hi === null || (next !== null && next.lowKey < hi) ? keys.length : leaf.lowerBound(hi, 0);
    let end = ends ? { key: hi, rowId: 0 } : { key: next!.lowKey, rowId: next!.lowRow };
    const runs = this.index.runsFor(this.transaction);
    let more: Candidates['entries'] | null = null;
    if (runs !== null) {
      const found = readCandidates(runs, low, end, false);
      more = found.entries;
      if (found.end !== end && found.end.key !== null) {
        end = found.end;
        ends = false;
        to = leaf.lowerBound(found.end.key, found.end.rowId);
      }
    }
    const batch = take(keys.slice(from, to), leaf.rowIds!.slice(from, to));
    if (more !== null && more.length > 0) merge(batch, more);
    if (this.own !== null) this.mergeOwn(batch, low, end);
    this.done = ends;
    if (!ends) {
      this.key = end.key;
      this.rowId = end.rowId;
    }
    return batch;
  }

  private readDescending(leaf: IndexLeaf): IndexBatch {
    const to = this.key === null ? leaf.keys!.length : leaf.lowerBound(this.key, this.rowId);
    const lo = this.range.lo ?? '';
    let ends = leaf.lowKey < lo || (leaf.lowKey === lo && leaf.lowRow === 0) || this.index.tree.previous(leaf) === null;
    let from = ends ? Math.min(leaf.lowerBound(lo, 0), to) : 0;
    let low = ends ? { key: lo, rowId: 0 } : { key: leaf.lowKey, rowId: leaf.lowRow };
    const end = { key: this.key, rowId: this.rowId };
    const runs = this.index.runsFor(this.transaction);
    let more: Candidates['entries'] | null = null;
    if (runs !== null) {
      const found = readCandidates(runs, low, end, true);
      more = found.entries;
      if (found.low !== low && found.low.key !== null) {
        low = { key: found.low.key, rowId: found.low.rowId };
        ends = false;
        from = Math.min(leaf.lowerBound(low.key, low.rowId), to);
      }
    }
    const batch = take(leaf.keys!.slice(from, to), leaf.rowIds!.slice(from, to));
    if (more !== null && more.length > 0) merge(batch, more);
    if (this.own !== null) this.mergeOwn(batch, low, end);
    batch.keys.reverse();
    batch.rowIds.reverse();
    this.done = ends;
    this.key = ends ? leaf.lowKey : low.key;
    this.rowId = ends ? leaf.lowRow : low.rowId;
    return batch;
  }

  /** The rows of own entries of the key, ascending. A long list is kept: its key may go on over many leaves. */
  private ownRowIds(own: IndexWrites, key: string): readonly RowId[] {
    if (this.long !== null && this.long.key === key) return this.long.rowIds;
    const rowIds: RowId[] = [];
    for (let write = own.byKey.get(key) ?? null; write !== null; write = write.next)
      if (write.isCandidate(this.commandId)) rowIds.push(write.rowId);
    rowIds.sort((a, b) => a - b);
    if (rowIds.length > LONG_LIST) this.long = { key, rowIds };
    return rowIds;
  }

  /** Adds own entries with `low` <= entry < `end` (null key: unbounded) to an ascending batch. */
  private mergeOwn(
    batch: IndexBatch,
    low: { key: string; rowId: RowId },
    end: { key: string | null; rowId: RowId },
  ): void {
    const own = this.own!;
    const added: { key: string; rowId: RowId }[] = [];
    const sorted = this.isPoint ? null : own.keys();
    let key = sorted === null ? this.range.lo : sorted.atOrAfter(low.key, false);
    for (; key !== null && key !== undefined; key = sorted?.atOrAfter(key, true)) {
      if (end.key !== null && (key > end.key || (key === end.key && end.rowId === 0))) break;
      const rowIds = this.ownRowIds(own, key);
      const from = key === low.key ? lowerBound(rowIds, low.rowId) : 0;
      const to = key === end.key ? lowerBound(rowIds, end.rowId) : rowIds.length;
      for (let i = from; i < to; i++) added.push({ key, rowId: rowIds[i] });
    }
    if (added.length > 0) merge(batch, added);
  }
}

/** Position of the first of the ascending numbers that is not below `rowId`. */
function lowerBound(rowIds: readonly RowId[], rowId: RowId): number {
  let low = 0;
  let high = rowIds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rowIds[middle] < rowId) low = middle + 1;
    else high = middle;
  }
  return low;
}

function take(keys: string[], rowIds: RowId[]): IndexBatch {
  return { keys, rowIds, length: keys.length };
}

function merge(batch: IndexBatch, added: readonly { key: string; rowId: RowId }[]): void {
  const keys = batch.keys.splice(0);
  const rowIds = batch.rowIds.splice(0);
  let i = 0;
  for (const { key, rowId } of added) {
    while (i < keys.length && (keys[i] < key || (keys[i] === key && rowIds[i] < rowId))) {
      batch.keys.push(keys[i]);
      batch.rowIds.push(rowIds[i++]);
    }
    if (i < keys.length && keys[i] === key && rowIds[i] === rowId) i++;
    batch.keys.push(key);
    batch.rowIds.push(rowId);
  }
  while (i < keys.length) {
    batch.keys.push(keys[i]);
    batch.rowIds.push(rowIds[i++]);
  }
  batch.length = batch.keys.length;
}
