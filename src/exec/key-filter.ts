/**
 * The keys on the build side of a hash join as a bit map. The scan on the other side drops rows that have none of them
 * before anything is done with these (`Operator.restrict`). Only a help: the join looks keys up all the same.
 */
import type { Task } from '../util/task.js';
import type { ExecContext } from './exec-context.js';
import type { PageColumns } from './page-columns.js';

/** Keys that are spread more thinly than one in so many numbers have no bit map. */
const MAX_SPREAD = 512;
const MIN_RANGE = 65_536;
/** The clock is read once in so many keys. */
const KEYS_AT_ONCE = 16_384;

export class KeyFilter {
  private constructor(
    private readonly bits: Int32Array,
    private readonly first: number,
    private readonly range: number,
  ) {}

  /** Null where the keys are too far apart. */
  static *of(cx: ExecContext, keys: Int32Array): Task<KeyFilter | null> {
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (key < first) first = key;
      if (key > last) last = key;
    }
    const range = last - first + 1;
    if (keys.length === 0 || range > Math.max(MIN_RANGE, keys.length * MAX_SPREAD)) return null;
    const bits = new Int32Array(Math.ceil(range / 32));
    for (let start = 0; start < keys.length; start += KEYS_AT_ONCE) {
      if (cx.overdue()) yield cx.giveWay();
      const end = Math.min(keys.length, start + KEYS_AT_ONCE);
      for (let i = start; i < end; i++) {
        const offset = keys[i] - first;
        bits[offset >>> 5] |= 1 << (offset & 31);
      }
    }
    return new KeyFilter(bits, first, range);
  }

  get bytes(): number {
    return this.bits.byteLength;
  }

  /** Keeps of the first `count` positions those whose value is among the keys. NULL (NaN) is not. */
  keep(values: Float64Array, positions: Int32Array, count: number): number {
    const { bits, first, range } = this;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const at = positions[i];
      const offset = values[at] - first;
      if (offset >= 0 && offset < range && (bits[offset >>> 5] & (1 << (offset & 31))) !== 0) positions[kept++] = at;
    }
    return kept;
  }
}

/** After so many rows a filter that keeps most of them is given up. */
const TRIAL_ROWS = 4096;
const WORTHWHILE = 0.75;

/** A key filter at one column of a scan, for as long as it drops enough. */
export class ColumnKeyFilter {
  private seen = 0;
  private kept = 0;

  constructor(
    private readonly slot: number,
    private readonly filter: KeyFilter,
  ) {}

  /** As a `ColumnTest`, but what cannot be tested stays. */
  narrow(columns: PageColumns, positions: Int32Array, count: number): number {
    if (this.seen > TRIAL_ROWS && this.kept > this.seen * WORTHWHILE) return count;
    const values = columns.column(this.slot, null);
    if (values === null) return count;
    const kept = this.filter.keep(values, positions, count);
    this.seen += count;
    this.kept += kept;
    return kept;
  }
}
