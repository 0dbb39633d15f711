/**
 * Nested loop join. A right side that reads columns of the left (lateral) runs again for every left row, its cells
 * filled before each pull; any other right side runs once and its rows are kept.
 */

import type { ColumnId } from '../sql/plan/expression.js';
import { exprColumns } from '../sql/plan/free-columns.js';
import type { NestedLoopNode } from '../sql/plan/plan-node.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { Cell, ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Predicate } from './expression/evaluator.js';
import { HeldMemory } from './held-memory.js';
import type { KeyFilter } from './key-filter.js';
import { nullRow } from './null-rows.js';
import { BATCH_SIZE, type Batch, Operator, RowBuffer } from './operator.js';
import { type RowJoiner, rowJoiner, slotsOf } from './row-joiner.js';
import { type BatchMeter, batchMeter } from './row-meter.js';
import { suspension } from './suspend.js';

export class NestedLoop extends Operator {
  private readonly condition: Predicate | null;
  private readonly lateral: readonly { readonly slot: number; readonly cell: Cell }[];
  private readonly out = new RowBuffer();
  /** What the condition is evaluated over: a joined row in which only the columns that it reads are filled. */
  private readonly scratch: Row;
  private readonly leftRead: readonly number[];
  private readonly rightRead: readonly number[];
  private readonly leftWidth: number;
  private readonly join: RowJoiner;
  private readonly leftNulls: Row;
  private readonly rightNulls: Row;
  private readonly keepsLeft: boolean;
  private readonly keepsRight: boolean;
  /** Semi and anti joins: one match decides. */
  private readonly oneMatch: boolean;
  private leftBatch: Batch | null = null;
  private leftPosition = 0;
  private leftMatched = false;
  /** The rows that the current left row meets: all of the right, or the current batch of a lateral run. */
  private right: readonly Row[] = [];
  private rightLength = 0;
  private rightPosition = 0;
  private rightMatched: Uint8Array | null = null;
  private rightReady = false;
  private phase: 'left' | 'match' | 'unmatched right' | 'done' = 'done';
  private readonly memory: HeldMemory;
  private readonly rightBytes: BatchMeter;

  constructor(
    private readonly cx: ExecContext,
    private readonly node: NestedLoopNode,
    private readonly leftInput: Operator,
    private readonly rightInput: Operator,
  ) {
    super(node.columns);
    this.memory = new HeldMemory(cx);
    this.rightBytes = batchMeter(rightInput);
    const both = [...leftInput.columns, ...rightInput.columns];
    this.condition = node.condition === null ? null : new Compiler(cx, both).predicate(node.condition);
    this.lateral = node.lateral.map((id) => ({ slot: leftInput.columns.indexOf(id), cell: cx.cell(id) }));
    this.leftWidth = leftInput.columns.length;
    this.join = rowJoiner(leftInput.columns, rightInput.columns, node.columns);
    this.leftNulls = nullRow(this.leftWidth);
    this.rightNulls = nullRow(rightInput.columns.length);
    this.scratch = nullRow(both.length);
    const read = node.condition === null ? new Set<number>() : exprColumns(node.condition);
    this.leftRead = slotsOf(leftInput.columns, read);
    this.rightRead = slotsOf(rightInput.columns, read);
    this.keepsLeft = node.joinType === 'left' || node.joinType === 'full' || node.joinType === 'anti';
    this.oneMatch = node.joinType === 'semi' || node.joinType === 'anti';
    this.keepsRight = node.joinType === 'right' || node.joinType === 'full';
  }

  open(): void {
    this.leftInput.open();
    this.leftBatch = null;
    this.leftPosition = 0;
    this.right = [];
    this.rightReady = false;
    this.rightMatched = null;
    this.phase = 'left';
  }

  override restrict(column: ColumnId, keys: KeyFilter): void {
    if (!this.keepsRight && this.leftInput.columns.includes(column)) this.leftInput.restrict(column, keys);
  }

  override boundedBytes(column: ColumnId): number | null {
    const input = this.leftInput.columns.includes(column) ? this.leftInput : this.rightInput;
    return input.boundedBytes(column);
  }

  *next(): Task<Batch | null> {
    const { out, cx } = this;
    out.length = 0;
    if (cx.overdue()) yield cx.giveWay();
    while (out.length < BATCH_SIZE && this.phase !== 'done') {
      if (this.phase === 'left') yield* this.nextLeft();
      else if (this.phase === 'match') yield* this.matchLeft();
      else this.addUnmatchedRight();
    }
    return out.length === 0 ? null : out;
  }

