/** A portal: a statement with its parameters, and how far it has been run. */

import type { Execution } from '../exec/executor.js';
import type { Batch } from '../exec/operator.js';
import type { OutputField } from '../sql/plan/plan-node.js';
import type { Snapshot, Transaction } from '../storage/api.js';
import type { Datum } from '../types/datum.js';
import type { Prepared } from './prepared.js';
import type { Format } from './result-sink.js';
import type { Session } from './session.js';

export class Portal {
  execution: Execution | null = null;
  snapshot: Snapshot | null = null;
  transaction: Transaction | null = null;
  /** Rows fetched but not yet sent. */
  batch: Batch | null = null;
  position = 0;
  finished = false;
  /** Rows sent so far, over all Executes. */
  sent = 0;

  constructor(
    readonly session: Session,
    readonly prepared: Prepared,
    readonly params: readonly Datum[],
    readonly fields: readonly OutputField[] | null,
    readonly formats: readonly Format[],
  ) {}

  /** Ends the execution and gives it back to the statement for its next use. */
  close(): void {
    const { execution } = this;
    this.finished = true;
    this.batch = null;
    if (execution === null) return;
    this.execution = null;
    execution.close();
    if (this.prepared.planned === execution.planned && this.prepared.idle === null) this.prepared.idle = execution;
    if (this.snapshot !== null && this.transaction !== null && this.transaction.state === 'active')
      this.transaction.releaseSnapshot(this.snapshot);
    this.snapshot = null;
  }
}
