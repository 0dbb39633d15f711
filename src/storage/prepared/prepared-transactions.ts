/**
 * The transactions that are prepared (PREPARE TRANSACTION), by name. Such a transaction keeps its write set and its locks,
 * but belongs to no session any more; whoever takes it ends it. Invariant: a name in use is in `byGid`, from the
 * moment in which nothing but the log can fail any more until the transaction has ended.
 */
import { sqlError } from '../../errors/sql-error.js';
import { failpoint } from '../../util/failpoint.js';
import type { Task } from '../../util/task.js';
import type { Lsn, Transaction } from '../api.js';
import { commitTransaction, ownChanges } from '../commit.js';
import { noChanges } from '../commit-log.js';
import type { StoreEngine } from '../store.js';
import { type StoreTransaction, storeTransaction } from '../transaction.js';
import type { Standing } from './prepared-checkpoint.js';
import { encodePrepared } from './prepared-form.js';
import { PreparedGroup } from './prepared-group.js';
import { captureState } from './prepared-state.js';
import type { PreparedFacts, PrepareRequest, TakenPrepared, TwoPhase } from './two-phase.js';

/** Bytes of a name, at most. */
const GID_BYTES = 199;

interface Prepared extends PreparedFacts {
  readonly transaction: StoreTransaction;
  /** End of the record that has prepared it; NOT_LOGGED before. */
  lsn: Lsn;
  /** The record's payload, until the KvStore has it. */
  record: Buffer | null;
  /** Somebody is about to end it. */
  taken: boolean;
}

const NOT_LOGGED: Lsn = Number.POSITIVE_INFINITY;

export class PreparedTransactions implements TwoPhase {
  private readonly byGid = new Map<string, Prepared>();

  constructor(private readonly engine: StoreEngine) {}

  *prepare(transaction: Transaction, request: PrepareRequest): Task<void> {
    const { engine } = this;
    const own = storeTransaction(transaction);
    engine.checkAlive();
    engine.checkSpace();
    yield* engine.throttle();
    if (own.serial !== null) engine.serializable.beforeCommit(own.serial);
    this.checkRequest(request);
    this.checkLocks(own);
    own.ensureXid();
    const facts = { ...request, xid: own.xid, database: own.group.database };
    const record = encodePrepared(captureState(engine, own, facts));
    const prepared = this.add(facts, own, record);
    try {
      engine.appendLoose();
      failpoint('before-prepare');
      if (own.aside !== null) yield* own.aside.appendParts('prepare');
      const begun = (from: Lsn): void => engine.holdLog(own, from);
      prepared.lsn = yield* engine.log.appendPrepared(ownChanges(own), record, begun);
    } catch (error) {
      this.byGid.delete(request.gid);
      throw error;
    }
    failpoint('after-prepare');
    own.detach(new PreparedGroup(own.group.virtualTransaction, own.group.database));
    yield* engine.waitDurable(prepared.lsn);
    failpoint('after-prepare-flush');
  }

  private add(
    { gid, xid, owner, preparedAt, database }: PreparedFacts,
    transaction: StoreTransaction,
    record: Buffer | null,
  ): Prepared {
    const prepared = { gid, xid, owner, preparedAt, database, transaction, record, lsn: NOT_LOGGED, taken: false };
    this.byGid.set(gid, prepared);
    transaction.onCommit(() => this.byGid.delete(gid));
    return prepared;
  }

  /** Takes in a transaction that was prepared before a restart. */
  restore(transaction: StoreTransaction, facts: PreparedFacts): void {
    this.add(facts, transaction, null).lsn = 0;
  }

  transactions(): Iterable<Transaction> {
    return [...this.byGid.values()].map(({ transaction }) => transaction);
  }

  /** Those that were prepared and not ended at `lsn`, the end of the log. `hasCopy`: whether the KvStore has it. */
  standingAt(lsn: Lsn, hasCopy: (xid: number) => boolean): Standing[] {
    const standing: Standing[] = [];
    for (const prepared of this.byGid.values()) {
      const { xid, transaction } = prepared;
      const isOver = transaction.commitLsn !== 0 && transaction.commitLsn <= lsn;
      if (prepared.lsn > lsn || isOver) continue;
      if (hasCopy(xid)) prepared.record = null;
      standing.push({ xid, transaction, record: prepared.record });
    }
    return standing;
  }

  private checkRequest({ gid, limit }: PrepareRequest): void {
    if (Buffer.byteLength(gid) > GID_BYTES)
      throw sqlError('invalid_parameter_value', `transaction identifier "${gid}" is too long`);
    if (limit === 0) {
      throw sqlError('object_not_in_prerequisite_state', 'prepared transactions are disabled', {
        hint: 'Set max_prepared_transactions to a nonzero value.',
      });
    }
    if (this.byGid.has(gid)) throw sqlError('duplicate_object', `transaction identifier "${gid}" is already in use`);
    if (this.byGid.size >= limit) {
      throw sqlError('out_of_memory', 'maximum number of prepared transactions reached', {
        hint: `Increase max_prepared_transactions (currently ${limit}).`,
      });
    }
  }

  /** A lock on one thing cannot be divided between the session and the prepared transaction. */
  private checkLocks(own: StoreTransaction): void {
    if (!this.engine.objectLocks.isShared(own)) return;
    throw sqlError(
      'feature_not_supported',
      'cannot PREPARE while holding both session-level and transaction-level locks on the same object',
    );
  }

  list(): PreparedFacts[] {
    return [...this.byGid.values()].filter((prepared) => this.isValid(prepared)).map(factsOf);
  }

  private isValid({ lsn }: Prepared): boolean {
    return lsn <= this.engine.durableLsn;
  }

  take(gid: string): TakenPrepared {
    const prepared = this.byGid.get(gid);
    if (prepared === undefined || !this.isValid(prepared))
      throw sqlError('undefined_object', `prepared transaction with identifier "${gid}" does not exist`);
    if (prepared.taken) {
      throw sqlError('object_not_in_prerequisite_state', `prepared transaction with identifier "${gid}" is busy`);
    }
    prepared.taken = true;
    return {
      ...factsOf(prepared),
      commit: () => this.commit(prepared),
      rollback: () => this.rollback(prepared),
      letGo: () => {
        prepared.taken = false;
      },
    };
  }

  private *commit(prepared: Prepared): Task<void> {
    try {
      yield* commitTransaction(prepared.transaction, true);
    } finally {
      prepared.taken = false;
    }
  }

  private *rollback(prepared: Prepared): Task<void> {
    const { engine } = this;
    try {
      engine.checkAlive();
      engine.checkSpace();
      failpoint('before-rollback-prepared');
      engine.log.appendRollback(noChanges(prepared.xid));
    } catch (error) {
      prepared.taken = false;
      throw error;
    }
    const lsn = engine.appendedLsn;
    this.byGid.delete(prepared.gid);
    failpoint('after-rollback-prepared');
    prepared.transaction.rollbackPrepared();
    yield* engine.waitDurable(lsn);
  }
}

function factsOf({ gid, xid, owner, preparedAt, database }: PreparedFacts): PreparedFacts {
  return { gid, xid, owner, preparedAt, database };
}
