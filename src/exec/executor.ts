/**
 * One planned statement, ready to run again and again: the operators and compiled expressions are made once for a
 * session and plan, and every execution begins them anew with its own transaction, snapshot and parameters.
 */
import type { SqlError } from '../errors/sql-error.js';
import type { PlannedStatement } from '../sql/plan/planned-statement.js';
import type { Snapshot, Transaction } from '../storage/api.js';
import type { Datum } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { ExecContext, type ExecServices, type Instantiate } from './exec-context.js';
import type { Batch, Operator } from './operator.js';

export class Execution {
  readonly cx: ExecContext;
  private readonly root: Operator;
  private open = false;

  constructor(
    readonly planned: PlannedStatement,
    private readonly services: ExecServices,
    instantiate: Instantiate,
  ) {
    this.cx = new ExecContext(services, instantiate);
    this.cx.mayWait = true;
    this.root = instantiate(planned.root, this.cx);
  }

  /** Begins an execution; one that is still open is closed. The caller owns transaction and snapshot. @throws SqlError 42501 */
  start(transaction: Transaction, snapshot: Snapshot, params: readonly Datum[]): void {
    if (this.open) this.close();
    this.services.requirePrivileges?.(this.planned.access);
    this.cx.begin(transaction, snapshot, params);
    this.open = true;
    this.root.open();
  }

  /** The next rows, or null at the end. Errors end the execution; `close` is still the caller's duty. */
  nextBatch(): Task<Batch | null> {
    return this.root.next();
  }

  /** The next rows if they can be had at once: `undefined` sends the caller to `nextBatch`. */
  tryNextBatch(): Batch | null | undefined {
    return this.root.tryNext();
  }

  /** Ends the statement with the error at its next chance. */
  cancel(error: SqlError): void {
    this.cx.cancel(error);
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.root.close();
    this.cx.end();
  }

  /** Rows inserted, updated or deleted so far. */
  get rowsAffected(): number {
    return this.root.rowsAffected;
  }
}
