import { notSupported } from '../errors/sql-error.js';
import type { WindowNode } from '../sql/plan/plan-node.js';
import type { Task } from '../util/task.js';
import type { ExecContext } from './exec-context.js';
import { type Batch, Operator } from './operator.js';
export class Window extends Operator {
  constructor(_cx: ExecContext, node: WindowNode, _input: Operator) {
    super(node.columns);
    throw notSupported('window functions');
  }
  open(): void {}
  // biome-ignore lint/correctness/useYield: placeholder
  *next(): Task<Batch | null> {
    return null;
  }
  close(): void {}
}
