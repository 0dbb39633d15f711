/**
 * Checks of deferrable constraints that wait for the end of the transaction. There is one `DeferredChecks` for each
 * transaction that needs one; the session runs it before it commits, on SET CONSTRAINTS, and around savepoints.
 */
import type { Transaction } from '../storage/api.js';
import type { Task } from '../util/task.js';

/** A check that looks at the newest state of its row when it runs, so running it late or twice does no harm. */
export interface DeferrableCheck {
  /** OID of the constraint. */
  readonly constraint: number;
  /** OID of the table that DDL must leave alone while the check is pending; null when it need not. */
  readonly table: number | null;
  readonly initiallyDeferred: boolean;
  run(transaction: Transaction): Task<void>;
}

/** Which constraints are deferred: by name (OID), else by ALL, else as they were declared. Never modified. */
interface Modes {
  readonly named: ReadonlyMap<number, boolean>;
  readonly all: boolean | null;
}

/** What a savepoint has to remember: two lengths and the modes. Opaque. */
export interface DeferredMark {
  readonly queued: number;
  readonly done: number;
  readonly modes: Modes;
}

const AS_DECLARED: Modes = { named: new Map(), all: null };
const byTransaction = new WeakMap<Transaction, DeferredChecks>();

export class DeferredChecks {
  /** Everything queued in the transaction, in order; those that have run stay, for a savepoint may bring them back. */
  private readonly queue: DeferrableCheck[] = [];
  private readonly isDone: boolean[] = [];
  /** Positions in the queue in the order in which they have run. */
  private readonly done: number[] = [];
  /** All before this position have run. */
  private first = 0;
  private modes = AS_DECLARED;

  private constructor(private readonly transaction: Transaction) {}

  /** The checks of the transaction; made when they are first asked for. */
  static of(transaction: Transaction): DeferredChecks {
    let checks = byTransaction.get(transaction);
    if (checks === undefined) {
      checks = new DeferredChecks(transaction);
      byTransaction.set(transaction, checks);
    }
    return checks;
  }

  /** The same, if anybody has asked before: nothing is deferred otherwise. */
  static existing(transaction: Transaction): DeferredChecks | undefined {
    return byTransaction.get(transaction);
  }

  isDeferred(constraint: number, initially: boolean): boolean {
    return this.modes.named.get(constraint) ?? this.modes.all ?? initially;
  }

  add(check: DeferrableCheck): void {
    this.queue.push(check);
    this.isDone.push(false);
  }

  /** Whether a check on the table waits. */
  isPending(table: number): boolean {
    for (let i = this.first; i < this.queue.length; i++)
      if (!this.isDone[i] && this.queue[i].table === table) return true;
    return false;
  }

  /** Runs everything that waits (COMMIT). Throws the first violation; the transaction must then be rolled back. */
  run(): Task<void> {
    return this.runDue(() => true);
  }

  /**
   * SET CONSTRAINTS. `constraints`: OIDs, null for ALL. Those that become immediate are checked now; the mode changes
   * only when they hold.
   */
  *setConstraints(constraints: readonly number[] | null, deferred: boolean): Task<void> {
    if (!deferred) yield* this.runDue(({ constraint }) => constraints === null || constraints.includes(constraint));
    if (constraints === null) {
      this.modes = { named: new Map(), all: deferred };
      return;
    }
    const named = new Map(this.modes.named);
    for (const constraint of constraints) named.set(constraint, deferred);
    this.modes = { ...this.modes, named };
  }

  /** Runs the pending checks that are due, those that are added meanwhile too. */
  private *runDue(isDue: (check: DeferrableCheck) => boolean): Task<void> {
    if (this.first === this.queue.length) return;
    this.transaction.nextCommand();
    for (let i = this.first; i < this.queue.length; i++) {
      if (this.isDone[i] || !isDue(this.queue[i])) continue;
      this.isDone[i] = true;
      this.done.push(i);
      yield* this.queue[i].run(this.transaction);
    }
    while (this.first < this.queue.length && this.isDone[this.first]) this.first++;
  }

  savepoint(): DeferredMark {
    return { queued: this.queue.length, done: this.done.length, modes: this.modes };
  }

  /** ROLLBACK TO: what was queued, run or set since the mark is as it was then. The mark can be used again. */
  rollbackTo(mark: DeferredMark): void {
    while (this.done.length > mark.done) {
      const position = this.done.pop() ?? 0;
      this.isDone[position] = false;
      this.first = Math.min(this.first, position);
    }
    this.queue.length = mark.queued;
    this.isDone.length = mark.queued;
    this.first = Math.min(this.first, mark.queued);
    this.modes = mark.modes;
  }
}
