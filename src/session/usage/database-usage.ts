/**
 * What has been counted in one database since the server's first start or the last reset. It outlives the database's
 * being in memory; a clean end of the server keeps it (usage-record.ts), a crash loses it, as in PostgreSQL.
 */
import type { RelationCounts } from '../../exec/relation-counters.js';
import type { FunctionCounts } from './function-usage.js';
import { RelationTotals } from './relation-totals.js';

/** From so many relations on it is looked for some that do not exist any more. */
const FIRST_CLEANING = 1000;

/** Counts of a database that are plain sums. Times are milliseconds. */
export class DatabaseCounts {
  commits = 0;
  rollbacks = 0;
  returned = 0;
  fetched = 0;
  inserted = 0;
  updated = 0;
  deleted = 0;
  blocks = 0;
  reads = 0;
  deadlocks = 0;
  sessions = 0;
  abandoned = 0;
  fatal = 0;
  killed = 0;
  sessionTime = 0;
  activeTime = 0;
  idleInTransactionTime = 0;
}

export class DatabaseUsage {
  counts = new DatabaseCounts();
  /** Microseconds since 2000-01-01 UTC; null: never. */
  resetAt: number | null = null;
  /** By the OID of the function. */
  readonly functions = new Map<number, FunctionCounts>();
  private readonly relations = new Map<number, RelationTotals>();
  private cleanAt = FIRST_CLEANING;

  /** Null: nothing has been counted. */
  find(relation: number): RelationTotals | null {
    return this.relations.get(relation) ?? null;
  }

  totals(relation: number): RelationTotals {
    let totals = this.relations.get(relation);
    if (totals === undefined) {
      totals = new RelationTotals(relation);
      this.relations.set(relation, totals);
    }
    return totals;
  }

  all(): Iterable<RelationTotals> {
    return this.relations.values();
  }

  /** Whether those of relations and functions that were dropped should be let go of (`keepOnly`). */
  get wantsCleaning(): boolean {
    return this.relations.size + this.functions.size >= this.cleanAt;
  }

  keepOnly(isRelation: (oid: number) => boolean, isFunction: (oid: number) => boolean): void {
    for (const oid of [...this.relations.keys()]) if (!isRelation(oid)) this.relations.delete(oid);
    for (const oid of [...this.functions.keys()]) if (!isFunction(oid)) this.functions.delete(oid);
    this.cleanAt = Math.max(FIRST_CLEANING, (this.relations.size + this.functions.size) * 2);
  }

  /** Adds what a transaction has done with a relation. */
  add(relation: number, done: RelationCounts, committed: boolean): void {
    const totals = this.totals(relation);
    totals.add(done);
    if (committed) totals.changedSinceAnalyze += done.inserted + done.updated + done.deleted;
    totals.insertedSinceVacuum += done.inserted;
    const { counts } = this;
    counts.returned += done.returned;
    counts.fetched += done.fetched;
    counts.inserted += done.inserted;
    counts.updated += done.updated;
    counts.deleted += done.deleted;
    counts.blocks += done.blocks + done.tableBlocks;
    counts.reads += done.reads + done.tableReads;
  }

  /** pg_stat_reset(). */
  reset(now: number): void {
    this.counts = new DatabaseCounts();
    for (const totals of this.relations.values()) totals.reset();
    for (const counts of this.functions.values()) counts.clear();
    this.resetAt = now;
  }
}
