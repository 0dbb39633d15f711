/**
 * The transaction of a session and its block: none, implicit (one query message), or explicit (BEGIN … COMMIT), and
 * whether it has failed. Savepoints by name.
 */
import type { Catalog } from '../catalog/catalog.js';
import { sqlError } from '../errors/sql-error.js';
import { DeferredChecks } from '../exec/deferred-checks.js';
import type { IsolationLevel, LockGroup, Store, Transaction } from '../storage/api.js';
import type { Task } from '../util/task.js';
import type { Settings } from './settings.js';
import type { TransactionStatus } from './wire-session.js';

interface Savepoint {
  readonly name: string;
  readonly level: number;
  readonly settingsMark: number;
  readonly deferredMark: ReturnType<DeferredChecks['savepoint']>;
}

const LEVELS: Record<string, IsolationLevel> = {
  'read uncommitted': 'read committed',
  'read committed': 'read committed',
  'repeatable read': 'repeatable read',
  serializable: 'serializable',
};

/** What else of the session lives and ends with its transaction. */
export interface BlockHooks {
  began(): void;
  /** What must be run before a commit, e.g. deferred constraints. */
  beforeCommit(transaction: Transaction): Task<void>;
  /** Everything since there were `level` savepoints is about to be undone; 0: the whole transaction. */
  undoing(level: number): void;
  /** The same because of an error, in a block that is yet to be rolled back. */
  failing(level: number): void;
  /** RELEASE has left `level` savepoints. */
  released(level: number): void;
}

export class TransactionBlock {
  current: Transaction | null = null;
  private explicit = false;
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

  get failed(): boolean {
    return this.broken;
  }

  /** Open savepoints. */
  get depth(): number {
    return this.savepoints.length;
  }

  get inBlock(): boolean {
    return this.explicit;
  }

  /** The running transaction; begins an implicit one when there is none. */
  ensure(): Transaction {
    if (this.current !== null) return this.current;
    const level = LEVELS[this.settings.get('default_transaction_isolation') ?? ''] ?? 'read committed';
    const transaction = this.store.begin(level, {
      group: this.group,
      minimumLsn: this.lastCommitLsn,
    });
    transaction.readOnly = this.settings.get('default_transaction_read_only') === 'on';
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

  setIsolation(level: string): void {
    const wanted = LEVELS[level];
    const transaction = this.ensure();
    if (wanted === undefined)
      throw sqlError('invalid_parameter_value', `invalid value for parameter "transaction_isolation": "${level}"`);
    transaction.isolation = wanted;
  }

  /** Ends the transaction successfully (a failed one is rolled back instead). Returns whether it was committed. */
  *commit(): Task<boolean> {
    const transaction = this.current;
    if (transaction === null) {
      this.reset();
      return true;
    }
    if (this.broken) {
      this.rollback();
      return false;
    }
    try {
      yield* this.hooks.beforeCommit(transaction);
      const synchronous = this.settings.get('synchronous_commit') !== 'off';
      this.settings.commit();
      this.reset();
      yield* transaction.commit({ synchronous });
      if (!synchronous && transaction.commitLsn > this.lastCommitLsn) this.lastCommitLsn = transaction.commitLsn;
      return true;
    } catch (error) {
      this.hooks.undoing(0);
      if (transaction.state === 'active') transaction.rollback();
      this.settings.rollback();
      this.reset();
      throw error;
    }
  }

  rollback(): void {
    const transaction = this.current;
    this.hooks.undoing(0);
    this.settings.rollback();
    this.reset();
    if (transaction !== null && transaction.state === 'active') transaction.rollback();
  }

  private reset(): void {
    this.current = null;
    this.explicit = false;
    this.broken = false;
    this.savepoints = [];
  }

  /**
   * A statement has failed: an implicit transaction is rolled back. An explicit one can only be rolled back now; what
   * it has done since the last savepoint is undone at once, so that nobody waits for its locks meanwhile.
   */
  fail(): void {
    if (!this.explicit) {
      this.rollback();
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

  savepoint(name: string): void {
    this.requireBlock('SAVEPOINT');
    const transaction = this.ensure();
    this.savepoints.push({
      name,
      level: transaction.savepoint(),
      settingsMark: this.settings.mark(),
      deferredMark: DeferredChecks.of(transaction).savepoint(),
    });
  }

  release(name: string): void {
    this.requireBlock('RELEASE SAVEPOINT');
    const index = this.find(name);
    this.ensure().release(this.savepoints[index].level);
    this.savepoints.length = index;
    this.hooks.released(index);
  }

  rollbackTo(name: string): void {
    this.requireBlock('ROLLBACK TO SAVEPOINT');
    const index = this.find(name);
    const savepoint = this.savepoints[index];
    this.hooks.undoing(index + 1);
    const transaction = this.ensure();
    transaction.rollbackTo(savepoint.level);
    this.catalog.rolledBackTo(transaction);
    DeferredChecks.of(transaction).rollbackTo(savepoint.deferredMark);
    this.settings.rollbackTo(savepoint.settingsMark);
    this.savepoints.length = index + 1;
    this.broken = false;
  }

  private requireBlock(what: string): void {
    if (!this.explicit) throw sqlError('no_active_sql_transaction', `${what} can only be used in transaction blocks`);
  }

  private find(name: string): number {
    for (let i = this.savepoints.length - 1; i >= 0; i--) if (this.savepoints[i].name === name) return i;
    throw sqlError('invalid_savepoint_specification', `savepoint "${name}" does not exist`);
  }
}
