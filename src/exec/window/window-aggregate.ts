/**
 * Aggregates over frames. While the frame's start stays, rows are only added; when it moves (or rows are excluded)
 * the frame is aggregated anew. Large frames are taken in steps, between which others may have their turn.
 */
import type { Datum } from '../../types/datum.js';
import type { Accumulator } from '../aggregate/accumulator.js';
import type { FrameFinder, Segment } from './frame.js';
import type { Partition } from './partition.js';

/** Rows that are aggregated in one step. */
const STEP = 1024;
/** Every row belongs to group 0. */
const FEW_GROUPS = new Int32Array(STEP);

export class WindowAggregate {
  private readonly groups: Int32Array;
  /** Of the rows that have been added. */
  private start = -1;
  private end = -1;
  /** Up to which row the segment at hand goes, and the segments behind it. */
  private to = -1;
  private rest: readonly Segment[] = [];
  private row = -1;
  private changed = true;
  /** Of the row for which `step` was true last. */
  value: Datum = null;

  constructor(
    private readonly accumulator: Accumulator,
    private readonly partition: Partition,
    private readonly frames: FrameFinder,
  ) {
    this.groups = partition.length <= STEP ? FEW_GROUPS : new Int32Array(partition.length);
  }

  /** Goes a step on towards the value for row i; true when `value` is there. */
  step(i: number): boolean {
    if (this.row !== i) this.begin(i);
    if (this.end < this.to) this.addUpTo(Math.min(this.to, this.end + STEP));
    if (this.end < this.to) return false;
    const [next] = this.rest;
    if (next !== undefined) {
      this.rest = this.rest.slice(1);
      this.end = next.from;
      this.to = next.to;
      return false;
    }
    if (this.changed) this.value = this.accumulator.result(0, []);
    this.changed = false;
    return true;
  }

  /** Whether results may take long as well, because the frame is large. */
  get isLarge(): boolean {
    return this.end - this.start > STEP;
  }

  private begin(i: number): void {
    const { frames } = this;
    this.row = i;
    if (frames.frame.exclusion !== 'no others') {
      this.restart(0);
      this.to = 0;
      this.rest = frames.segments(i);
      return;
    }
    const from = frames.start(i);
    const to = frames.end(i, from);
    if (from !== this.start || to < this.end) this.restart(from);
    this.to = to;
  }

  private restart(from: number): void {
    this.accumulator.clear();
    this.accumulator.addGroup();
    this.start = from;
    this.end = from;
    this.changed = true;
  }

  private addUpTo(to: number): void {
    this.accumulator.accumulate(this.partition.rows, this.groups, this.end, to);
    this.end = to;
    this.changed = true;
  }
}
