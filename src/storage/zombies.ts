/** Index entries that only older snapshots need: those of one leaf, by row. An unloaded leaf may have very many. */
import type { Lsn, RowId } from './api.js';

class Zombie {
  /** An earlier one of the same row. */
  constructor(
    readonly key: string,
    readonly rowId: RowId,
    readonly lsn: Lsn,
    public next: Zombie | null,
  ) {}
}

export class Zombies {
  private readonly byRow = new Map<RowId, Zombie>();

  get empty(): boolean {
    return this.byRow.size === 0;
  }

  add(key: string, rowId: RowId, lsn: Lsn): void {
    this.byRow.set(rowId, new Zombie(key, rowId, lsn, this.byRow.get(rowId) ?? null));
  }

  has(key: string, rowId: RowId): boolean {
    for (let zombie = this.byRow.get(rowId) ?? null; zombie !== null; zombie = zombie.next)
      if (zombie.key === key) return true;
    return false;
  }

  /** Returns the LSN of the oldest one after taking it out; 0 when there is none, or none as old as `upTo`. */
  take(key: string, rowId: RowId, upTo: Lsn): Lsn {
    let found: Zombie | null = null;
    let newer: Zombie | null = null;
    for (
      let zombie = this.byRow.get(rowId) ?? null, last: Zombie | null = null;
      zombie !== null;
      zombie = zombie.next
    ) {
      if (zombie.key === key && zombie.lsn <= upTo) {
        found = zombie;
        newer = last;
      }
      last = zombie;
    }
    if (found === null) return 0;
    if (newer !== null) newer.next = found.next;
    else if (found.next !== null) this.byRow.set(rowId, found.next);
    else this.byRow.delete(rowId);
    return found.lsn;
  }

  forEach(visit: (key: string, rowId: RowId) => void): void {
    for (const newest of this.byRow.values())
      for (let zombie: Zombie | null = newest; zombie !== null; zombie = zombie.next) visit(zombie.key, zombie.rowId);
  }

  /** Moves those for which `stays` does not hold to a list of their own; null when there are none. */
  divide(stays: (entry: { readonly key: string; readonly rowId: RowId }) => boolean): Zombies | null {
    const moved = new Zombies();
    for (const [rowId, newest] of this.byRow) {
      let kept: Zombie[] = [];
      for (let zombie: Zombie | null = newest; zombie !== null; zombie = zombie.next) kept.push(zombie);
      if (kept.every(stays)) continue;
      this.byRow.delete(rowId);
      kept = kept.reverse();
      for (const { key, lsn } of kept) (stays({ key, rowId }) ? this : moved).add(key, rowId, lsn);
    }
    return moved.empty ? null : moved;
  }
}
