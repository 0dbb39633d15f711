/**
 * Locks on tables and indexes. Statements lock every index that they plan with, in weak modes that only changes of an
 * index (REINDEX, DROP INDEX) conflict with. So these locks are mere notes of the transactions (`index-locks.ts`) as long as
 * nobody has or wants a strong lock on the index; who does turns the notes into locks of the queue first. That is also
 * what PostgreSQL's fast path does.
 */
import type { DatabaseId, Lsn } from './api.js';
import type { IndexLocks } from './index-locks.js';
import { FIRST_STRONG_TABLE_MODE } from './lock-modes.js';
import type { LockOwner } from './lock-queue.js';
import { NamedLocks } from './named-locks.js';

export class RelationLocks extends NamedLocks<number> {
  /** What somebody has locked, or wants to lock, in a strong mode. */
  private readonly contested = new Set<number>();

  constructor(
    database: () => DatabaseId,
    installedLsn: () => Lsn,
    /** Of the transactions in progress. */
    private readonly noted: () => Iterable<IndexLocks>,
  ) {
    super((relation) => ({ kind: 'relation', database: database(), relation }), installedLsn);
  }

  /** To be called before a lock is asked for: nobody has it without being in its queue from now on. */
  announce(relation: number, mode: number): void {
    if (mode < FIRST_STRONG_TABLE_MODE || this.contested.has(relation)) return;
    this.contested.add(relation);
    for (const locks of this.noted()) if (locks.notes(this, relation)) locks.enqueue();
  }

  /** Whether no lock on anything needs to be more than a note. */
  get isQuiet(): boolean {
    return this.contested.size === 0;
  }

  isContested(relation: number): boolean {
    return this.contested.has(relation);
  }

  override release(owner: LockOwner, relation: number, modes: number): void {
    super.release(owner, relation, modes);
    if (this.contested.has(relation) && !this.isUsed(relation, FIRST_STRONG_TABLE_MODE))
      this.contested.delete(relation);
  }
}
