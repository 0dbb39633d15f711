/** What UPDATE and DELETE have in common: rows of the input name rows of the target, which are changed one by one. */
import type { DeleteNode, UpdateNode } from '../sql/plan/plan-node.js';
import type { RowId } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { CascadeBinding } from './cascade-binding.js';
import type { ExecContext } from './exec-context.js';
import type { Compiler } from './expression/compile.js';
import type { Predicate } from './expression/evaluator.js';
import type { Batch, Operator } from './operator.js';
import { attributeSlots, recheckOf } from './row-recheck.js';
import { TriggeredWriter } from './triggers/triggered-writer.js';
import { ReturningMaker, WriteOperator } from './write-operator.js';
import { TargetWriter } from './write-target.js';

export abstract class RowChanger extends WriteOperator {
  protected readonly target: TargetWriter;
  /** Where the target's columns stand in rows of the input. */
  protected readonly oldSlots: readonly number[];
  protected readonly recheck: Predicate;
  protected readonly returning: ReturningMaker | null;
  protected readonly triggered: TriggeredWriter | null;
  private readonly rowIdSlot: number;

  /** `compiler` is for expressions over the input. */
  constructor(
    cx: ExecContext,
    node: UpdateNode | DeleteNode,
    input: Operator,
    binding: CascadeBinding,
    compiler: Compiler,
  ) {
    super(cx, node.columns, input);
    this.target = new TargetWriter(cx, node.target, binding);
    const { triggers } = this.target;
    this.triggered = triggers === null ? null : new TriggeredWriter(this.target, triggers);
    const changed = node.kind === 'update' ? node.changed : [];
    this.announce(triggers, [{ event: node.kind === 'update' ? 'UPDATE' : 'DELETE', changed }]);
    this.rowIdSlot = compiler.slot(node.rowId);
    this.oldSlots = attributeSlots(compiler, node.oldColumns);
    this.recheck = recheckOf(compiler, node.recheck);
    this.returning =
      node.returning === null ? null : new ReturningMaker(cx, node.returning, node.target, input.columns);
  }

  protected *writeBatch(batch: Batch): Task<void> {
    this.cx.transaction.ensureXid();
    for (let i = 0; i < batch.length; i++) {
      const rowId = batch.rows[i][this.rowIdSlot];
      if (typeof rowId !== 'number' || this.changeNow(rowId, batch.rows[i])) continue;
      yield* this.changeRow(rowId, batch.rows[i]);
    }
  }

  /** Does what `changeRow` does where nothing has to be waited for; false, and nothing is changed, where that is to do it. */
  protected abstract changeNow(rowId: RowId, given: Row): boolean;

  /** `given` is the row of the input, whose version of the target's row may be outdated. */
  protected abstract changeRow(rowId: RowId, given: Row): Task<void>;
}
