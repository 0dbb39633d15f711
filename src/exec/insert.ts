/** INSERT: stores the rows of the input. ON CONFLICT is in on-conflict.ts. */
import type { InsertNode } from '../sql/plan/plan-node.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { CascadeBinding } from './cascade-binding.js';
import type { ExecContext } from './exec-context.js';
import { OnConflictWriter } from './on-conflict.js';
import type { Batch, Operator } from './operator.js';
import { suspension } from './suspend.js';
import { TriggeredWriter } from './triggers/triggered-writer.js';
import { ReturningMaker, WriteOperator } from './write-operator.js';
import { TargetWriter } from './write-target.js';

export class Insert extends WriteOperator {
  private readonly target: TargetWriter;
  private readonly returning: ReturningMaker | null;
  private readonly conflicts: OnConflictWriter | null;
  private readonly triggered: TriggeredWriter | null;

  constructor(cx: ExecContext, node: InsertNode, input: Operator, binding: CascadeBinding) {
    super(cx, node.columns, input);
    this.target = new TargetWriter(cx, node.target, binding);
    this.conflicts = node.onConflict === null ? null : new OnConflictWriter(this.target, node.onConflict);
    const { triggers } = this.target;
    this.triggered = triggers === null ? null : new TriggeredWriter(this.target, triggers);
    const update =
      node.onConflict?.action === 'update' ? [{ event: 'UPDATE', changed: node.onConflict.changed } as const] : [];
    this.announce(triggers, [{ event: 'INSERT', changed: [] }, ...update]);
    this.returning =
      node.returning === null ? null : new ReturningMaker(cx, node.returning, node.target, input.columns);
  }

  protected *writeBatch(batch: Batch): Task<void> {
    if (this.triggered !== null) {
      for (let i = 0; i < batch.length; i++) yield* this.writeTriggered(this.triggered, batch.rows[i]);
      return;
    }
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

  private *writeTriggered(triggered: TriggeredWriter, given: Row): Task<void> {
    const { conflicts, returning, cx } = this;
    const row = yield* triggered.proposed(given);
    if (row === null) return;
    const written = conflicts === null ? row : yield* conflicts.write(row);
    if (written === null) return;
    const rowId = conflicts === null ? yield* triggered.store(row) : conflicts.rowId;
    this.affected++;
    const xmax = conflicts?.updated === true ? cx.transaction.xid : 0;
    if (returning !== null) this.give(yield* returning.row(written, row, rowId, xmax));
  }
}
