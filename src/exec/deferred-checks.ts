/**
 * Checks of deferrable constraints that wait for the end of the transaction. There is one `DeferredChecks` for each
 * transaction that needs one; the session runs it before it commits, on SET CONSTRAINTS, and around savepoints.
 */
import type { RowId, Transaction } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import { GIVE_WAY, type Task } from '../util/task.js';
import { EventLog, type LoggedEvent } from './event-log.js';

/** What is done about a row later. */
export interface EventCheck {
  check(transaction: Transaction, event: LoggedEvent): Task<void>;
}

/**
 * What checks rows against a constraint. A check looks at the newest state of its row when it runs, so running it late or twice does
 * no harm.
 */
export interface DeferrableCheck extends EventCheck {
  /** OID of the constraint. */
  readonly constraint: number;
  /** OID of the table that DDL must leave alone while a check is pending; null when it need not. */
  readonly table: number | null;
  readonly initiallyDeferred: boolean;
}

/** Which constraints are deferred: by name (OID), else by ALL, else as they were declared. Never modified. */
interface Modes {
  readonly named: ReadonlyMap<number, boolean>;
  readonly all: boolean | null;
}

/** All checks of these constraints (null: of all) that were queued before the position have run. */
interface Run {
  readonly constraints: ReadonlySet<number> | null;
  readonly end: number;
}

/** What a savepoint has to remember: two lengths and the modes. Opaque. */
export interface DeferredMark {
  readonly queued: number;
  readonly runs: number;
  readonly modes: Modes;
}

const AS_DECLARED: Modes = { named: new Map(), all: null };
const byTransaction = new WeakMap<Transaction, DeferredChecks>();

/** Events done between two looks at the clock. */
const EVENTS_AT_ONCE = 128;

export class DeferredChecks {
  private readonly checks: DeferrableCheck[] = [];
  private readonly numbers = new Map<DeferrableCheck, number>();
  /** Everything queued in the transaction, in order; what has run stays, for a savepoint may bring it back. */
  private queue: EventLog | null = null;
  private readonly runs: Run[] = [];
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

  add(check: DeferrableCheck, rowId: RowId, old: Row | null, row: Row | null): void {
    let number = this.numbers.get(check);
    if (number === undefined) {
      number = this.checks.push(check) - 1;
      this.numbers.set(check, number);
    }
    this.queue ??= this.newQueue();
    this.queue.add(number, rowId, old, row);
  }

  private newQueue(): EventLog {
    const { transaction } = this;
    transaction.onRollback(() => this.queue?.close());
    return new EventLog(() => transaction.temporaryFile());
  }

  get needsFlush(): boolean {
    return this.queue?.needsFlush === true;
  }

  *flush(): Task<void> {
    if (this.queue !== null) yield* this.queue.flush();
  }

  private hasRun(position: number, constraint: number): boolean {
    return this.runs.some(({ constraints, end }) => position < end && constraints?.has(constraint) !== false);
  }

  /** Whether a check on the table waits. */
  isPending(table: number): boolean {
    if (this.queue === null || !this.checks.some((check) => check.table === table)) return false;
    let position = 0;
    for (const { kind } of this.queue.events()) {
      const check = this.checks[kind];
      if (check.table === table && !this.hasRun(position, check.constraint)) return true;
      position++;
    }
    return false;
  }

  /** Runs everything that waits (COMMIT). Throws the first violation; the transaction must then be rolled back. */
  *run(): Task<void> {
    yield* this.runDue(null);
    this.queue?.close();
    this.runs.length = 0;
  }

  /**
   * SET CONSTRAINTS. `constraints`: OIDs, null for ALL. Those that become immediate are checked now; the mode changes
   * only when they hold.
   */
  *setConstraints(constraints: readonly number[] | null, deferred: boolean): Task<void> {
    if (!deferred) yield* this.runDue(constraints === null ? null : new Set(constraints));
    if (constraints === null) {
      this.modes = { named: new Map(), all: deferred };
      return;
    }
    const named = new Map(this.modes.named);
    for (const constraint of constraints) named.set(constraint, deferred);
    this.modes = { ...this.modes, named };
  }

  /** Runs the pending checks of the constraints (null: of all), those that are added meanwhile too. */
  private *runDue(constraints: ReadonlySet<number> | null): Task<void> {
    const { queue, transaction } = this;
    if (queue === null || queue.count === 0) return;
    transaction.nextCommand();
    let position = 0;
    for (const event of queue.events()) {
      if (position % EVENTS_AT_ONCE === EVENTS_AT_ONCE - 1) yield GIVE_WAY;
      const check = this.checks[event.kind];
      const isDue = constraints?.has(check.constraint) !== false && !this.hasRun(position, check.constraint);
      position++;
      if (isDue) yield* check.check(transaction, event);
    }
    this.runs.push({ constraints, end: position });
  }

  savepoint(): DeferredMark {
    return { queued: this.queue?.count ?? 0, runs: this.runs.length, modes: this.modes };
  }

  /** ROLLBACK TO: what was queued, run or set since the mark is as it was then. The mark can be used again. */
  rollbackTo(mark: DeferredMark): void {
    this.runs.length = mark.runs;
    this.queue?.truncate(mark.queued);
    this.modes = mark.modes;
  }
}
