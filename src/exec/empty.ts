/** No rows. */
import type { Task } from '../util/task.js';
import { type Batch, Operator } from './operator.js';

export class Empty extends Operator {
  open(): void {}

  override tryNext(): null {
    return null;
  }

  *next(): Task<Batch | null> {
    return null;
  }

  close(): void {}
}
