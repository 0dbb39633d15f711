/** UNION ALL: the rows of all inputs, one after the other. */
import type { AppendNode } from '../sql/plan/plan-node.js';
import type { Task } from '../util/task.js';
import { type Batch, Operator } from './operator.js';

export class Append extends Operator {
  private current = 0;

  constructor(
    node: AppendNode,
    private readonly inputs: readonly Operator[],
  ) {
    super(node.columns);
  }

  open(): void {
    this.current = 0;
    if (this.inputs.length > 0) this.inputs[0].open();
  }

  *next(): Task<Batch | null> {
    while (this.current < this.inputs.length) {
      const batch = yield* this.inputs[this.current].next();
      if (batch !== null) return batch;
      this.inputs[this.current].close();
      this.current++;
      if (this.current < this.inputs.length) this.inputs[this.current].open();
    }
    return null;
  }

  close(): void {
    if (this.current < this.inputs.length) this.inputs[this.current].close();
    this.current = this.inputs.length;
  }
}
