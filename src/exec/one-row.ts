/** One row without columns: SELECT without FROM. */
import type { Task } from '../util/task.js';
import { type Batch, Operator } from './operator.js';

export class OneRow extends Operator {
  private given = true;
  private readonly batch: Batch = { rows: [[]], length: 1 };

  open(): void {
    this.given = false;
  }

  override tryNext(): Batch | null {
    if (this.given) return null;
    this.given = true;
    return this.batch;
  }

  *next(): Task<Batch | null> {
    return this.tryNext();
  }

  close(): void {
    this.given = true;
  }
}
