/** Row source: hands on what the runner of the plan supplies. */
import type { RowSourceNode } from '../sql/plan/plan-node.js';
import type { Task } from '../util/task.js';
import type { ExecContext } from './exec-context.js';
import { type Batch, Operator } from './operator.js';

export class RowSource extends Operator {
  constructor(
    private readonly cx: ExecContext,
    node: RowSourceNode,
  ) {
    super(node.columns);
  }

  open(): void {
    // The source is set by the runner before the execution starts.
  }

  *next(): Task<Batch | null> {
    const { rowSource } = this.cx;
    return rowSource === null ? null : yield* rowSource();
  }

  close(): void {
    // The runner owns the source.
  }
}
