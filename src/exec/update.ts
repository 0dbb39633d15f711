/** UPDATE: locks each row of the input, looks again when it has moved, and replaces it. */
import type { UpdateNode } from '../sql/plan/plan-node.js';
import type { RowId, RowLockResult } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { rowMaker } from './batch-loops.js';
import type { CascadeBinding } from './cascade-binding.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { IndexWriter } from './index-writer.js';
import type { Operator } from './operator.js';
import { RowChanger } from './row-changer.js';
import { inRowContext } from './row-context.js';
import { withVersion } from './row-recheck.js';
import { evaluateFor } from './write-operator.js';

export class Update extends RowChanger {
  private readonly newRow: (row: Row) => Row;
  /** Indexes that SET may concern. */
  private readonly indexes: readonly IndexWriter[];
  /** Columns of keys that SET names: a change of their values needs the stronger lock. */
  private readonly keySlots: readonly number[];
  private readonly check = (row: Row): void => this.target.checkRow(row);

  constructor(cx: ExecContext, node: UpdateNode, input: Operator, binding: CascadeBinding) {
    const compiler = new Compiler(cx, input.columns);
    super(cx, node, input, binding, compiler);
    this.newRow = rowMaker(compiler.compileAll(node.newRow));
    this.indexes = this.target.indexesReading(node.changed);
    this.keySlots = this.target.keySlots(node.changed);
  }

  protected *changeRow(rowId: RowId, given: Row): Task<void> {
    const { target, keySlots, returning } = this;
    const { transaction, snapshot } = this.cx;
    let input = given;
    let row = yield* evaluateFor(this.newRow, input);
    const changesKey = keySlots.length > 0 && this.changesKey(input, row);
    const mode = changesKey ? 'update' : 'no key update';
    let result: RowLockResult;
    try {
      result = yield* target.heap.lockRow(transaction, snapshot, rowId, mode, 'wait');
    } catch (error) {
      throw this.inContext(error, rowId);
    }
    if (result.status !== 'locked') return;
    if (result.moved) {
      input = withVersion(given, result.row, this.oldSlots);
      if (!(yield* evaluateFor(this.recheck, input))) return;
      row = yield* evaluateFor(this.newRow, input);
      if (!changesKey && target.differ(result.row, row, keySlots)) {
        // The row is held already, so this waits for those only who hold it as well.
        try {
          result = yield* target.heap.lockRow(transaction, snapshot, rowId, 'update', 'wait');
        } catch (error) {
          throw this.inContext(error, rowId);
        }
        if (result.status !== 'locked') return;
      }
    }
    yield* evaluateFor(this.check, row);
    yield* target.update(transaction, rowId, result.row, row, this.indexes);
    this.affected++;
    if (returning !== null) this.give(yield* returning.row(row, input, rowId, 0));
  }

  private inContext(error: unknown, rowId: RowId): unknown {
    return inRowContext(error, 'updating', rowId, this.target.relation.name);
  }

  private changesKey(input: Row, row: Row): boolean {
    const { keySlots, oldSlots, target } = this;
    for (let i = 0; i < keySlots.length; i++) {
      const slot = keySlots[i];
      if (oldSlots[slot] < 0 || !target.sameValue(input[oldSlots[slot]], row[slot], slot)) return true;
    }
    return false;
  }
}
