/**
 * The keys on the build side of a hash join as bits. The scan on the other side drops rows that have none of them
 * before anything is done with these (`Operator.restrict`). Only a help: the join looks keys up all the same.
 */
import type { Task } from '../util/task.js';
import type { ExecContext } from './exec-context.js';
import type { PageColumns } from './page-columns.js';

/** Keys within this range, or within so many numbers for each of them, have a bit for every number; others for a hash. */
const SMALL_RANGE = 1 << 20;
const MAX_SPREAD = 64;
/** Bits for each key where they are hashed: one in so many other keys passes by mistake. */
const HASHED_BITS = 16;
/** 2^32 divided by the golden ratio. */
const SPREAD = 0x9e3779b1;

export abstract class KeyFilter {
  abstract readonly bytes: number;
  abstract add(key: number): void;
  /** Keeps of the first `count` positions those whose value is among the keys, and perhaps some others. */
  abstract keep(values: Float64Array, positions: Int32Array, count: number): number;

  static *of(cx: ExecContext, keys: KeyList): Task<KeyFilter> {
    const range = keys.last - keys.first + 1;
    const isDense = range <= Math.max(SMALL_RANGE, keys.length * MAX_SPREAD);
    const filter = isDense ? new DenseKeys(keys.first, Math.max(0, range)) : new HashedKeys(keys.length);
    for (const chunk of keys.chunks) {
      if (cx.overdue()) yield cx.giveWay();
      for (const key of chunk) filter.add(key);
    }
    return filter;
  }
}

const CHUNK = 8192;

/** Keys as they come. */
export class KeyList {
  chunks: number[][] = [];
  length = 0;
  first = Number.POSITIVE_INFINITY;
  last = Number.NEGATIVE_INFINITY;

  add(key: number): void {
    if (this.length++ % CHUNK === 0) this.chunks.push([]);
    this.chunks[this.chunks.length - 1].push(key);
    if (key < this.first) this.first = key;
    if (key > this.last) this.last = key;
  }

  clear(): void {
    this.chunks = [];
    this.length = 0;
    this.first = Number.POSITIVE_INFINITY;
    this.last = Number.NEGATIVE_INFINITY;
  }
}

class DenseKeys extends KeyFilter {
  private readonly bits: Int32Array;

  constructor(
    private readonly first: number,
    private readonly range: number,
  ) {
    super();
    this.bits = new Int32Array(Math.ceil(range / 32));
  }

  get bytes(): number {
    return this.bits.byteLength;
  }

  add(key: number): void {
    const offset = key - this.first;
    this.bits[offset >>> 5] |= 1 << (offset & 31);
  }

  /** NULL (NaN) is in no range. */
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

class HashedKeys extends KeyFilter {
  private readonly bits: Int32Array;
  private readonly shift: number;

  constructor(count: number) {
    super();
    this.shift = Math.max(1, 32 - Math.ceil(Math.log2(Math.max(64, count * HASHED_BITS))));
    this.bits = new Int32Array(2 ** (32 - this.shift - 5));
  }

  get bytes(): number {
    return this.bits.byteLength;
  }

  add(key: number): void {
    const hash = Math.imul(key, SPREAD) >>> this.shift;
    this.bits[hash >>> 5] |= 1 << (hash & 31);
  }

  keep(values: Float64Array, positions: Int32Array, count: number): number {
    const { bits, shift } = this;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const at = positions[i];
      const hash = Math.imul(values[at], SPREAD) >>> shift;
      if ((bits[hash >>> 5] & (1 << (hash & 31))) !== 0) positions[kept++] = at;
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
