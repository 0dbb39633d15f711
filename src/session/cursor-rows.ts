/**
 * The rows under a cursor: a position that moves over them both ways. Rows come from an execution batch by batch and are
 * not kept, so going forward holds one batch; the first step back runs the query again under the same snapshot and keeps
 * every row from then on. `keep` keeps them from the start (SCROLL), and so does `fill` (statements that have run already).
 */
import type { MemoryBudget } from '../exec/exec-context.js';
import type { Batch } from '../exec/operator.js';
import type { Row } from '../types/datum.js';
import { SlicePace, type Task } from '../util/task.js';
import { KeptRows } from './kept-rows.js';
import type { RowSink } from './row-sink.js';

/** Rows that are given backwards between two looks at the clock. */
const ROWS_PER_LOOK = 64;

/** Where fetched rows go; null for MOVE. */
export type RowTarget = Pick<RowSink, 'row' | 'crowded' | 'backpressure'> | null;

export interface RowSource {
  /** The next rows, about `wanted` of them, or null at the end. */
  pull(wanted: number): Task<Batch | null>;
  /** Starts over. */
  restart(): void;
}

export class CursorRows {
  /** The row last given: null before the first and after the last one. */
  current: Row | null = null;
  /** How many rows have been passed; one more than there are when the end has been met. */
  private at = 0;
  private batch: Batch | null = null;
  /** The first row of the batch that has not been passed (or kept). */
  private next = 0;
  private ended = false;

  private constructor(
    private source: RowSource | null,
    private kept: KeptRows | null,
    private readonly memory: MemoryBudget,
  ) {}

  static over(source: RowSource, keep: boolean, memory: MemoryBudget): CursorRows {
    return new CursorRows(source, keep ? new KeptRows(memory) : null, memory);
  }

  static of(rows: KeptRows, memory: MemoryBudget): CursorRows {
    return new CursorRows(null, rows, memory);
  }

  /** Gives the next `count` rows, fewer at the end. Returns how many. */
  *forward(count: number, target: RowTarget): Task<number> {
    const pace = new SlicePace();
    let given = 0;
    while (given < count) {
      if (pace.overdue()) yield pace.giveWay();
      const passed = this.passKept(count - given, target) || this.passBatch(count - given, target);
      given += passed;
      if (passed === 0 && !(yield* this.pull(count - given))) {
        this.at++;
        this.current = null;
        break;
      }
      const pressure = target?.backpressure() ?? null;
      if (pressure !== null) yield pressure;
    }
    return given;
  }

  /** Gives the `count` rows before the position, nearest first. Returns how many there were. */
  *backward(count: number, target: RowTarget): Task<number> {
    const kept = yield* this.keep();
    const pace = new SlicePace();
    let given = 0;
    while (given < count && this.at > 1) {
      if (given % ROWS_PER_LOOK === 0 && pace.overdue()) yield pace.giveWay();
      this.current = kept.rows[--this.at - 1];
      target?.row(this.current);
      given++;
      const pressure = target?.crowded === true ? target.backpressure() : null;
      if (pressure !== null) yield pressure;
    }
    if (given < count) {
      this.at = 0;
      this.current = null;
    }
    return given;
  }

  /** Back to before the first row. */
  rewind(): void {
    if (this.kept === null) this.restart();
    this.at = 0;
    this.current = null;
  }

  /** Keeps what is left to be fetched (`all`: everything) in memory; the source is not needed afterwards. */
  *detach(all: boolean): Task<void> {
    if (!all && this.kept === null) {
      this.kept = new KeptRows(this.memory);
      this.at = 0;
    }
    yield* this.keep();
    while (this.passBatchToKept() > 0 || (yield* this.pull(Number.POSITIVE_INFINITY)));
    this.source = null;
  }

  /** Gives the memory of kept rows back; nothing can be fetched afterwards. */
  release(): void {
    this.kept?.release();
    this.source = null;
    this.current = null;
  }

  private passKept(count: number, target: RowTarget): number {
    const { kept, at } = this;
    if (kept === null || at >= kept.length) return 0;
    let end = Math.min(kept.length, at + count);
    if (target !== null) end = giveRows(kept.rows, at, end, target);
    this.at = end;
    this.current = kept.rows[end - 1];
    return end - at;
  }

  private passBatch(count: number, target: RowTarget): number {
    const { batch, next, kept } = this;
    if (batch === null) return 0;
    let end = Math.min(batch.length, next + count);
    if (target !== null) end = giveRows(batch.rows, next, end, target);
    if (kept !== null) for (let i = next; i < end; i++) kept.add(batch.rows[i]);
    this.at += end - next;
    this.current = batch.rows[end - 1];
    this.advance(batch, end);
    return end - next;
  }

  private passBatchToKept(): number {
    const { batch, next, kept } = this;
    if (batch === null || kept === null) return 0;
    for (let i = next; i < batch.length; i++) kept.add(batch.rows[i]);
    this.advance(batch, batch.length);
    return batch.length - next;
  }

  private advance(batch: Batch, end: number): void {
    this.next = end;
    if (end === batch.length) this.batch = null;
  }

  private *pull(wanted: number): Task<boolean> {
    if (this.source === null || this.ended) return false;
    this.batch = yield* this.source.pull(wanted);
    this.next = 0;
    this.ended = this.batch === null;
    return !this.ended;
  }

  private restart(): void {
    this.source?.restart();
    this.batch = null;
    this.ended = false;
  }

  /** Keeps the rows up to the position, which stays. */
  private *keep(): Task<KeptRows> {
    if (this.kept !== null) return this.kept;
    this.restart();
    const kept = new KeptRows(this.memory);
    this.kept = kept;
    while (kept.length < this.at && (this.passBatchToKept() > 0 || (yield* this.pull(this.at - kept.length))));
    return kept;
  }
}

/** Gives rows `from` to `to` - 1, or fewer when the target is crowded. Returns the number of the first one not given. */
function giveRows(rows: readonly Row[], from: number, to: number, target: NonNullable<RowTarget>): number {
  let i = from;
  do target.row(rows[i++]);
  while (i < to && !target.crowded);
  return i;
}
