/**
 * A sequence read as a relation: one row. Every value is logged when it is handed out, so `log_cnt`, the number of
 * values that are logged already, is always 0.
 */
import type { RelationDesc } from '../catalog/descriptors.js';
import type { SeqScanNode } from '../sql/plan/plan-node.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Predicate } from './expression/evaluator.js';
import { type Batch, Operator, RowBuffer } from './operator.js';
import { suspension } from './suspend.js';
import { type SystemAppender, systemAppender } from './system-columns.js';

/** The only row of a sequence has PostgreSQL's place for it: ctid (0,1). */
const ROW_ID = 1;

export class SequenceScan extends Operator {
  private readonly relation: RelationDesc;
  private readonly filter: Predicate | null;
  private readonly append: SystemAppender | null;
  private readonly out = new RowBuffer();
  private done = true;
  private removed = 0;

  constructor(
    private readonly cx: ExecContext,
    node: SeqScanNode,
  ) {
    super(node.columns);
    this.relation = node.relation;
    this.filter = node.filter === null ? null : new Compiler(cx, node.columns).predicate(node.filter);
    this.append = node.system.length === 0 ? null : systemAppender(node);
  }

  open(): void {
    this.done = false;
  }

  *next(): Task<Batch | null> {
    if (this.done) return null;
    this.done = true;
    const stored = this.read();
    const row = this.append === null ? stored : this.append(stored, ROW_ID);
    for (;;) {
      try {
        if (this.filter !== null && !this.filter(row)) {
          this.removed++;
          return null;
        }
        this.out.length = 0;
        this.out.push(row);
        return this.out;
      } catch (error) {
        yield suspension(error);
      }
    }
  }

  private read(): Row {
    const state = this.cx.services.store.readSequence(this.relation.storage);
    if (state === undefined) throw new Error(`sequence ${this.relation.oid} has no state`);
    return [state.lastValue, 0, state.isCalled];
  }

  close(): void {
    this.done = true;
  }

  override get rowsRemoved(): number {
    return this.removed;
  }
}
