/** INSERT, UPDATE and DELETE of a view with INSTEAD OF triggers: rows are handed to these, and nothing is stored. */
import type { DeleteNode, InsertNode, UpdateNode } from '../../sql/plan/plan-node.js';
import type { Row } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import { rowMaker } from '../batch-loops.js';
import type { ExecContext } from '../exec-context.js';
import { Compiler } from '../expression/compile.js';
import type { Batch, Operator } from '../operator.js';
import { attributeSlots } from '../row-recheck.js';
import { evaluateFor, ReturningMaker, WriteOperator } from '../write-operator.js';
import { TableTriggers } from './table-triggers.js';

const EVENTS = { insert: 'INSERT', update: 'UPDATE', delete: 'DELETE' } as const;

/** Whether the node writes a view. */
export function writesView({ target }: InsertNode | UpdateNode | DeleteNode): boolean {
  return target.relation.kind === 'v';
}

export class InsteadOf extends WriteOperator {
  private readonly event: (typeof EVENTS)[keyof typeof EVENTS];
  private readonly triggers: TableTriggers | null;
  private readonly returning: ReturningMaker | null;
  /** Where the view's columns stand in rows of the input; empty for INSERT. */
  private readonly oldSlots: readonly number[];
  /** Null for DELETE, and for INSERT, whose input is the new rows. */
  private readonly newRow: ((row: Row) => Row) | null;

  constructor(cx: ExecContext, node: InsertNode | UpdateNode | DeleteNode, input: Operator) {
    super(cx, node.columns, input);
    const compiler = new Compiler(cx, input.columns);
    this.event = EVENTS[node.kind];
    this.triggers = TableTriggers.of(cx, node.target);
    this.announce(this.triggers, [{ event: this.event, changed: node.kind === 'update' ? node.changed : [] }]);
    this.oldSlots = node.kind === 'insert' ? [] : attributeSlots(compiler, node.oldColumns);
    this.newRow = node.kind === 'update' ? rowMaker(compiler.compileAll(node.newRow)) : null;
    this.returning =
      node.returning === null ? null : new ReturningMaker(cx, node.returning, node.target, input.columns);
  }

  protected *writeBatch(batch: Batch): Task<void> {
    this.cx.transaction.ensureXid();
    for (let i = 0; i < batch.length; i++) yield* this.write(batch.rows[i]);
  }

  private *write(input: Row): Task<void> {
    const { event, newRow, triggers, returning } = this;
    const old = event === 'INSERT' ? null : this.oldSlots.map((slot) => input[slot]);
    const fresh = event === 'INSERT' ? input : newRow === null ? null : yield* evaluateFor(newRow, input);
    const row = triggers === null ? null : yield* triggers.insteadOf(event, old, fresh);
    if (row === null) return;
    this.affected++;
    if (returning !== null) this.give(yield* returning.row(row, input, 0, 0));
  }
}
