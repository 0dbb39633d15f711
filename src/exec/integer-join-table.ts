/**
 * The build side of a hash join on one int4 or int2: as `JoinTable`, but no keys are kept, for different integers of 32
 * bits have different hashes.
 */
import type { Row } from '../types/datum.js';
import type { GroupKey } from '../types/type-codec.js';
import { FREE, HashSlots, type Segment } from './hash-slots.js';
import { NONE, RowChains, type RowTable } from './join-table.js';
import { hashInteger } from './key-hash.js';

export class IntegerJoinTable implements RowTable {
  readonly rows: Row[] = [];
  hasNullKey = false;
  private readonly slots = new HashSlots();
  private readonly chains = new RowChains();
  private distinct = 0;

  add(key: GroupKey | null, row: Row): void {
    this.rows.push(row);
    if (typeof key === 'number') {
      this.chains.add(this.number(key));
      return;
    }
    this.hasNullKey = true;
    this.chains.add(NONE);
  }

  first(key: GroupKey): number {
    if (typeof key !== 'number') return NONE;
    const hash = hashInteger(key);
    const segment = this.slots.segment(hash);
    return this.chains.first(segment.entry(place(segment, hash)));
  }

  after(position: number): number {
    return this.chains.after(position);
  }

  private number(key: number): number {
    const hash = hashInteger(key);
    const segment = this.slots.segment(hash);
    const at = place(segment, hash);
    const known = segment.entry(at);
    if (known !== FREE) return known;
    this.slots.fill(segment, at, hash, this.distinct);
    return this.distinct++;
  }
}

/** The slot of the key with the hash, or the free one in which it belongs. */
function place(segment: Segment, hash: number): number {
  let at = segment.first(hash);
  while (segment.entry(at) !== FREE && segment.hash(at) !== hash) at = segment.following(at);
  return at;
}
