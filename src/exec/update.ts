/** UPDATE: locks each row of the input, looks again when it has moved, and replaces it. */
import type { UpdateNode } from '../sql/plan/plan-node.js';
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
import { RowUpdate } from './row-update.js';
import { Suspend } from './suspend.js';
import { evaluateFor } from './write-operator.js';

export class Update extends RowChanger {
  private readonly set: RowUpdate;
  /** No key can change, and nothing is returned. */
  private readonly isSimple: boolean;
  private readonly changed: readonly number[];
  private readonly check = (row: Row): void => this.target.checkRow(row);

  constructor(cx: ExecContext, node: UpdateNode, input: Operator, binding: CascadeBinding) {
    const compiler = new Compiler(cx, input.columns);
    super(cx, node, input, binding, compiler);
    this.set = new RowUpdate(compiler, this.target, this.oldSlots, node);
    const { keySlots, indexes } = this.set;
    this.changed = node.changed;
    this.isSimple =
      this.returning === null &&
      this.triggered === null &&
      keySlots.length === 0 &&
      !indexes.some((writer) => writer.checkedAtOnce);
  }

  /** Only where the values of keys stay as they are: then it is known how to lock before the new row is. */
  protected changeNow(rowId: RowId, given: Row): boolean {
    const { target, set } = this;
    const { transaction, snapshot } = this.cx;
    if (!this.isSimple) return false;
    let result: RowLockResult | null;
    try {
      result = target.heap.tryLockRow(transaction, snapshot, rowId, 'no key update');
    } catch (error) {
      throw this.inContext(error, rowId);
    }
    if (result === null) return false;
    if (result.status !== 'locked') return true;
    if (result.moved) return false;
    let row: Row;
    try {
      row = set.newRow(given);
      this.check(row);
    } catch (error) {
      if (error instanceof Suspend) return false;
      throw error;
    }
    target.replace(transaction, rowId, result.row, row, set.indexes);
    this.affected++;
    return true;
  }

  protected *changeRow(rowId: RowId, given: Row): Task<void> {
    const { target, set, returning } = this;
    const { transaction, snapshot } = this.cx;
    let input = given;
    let row = yield* evaluateFor(set.newRow, input);
    const changesKey = set.keySlots.length > 0 && set.changesKey(input, row);
    const mode = changesKey ? 'update' : 'no key update';
    let result: RowLockResult;
    try {
      result = yield* target.heap.lockRow(transaction, snapshot, rowId, mode, 'wait');
    } catch (error) {
      throw this.inContext(error, rowId);
    }
    if (result.status === 'self modified') this.triggered?.requireOwn(rowId, 'updated');
    if (result.status !== 'locked') return;
    if (result.moved) {
      input = withVersion(given, result.row, this.oldSlots);
      if (!(yield* evaluateFor(this.recheck, input))) return;
      row = yield* evaluateFor(set.newRow, input);
      if (!changesKey && target.differ(result.row, row, set.keySlots)) {
        // The row is held already, so this waits for those only who hold it as well.
        try {
          result = yield* target.heap.lockRow(transaction, snapshot, rowId, 'update', 'wait');
        } catch (error) {
          throw this.inContext(error, rowId);
        }
        if (result.status !== 'locked') return;
      }
    }
    if (this.triggered === null) {
      yield* evaluateFor(this.check, row);
      yield* target.update(transaction, rowId, result.row, row, set.indexes);
    } else {
      const written = yield* this.triggered.update(rowId, result.row, row, this.changed, set.indexes);
      if (written === null) return;
      row = written;
    }
    this.affected++;
    if (returning !== null) this.give(yield* returning.row(row, input, rowId, 0));
  }

  private inContext(error: unknown, rowId: RowId): unknown {
    return inRowContext(error, 'updating', rowId, this.target.relation.name);
  }
}
