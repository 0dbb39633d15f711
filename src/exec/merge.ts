/**
 * MERGE: for each row of the input the first action that fits. A target row that has changed meanwhile is joined again
 * (READ COMMITTED): then its newest version decides which action fits, or that the source's row matches nothing.
 */
import { sqlError } from '../errors/sql-error.js';
import type { MergeAction, MergeNode } from '../sql/plan/plan-node.js';
import type { RowId, RowLockMode, RowLockResult } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { rowMaker } from './batch-loops.js';
import type { CascadeBinding } from './cascade-binding.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Predicate } from './expression/evaluator.js';
import type { Batch, Operator } from './operator.js';
import { inRowContext } from './row-context.js';
import { attributeSlots, recheckOf, withVersion } from './row-recheck.js';
import { RowUpdate } from './row-update.js';
import { TriggeredWriter } from './triggers/triggered-writer.js';
import { evaluateFor, type WriteEvent, WriteOperator } from './write-operator.js';
import { TargetWriter } from './write-target.js';

interface UpdateAction {
  readonly kind: 'update';
  readonly set: RowUpdate;
  /** Attribute numbers. */
  readonly changed: readonly number[];
}

type Action = { readonly matched: boolean; readonly fits: Predicate } & (
  | { readonly kind: 'nothing' | 'delete' }
  | UpdateAction
  | { readonly kind: 'insert'; readonly newRow: (row: Row) => Row; readonly stored: ((row: Row) => Row) | null }
);

export class Merge extends WriteOperator {
  private readonly target: TargetWriter;
  private readonly triggered: TriggeredWriter | null;
  private readonly rowIdSlot: number;
  /** Where the target's columns stand in rows of the input. */
  private readonly oldSlots: readonly number[];
  private readonly recheck: Predicate;
  private readonly matched: readonly Action[];
  private readonly unmatched: readonly Action[];
  private readonly check = (row: Row): void => this.target.checkRow(row);

  constructor(cx: ExecContext, node: MergeNode, input: Operator, binding: CascadeBinding) {
    super(cx, node.columns, input);
    const compiler = new Compiler(cx, input.columns);
    this.target = new TargetWriter(cx, node.target, binding);
    const { triggers } = this.target;
    this.triggered = triggers === null ? null : new TriggeredWriter(this.target, triggers);
    this.announce(triggers, mergeEvents(node.actions));
    this.rowIdSlot = compiler.slot(node.rowId);
    this.oldSlots = attributeSlots(compiler, node.oldColumns);
    this.recheck = recheckOf(compiler, node.recheck);
    const stored = new Compiler(cx, node.target.columns);
    const actions = node.actions.map((action) => this.compile(compiler, stored, action));
    this.matched = actions.filter((action) => action.matched);
    this.unmatched = actions.filter((action) => !action.matched);
  }

  private compile(compiler: Compiler, stored: Compiler, action: MergeAction): Action {
    const { matched } = action;
    const fits = recheckOf(compiler, action.condition);
    switch (action.kind) {
      case 'update':
        return {
          kind: 'update',
          matched,
          fits,
          changed: action.changed,
          set: new RowUpdate(compiler, this.target, this.oldSlots, action),
        };
      case 'insert':
        return {
          kind: 'insert',
          matched,
          fits,
          newRow: rowMaker(compiler.compileAll(action.newRow)),
          stored: action.stored === null ? null : rowMaker(stored.compileAll(action.stored)),
        };
      default:
        return { kind: action.kind, matched, fits };
    }
  }

  protected *writeBatch(batch: Batch): Task<void> {
    for (let i = 0; i < batch.length; i++) {
      const row = batch.rows[i];
      const rowId = row[this.rowIdSlot];
      if (typeof rowId === 'number' && (yield* this.changeMatched(rowId, row))) continue;
      yield* this.insertUnmatched(row);
    }
  }

