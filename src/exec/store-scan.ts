/** Reads a row store from its beginning, batch by batch. The base of CTE and work table scans. */
import type { ColumnId } from '../sql/plan/expression.js';
import type { Task } from '../util/task.js';
import type { ExecContext } from './exec-context.js';
import { BATCH_SIZE, type Batch, Operator, RowBuffer } from './operator.js';
import type { RowStore } from './row-store.js';

export class StoreScan extends Operator {
  private readonly out = new RowBuffer();
  private position = 0;

  constructor(
    private readonly cx: ExecContext,
    columns: readonly ColumnId[],
    private readonly store: RowStore,
  ) {
    super(columns);
  }

  open(): void {
    this.position = 0;
  }

  *next(): Task<Batch | null> {
    const { out, store } = this;
    out.length = 0;
    if (this.cx.overdue()) yield this.cx.giveWay();
    if (!(yield* store.reach(this.position))) return null;
    const end = Math.min(store.rows.length, this.position + BATCH_SIZE);
    for (let i = this.position; i < end; i++) out.push(store.rows[i]);
    this.position = end;
    return out;
  }

  close(): void {}
}
