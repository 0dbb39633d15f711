/** INSERT: stores the rows of the input. ON CONFLICT is in on-conflict.ts. */
import type { InsertNode } from '../sql/plan/plan-node.js';
import type { Task } from '../util/task.js';
import type { CascadeBinding } from './cascade-binding.js';
import type { ExecContext } from './exec-context.js';
import { OnConflictWriter } from './on-conflict.js';
import type { Batch, Operator } from './operator.js';
import { suspension } from './suspend.js';
import { ReturningMaker, WriteOperator } from './write-operator.js';
import { TargetWriter } from './write-target.js';

export class Insert extends WriteOperator {
  private readonly target: TargetWriter;
  private readonly returning: ReturningMaker | null;
  private readonly conflicts: OnConflictWriter | null;

  constructor(cx: ExecContext, node: InsertNode, input: Operator, binding: CascadeBinding) {
    super(cx, node.columns, input);
    this.target = new TargetWriter(cx, node.target, binding);
    this.conflicts = node.onConflict === null ? null : new OnConflictWriter(this.target, node.onConflict);
    this.returning =
      node.returning === null ? null : new ReturningMaker(cx, node.returning, node.target, input.columns);
  }

  protected *writeBatch(batch: Batch): Task<void> {
    const { target, conflicts, returning, cx } = this;
    const { transaction } = cx;
    let i = 0;
    while (i < batch.length) {
      const row = batch.rows[i];
      try {
        target.checkRow(row);
      } catch (error) {
        yield suspension(error);
        continue;
      }
      i++;
      if (conflicts !== null) {
        const written = yield* conflicts.write(row);
        if (written === null) continue;
        this.affected++;
        // A row that was there before has been locked.
        const xmax = conflicts.updated ? transaction.xid : 0;
        if (returning !== null) this.give(yield* returning.row(written, row, conflicts.rowId, xmax));
        continue;
      }
      const rowId = target.tryInsert(transaction, row) || (yield* target.insert(transaction, row));
      this.affected++;
      if (returning !== null) this.give(yield* returning.row(row, row, rowId, 0));
    }
  }
}
