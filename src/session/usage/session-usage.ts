/** What a session has counted in its running transaction, and how it has spent its time. */
import { SqlError } from '../../errors/sql-error.js';
import { RelationCounters, RelationCounts } from '../../exec/relation-counters.js';
import type { SessionEnding } from '../wire-session.js';
import type { DatabaseUsage } from './database-usage.js';
import { FunctionUsage } from './function-usage.js';

export class SessionUsage {
  readonly functions = new FunctionUsage();
  private readonly used: RelationCounters[] = [];

  /** `clean` lets go of the totals of relations that were dropped. */
  constructor(
    private readonly database: DatabaseUsage,
    private readonly clean: () => void,
  ) {}

  /** For one operator. */
  counters(relation: number): RelationCounters {
    return new RelationCounters(relation, this.used);
  }

  /** The transaction has ended: what was counted can be seen by others. */
  transactionEnded(committed: boolean): void {
    const { used, database } = this;
    if (committed) database.counts.commits++;
    else database.counts.rollbacks++;
    if (used.length > 0) this.settle(committed);
    this.functions.settle(database.functions);
  }

  statementFailed(error: unknown): void {
    if (error instanceof SqlError && error.condition === 'deadlock_detected') this.database.counts.deadlocks++;
  }

  /** The session has waited for its client for so many microseconds. */
  wasIdle(microseconds: number, inTransaction: boolean): void {
    if (inTransaction) this.database.counts.idleInTransactionTime += microseconds / 1000;
  }

  wasActive(microseconds: number): void {
    this.database.counts.activeTime += microseconds / 1000;
  }

  sessionEnded(microseconds: number, ending: SessionEnding): void {
    const { counts } = this.database;
    counts.sessionTime += microseconds / 1000;
    if (ending !== 'normal') counts[ending]++;
  }

  /** Adds what was counted so far to the totals. */
  settle(committed: boolean): void {
    const { used, database } = this;
    for (let i = 0; i < used.length; i++) {
      database.add(used[i].relation, used[i], committed);
      used[i].settle();
    }
    used.length = 0;
    if (database.wantsCleaning) this.clean();
  }

  /** What the running transaction has done with a relation. */
  ofTransaction(relation: number): RelationCounts {
    const sum = new RelationCounts();
    for (const counters of this.used) if (counters.relation === relation) sum.add(counters);
    return sum;
  }
}
