/** INTERSECT and EXCEPT, with and without ALL: rows of the left in their order, against counts of the right. NULLs are equal here. */
import type { SetOperationNode } from '../sql/plan/plan-node.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
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
  private counts: number[] = [];
  private given: boolean[] = [];
  private counted = false;
  private readonly memory: HeldMemory;

  constructor(
    cx: ExecContext,
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
    this.keys.clear();
    this.counts = [];
    this.given = [];
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
    const { right, keys, counts } = this;
    for (let batch = yield* right.next(); batch !== null; batch = yield* right.next()) {
      for (let i = 0; i < batch.length; i++) {
        const key = keys.number(batch.rows[i]);
        counts[key] = (counts[key] ?? 0) + 1;
      }
      this.memory.add(batchBytes(batch, KEY_BYTES));
    }
    right.close();
    this.counted = true;
  }

  private passes(row: Row): boolean {
    const { counts, given } = this;
    const { operation, all } = this.node;
    const key = this.keys.number(row);
    const partners = counts[key] ?? 0;
    if (all) {
      if (partners === 0) return operation === 'except';
      counts[key] = partners - 1;
      return operation === 'intersect';
    }
    if (given[key] === true) return false;
    given[key] = true;
    return partners > 0 === (operation === 'intersect');
  }

  close(): void {
    this.memory.release();
    this.keys.clear();
    this.left.close();
    this.right.close();
  }
}
