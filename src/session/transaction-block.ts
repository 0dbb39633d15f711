/**
 * The transaction of a session and its block: none, implicit (one query message), or explicit (BEGIN … COMMIT), and
 * whether it has failed. Savepoints by name.
 */
import type { Catalog } from '../catalog/catalog.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { DeferredChecks } from '../exec/deferred-checks.js';
import type { IsolationLevel, LockGroup, Store, Transaction } from '../storage/api.js';
import type { Task } from '../util/task.js';
import type { Settings } from './settings.js';
import type { TransactionStatus } from './wire-session.js';

interface Savepoint {
  readonly name: string;
  readonly level: number;
  readonly settingsMark: number;
  readonly readOnly: boolean;
  readonly deferredMark: ReturnType<DeferredChecks['savepoint']>;
}

const LEVELS: Record<string, IsolationLevel> = {
  'read uncommitted': 'read committed',
  'read committed': 'read committed',
  'repeatable read': 'repeatable read',
  serializable: 'serializable',
};

export interface TransactionModes {
  readonly isolation: string;
  readonly readOnly: boolean;
  readonly deferrable: boolean;
}

function tooLate(message: string): SqlError {
  return sqlError('active_sql_transaction', message);
}

/** What else of the session lives and ends with its transaction. */
export interface BlockHooks {
  began(): void;
  /** What must be run before a commit, e.g. deferred constraints. */
  beforeCommit(transaction: Transaction): Task<void>;
  /** Does of it what needs no waiting; false when nothing is left to do. */
  prepareCommit(transaction: Transaction): boolean;
  /** The transaction is about to leave the session (PREPARE TRANSACTION). */
  detaching(): void;
  /** Everything since there were `level` savepoints is about to be undone; 0: the whole transaction. */
  undoing(level: number): void;
  /** The same because of an error, in a block that is yet to be rolled back. */
  failing(level: number): void;
  /** RELEASE has left `level` savepoints. */
  released(level: number): void;
  /** The transaction is committed. */
  committed(): void;
  /** It was rolled back. */
  rolledBack(): void;
  /** A statement has failed. */
  failed(error: unknown): void;
}

export class TransactionBlock {
  current: Transaction | null = null;
  private explicit = false;
  /** Several statements came in one Query message: they are a block until one of them begins or ends another. */
  implicit = false;
  /** A statement of the transaction has taken a snapshot. */
  queried = false;
  deferrable = false;
  private level = 'read committed';
  private broken = false;
  private savepoints: Savepoint[] = [];
  /** A session sees its own commits even before they are on disk (synchronous_commit = off). */
  private lastCommitLsn = 0;

  constructor(
    private readonly store: Store,
    private readonly catalog: Catalog,
    private readonly settings: Settings,
    private readonly hooks: BlockHooks,
    private readonly group: LockGroup,
  ) {}

  get status(): TransactionStatus {
    if (!this.explicit) return 'I';
    return this.broken ? 'E' : 'T';
  }

  get isBroken(): boolean {
    return this.broken;
  }

  /** Open savepoints. */
  get depth(): number {
    return this.savepoints.length;
  }

  get inBlock(): boolean {
    return this.explicit;
  }

  /** Whether more statements of the same transaction may follow, BEGIN or not. */
  get inAnyBlock(): boolean {
    return this.explicit || this.implicit;
  }

  /** The running transaction; begins an implicit one when there is none. */
  ensure(): Transaction {
    if (this.current !== null) return this.current;
    const defaults = this.settings.frequent;
    this.level = defaults.isolation;
    const transaction = this.store.begin(LEVELS[this.level] ?? 'read committed', {
      group: this.group,
      minimumLsn: this.lastCommitLsn,
    });
    transaction.readOnly = defaults.readOnly;
    this.deferrable = defaults.deferrable;
    this.current = transaction;
    this.hooks.began();
    return transaction;
  }

