/**
 * Index entries that only older snapshots need: those of one leaf. What one commit has removed is a layer, two arrays for all of
 * them, as long as nobody changes anything there; otherwise they are found by row. An unloaded leaf may have very many.
 */
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

/** What one commit has removed: parallel arrays, in the order of the index. */
interface ZombieLayer {
  readonly lsn: Lsn;
  readonly keys: readonly string[];
  readonly rowIds: readonly RowId[];
}

export class Zombies {
  private rows: Map<RowId, Zombie> | null = null;

  /** `layer`: its arrays must not change any more. */
  constructor(private layer: ZombieLayer | null = null) {}

  get empty(): boolean {
    return this.layer === null && (this.rows === null || this.rows.size === 0);
  }

  /** Whether there is nothing but the layer with these keys. */
  isLayer(keys: readonly string[]): boolean {
    return this.layer !== null && this.layer.keys === keys;
  }

  add(key: string, rowId: RowId, lsn: Lsn): void {
    const rows = this.byRow();
    rows.set(rowId, new Zombie(key, rowId, lsn, rows.get(rowId) ?? null));
  }

  has(key: string, rowId: RowId): boolean {
    for (let zombie = this.byRow().get(rowId) ?? null; zombie !== null; zombie = zombie.next)
      if (zombie.key === key) return true;
    return false;
  }

  private byRow(): Map<RowId, Zombie> {
    const { layer } = this;
    this.rows ??= new Map();
    this.layer = null;
    if (layer !== null) for (let i = 0; i < layer.keys.length; i++) this.add(layer.keys[i], layer.rowIds[i], layer.lsn);
    return this.rows;
  }

  /** Returns the LSN of the oldest one after taking it out; 0 when there is none, or none as old as `upTo`. */
  take(key: string, rowId: RowId, upTo: Lsn): Lsn {
    const rows = this.byRow();
    let found: Zombie | null = null;
    let newer: Zombie | null = null;
    for (let zombie = rows.get(rowId) ?? null, last: Zombie | null = null; zombie !== null; zombie = zombie.next) {
      if (zombie.key === key && zombie.lsn <= upTo) {
        found = zombie;
        newer = last;
      }
      last = zombie;
    }
    if (found === null) return 0;
    if (newer !== null) newer.next = found.next;
    else if (found.next !== null) rows.set(rowId, found.next);
    else rows.delete(rowId);
    return found.lsn;
  }

  forEach(visit: (key: string, rowId: RowId) => void): void {
    const { layer, rows } = this;
    if (layer !== null) layer.keys.forEach((key, i) => visit(key, layer.rowIds[i]));
    for (const newest of rows?.values() ?? [])
      for (let zombie: Zombie | null = newest; zombie !== null; zombie = zombie.next) visit(zombie.key, zombie.rowId);
  }

  /** Moves those for which `stays` does not hold to a list of their own; null when there are none. */
  divide(stays: (entry: { readonly key: string; readonly rowId: RowId }) => boolean): Zombies | null {
    const moved = new Zombies();
    const rows = this.byRow();
    for (const [rowId, newest] of rows) {
      const all: Zombie[] = [];
      for (let zombie: Zombie | null = newest; zombie !== null; zombie = zombie.next) all.push(zombie);
      if (all.every(stays)) continue;
      rows.delete(rowId);
      for (const { key, lsn } of all.reverse()) (stays({ key, rowId }) ? this : moved).add(key, rowId, lsn);
    }
    return moved.empty ? null : moved;
  }
}
