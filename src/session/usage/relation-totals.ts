/** What has been counted of one table or index since the counters were reset. */
import { RelationCounts } from '../../exec/relation-counters.js';

/** A count of runs of a command, and when the last one was: microseconds since 2000-01-01 UTC. */
export interface Runs {
  count: number;
  last: number | null;
}

export class RelationTotals extends RelationCounts {
  /** Rows that committed transactions have changed since the last ANALYZE. */
  changedSinceAnalyze = 0;
  insertedSinceVacuum = 0;
  readonly analyze: Runs = { count: 0, last: null };
  readonly vacuum: Runs = { count: 0, last: null };
  /** ANALYZEs in the background. */
  readonly autoAnalyze: Runs = { count: 0, last: null };

  constructor(readonly relation: number) {
    super();
  }

  /** VACUUM or ANALYZE has gone over the table, over `allColumns` or some of them. */
  maintained(what: 'vacuum' | 'analyze', now: number, allColumns: boolean): void {
    this[what].count++;
    this[what].last = now;
    if (what === 'vacuum') this.insertedSinceVacuum = 0;
    else if (allColumns) this.changedSinceAnalyze = 0;
  }

  /** `seen`: changes that it has taken into account. */
  analyzedInBackground(now: number, seen: number): void {
    this.autoAnalyze.count++;
    this.autoAnalyze.last = now;
    this.changedSinceAnalyze = Math.max(0, this.changedSinceAnalyze - seen);
  }

  reset(): void {
    this.clear();
    this.changedSinceAnalyze = this.insertedSinceVacuum = 0;
    this.analyze.count = this.vacuum.count = this.autoAnalyze.count = 0;
    this.analyze.last = this.vacuum.last = this.autoAnalyze.last = null;
  }
}