  /** BEGIN. Returns false when a block is open already. */
  begin(): boolean {
    this.ensure();
    if (this.explicit) return false;
    this.explicit = true;
    return true;
  }

  /** The isolation level by its name in SQL. */
  get isolation(): string {
    this.ensure();
    return this.level;
  }

  /** @throws SqlError 25001 after the first query, or below a savepoint */
  setIsolation(level: string): void {
    const transaction = this.ensure();
    if (level !== this.level) this.checkEarly('SET TRANSACTION ISOLATION LEVEL', 'not be called in a subtransaction');
    this.level = level;
    transaction.isolation = LEVELS[level] ?? 'read committed';
  }

  /** @throws SqlError 25001 for a way back to read-write after the first query, or below a savepoint */
  setReadOnly(readOnly: boolean): void {
    const transaction = this.ensure();
    if (transaction.readOnly && !readOnly) {
      if (this.savepoints.length > 0)
        throw tooLate('cannot set transaction read-write mode inside a read-only transaction');
      if (this.queried) throw tooLate('transaction read-write mode must be set before any query');
    }
    transaction.readOnly = readOnly;
  }

  /** @throws SqlError 25001 after the first query, or below a savepoint */
  setDeferrable(deferrable: boolean): void {
    this.ensure();
    if (this.savepoints.length > 0)
      throw tooLate('SET TRANSACTION [NOT] DEFERRABLE cannot be called within a subtransaction');
    if (this.queried) throw tooLate('SET TRANSACTION [NOT] DEFERRABLE must be called before any query');
    this.deferrable = deferrable;
  }

  /** SET TRANSACTION SNAPSHOT. @throws SqlError 25001, 0A000, 22023 */
  importSnapshot(id: string): void {
    const transaction = this.ensure();
    if (this.queried || this.savepoints.length > 0)
      throw tooLate('SET TRANSACTION SNAPSHOT must be called before any query');
    if (transaction.isolation === 'read committed') {
      throw sqlError(
        'feature_not_supported',
        'a snapshot-importing transaction must have isolation level SERIALIZABLE or REPEATABLE READ',
      );
    }
    transaction.importSnapshot(id);
    this.queried = true;
  }

  /** pg_export_snapshot. @throws SqlError 25001 below a savepoint */
  exportSnapshot(): string {
    if (this.savepoints.length > 0) throw tooLate('cannot export a snapshot from a subtransaction');
    return this.ensure().exportSnapshot();
  }

  /** The modes of the transaction, for AND CHAIN. */
  modes(): TransactionModes {
    const { readOnly } = this.ensure();
    return { isolation: this.level, readOnly, deferrable: this.deferrable };
  }

  /** Begins a block with the modes of the one before. */
  chain(modes: TransactionModes): void {
    this.begin();
    this.resume(modes);
  }

  /** Gives the transaction, which has just begun, the modes of the one before. */
  resume(modes: TransactionModes): void {
    this.setIsolation(modes.isolation);
    this.ensure().readOnly = modes.readOnly;
    this.deferrable = modes.deferrable;
  }

  private checkEarly(what: string, nested: string): void {
    if (this.queried) throw tooLate(`${what} must be called before any query`);
    if (this.savepoints.length > 0) throw tooLate(`${what} must ${nested}`);
  }

  /** Ends the transaction successfully (a failed one is rolled back instead). Returns whether it was committed. */
  *commit(): Task<boolean> {
    const transaction = this.current;
    if (transaction === null) {
      this.reset();
      return true;
    }
    if (this.broken) {
      yield* this.rollback();
      return false;
    }
    try {
      if (this.hooks.prepareCommit(transaction)) yield* this.hooks.beforeCommit(transaction);
      const synchronous = this.settings.frequent.synchronousCommit;
      this.settings.commit();
      this.reset();
      if (!transaction.tryCommit()) {
        yield* transaction.commit({ synchronous });
        if (!synchronous && transaction.commitLsn > this.lastCommitLsn) this.lastCommitLsn = transaction.commitLsn;
      }
    } catch (error) {
      yield* this.abortInSlices(transaction);
      throw error;
    }
    this.hooks.committed();
    return true;
  }

