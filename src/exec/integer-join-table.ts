/**
 * The build side of a hash join on one int4 or int2: as `JoinTable`, with typed arrays and an open-addressing table of
 * positions that is made when all rows are there. So it never grows, and it is filled in slices.
 */
import type { Row } from '../types/datum.js';
import type { GroupKey } from '../types/type-codec.js';
import type { Task } from '../util/task.js';
import { ChunkedIntegers, type Pace } from './chunked-list.js';
import { NONE, type RowTable } from './join-table.js';
import { hashInteger } from './key-hash.js';

const MIN_SLOTS = 64;
/** Rows that are put into the table between two looks at the clock. */
const ROWS_PER_CLOCK_READ = 4096;

export class IntegerJoinTable implements RowTable {
  readonly rows: Row[] = [];
  hasNullKey = false;
  private readonly added = new ChunkedIntegers();
  /** Positions of rows without a key. */
  private readonly keyless = new ChunkedIntegers();
  private keys = new Int32Array(0);
  private following = new Int32Array(0);
  /** Position + 1 of the first row of a key; 0 where free. */
  private slots = new Int32Array(MIN_SLOTS);

  add(key: GroupKey | null, row: Row): void {
    if (typeof key !== 'number') {
      this.hasNullKey = true;
      this.keyless.push(this.rows.length);
    }
    this.added.push(typeof key === 'number' ? key : 0);
    this.rows.push(row);
  }

  *finish(cx: Pace): Task<void> {
    const { added, keyless } = this;
    const count = added.length;
    this.keys = new Int32Array(count);
    this.following = new Int32Array(count);
    this.slots = new Int32Array(Math.max(MIN_SLOTS, 2 ** Math.ceil(Math.log2(count * 2))));
    let skipped = keyless.length - 1;
    // From the last row to the first: each goes to the front of its chain, and chains keep the order of the input.
    for (let position = count - 1; position >= 0; position--) {
      if (position % ROWS_PER_CLOCK_READ === 0 && cx.overdue()) yield cx.giveWay();
      if (skipped >= 0 && keyless.at(skipped) === position) {
        this.following[position] = NONE;
        skipped--;
      } else this.put(position, added.at(position));
    }
    added.clear();
    keyless.clear();
  }

  private put(position: number, key: number): void {
    const slot = this.slotOf(key);
    this.keys[position] = key;
    this.following[position] = this.slots[slot] - 1;
    this.slots[slot] = position + 1;
  }

  first(key: GroupKey): number {
    if (typeof key !== 'number') return NONE;
    return this.slots[this.slotOf(key)] - 1;
  }

  after(position: number): number {
    return this.following[position];
  }

  /** The slot of the key, or the free one in which it belongs. */
  private slotOf(key: number): number {
    const { slots, keys } = this;
    const mask = slots.length - 1;
    let slot = hashInteger(key) & mask;
    for (let entry = slots[slot]; entry !== 0 && keys[entry - 1] !== key; entry = slots[slot]) slot = (slot + 1) & mask;
    return slot;
  }
}