  private *nextLeft(): Task<void> {
    while (this.leftBatch === null || this.leftPosition >= this.leftBatch.length) {
      const ready = this.leftInput.tryNext();
      this.leftBatch = ready === undefined ? yield* this.leftInput.next() : ready;
      this.leftPosition = 0;
      if (this.leftBatch === null) {
        this.rightPosition = 0;
        this.phase = this.keepsRight ? 'unmatched right' : 'done';
        if (this.keepsRight && !this.rightReady) yield* this.collectRight();
        return;
      }
    }
    this.leftMatched = false;
    this.rightPosition = 0;
    const row = this.leftBatch.rows[this.leftPosition];
    for (const i of this.leftRead) this.scratch[i] = row[i];
    if (this.lateral.length > 0) {
      this.fillCells(row);
      this.rightInput.open();
      this.rightLength = 0;
    } else if (!this.rightReady) yield* this.collectRight();
    this.phase = 'match';
  }

  private fillCells(row: Row): void {
    for (const { slot, cell } of this.lateral) cell.value = row[slot];
  }

  private *collectRight(): Task<void> {
    const rows: Row[] = [];
    this.memory.release();
    this.rightInput.open();
    for (let batch = yield* this.rightInput.next(); batch !== null; batch = yield* this.rightInput.next()) {
      for (let i = 0; i < batch.length; i++) rows.push(batch.rows[i]);
      this.memory.add(this.rightBytes(batch));
    }
    this.rightInput.close();
    this.right = rows;
    this.rightLength = rows.length;
    this.rightReady = true;
    if (this.keepsRight) this.rightMatched = new Uint8Array(rows.length);
  }

  /** Goes on with the current left row until it is done or the output is full. */
  private *matchLeft(): Task<void> {
    const { out, cx } = this;
    const left = this.currentLeft();
    for (;;) {
      while (this.rightPosition < this.rightLength && out.length < BATCH_SIZE) {
        try {
          this.scan(left);
        } catch (error) {
          yield suspension(error);
        }
        if (cx.overdue()) yield cx.giveWay();
      }
      if (this.rightPosition < this.rightLength) return;
      if (this.lateral.length === 0 || (this.leftMatched && this.oneMatch)) break;
      this.fillCells(left);
      const ready = this.rightInput.tryNext();
      const batch: Batch | null = ready === undefined ? yield* this.rightInput.next() : ready;
      if (batch === null) break;
      this.right = batch.rows;
      this.rightLength = batch.length;
      this.rightPosition = 0;
    }
    if (!this.leftMatched && this.keepsLeft) {
      out.push(this.node.joinType === 'anti' ? left : this.join(left, this.rightNulls));
    }
    this.endLeft();
  }

  private currentLeft(): Row {
    if (this.leftBatch === null) throw new Error('the join has no left row');
    return this.leftBatch.rows[this.leftPosition];
  }

  /** Tests right rows against the left one. Stops at the end, at a full batch, or where the join type has seen enough. */
  private scan(left: Row): void {
    const { out, condition, scratch, leftWidth, right, rightMatched, rightRead } = this;
    const { joinType } = this.node;
    const stopAt = Math.min(this.rightLength, this.rightPosition + 4096);
    while (this.rightPosition < stopAt && out.length < BATCH_SIZE) {
      const row = right[this.rightPosition];
      if (condition !== null) {
        for (let k = 0; k < rightRead.length; k++) scratch[leftWidth + rightRead[k]] = row[rightRead[k]];
        if (!condition(scratch)) {
          this.rightPosition++;
          continue;
        }
      }
      if (rightMatched !== null) rightMatched[this.rightPosition] = 1;
      this.rightPosition++;
      this.leftMatched = true;
      if (this.oneMatch) {
        if (joinType === 'semi') out.push(left);
        this.rightPosition = this.rightLength;
        return;
      }
      out.push(this.join(left, row));
    }
  }

  private endLeft(): void {
    if (this.lateral.length > 0) this.rightInput.close();
    this.leftPosition++;
    this.phase = 'left';
  }

  private addUnmatchedRight(): void {
    const { out, rightMatched } = this;
    for (; this.rightPosition < this.right.length && out.length < BATCH_SIZE; this.rightPosition++) {
      if (rightMatched === null || rightMatched[this.rightPosition] === 0) {
        out.push(this.join(this.leftNulls, this.right[this.rightPosition]));
      }
    }
    if (this.rightPosition >= this.right.length) this.phase = 'done';
  }

  close(): void {
    this.memory.release();
    this.phase = 'done';
    this.right = [];
    this.rightMatched = null;
    this.leftBatch = null;
    this.leftInput.close();
    this.rightInput.close();
  }
}