  /**
   * PREPARE TRANSACTION: `check` refuses what cannot be prepared, `prepare` takes the transaction away. Whatever throws
   * rolls it back. Returns false, and has rolled back, in a failed block.
   */
  *prepare(
    check: (transaction: Transaction) => void,
    prepare: (transaction: Transaction) => Task<void>,
  ): Task<boolean> {
    const transaction = this.ensure();
    if (this.broken) {
      yield* this.rollback();
      return false;
    }
    try {
      const deferred = DeferredChecks.existing(transaction);
      if (deferred !== undefined) yield* deferred.run();
      check(transaction);
      this.hooks.detaching();
      this.settings.commit();
      this.reset();
      yield* prepare(transaction);
      return true;
    } catch (error) {
      yield* this.abortInSlices(transaction);
      throw error;
    }
  }

  /** Ends a transaction that has changed nothing; false (and nothing has happened) when more is to be done than that. */
  tryCommit(): boolean {
    const transaction = this.current;
    if (transaction === null || this.broken || this.hooks.prepareCommit(transaction)) return false;
    try {
      if (!transaction.tryCommit()) return false;
    } catch (error) {
      this.abort(transaction);
      throw error;
    }
    this.settings.commit();
    this.reset();
    this.hooks.committed();
    return true;
  }

  private abort(transaction: Transaction): void {
    this.hooks.undoing(0);
    if (transaction.state === 'active') transaction.rollback();
    this.settings.rollback();
    this.reset();
    this.hooks.rolledBack();
  }

  private *abortInSlices(transaction: Transaction): Task<void> {
    this.hooks.undoing(0);
    yield* undoLarge(transaction, 0, () => this.abort(transaction));
  }

  /** Ends the transaction, a large one in slices. */
  *rollback(): Task<void> {
    this.hooks.undoing(0);
    yield* undoLarge(this.current, 0, () => this.rollbackNow());
  }

  /** The same in one go. */
  rollbackNow(): void {
    const transaction = this.current;
    this.hooks.undoing(0);
    this.settings.rollback();
    this.reset();
    if (transaction === null) return;
    if (transaction.state === 'active') transaction.rollback();
    this.hooks.rolledBack();
  }

  /** Ending the transaction takes a while. */
  get isLarge(): boolean {
    return isLarge(this.current);
  }

  private reset(): void {
    this.current = null;
    this.explicit = false;
    this.implicit = false;
    this.queried = false;
    this.broken = false;
    this.savepoints = [];
  }

  /**
   * A statement has failed: an implicit transaction is rolled back. An explicit one can only be rolled back now; what
   * it has done since the last savepoint is undone at once, so that nobody waits for its locks meanwhile.
   */
  *fail(): Task<void> {
    if (!this.explicit) yield* this.rollback();
    else if (this.broken) return;
    else {
      this.hooks.failing(this.savepoints.length);
      yield* undoLarge(this.current, this.savepoints.at(-1)?.level ?? 0, () => this.failNow());
    }
  }

  /** The same; throws the error then. */
  *failing(error: unknown): Task<never> {
    this.hooks.failed(error);
    yield* this.fail();
    throw error;
  }

  /** The same outside of a task: throws the error at once, unless much is to be undone. */
  failed(error: unknown): Task<never> {
    if (this.isLarge) return this.failing(error);
    this.hooks.failed(error);
    this.failNow();
    throw error;
  }

  /** The same in one go. */
  failNow(): void {
    if (!this.explicit) {
      this.rollbackNow();
      return;
    }
    const transaction = this.current;
    if (this.broken || transaction === null || transaction.state !== 'active') {
      this.broken = true;
      return;
    }
    this.broken = true;
    const innermost = this.savepoints.at(-1);
    this.hooks.failing(this.savepoints.length);
    if (innermost === undefined) transaction.rollback();
    else {
      transaction.rollbackTo(innermost.level);
      this.catalog.rolledBackTo(transaction);
    }
  }

