/** WITH: runs the body, which reads the stores of the CTEs. Data-modifying CTEs run to their end in any case. */

import { walkPlan } from '../sql/plan/node-children.js';
import type { PlanNode, WithNode } from '../sql/plan/plan-node.js';
import type { Task } from '../util/task.js';
import { type Batch, Operator } from './operator.js';
import type { RowStore } from './row-store.js';

export class With extends Operator {
  private readonly writing: readonly RowStore[];

  constructor(
    node: WithNode,
    private readonly stores: readonly RowStore[],
    private readonly body: Operator,
  ) {
    super(node.columns);
    this.writing = stores.filter((_, i) => writes(node.ctes[i].plan));
  }

  open(): void {
    for (const store of this.stores) store.reset();
    this.body.open();
  }

  *next(): Task<Batch | null> {
    const batch = yield* this.body.next();
    if (batch === null) for (const store of this.writing) yield* store.drain();
    return batch;
  }

  close(): void {
    this.body.close();
    for (const store of this.stores) store.close();
  }

  /** Rows of the main statement only, as command tags count them. */
  override get rowsAffected(): number {
    return this.body.rowsAffected;
  }
}

function writes(plan: PlanNode): boolean {
  let found = false;
  walkPlan(plan, (node) => {
    if (node.kind === 'insert' || node.kind === 'update' || node.kind === 'delete' || node.kind === 'merge')
      found = true;
  });
  return found;
}
