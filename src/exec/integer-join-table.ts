/**
 * The build side of a hash join on one int4 or int2: as `JoinTable`, with the keys in typed arrays and an open-addressing
 * table of positions, which takes a fraction of the time and memory of a Map.
 */
import type { Row } from '../types/datum.js';
import type { GroupKey } from '../types/type-codec.js';
import { NONE, type RowTable } from './join-table.js';

const MIN_SLOTS = 64;
const MIN_ROWS = 32;
/** 2^32 divided by the golden ratio: spreads keys that follow each other. */
const SPREAD = 0x9e3779b1;

export class IntegerJoinTable implements RowTable {
  readonly rows: Row[] = [];
  hasNullKey = false;
  private keys = new Int32Array(MIN_ROWS);
  private following = new Int32Array(MIN_ROWS);
  /** For the first row of a key: the last one. */
  private tails = new Int32Array(MIN_ROWS);
  /** Position + 1 of the first row of a key; 0 where free. */
  private slots = new Int32Array(MIN_SLOTS);
  private shift = 32 - Math.log2(MIN_SLOTS);
  private distinct = 0;

  add(key: GroupKey | null, row: Row): void {
    const position = this.rows.length;
    this.rows.push(row);
    if (position >= this.keys.length) this.growRows();
    this.following[position] = NONE;
    if (typeof key !== 'number') {
      this.hasNullKey = true;
      return;
    }
    this.keys[position] = key;
    this.tails[position] = position;
    const slot = this.slotOf(key);
    const head = this.slots[slot] - 1;
    if (head >= 0) {
      // Chains keep the order of the input.
      this.following[this.tails[head]] = position;
      this.tails[head] = position;
      return;
    }
    this.slots[slot] = position + 1;
    if (++this.distinct * 2 > this.slots.length) this.growSlots();
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
    let slot = Math.imul(key, SPREAD) >>> this.shift;
    for (let entry = slots[slot]; entry !== 0 && keys[entry - 1] !== key; entry = slots[slot]) slot = (slot + 1) & mask;
    return slot;
  }

  private growRows(): void {
    this.keys = grown(this.keys);
    this.following = grown(this.following);
    this.tails = grown(this.tails);
  }

  private growSlots(): void {
    const old = this.slots;
    this.slots = new Int32Array(old.length * 2);
    this.shift--;
    for (let i = 0; i < old.length; i++) {
      const entry = old[i];
      if (entry !== 0) this.slots[this.slotOf(this.keys[entry - 1])] = entry;
    }
  }
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
