/** DELETE: locks each row of the input, looks again when it has moved, and deletes it. */
import type { DeleteNode } from '../sql/plan/plan-node.js';
import type { RowId, RowLockResult } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { CascadeBinding } from './cascade-binding.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Operator } from './operator.js';
import { RowChanger } from './row-changer.js';
import { inRowContext } from './row-context.js';
import { withVersion } from './row-recheck.js';
import { evaluateFor } from './write-operator.js';

export class Delete extends RowChanger {
  constructor(cx: ExecContext, node: DeleteNode, input: Operator, binding: CascadeBinding) {
    super(cx, node, input, binding, new Compiler(cx, input.columns));
  }

  protected changeNow(rowId: RowId): boolean {
    const { target } = this;
    const { transaction, snapshot } = this.cx;
    if (this.returning !== null || this.triggered !== null) return false;
    let result: RowLockResult | null;
    try {
      result = target.heap.tryLockRow(transaction, snapshot, rowId, 'update');
    } catch (error) {
      throw inRowContext(error, 'deleting', rowId, target.relation.name);
    }
    if (result === null) return false;
    if (result.status !== 'locked') return true;
    if (result.moved) return false;
    target.delete(transaction, rowId, result.row);
    this.affected++;
    return true;
  }

  protected *changeRow(rowId: RowId, given: Row): Task<void> {
    const { target, returning } = this;
    const { transaction, snapshot } = this.cx;
    let result: RowLockResult;
    try {
      result = yield* target.heap.lockRow(transaction, snapshot, rowId, 'update', 'wait');
    } catch (error) {
      throw inRowContext(error, 'deleting', rowId, target.relation.name);
    }
    if (result.status === 'self modified') this.triggered?.requireOwn(rowId, 'deleted');
    if (result.status !== 'locked') return;
    let input = given;
    if (result.moved) {
      input = withVersion(given, result.row, this.oldSlots);
      if (!(yield* evaluateFor(this.recheck, input))) return;
    }
    if (this.triggered === null) target.delete(transaction, rowId, result.row);
    else if (!(yield* this.triggered.delete(rowId, result.row))) return;
    this.affected++;
    if (returning !== null) this.give(yield* returning.row(result.row, input, rowId, transaction.xid));
  }
}
