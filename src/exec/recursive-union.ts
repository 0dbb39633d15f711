/** WITH RECURSIVE: the seed's rows, then round after round of the step over the rows of the round before. */
import type { RecursiveUnionNode } from '../sql/plan/plan-node.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { ExecContext } from './exec-context.js';
import { HeldMemory } from './held-memory.js';
import { KeyTable } from './key-table.js';
import { type Batch, Operator, RowBuffer } from './operator.js';
import type { RowStore } from './row-store.js';
import { batchBytes, KEY_BYTES } from './value-size.js';
import { rowKeyParts } from './whole-row-key.js';

export class RecursiveUnion extends Operator {
  private readonly seen: KeyTable | null;
  private readonly out = new RowBuffer();
  private current: Operator;
  private round: Row[] = [];
  private done = true;

  private readonly seenMemory: HeldMemory;
  private reading: HeldMemory;
  private growing: HeldMemory;

  constructor(
    private readonly cx: ExecContext,
    node: RecursiveUnionNode,
    private readonly workTable: RowStore,
    private readonly seed: Operator,
    private readonly step: Operator,
  ) {
    super(node.columns);
    this.seenMemory = new HeldMemory(cx);
    this.reading = new HeldMemory(cx);
    this.growing = new HeldMemory(cx);
    this.seen = node.distinct ? new KeyTable(rowKeyParts(cx, node.seed)) : null;
    this.current = seed;
  }

  open(): void {
    this.releaseAll();
    this.close();
    this.seen?.clear();
    this.current = this.seed;
    this.round = [];
    this.done = false;
    this.seed.open();
  }

  *next(): Task<Batch | null> {
    const { out, seen, cx } = this;
    while (!this.done) {
      if (cx.overdue()) yield cx.giveWay();
      const batch = yield* this.current.next();
      if (batch === null) {
        this.nextRound();
        continue;
      }
      out.length = 0;
      for (let i = 0; i < batch.length; i++) {
        const row = batch.rows[i];
        if (seen !== null && !isNew(seen, row)) continue;
        out.push(row);
        this.round.push(row);
      }
      if (seen !== null) this.seenMemory.add(batchBytes(out, KEY_BYTES));
      else this.growing.add(batchBytes(out));
      if (out.length > 0) return out;
    }
    return null;
  }

  private nextRound(): void {
    this.current.close();
    if (this.round.length === 0) {
      this.done = true;
      return;
    }
    this.workTable.fill(this.round);
    // The rows of the round before are gone.
    this.reading.release();
    [this.reading, this.growing] = [this.growing, this.reading];
    this.round = [];
    this.current = this.step;
    this.step.open();
  }

  private releaseAll(): void {
    for (const held of [this.seenMemory, this.reading, this.growing]) held.release();
  }

  close(): void {
    this.releaseAll();
    if (!this.done) this.current.close();
    this.done = true;
    this.workTable.fill([]);
  }
}

function isNew(seen: KeyTable, row: Row): boolean {
  const known = seen.count;
  return seen.number(row) === known;
}
