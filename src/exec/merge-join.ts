/**
 * Merge join of two inputs sorted by their keys, ascending, NULLs last. The right rows of one key are kept as a group
 * and met by every left row of that key. NULL keys match nothing.
 */
import type { MergeJoinNode } from '../sql/plan/plan-node.js';
import type { Datum, Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { evaluateOnce } from './batch-loops.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Evaluator, Predicate } from './expression/evaluator.js';
import { nullRow } from './null-rows.js';
import { BATCH_SIZE, type Batch, Operator, RowBuffer } from './operator.js';
import { valueComparator } from './row-order.js';

/** One input, row by row, with the keys of the current row. */
class Side {
  private batch: Batch | null = null;
  private position = 0;
  row: Row | null = null;
  keys: Datum[] = [];

  constructor(
    readonly input: Operator,
    private readonly evaluators: readonly Evaluator[],
  ) {}

  *open(): Task<void> {
    this.batch = null;
    this.position = 0;
    yield* this.advance();
  }

  *advance(): Task<void> {
    if (this.batch === null || this.position >= this.batch.length) {
      this.batch = yield* this.input.next();
      this.position = 0;
      if (this.batch === null) {
        this.row = null;
        return;
      }
    }
    const row = this.batch.rows[this.position++];
    this.keys = yield* evaluateOnce(() => this.evaluators.map((evaluate) => evaluate(row)));
    this.row = row;
  }
}

export class MergeJoin extends Operator {
  private readonly left: Side;
  private readonly right: Side;
  private readonly comparators: readonly ((a: Datum, b: Datum) => number)[];
  private readonly residual: Predicate | null;
  private readonly out = new RowBuffer();
  private readonly leftNulls: Row;
  private readonly rightNulls: Row;
  private rows: Task<void> | null = null;

  constructor(
    private readonly cx: ExecContext,
    private readonly node: MergeJoinNode,
    private readonly leftInput: Operator,
    private readonly rightInput: Operator,
  ) {
    super(node.columns);
    this.left = new Side(leftInput, new Compiler(cx, leftInput.columns).compileAll(node.leftKeys));
    this.right = new Side(rightInput, new Compiler(cx, rightInput.columns).compileAll(node.rightKeys));
    this.comparators = node.leftKeys.map((key) => valueComparator(cx.services.types, key));
    const both = [...leftInput.columns, ...rightInput.columns];
    this.residual = node.residual === null ? null : new Compiler(cx, both).predicate(node.residual);
    this.leftNulls = nullRow(leftInput.columns.length);
    this.rightNulls = nullRow(rightInput.columns.length);
  }

  open(): void {
    this.leftInput.open();
    this.rightInput.open();
    this.rows = this.join();
  }

  /** The join itself is one long task; a full output batch is handed over by yielding the marker. */
  *next(): Task<Batch | null> {
    const { out } = this;
    out.length = 0;
    if (this.rows === null) return null;
    for (;;) {
      const state = this.rows.next();
      if (state.done === true) {
        this.rows = null;
        return out.length === 0 ? null : out;
      }
      if (state.value === BATCH_FULL) return out;
      yield state.value;
    }
  }

  private *join(): Task<void> {
    const { left, right, node, cx } = this;
    const keepsLeft = node.joinType === 'left' || node.joinType === 'full' || node.joinType === 'anti';
    const keepsRight = node.joinType === 'right' || node.joinType === 'full';
    yield* left.open();
    yield* right.open();
    while (left.row !== null) {
      if (cx.overdue()) yield cx.giveWay();
      const order = right.row === null || left.keys.includes(null) ? -1 : this.compare(left.keys, right.keys);
      if (order < 0) {
        if (keepsLeft) yield* this.give(node.joinType === 'anti' ? left.row : left.row.concat(this.rightNulls));
        yield* left.advance();
      } else if (order > 0) {
        if (keepsRight && right.row !== null) yield* this.give(this.leftNulls.concat(right.row));
        yield* right.advance();
      } else yield* this.joinGroup(keepsLeft, keepsRight);
    }
    while (keepsRight && right.row !== null) {
      yield* this.give(this.leftNulls.concat(right.row));
      yield* right.advance();
    }
  }

  /** A NULL among the right keys sorts behind everything: such rows never equal a left row. */
  private compare(a: readonly Datum[], b: readonly Datum[]): number {
    for (let k = 0; k < this.comparators.length; k++) {
      if (b[k] === null) return -1;
      const order = this.comparators[k](a[k], b[k]);
      if (order !== 0) return order;
    }
    return 0;
  }

  private *joinGroup(keepsLeft: boolean, keepsRight: boolean): Task<void> {
    const { left, right, cx } = this;
    const keys = right.keys;
    const group: Row[] = [];
    while (right.row !== null && !right.keys.includes(null) && this.compare(keys, right.keys) === 0) {
      group.push(right.row);
      yield* right.advance();
    }
    const matched = keepsRight ? new Uint8Array(group.length) : null;
    while (left.row !== null && !left.keys.includes(null) && this.compare(left.keys, keys) === 0) {
      if (cx.overdue()) yield cx.giveWay();
      yield* this.joinLeftRow(left.row, group, matched, keepsLeft);
      yield* left.advance();
    }
    if (matched === null) return;
    for (let i = 0; i < group.length; i++) {
      if (matched[i] === 0) yield* this.give(this.leftNulls.concat(group[i]));
    }
  }

  private *joinLeftRow(left: Row, group: readonly Row[], matched: Uint8Array | null, keepsLeft: boolean): Task<void> {
    const { residual } = this;
    const { joinType } = this.node;
    let found = false;
    for (let i = 0; i < group.length; i++) {
      const joined = left.concat(group[i]);
      if (residual !== null && !(yield* evaluateOnce(() => residual(joined)))) continue;
      found = true;
      if (matched !== null) matched[i] = 1;
      if (joinType === 'semi') yield* this.give(left);
      if (joinType === 'semi' || joinType === 'anti') break;
      yield* this.give(joined);
    }
    if (!found && keepsLeft) yield* this.give(joinType === 'anti' ? left : left.concat(this.rightNulls));
  }

  private *give(row: Row): Task<void> {
    this.out.push(row);
    if (this.out.length >= BATCH_SIZE) yield BATCH_FULL;
  }

  close(): void {
    this.rows = null;
    this.leftInput.close();
    this.rightInput.close();
  }
}

/** Never waited for: it tells `next` that the batch is full. */
const BATCH_FULL = {
  subscribe(): void {
    throw new Error('not a wait');
  },
};
