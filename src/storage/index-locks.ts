/**
 * The weak locks of one transaction on the indexes that its statements have planned with, in the order in which they were
 * taken, so that a savepoint is a position. The first `queued` are locks in the queues, the others are noted here only.
 */
import type { Task } from '../util/task.js';
import type { LockTag, PlannedIndexes } from './api.js';
import { tableModeNumber } from './lock-modes.js';
import type { LockOwner } from './lock-queue.js';
import type { RelationLocks } from './relation-locks.js';
import type { DatabaseTableLocks } from './table-locks.js';

export class IndexLocks {
  private readonly list: PlannedIndexes[] = [];
  private queued = 0;

  constructor(
    private readonly owner: LockOwner,
    private readonly tables: DatabaseTableLocks,
  ) {}

  get length(): number {
    return this.list.length;
  }

  /** False (and nothing has happened) when somebody else might have to be waited for. */
  tryAdd(planned: PlannedIndexes): boolean {
    if (this.list.includes(planned)) return true;
    if (!this.tables.areUncontested(planned.indexes)) return false;
    this.list.push(planned);
    return true;
  }

  /** @throws SqlError 40P01, 55P03, 57014 */
  *add(planned: PlannedIndexes): Task<void> {
    if (this.tryAdd(planned)) return;
    this.enqueue();
    const mode = tableModeNumber(planned.mode);
    // Listed first: whatever ends the wait, the end of the transaction frees what it has got.
    this.list.push(planned);
    this.queued++;
    for (const index of planned.indexes) yield* this.tables.placeOf(index).acquire(this.owner, index, mode, 'wait');
  }

  /** Whether there is a lock on the index that is noted only. `place`: where the locks on it are. */
  notes(place: RelationLocks, index: number): boolean {
    if (this.tables.placeOf(index) !== place) return false;
    for (let i = this.queued; i < this.list.length; i++) if (this.list[i].indexes.includes(index)) return true;
    return false;
  }

  /** What is noted only, for pg_locks. */
  *noted(): Iterable<{ readonly tag: LockTag; readonly mode: PlannedIndexes['mode'] }> {
    const seen = new Set<string>();
    for (const { indexes, mode } of this.list.slice(this.queued)) {
      for (const index of indexes) {
        const place = this.tables.placeOf(index);
        const isQueued = (place.held(this.owner, index) & (1 << tableModeNumber(mode))) !== 0;
        const name = `${mode} ${index}`;
        if (isQueued || seen.has(name)) continue;
        seen.add(name);
        yield { tag: place.tagOf(index), mode };
      }
    }
  }

  /** Puts what is noted into the queues. Nobody is in the way: strong locks are taken after this only. */
  enqueue(): void {
    for (; this.queued < this.list.length; this.queued++) {
      const { indexes, mode } = this.list[this.queued];
      for (const index of indexes) this.tables.placeOf(index).hold(this.owner, index, tableModeNumber(mode));
    }
  }

  /** Lets go of what was locked after the position. */
  release(position: number): void {
    const { list } = this;
    if (this.queued <= position) {
      list.length = Math.min(list.length, position);
      return;
    }
    const gone = list.splice(position);
    const wasQueued = this.queued - position;
    this.queued = position;
    for (const { indexes, mode } of gone.slice(0, wasQueued)) {
      const isKept = (index: number): boolean =>
        list.some((other) => other.mode === mode && other.indexes.includes(index));
      for (const index of indexes)
        if (!isKept(index)) this.tables.placeOf(index).release(this.owner, index, 1 << tableModeNumber(mode));
    }
  }
}
