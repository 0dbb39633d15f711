/**
 * What a session executes at the moment: the execution that a cancel request reaches, those that wait for the statements
 * of functions which they call, and the request itself.
 */
import type { SqlError } from '../errors/sql-error.js';
import type { Execution } from '../exec/executor.js';
import type { PlanAccess } from '../sql/plan/plan-access.js';
import type { Task } from '../util/task.js';

export class RunningStatement {
  private execution: Execution | null = null;
  private readonly outer: Execution[] = [];
  private interrupt: SqlError | null = null;

  /** A message begins; what came too late for the one before does not end it. */
  forgetInterrupt(): void {
    this.interrupt = null;
  }

  /** What a cancel request ends from now on. */
  set(execution: Execution | null): void {
    execution?.cx.forgetInterrupt();
    this.execution = execution;
  }

  messageEnded(): void {
    this.execution = null;
  }

  cancel(reason: SqlError): void {
    this.interrupt = reason;
    this.execution?.cancel(reason);
  }

  /** Throws what has been asked to end the statement. */
  checkInterrupt(): void {
    if (this.interrupt !== null) throw this.interrupt;
  }

  /** Runs the statements of a function inside the execution that calls it, to which a cancel request goes again afterwards. */
  *nested<T>(execution: Execution, task: Task<T>): Task<T> {
    const outer = this.execution;
    if (outer !== null) this.outer.push(outer);
    this.execution = execution;
    try {
      return yield* task;
    } finally {
      if (outer !== null) this.outer.pop();
      this.execution = outer;
    }
  }

  /** Whether a statement that has begun, also one that waits for a function's statements, uses the relation. */
  isUsing(relation: number): boolean {
    const executions = this.execution === null ? this.outer : [...this.outer, this.execution];
    return executions.some(({ planned }) => planned.relations.some(({ oid }) => oid === relation));
  }

  /** What it does with tables. */
  get access(): PlanAccess | null {
    return this.execution?.planned.access ?? null;
  }
}
