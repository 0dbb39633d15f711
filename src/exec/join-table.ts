/**
 * The build side of a hash join: rows in an array, the rows of one key chained through positions. Keys are numbered, and
 * for each number the first and the last row's position are kept.
 */
import type { Row } from '../types/datum.js';
import type { GroupKey } from '../types/type-codec.js';
import type { Task } from '../util/task.js';
import { ChunkedIntegers, type Pace } from './chunked-list.js';
import { KeyNumbers } from './key-numbers.js';

/** End of a chain. */
export const NONE = -1;

/** What a hash join asks of its build side. */
export interface RowTable {
  readonly rows: readonly Row[];
  /** A row with a NULL among its keys was added, or left out. */
  hasNullKey: boolean;
  /** `key` null: a NULL among the keys; the row is kept (for outer joins) but never found. */
  add(key: GroupKey | null, row: Row): void;
  /** To be done when all rows have been added, before the first look-up. */
  finish(cx: Pace): Task<void>;
  /** Position of the first row with the key, or NONE. */
  first(key: GroupKey): number;
  /** The next position with the same key, or NONE. */
  after(position: number): number;
}

/** Positions of rows by the number of their key, chained in the order in which they came. */
export class RowChains {
  private readonly following = new ChunkedIntegers();
  private readonly heads = new ChunkedIntegers();
  private readonly tails = new ChunkedIntegers();

  /** Adds the next position; NONE for the number: to no chain. A new number is one more than the last. */
  add(number: number): void {
    const position = this.following.length;
    this.following.push(NONE);
    if (number === NONE) return;
    if (number === this.heads.length) {
      this.heads.push(position);
      this.tails.push(position);
      return;
    }
    this.following.set(this.tails.at(number), position);
    this.tails.set(number, position);
  }

  first(number: number): number {
    return number === NONE ? NONE : this.heads.at(number);
  }

  after(position: number): number {
    return this.following.at(position);
  }
}

export class JoinTable implements RowTable {
  readonly rows: Row[] = [];
  hasNullKey = false;
  private readonly keys = new KeyNumbers();
  private readonly chains = new RowChains();

  add(key: GroupKey | null, row: Row): void {
    this.rows.push(row);
    if (key === null) this.hasNullKey = true;
    this.chains.add(key === null ? NONE : this.keys.number(key));
  }

  *finish(): Task<void> {}

  first(key: GroupKey): number {
    return this.chains.first(this.keys.find(key));
  }

  after(position: number): number {
    return this.chains.after(position);
  }
}
