/** Window frames: which rows of the partition each row sees, in all modes and with exclusions. */
import { sqlError } from '../../errors/sql-error.js';
import type { FrameBound, WindowFrame } from '../../sql/plan/expression.js';
import type { Datum } from '../../types/datum.js';
import type { Partition } from './partition.js';

/** The in_range support function: is `value` on the right side of `base` plus or minus `offset`? */
export type InRange = (value: Datum, base: Datum, offset: Datum, subtract: boolean, less: boolean) => boolean;

export interface RangeOrder {
  /** Slot of the single order key, -1 when there is none. */
  readonly slot: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
  readonly startInRange: InRange | null;
  readonly endInRange: InRange | null;
}

/** Half-open runs of row numbers, ascending. */
export interface Segment {
  readonly from: number;
  readonly to: number;
}

export class FrameFinder {
  /** Rows whose order key is not NULL: a run, because NULLs stand at one end. */
  private firstValue = 0;
  private behindValues = 0;

  constructor(
    readonly frame: WindowFrame,
    private readonly partition: Partition,
    private readonly range: RangeOrder,
    private readonly startOffset: Datum,
    private readonly endOffset: Datum,
  ) {
    if (range.startInRange !== null || range.endInRange !== null) this.findValues();
  }

  start(i: number): number {
    return Math.min(this.bound(this.frame.start, i, true), this.partition.length);
  }

  /** Behind the frame's last row; not less than `start`. */
  end(i: number, start: number): number {
    return Math.max(start, Math.min(this.bound(this.frame.end, i, false), this.partition.length));
  }

  segments(i: number): Segment[] {
    const from = this.start(i);
    const to = this.end(i, from);
    const { partition } = this;
    const without = (a: number, b: number): Segment[] =>
      [
        { from, to: Math.min(a, to) },
        { from: Math.max(b, from), to },
      ].filter((segment) => segment.from < segment.to);
    switch (this.frame.exclusion) {
      case 'no others':
        return from < to ? [{ from, to }] : [];
      case 'current row':
        return without(i, i + 1);
      case 'group':
        return without(partition.peerStart(i), partition.peerEnd(i));
      case 'ties': {
        const rest = without(partition.peerStart(i), partition.peerEnd(i));
        if (i < from || i >= to) return rest;
        return [...rest, { from: i, to: i + 1 }].sort((a, b) => a.from - b.from);
      }
    }
  }

  private bound(bound: FrameBound, i: number, isStart: boolean): number {
    const { partition } = this;
    switch (bound.kind) {
      case 'unbounded preceding':
        return 0;
      case 'unbounded following':
        return partition.length;
      case 'current row':
        if (this.frame.mode === 'rows') return isStart ? i : i + 1;
        return isStart ? partition.peerStart(i) : partition.peerEnd(i);
      default:
        return this.offsetBound(bound.kind === 'preceding', i, isStart);
    }
  }

  private offsetBound(preceding: boolean, i: number, isStart: boolean): number {
    const { partition } = this;
    if (this.frame.mode === 'range') return this.rangeBound(preceding, i, isStart);
    const distance = Number(isStart ? this.startOffset : this.endOffset) * (preceding ? -1 : 1);
    if (this.frame.mode === 'rows') return Math.max(0, isStart ? i + distance : i + distance + 1);
    return partition.startOfGroup(partition.groupOf(i) + distance + (isStart ? 0 : 1));
  }

  private rangeBound(preceding: boolean, i: number, isStart: boolean): number {
    const { partition, range } = this;
    const inRange = isStart ? range.startInRange : range.endInRange;
    if (inRange === null) throw sqlError('internal_error', 'a RANGE frame without in_range function');
    const base = partition.rows[i][range.slot];
    // A NULL sees its peers only.
    if (base === null) return isStart ? partition.peerStart(i) : partition.peerEnd(i);
    const offset = isStart ? this.startOffset : this.endOffset;
    const subtract = preceding !== range.descending;
    const less = isStart === range.descending;
    const holds = (j: number): boolean => inRange(partition.rows[j][range.slot], base, offset, subtract, less);
    // Along the order the start's test turns true once, the end's turns false once.
    let low = this.firstValue;
    let high = this.behindValues;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(middle) === isStart) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private findValues(): void {
    const { partition, range } = this;
    const isNull = (j: number): boolean => partition.rows[j][range.slot] === null;
    this.behindValues = partition.length;
    if (range.nullsFirst) while (this.firstValue < partition.length && isNull(this.firstValue)) this.firstValue++;
    else while (this.behindValues > 0 && isNull(this.behindValues - 1)) this.behindValues--;
  }
}

/** @throws SqlError 22004, 22013 */
export function checkOffset(frame: WindowFrame, value: Datum, which: 'starting' | 'ending'): Datum {
  if (value === null) throw sqlError('null_value_not_allowed', `frame ${which} offset must not be null`);
  if (frame.mode !== 'range' && Number(value) < 0) {
    throw sqlError('invalid_preceding_or_following_size', `frame ${which} offset must not be negative`);
  }
  return value;
}
