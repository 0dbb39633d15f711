/**
 * The build side of a hash join: rows in an array, the rows of one key chained through positions. A map entry holds
 * the first row's position, so unique keys cost one number each.
 */
import type { Row } from '../types/datum.js';
import type { GroupKey } from '../types/type-codec.js';

/** End of a chain. */
export const NONE = -1;

/** What a hash join asks of its build side. */
export interface RowTable {
  readonly rows: readonly Row[];
  /** A row with a NULL among its keys was added, or left out. */
  hasNullKey: boolean;
  /** `key` null: a NULL among the keys; the row is kept (for outer joins) but never found. */
  add(key: GroupKey | null, row: Row): void;
  /** Position of the first row with the key, or NONE. */
  first(key: GroupKey): number;
  /** The next position with the same key, or NONE. */
  after(position: number): number;
}

export class JoinTable implements RowTable {
  readonly rows: Row[] = [];
  private readonly following: number[] = [];
  private readonly heads = new Map<GroupKey, number>();
  private readonly tails = new Map<GroupKey, number>();
  hasNullKey = false;

  add(key: GroupKey | null, row: Row): void {
    const position = this.rows.length;
    this.rows.push(row);
    this.following.push(NONE);
    if (key === null) {
      this.hasNullKey = true;
      return;
    }
    const head = this.heads.get(key);
    if (head === undefined) {
      this.heads.set(key, position);
      return;
    }
    // Chains keep the order of the input; only keys with several rows have a tail entry.
    const tail = this.tails.get(key) ?? head;
    this.following[tail] = position;
    this.tails.set(key, position);
  }

  first(key: GroupKey): number {
    return this.heads.get(key) ?? NONE;
  }

  after(position: number): number {
    return this.following[position];
  }
}
