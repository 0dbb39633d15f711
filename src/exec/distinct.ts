/** Keeps the first row of each key, in input order. With sorted input the key before is all there is to remember. */
import type { DistinctNode } from '../sql/plan/plan-node.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { keyPart } from './aggregate.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import { HeldMemory } from './held-memory.js';
import { KeyTable, LatestKey } from './key-table.js';
import { type Batch, Operator, RowBuffer } from './operator.js';
import { suspension } from './suspend.js';
import { batchBytes, KEY_BYTES } from './value-size.js';

/** Keys that are looked up between two looks at the clock. */
const ROWS_PER_CLOCK_READ = 256;

export class Distinct extends Operator {
  private readonly table: KeyTable;
  /** Of sorted input. */
  private readonly latest: LatestKey | null;
  private readonly out = new RowBuffer();
  private readonly memory: HeldMemory;

  constructor(
    private readonly cx: ExecContext,
    node: DistinctNode,
    private readonly input: Operator,
  ) {
    super(node.columns);
    this.memory = new HeldMemory(cx);
    const compiler = new Compiler(cx, input.columns);
    const parts = node.keys.map((key) => keyPart(cx, compiler, key));
    this.table = new KeyTable(parts);
    this.latest = node.sorted ? new LatestKey(parts) : null;
  }

  open(): void {
    this.memory.release();
    this.table.clear();
    this.latest?.clear();
    this.input.open();
  }

  *next(): Task<Batch | null> {
    const { out, input, cx } = this;
    for (;;) {
      const batch = yield* input.next();
      if (batch === null) return null;
      out.length = 0;
      let i = 0;
      while (i < batch.length) {
        if (i > 0 && cx.overdue()) yield cx.giveWay();
        const end = Math.min(batch.length, i + ROWS_PER_CLOCK_READ);
        try {
          for (; i < end; i++) if (this.isNew(batch.rows[i])) out.push(batch.rows[i]);
        } catch (error) {
          yield suspension(error);
        }
      }
      if (this.latest === null) this.memory.add(batchBytes(out, KEY_BYTES));
      if (out.length > 0) return out;
    }
  }

  private isNew(row: Row): boolean {
    if (this.latest !== null) return this.latest.isNew(row);
    const known = this.table.count;
    return this.table.number(row) === known;
  }

  close(): void {
    this.table.clear();
    this.latest?.clear();
    this.memory.release();
    this.input.close();
  }
}
