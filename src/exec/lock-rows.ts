/**
 * SELECT … FOR UPDATE and its weaker forms. Rows are locked and given one at a time, so that a LIMIT above bounds what
 * is locked.
 */
import { sqlError } from '../errors/sql-error.js';
import type { LockRowsNode } from '../sql/plan/plan-node.js';
import type { Heap, LockWaitPolicy, RowLockMode, RowLockResult, SameKey } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Evaluator, Predicate } from './expression/evaluator.js';
import { keyComparison } from './key-comparison.js';
import { type Batch, Operator, RowBuffer } from './operator.js';
import { inRowContext } from './row-context.js';
import { attributeSlots, recheckOf, withVersion } from './row-recheck.js';
import { evaluateFor } from './write-operator.js';

interface Lock {
  readonly heap: Heap;
  readonly table: string;
  readonly rowIdSlot: number;
  readonly slots: readonly number[];
  readonly mode: RowLockMode;
  readonly policy: LockWaitPolicy;
  readonly sameKey: SameKey;
}

export class LockRows extends Operator {
  private readonly locks: readonly Lock[];
  private readonly recomputed: readonly { readonly slot: number; readonly value: Evaluator }[];
  private readonly padded: readonly { readonly matches: Predicate; readonly slots: readonly number[] }[];
  private readonly recheck: Predicate;
  private readonly out = new RowBuffer();
  /** Rows of the input that are not given yet. */
  private pending: Batch | null = null;
  private position = 0;

  constructor(
    private readonly cx: ExecContext,
    node: LockRowsNode,
    private readonly input: Operator,
  ) {
    super(node.columns);
    const compiler = new Compiler(cx, input.columns);
    this.recomputed = node.recomputed
      .filter(({ column }) => input.columns.includes(column))
      .map(({ column, expr }) => ({ slot: compiler.slot(column), value: compiler.compile(expr) }));
    this.padded = node.padded.map(({ condition, columns }) => ({
      matches: compiler.predicate(condition),
      slots: columns.map((id) => input.columns.indexOf(id)).filter((slot) => slot >= 0),
    }));
    this.recheck = recheckOf(compiler, node.recheck);
    this.locks = node.locks.map((lock) => ({
      heap: cx.heap(lock.relation),
      table: lock.relation.name,
      rowIdSlot: compiler.slot(lock.rowId),
      slots: attributeSlots(compiler, lock.attributes),
      mode: lock.mode,
      policy: lock.policy,
      sameKey: keyComparison(cx, lock.relation),
    }));
  }

  open(): void {
    this.pending = null;
    this.input.open();
  }

  *next(): Task<Batch | null> {
    const { cx, input, out } = this;
    for (;;) {
      if (this.pending === null || this.position >= this.pending.length) {
        if (cx.overdue()) yield cx.giveWay();
        if (cx.transaction.needsSpill) yield* cx.transaction.spill();
        const ready = input.tryNext();
        this.pending = ready === undefined ? yield* input.next() : ready;
        this.position = 0;
        if (this.pending === null) return null;
      }
      const row = yield* this.lockAll(this.pending.rows[this.position++]);
      if (row === null) continue;
      out.length = 0;
      out.push(row);
      return out;
    }
  }

  /** The row with the newest versions of what was locked, or null when it no longer belongs to the result. */
  private *lockAll(given: Row): Task<Row | null> {
    const { transaction, snapshot } = this.cx;
    let row = given;
    for (const lock of this.locks) {
      const rowId = given[lock.rowIdSlot];
      // The other side of an outer join.
      if (typeof rowId !== 'number') continue;
      let result: RowLockResult;
      try {
        result = yield* lock.heap.lockRow(transaction, snapshot, rowId, lock.mode, lock.policy, lock.sameKey);
      } catch (error) {
        throw inRowContext(error, 'locking', rowId, lock.table);
      }
      if (result.status === 'unavailable' && lock.policy === 'nowait') {
        throw sqlError('lock_not_available', `could not obtain lock on row in relation "${lock.table}"`);
      }
      if (result.status !== 'locked') return null;
      if (result.moved) row = withVersion(row, result.row, lock.slots);
    }
    if (row === given) return row;
    row = yield* this.padAnew(yield* this.recompute(row));
    return (yield* evaluateFor(this.recheck, row)) ? row : null;
  }

  /** What was computed from the versions that the plan gave. */
  private *recompute(given: Row): Task<Row> {
    let row = given;
    for (const { slot, value } of this.recomputed) {
      const computed = yield* evaluateFor(value, row);
      row = row.slice();
      row[slot] = computed;
    }
    return row;
  }

  /** Outer joins of a row that has moved: what no longer matches becomes null. */
  private *padAnew(given: Row): Task<Row> {
    let row = given;
    for (const { matches, slots } of this.padded) {
      if (yield* evaluateFor(matches, row)) continue;
      row = row.slice();
      for (const slot of slots) row[slot] = null;
    }
    return row;
  }

  close(): void {
    this.pending = null;
    this.input.close();
  }
}
