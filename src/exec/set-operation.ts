/** INTERSECT and EXCEPT, with and without ALL: rows of the left in their order, against counts of the right. NULLs are equal here. */
import type { SetOperationNode } from '../sql/plan/plan-node.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { ChunkedIntegers } from './chunked-list.js';
import type { ExecContext } from './exec-context.js';
import { HeldMemory } from './held-memory.js';
import { KeyTable } from './key-table.js';
import { type Batch, Operator, RowBuffer } from './operator.js';
import { batchBytes, KEY_BYTES } from './value-size.js';
import { rowKeyParts } from './whole-row-key.js';

export class SetOperation extends Operator {
  private readonly keys: KeyTable;
  private readonly out = new RowBuffer();
  /** By key number: how many right rows are still to be matched, and whether the left row was given. */
  private readonly counts = new ChunkedIntegers();
  private readonly given = new ChunkedIntegers();
  private counted = false;
  private readonly memory: HeldMemory;

  constructor(
    private readonly cx: ExecContext,
    private readonly node: SetOperationNode,
    private readonly left: Operator,
    private readonly right: Operator,
  ) {
    super(node.columns);
    this.memory = new HeldMemory(cx);
    this.keys = new KeyTable(rowKeyParts(cx, node.left));
  }

  open(): void {
    this.memory.release();
    this.left.open();
    this.right.open();
    this.forget();
    this.counted = false;
  }

  *next(): Task<Batch | null> {
    if (!this.counted) yield* this.count();
    const { out, left } = this;
    for (;;) {
      const batch = yield* left.next();
      if (batch === null) return null;
      out.length = 0;
      for (let i = 0; i < batch.length; i++) if (this.passes(batch.rows[i])) out.push(batch.rows[i]);
      if (out.length > 0) return out;
    }
  }

  private *count(): Task<void> {
    const { right, counts, cx } = this;
    for (let batch = yield* right.next(); batch !== null; batch = yield* right.next()) {
      if (cx.overdue()) yield cx.giveWay();
      for (let i = 0; i < batch.length; i++) {
        const key = this.number(batch.rows[i]);
        counts.set(key, counts.at(key) + 1);
      }
      this.memory.add(batchBytes(batch, KEY_BYTES));
    }
    right.close();
    this.counted = true;
  }

  private number(row: Row): number {
    const { keys, counts, given } = this;
    const key = keys.number(row);
    if (key === counts.length) {
      counts.push(0);
      given.push(0);
    }
    return key;
  }

  private forget(): void {
    this.keys.clear();
    this.counts.clear();
    this.given.clear();
  }

  private passes(row: Row): boolean {
    const { counts, given } = this;
    const { operation, all } = this.node;
    const key = this.number(row);
    const partners = counts.at(key);
    if (all) {
      if (partners === 0) return operation === 'except';
      counts.set(key, partners - 1);
      return operation === 'intersect';
    }
    if (given.at(key) > 0) return false;
    given.set(key, 1);
    return partners > 0 === (operation === 'intersect');
  }

  close(): void {
    this.memory.release();
    this.forget();
    this.left.close();
    this.right.close();
  }
}