  private *firstFitting(actions: readonly Action[], row: Row): Task<Action | null> {
    for (const action of actions) if (yield* evaluateFor(action.fits, row)) return action;
    return null;
  }

  /** False: the target's row is gone, or does not match any more. */
  private *changeMatched(rowId: RowId, given: Row): Task<boolean> {
    let input = given;
    let held = false;
    for (;;) {
      const action = yield* this.firstFitting(this.matched, input);
      if (action === null || action.kind === 'nothing' || action.kind === 'insert') return true;
      const row = action.kind === 'update' ? yield* evaluateFor(action.set.newRow, input) : null;
      const weak = action.kind === 'update' && row !== null && !action.set.changesKey(input, row);
      const result = yield* this.lock(rowId, weak ? 'no key update' : 'update', action.kind);
      if (result.status === 'self modified') throw secondTime();
      if (result.status !== 'locked') return false;
      if (!result.moved || held) {
        const done =
          action.kind === 'update' && row !== null
            ? yield* this.update(action, rowId, result.row, row)
            : yield* this.delete(rowId, result.row);
        if (done) this.affected++;
        return true;
      }
      // Nobody else can change the row from now on, so the second look is the last.
      held = true;
      input = withVersion(given, result.row, this.oldSlots);
      if (!(yield* evaluateFor(this.recheck, input))) return false;
    }
  }

  private *lock(rowId: RowId, mode: RowLockMode, kind: 'update' | 'delete'): Task<RowLockResult> {
    const { heap, relation } = this.target;
    const { transaction, snapshot } = this.cx;
    transaction.ensureXid();
    try {
      return yield* heap.lockRow(transaction, snapshot, rowId, mode, 'wait');
    } catch (error) {
      throw inRowContext(error, kind === 'update' ? 'updating' : 'deleting', rowId, relation.name);
    }
  }

  /** False when a trigger passes the row over. */
  private *update({ set, changed }: UpdateAction, rowId: RowId, old: Row, row: Row): Task<boolean> {
    if (this.triggered !== null) return (yield* this.triggered.update(rowId, old, row, changed, set.indexes)) !== null;
    yield* evaluateFor(this.check, row);
    yield* this.target.update(this.cx.transaction, rowId, old, row, set.indexes);
    return true;
  }

  private *delete(rowId: RowId, old: Row): Task<boolean> {
    if (this.triggered !== null) return yield* this.triggered.delete(rowId, old);
    this.target.delete(this.cx.transaction, rowId, old);
    return true;
  }

  private *insertUnmatched(input: Row): Task<void> {
    const action = yield* this.firstFitting(this.unmatched, input);
    if (action?.kind !== 'insert') return;
    const { target } = this;
    const { transaction } = this.cx;
    const plain = yield* evaluateFor(action.newRow, input);
    const row = action.stored === null ? plain : yield* evaluateFor(action.stored, plain);
    if (this.triggered !== null) {
      const proposed = yield* this.triggered.proposed(row);
      if (proposed === null) return;
      yield* this.triggered.store(proposed);
      this.affected++;
      return;
    }
    yield* evaluateFor(this.check, row);
    if (target.storesAtOnce) target.store(transaction, row);
    else yield* target.insert(transaction, row);
    this.affected++;
  }
}

/** What the statement may do, in the order of triggers before it. */
function mergeEvents(actions: readonly MergeAction[]): WriteEvent[] {
  const events: WriteEvent[] = [];
  if (actions.some(({ kind }) => kind === 'insert')) events.push({ event: 'INSERT', changed: [] });
  const changed = actions.flatMap((action) => (action.kind === 'update' ? action.changed : []));
  if (changed.length > 0) events.push({ event: 'UPDATE', changed });
  if (actions.some(({ kind }) => kind === 'delete')) events.push({ event: 'DELETE', changed: [] });
  return events;
}

function secondTime(): Error {
  return sqlError('cardinality_violation', 'MERGE command cannot affect row a second time', {
    hint: 'Ensure that not more than one source row matches any one target row.',
  });
}
