/** LIMIT, OFFSET and FETCH … WITH TIES. Closes its input as soon as no more rows are wanted. */
import { sqlError } from '../errors/sql-error.js';
import type { LimitNode } from '../sql/plan/plan-node.js';
import type { Datum, Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { evaluateOnce, evaluateWithoutRow } from './batch-loops.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Evaluator } from './expression/evaluator.js';
import { type Batch, Operator, RowBuffer } from './operator.js';
import { type RowComparator, rowComparator } from './row-order.js';

export class Limit extends Operator {
  private readonly limit: Evaluator | null;
  private readonly offset: Evaluator | null;
  private readonly ties: RowComparator | null;
  private readonly out = new RowBuffer();
  private started = false;
  private done = true;
  private toSkip = 0;
  private left = 0;
  private lastRow: Row | null = null;

  constructor(
    cx: ExecContext,
    node: LimitNode,
    private readonly input: Operator,
  ) {
    super(node.columns);
    const compiler = new Compiler(cx, []);
    this.limit = node.limit === null ? null : compiler.compile(node.limit);
    this.offset = node.offset === null ? null : compiler.compile(node.offset);
    this.ties = node.tiesKeys === null ? null : rowComparator(cx, new Compiler(cx, input.columns), node.tiesKeys);
  }

  open(): void {
    this.input.open();
    this.started = false;
    this.done = false;
    this.lastRow = null;
  }

  private *start(): Task<void> {
    const offset = this.offset === null ? null : yield* evaluateWithoutRow(this.offset);
    this.toSkip = count(offset, 0);
    if (this.toSkip < 0) throw sqlError('invalid_row_count_in_result_offset_clause', 'OFFSET must not be negative');
    const limit = this.limit === null ? null : yield* evaluateWithoutRow(this.limit);
    this.left = count(limit, Number.POSITIVE_INFINITY);
    if (this.left < 0) throw sqlError('invalid_row_count_in_limit_clause', 'LIMIT must not be negative');
    this.started = true;
    if (this.left === 0) this.finish();
  }

  *next(): Task<Batch | null> {
    if (!this.started && !this.done) yield* this.start();
    const { out } = this;
    while (!this.done) {
      const batch = yield* this.input.next();
      if (batch === null) {
        this.finish();
        return null;
      }
      out.length = 0;
      let i = Math.min(this.toSkip, batch.length);
      this.toSkip -= i;
      for (; i < batch.length && this.left > 0; i++, this.left--) out.push(batch.rows[i]);
      if (this.left === 0) yield* this.takeTies(batch, i);
      if (out.length > 0) return out;
    }
    return null;
  }

  /** The limit is used up: rows that compare equal to the last one still come, others end the run. */
  private *takeTies(batch: Batch, from: number): Task<void> {
    const { out, ties } = this;
    if (ties === null) {
      this.finish();
      return;
    }
    if (out.length > 0) this.lastRow = out.rows[out.length - 1];
    const last = this.lastRow;
    if (last === null) return;
    for (let i = from; i < batch.length; i++) {
      const row = batch.rows[i];
      if ((yield* evaluateOnce(() => ties(last, row))) !== 0) {
        this.finish();
        return;
      }
      out.push(row);
    }
  }

  private finish(): void {
    this.done = true;
    this.input.close();
  }

  close(): void {
    this.finish();
  }
}

function count(value: Datum, whenNull: number): number {
  return value === null ? whenNull : Number(value);
}
