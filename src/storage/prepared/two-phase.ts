/** Two-phase commit, as sessions see it: transactions that were prepared live on without a session until somebody ends them. */
import type { Task } from '../../util/task.js';
import type { DatabaseId, Transaction } from '../api.js';

/** What is known of a prepared transaction by its name. */
export interface PreparedFacts {
  readonly gid: string;
  readonly xid: number;
  /** OID of the role that prepared it. */
  readonly owner: number;
  /** Microseconds since 2000-01-01 UTC. */
  readonly preparedAt: number;
  /** Where it was prepared; 0 when that was before there were several. */
  readonly database: DatabaseId;
}

export interface PrepareRequest {
  readonly gid: string;
  readonly owner: number;
  readonly preparedAt: number;
  /** How many prepared transactions there may be. */
  readonly limit: number;
}

/** A prepared transaction that the caller alone may end. Exactly one of the three methods is to be called. */
export interface TakenPrepared extends PreparedFacts {
  /** Returns once the commit is on disk. When it throws before it is in the log, the transaction stays prepared. */
  commit(): Task<void>;
  rollback(): Task<void>;
  /** Leaves it as it is. */
  letGo(): void;
}

export interface TwoPhase {
  /**
   * Takes the transaction out of its session; returns once its changes and locks are safe on disk.
   * @throws SqlError 40001, 0A000, 22023, 42710, 53200, 55000; the caller then rolls the transaction back
   */
  prepare(transaction: Transaction, request: PrepareRequest): Task<void>;
  /** All that are safe on disk. */
  list(): PreparedFacts[];
  /** For who keeps things by transaction: after a start, those that were prepared before. */
  transactions(): Iterable<Transaction>;
  /** @throws SqlError 42704 when there is none of this name, 55000 when somebody else is about to end it */
  take(gid: string): TakenPrepared;
}
