/**
 * An execution whose rows are fetched a few at a time. Operators work in batches; so that nothing is computed for rows
 * that nobody has asked for (it may fail, or have side effects), the input of the projections at the top of the plan is
 * handed on in slices of no more rows than are wanted.
 */
import type { PlanNode } from '../sql/plan/plan-node.js';
import type { PlannedStatement } from '../sql/plan/planned-statement.js';
import type { Task } from '../util/task.js';
import type { ExecServices } from './exec-context.js';
import { Execution } from './executor.js';
import { instantiator, type WriteOperators } from './instantiate.js';
import { type Batch, Operator } from './operator.js';

class RowsWanted {
  count = Number.POSITIVE_INFINITY;
}

class Slices extends Operator {
  private batch: Batch | null = null;
  private position = 0;

  constructor(
    private readonly input: Operator,
    private readonly wanted: RowsWanted,
  ) {
    super(input.columns);
  }

  open(): void {
    this.batch = null;
    this.input.open();
  }

  *next(): Task<Batch | null> {
    if (this.batch === null) {
      this.batch = yield* this.input.next();
      this.position = 0;
      if (this.batch === null) return null;
    }
    const { batch, position: from } = this;
    const end = Math.min(batch.length, from + this.wanted.count);
    this.position = end;
    if (end === batch.length) this.batch = null;
    return from === 0 && end === batch.length ? batch : { rows: batch.rows.slice(from, end), length: end - from };
  }

  close(): void {
    this.batch = null;
    this.input.close();
  }
}

export class PartedExecution extends Execution {
  private readonly wanted: RowsWanted;

  constructor(planned: PlannedStatement, services: ExecServices, writes: WriteOperators) {
    const wanted = new RowsWanted();
    const sliced = projected(planned.root);
    super(
      planned,
      services,
      instantiator(writes, (node, operator) => (node === sliced ? new Slices(operator, wanted) : operator)),
    );
    this.wanted = wanted;
  }

  /** The next rows, about `wanted` of them, or null at the end. */
  nextRows(wanted: number): Task<Batch | null> {
    this.wanted.count = wanted;
    return this.nextBatch();
  }
}

/** The input of the lowest of the projections at the top. */
function projected(node: PlanNode): PlanNode | null {
  switch (node.kind) {
    case 'project':
    case 'project set':
      return projected(node.input) ?? node.input;
    case 'limit':
    case 'lock rows':
      return projected(node.input);
    case 'with':
      return projected(node.body);
    default:
      return null;
  }
}
