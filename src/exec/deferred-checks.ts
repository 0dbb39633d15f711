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
  readonly initiallyDeferred: boolean;
  run(transaction: Transaction): Task<void>;
}

/** What a savepoint has to remember. Opaque. */
export interface DeferredMark {
  readonly checks: readonly DeferrableCheck[];
  readonly modes: ReadonlyMap<number, boolean>;
  readonly allDeferred: boolean | null;
}

const byTransaction = new WeakMap<Transaction, DeferredChecks>();

export class DeferredChecks {
  private checks: DeferrableCheck[] = [];
  /** SET CONSTRAINTS by name: whether deferred. */
  private modes = new Map<number, boolean>();
  /** SET CONSTRAINTS ALL. */
  private allDeferred: boolean | null = null;

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

  get pending(): boolean {
    return this.checks.length > 0;
  }

  isDeferred(constraint: number, initially: boolean): boolean {
    return this.modes.get(constraint) ?? this.allDeferred ?? initially;
  }

  add(check: DeferrableCheck): void {
    this.checks.push(check);
  }

  /** Runs everything that waits (COMMIT). Throws the first violation; the transaction must then be rolled back. */
  *run(): Task<void> {
    if (this.checks.length === 0) return;
    this.transaction.nextCommand();
    while (this.checks.length > 0) {
      const checks = this.checks;
      this.checks = [];
      for (const check of checks) yield* check.run(this.transaction);
    }
  }

  /**
   * SET CONSTRAINTS. `constraints`: OIDs, null for ALL. Those that become immediate are checked now; the mode changes
   * only when they hold.
   */
  *setConstraints(constraints: readonly number[] | null, deferred: boolean): Task<void> {
    if (!deferred) {
      const due = this.checks.filter(({ constraint }) => constraints === null || constraints.includes(constraint));
      if (due.length > 0) this.transaction.nextCommand();
      for (const check of due) yield* check.run(this.transaction);
      const done = new Set(due);
      this.checks = this.checks.filter((check) => !done.has(check));
    }
    if (constraints === null) {
      this.modes.clear();
      this.allDeferred = deferred;
    } else for (const constraint of constraints) this.modes.set(constraint, deferred);
  }

  savepoint(): DeferredMark {
    return { checks: this.checks.slice(), modes: new Map(this.modes), allDeferred: this.allDeferred };
  }

  /** ROLLBACK TO: what was queued or set since the mark is forgotten. The mark can be used again. */
  rollbackTo(mark: DeferredMark): void {
    this.checks = [...mark.checks];
    this.modes = new Map(mark.modes);
    this.allDeferred = mark.allDeferred;
  }
}
