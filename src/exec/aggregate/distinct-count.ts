/** count(DISTINCT x): a set of keys per group, nothing to sort. */
import type { Datum, Row } from '../../types/datum.js';
import type { GroupKey } from '../../types/type-codec.js';
import type { Predicate } from '../expression/evaluator.js';
import type { KeyPart } from '../key-table.js';
import { KEY_BYTES } from '../value-size.js';
import { Accumulator } from './accumulator.js';

export class DistinctCount extends Accumulator {
  private sets: Set<GroupKey>[] = [];

  constructor(
    private readonly key: KeyPart,
    private readonly filter: Predicate | null,
  ) {
    super();
  }
  addGroup(): void {
    this.sets.push(new Set());
  }
  accumulate(rows: readonly Row[], groups: Int32Array, from: number, to: number): void {
    const { key, filter, sets } = this;
    for (let i = from; i < to; i++) {
      if (filter !== null && !filter(rows[i])) continue;
      const value = key(rows[i]);
      if (value === null) continue;
      const set = sets[groups[i]];
      const known = set.size;
      set.add(value);
      if (set.size > known) this.held += KEY_BYTES + (typeof value === 'string' ? value.length : 0);
    }
  }
  result(group: number): Datum {
    return this.sets[group].size;
  }
  clear(): void {
    this.sets = [];
  }
}
