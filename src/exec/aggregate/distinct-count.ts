/**
 * count(DISTINCT x): nothing to sort. One table holds the keys of the first group, which is often the only one, another
 * those of all others, each with the number of its group.
 */
import type { Datum, Row } from '../../types/datum.js';
import type { GroupKey } from '../../types/type-codec.js';
import { ChunkedIntegers } from '../chunked-list.js';
import type { Predicate } from '../expression/evaluator.js';
import { KeyNumbers, TupleNumbers } from '../key-numbers.js';
import type { KeyPart } from '../key-table.js';
import { KEY_BYTES } from '../value-size.js';
import { Accumulator } from './accumulator.js';

export class DistinctCount extends Accumulator {
  private readonly ofFirst = new KeyNumbers();
  private readonly ofOthers = new TupleNumbers(2);
  private readonly counts = new ChunkedIntegers();
  private readonly pair: [GroupKey, GroupKey] = [0, 0];

  constructor(
    private readonly key: KeyPart,
    private readonly filter: Predicate | null,
  ) {
    super();
  }
  addGroup(): void {
    this.counts.push(0);
  }
  accumulate(rows: readonly Row[], groups: Int32Array, from: number, to: number): void {
    const { key, filter, counts } = this;
    for (let i = from; i < to; i++) {
      if (filter !== null && !filter(rows[i])) continue;
      const value = key(rows[i]);
      if (value === null) continue;
      const group = groups[i];
      if (!this.isNew(group, value)) continue;
      counts.set(group, counts.at(group) + 1);
      this.held += KEY_BYTES + (typeof value === 'string' ? value.length : 0);
    }
  }
  private isNew(group: number, key: GroupKey): boolean {
    const { ofFirst, ofOthers, pair } = this;
    if (group === 0) {
      const known = ofFirst.count;
      return ofFirst.number(key) === known;
    }
    pair[0] = key;
    pair[1] = group;
    const known = ofOthers.count;
    return ofOthers.number(pair) === known;
  }
  result(group: number): Datum {
    return this.counts.at(group);
  }
  clear(): void {
    this.ofFirst.clear();
    this.ofOthers.clear();
    this.counts.clear();
  }
}
