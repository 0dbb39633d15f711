/**
 * The transactions that are prepared (PREPARE TRANSACTION), by name. Such a transaction keeps its write set and its locks,
 * but belongs to no session any more; whoever takes it ends it. Invariant: a name in use is in `byGid`, from the
 * moment in which nothing but the log can fail any more until the transaction has ended.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { Task } from '../../util/task.js';
import type { Lsn, Transaction } from '../api.js';
import { commitTransaction } from '../commit.js';
import type { StoreEngine } from '../store.js';
import { type StoreTransaction, storeTransaction } from '../transaction.js';
import { PreparedGroup } from './prepared-group.js';
import type { PreparedFacts, PrepareRequest, TakenPrepared, TwoPhase } from './two-phase.js';

/** Bytes of a name, at most. */
const GID_BYTES = 199;

interface Prepared extends PreparedFacts {
  readonly transaction: StoreTransaction;
  /** End of its last record in the log. */
  readonly lsn: Lsn;
  /** Somebody is about to end it. */
  taken: boolean;
}

export class PreparedTransactions implements TwoPhase {
  private readonly byGid = new Map<string, Prepared>();

  constructor(private readonly engine: StoreEngine) {}

  *prepare(transaction: Transaction, request: PrepareRequest): Task<void> {
    const own = storeTransaction(transaction);
    if (own.serial !== null) this.engine.serializable.beforeCommit(own.serial);
    this.checkName(request);
    this.checkLocks(own);
    own.ensureXid();
    const lsn = this.engine.appendedLsn;
    own.detach(new PreparedGroup(own.group.virtualTransaction));
    this.add({ ...request, xid: own.xid, transaction: own, lsn, taken: false });
    yield* this.engine.waitDurable(lsn);
  }

  private add(prepared: Prepared): void {
    this.byGid.set(prepared.gid, prepared);
    prepared.transaction.onCommit(() => this.byGid.delete(prepared.gid));
  }

  private checkName({ gid, limit }: PrepareRequest): void {
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
    return [...this.byGid.values()].filter((prepared) => this.isValid(prepared));
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
    const { xid, owner, preparedAt } = prepared;
    return {
      gid,
      xid,
      owner,
      preparedAt,
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
    this.byGid.delete(prepared.gid);
    prepared.transaction.rollbackPrepared();
    yield* this.engine.waitDurable(this.engine.appendedLsn);
  }
}
