/**
 * What has to happen when all writing operators of a statement have done their work: foreign keys, deferrable unique
 * constraints. Work is done in the order in which the rows were written; work that writes (cascades) adds more at the
 * end. One per ExecContext.
 */
import type { RowId, Transaction } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { type DeferrableCheck, DeferredChecks, type EventCheck } from './deferred-checks.js';
import { EventLog } from './event-log.js';
import type { ExecContext, Resettable } from './exec-context.js';

export interface StatementWork {
  run(transaction: Transaction): Task<void>;
  /** So much is in memory that `flush` should be called. */
  readonly needsFlush?: boolean;
  flush?(): Task<void>;
  /** It is not to be done any more. */
  close?(): void;
}

/** Rows that something is to be done about at the end of the statement, in their order: checks that are not deferred, triggers. */
export class LaterEvents implements StatementWork {
  private readonly checks: EventCheck[] = [];
  private readonly log: EventLog;

  constructor(private readonly cx: ExecContext) {
    this.log = new EventLog(() => cx.transaction.temporaryFile());
  }

  add(check: EventCheck, rowId: RowId, old: Row | null, row: Row | null): void {
    let number = this.checks.indexOf(check);
    if (number < 0) number = this.checks.push(check) - 1;
    this.log.add(number, rowId, old, row);
  }

  get needsFlush(): boolean {
    return this.log.needsFlush;
  }

  flush(): Task<void> {
    return this.log.flush();
  }

  close(): void {
    this.log.close();
  }

  *run(transaction: Transaction): Task<void> {
    const { cx } = this;
    try {
      for (const event of this.log.events()) {
        if (cx.overdue()) yield cx.giveWay();
        yield* this.checks[event.kind].check(transaction, event);
      }
    } finally {
      this.close();
    }
  }
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
    this.close();
  }

  close(): void {
    for (const work of this.queue) work.close?.();
    this.queue = [];
  }

  /** What is queued takes so much memory that `flush` should be called. */
  get needsFlush(): boolean {
    return this.last?.needsFlush === true || DeferredChecks.existing(this.cx.transaction)?.needsFlush === true;
  }

  *flush(): Task<void> {
    const { last } = this;
    if (last?.flush !== undefined) yield* last.flush();
    yield* DeferredChecks.of(this.cx.transaction).flush();
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
  addDeferrable(check: DeferrableCheck, rowId: RowId): void {
    const deferred = DeferredChecks.of(this.cx.transaction);
    if (deferred.isDeferred(check.constraint, check.initiallyDeferred)) {
      deferred.add(check, rowId, null, null);
      return;
    }
    let events = this.last;
    if (!(events instanceof LaterEvents)) {
      events = new LaterEvents(this.cx);
      this.queue.push(events);
    }
    if (events instanceof LaterEvents) events.add(check, rowId, null, null);
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
