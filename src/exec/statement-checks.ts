/**
 * What has to happen when all writing operators of a statement have done their work: foreign keys, deferrable unique
 * constraints. Work is done in the order in which the rows were written; work that writes (cascades) adds more at the
 * end. One per ExecContext.
 */
import type { Transaction } from '../storage/api.js';
import type { Task } from '../util/task.js';
import { type DeferrableCheck, DeferredChecks } from './deferred-checks.js';
import type { ExecContext, Resettable } from './exec-context.js';

export interface StatementWork {
  run(transaction: Transaction): Task<void>;
}

const byContext = new WeakMap<ExecContext, StatementChecks>();

export class StatementChecks implements Resettable {
  private operators = 0;
  private finished = 0;
  private queue: StatementWork[] = [];

  private constructor(private readonly cx: ExecContext) {}

  static of(cx: ExecContext): StatementChecks {
    let checks = byContext.get(cx);
    if (checks === undefined) {
      checks = new StatementChecks(cx);
      byContext.set(cx, checks);
      cx.onReset(checks);
    }
    return checks;
  }

  reset(): void {
    this.finished = 0;
    this.queue = [];
  }

  close(): void {
    this.queue = [];
  }

  /** Each writing operator of the statement reports once when it is made… */
  addOperator(): void {
    this.operators++;
  }

  /** …and once at the end of each run. True for the last one, which must then `run`. */
  operatorFinished(): boolean {
    this.finished++;
    return this.finished === this.operators && this.queue.length > 0;
  }

  /** What was queued last, for work that can take in more of its kind. */
  get last(): StatementWork | undefined {
    return this.queue[this.queue.length - 1];
  }

  add(work: StatementWork): void {
    this.queue.push(work);
  }

  /** Queues the check for the end of the statement or of the transaction, as its constraint wants it now. */
  addDeferrable(check: DeferrableCheck): void {
    const deferred = DeferredChecks.of(this.cx.transaction);
    if (deferred.isDeferred(check.constraint, check.initiallyDeferred)) deferred.add(check);
    else this.queue.push(check);
  }

  *run(): Task<void> {
    const { cx } = this;
    const { transaction } = cx;
    // From here on the statement's own rows are seen.
    transaction.nextCommand();
    let position = 0;
    while (position < this.queue.length) {
      if (cx.overdue()) yield cx.giveWay();
      const work = this.queue[position++];
      // Work that is running must not take in more.
      if (position === this.queue.length) {
        this.queue = [];
        position = 0;
      }
      yield* work.run(transaction);
    }
  }
}
