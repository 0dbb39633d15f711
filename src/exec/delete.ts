/** DELETE: locks each row of the input, looks again when it has moved, and deletes it. */
import type { DeleteNode } from '../sql/plan/plan-node.js';
import type { RowId, RowLockResult } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { CascadeBinding } from './cascade-binding.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Predicate } from './expression/evaluator.js';
import type { Batch, Operator } from './operator.js';
import { inRowContext } from './row-context.js';
import { attributeSlots, recheckOf, withVersion } from './row-recheck.js';
import { evaluateFor, ReturningMaker, WriteOperator } from './write-operator.js';
import { TargetWriter } from './write-target.js';

export class Delete extends WriteOperator {
  private readonly target: TargetWriter;
  private readonly rowIdSlot: number;
  private readonly oldSlots: readonly number[];
  private readonly recheck: Predicate;
  private readonly returning: ReturningMaker | null;

  constructor(cx: ExecContext, node: DeleteNode, input: Operator, binding: CascadeBinding) {
    super(cx, node.columns, input);
    const compiler = new Compiler(cx, input.columns);
    this.target = new TargetWriter(cx, node.target, binding);
    this.rowIdSlot = compiler.slot(node.rowId);
    this.oldSlots = attributeSlots(compiler, node.oldColumns);
    this.recheck = recheckOf(compiler, node.recheck);
    this.returning =
      node.returning === null ? null : new ReturningMaker(cx, node.returning.exprs, node.target.columns, input.columns);
  }

  protected *writeBatch(batch: Batch): Task<void> {
    this.cx.transaction.ensureXid();
    for (let i = 0; i < batch.length; i++) {
      const rowId = batch.rows[i][this.rowIdSlot];
      if (typeof rowId === 'number') yield* this.deleteRow(rowId, batch.rows[i]);
    }
  }

  private *deleteRow(rowId: RowId, given: Row): Task<void> {
    const { target, returning } = this;
    const { transaction, snapshot } = this.cx;
    let result: RowLockResult;
    try {
      result = yield* target.heap.lockRow(transaction, snapshot, rowId, 'update', 'wait');
    } catch (error) {
      throw inRowContext(error, 'deleting', rowId, target.relation.name);
    }
    if (result.status !== 'locked') return;
    let input = given;
    if (result.moved) {
      input = withVersion(given, result.row, this.oldSlots);
      if (!(yield* evaluateFor(this.recheck, input))) return;
    }
    target.delete(transaction, rowId, result.row);
    this.affected++;
    if (returning !== null) this.give(yield* returning.row(result.row, input));
  }
}
