/**
 * What statements do with tables and indexes, counted for pg_stat_*. Operators count in a `RelationCounters` of their own,
 * which costs an addition to a field; the session adds those that were used to the totals when its transaction ends, however
 * it ends, as PostgreSQL does. A relation's scans are of the whole table, or of the index.
 */

/** The counts of a relation, by the names of PostgreSQL's pg_stat_get_…. */
export class RelationCounts {
  scans = 0;
  /** Rows of a table read in its order; entries of an index. */
  returned = 0;
  /** Rows of a table found by a bitmap; rows found by entries of an index. */
  fetched = 0;
  inserted = 0;
  updated = 0;
  deleted = 0;
  /** Updates that no index had to know of. */
  hotUpdated = 0;
  /** Pages of the relation that were looked at, and those of them that had to be read from disk. */
  blocks = 0;
  reads = 0;
  /** The same of the table's pages that an index has led to. */
  tableBlocks = 0;
  tableReads = 0;

  add(other: RelationCounts): void {
    this.scans += other.scans;
    this.returned += other.returned;
    this.fetched += other.fetched;
    this.inserted += other.inserted;
    this.updated += other.updated;
    this.deleted += other.deleted;
    this.hotUpdated += other.hotUpdated;
    this.blocks += other.blocks;
    this.reads += other.reads;
    this.tableBlocks += other.tableBlocks;
    this.tableReads += other.tableReads;
  }

  clear(): void {
    this.scans = this.returned = this.fetched = 0;
    this.blocks = this.reads = this.tableBlocks = this.tableReads = 0;
    this.inserted = this.updated = this.deleted = this.hotUpdated = 0;
  }
}

/** Counters of one operator, in the running transaction. */
export class RelationCounters extends RelationCounts {
  private isListed = false;

  /** `used`: those that have something to add at the end of the transaction. */
  constructor(
    readonly relation: number,
    private readonly used: RelationCounters[],
  ) {
    super();
  }

  /** To be called before counting. */
  use(): void {
    if (this.isListed) return;
    this.isListed = true;
    this.used.push(this);
  }

  /** They have been added to the totals. */
  settle(): void {
    this.isListed = false;
    this.clear();
  }
}