  *savepoint(name: string): Task<void> {
    this.requireBlock('SAVEPOINT');
    yield* this.pushSavepoint(name);
  }

  private *pushSavepoint(name: string): Task<void> {
    const transaction = this.ensure();
    if (transaction.needsSpillForSavepoint) yield* transaction.spillForSavepoint();
    this.savepoints.push({
      name,
      level: transaction.savepoint(),
      settingsMark: this.settings.mark(),
      readOnly: transaction.readOnly,
      deferredMark: DeferredChecks.of(transaction).savepoint(),
    });
  }

  release(name: string): void {
    this.requireBlock('RELEASE SAVEPOINT');
    this.releaseFrom(this.find(name));
  }

  *rollbackTo(name: string): Task<void> {
    this.requireBlock('ROLLBACK TO SAVEPOINT');
    const index = this.find(name);
    const savepoint = this.savepoints[index];
    this.hooks.undoing(index + 1);
    const transaction = this.ensure();
    yield* transaction.undoInSlices(savepoint.level);
    this.undoTo(savepoint, index + 1);
    this.broken = false;
  }

  /** Begins the subtransaction of a block with handlers; what it gives is for one of the next three. */
  *beginSubtransaction(): Task<number> {
    yield* this.pushSavepoint('');
    return this.savepoints.length;
  }

  /** What the subtransaction has done belongs to its surroundings. */
  releaseSubtransaction(depth: number): void {
    this.releaseFrom(depth - 1);
  }

  /** Undoes the subtransaction, a large one in slices. */
  *undoSubtransaction(depth: number): Task<void> {
    const savepoint = this.savepoints[depth - 1];
    if (savepoint === undefined || this.current === null) return;
    this.hooks.undoing(depth);
    yield* this.current.undoInSlices(savepoint.level);
    this.undoTo(savepoint, depth);
    this.releaseFrom(depth - 1);
  }

  /** The same in one go. */
  dropSubtransaction(depth: number): void {
    const savepoint = this.savepoints[depth - 1];
    if (savepoint === undefined || this.current === null || this.current.state !== 'active') return;
    this.hooks.undoing(depth);
    this.undoTo(savepoint, depth);
    this.releaseFrom(depth - 1);
  }

  private releaseFrom(index: number): void {
    const transaction = this.ensure();
    transaction.release(this.savepoints[index].level);
    transaction.readOnly = this.savepoints[index].readOnly;
    this.savepoints.length = index;
    this.hooks.released(index);
  }

  private undoTo(savepoint: Savepoint, depth: number): void {
    const transaction = this.ensure();
    transaction.rollbackTo(savepoint.level);
    this.catalog.rolledBackTo(transaction);
    DeferredChecks.of(transaction).rollbackTo(savepoint.deferredMark);
    this.settings.rollbackTo(savepoint.settingsMark);
    transaction.readOnly = savepoint.readOnly;
    this.savepoints.length = depth;
  }

  private requireBlock(what: string): void {
    if (!this.explicit) throw sqlError('no_active_sql_transaction', `${what} can only be used in transaction blocks`);
  }

  private find(name: string): number {
    for (let i = this.savepoints.length - 1; i >= 0; i--) if (this.savepoints[i].name === name) return i;
    throw sqlError('invalid_savepoint_specification', `savepoint "${name}" does not exist`);
  }
}

function isLarge(transaction: Transaction | null): boolean {
  return transaction !== null && transaction.state === 'active' && transaction.holdsMany;
}

/** Undoes in slices what a large transaction has done since the savepoint; `finish`, which undoes the rest, is called in any case. */
function* undoLarge(transaction: Transaction | null, level: number, finish: () => void): Task<void> {
  try {
    if (transaction !== null && isLarge(transaction)) yield* transaction.undoInSlices(level);
  } finally {
    finish();
  }
}
