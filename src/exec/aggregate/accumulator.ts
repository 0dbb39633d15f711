/**
 * One aggregate call over many groups. States are kept column by column under the group's number, and rows come in
 * batches with the number of each row's group, so that the loop over rows is inside the accumulator.
 */
import type { Datum, Row } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import type { Pace } from '../chunked-list.js';
import type { Evaluator, Predicate } from '../expression/evaluator.js';
import type { ScaledNumeric } from '../expression/scaled-numeric.js';

export interface AccumulatorInput {
  readonly args: readonly Evaluator[];
  readonly filter: Predicate | null;
  /** The only argument, where its coefficients can be had without objects. */
  readonly scaled?: ScaledNumeric | null;
}

export abstract class Accumulator {
  /** Bytes that states have grown by since the owner has last set this to 0, roughly, beyond a fixed size a group. */
  held = 0;

  /** Prepares the next group's state; groups are numbered from 0. */
  abstract addGroup(): void;
  /** Takes rows `from` to `to` - 1; row i belongs to group `groups[i]`. */
  abstract accumulate(rows: readonly Row[], groups: Int32Array, from: number, to: number): void;
  /**
   * Takes rows from `from` on as long as that needs no waiting whatever they hold, and returns the first row that is left
   * (at most `to`).
   */
  accumulateReady(_rows: readonly Row[], _groups: Int32Array, from: number, _to: number): number {
    return from;
  }
  /**
   * Takes the first `length` values, NaN being NULL; value i belongs to group `groups[i]`. `scale` is that of numeric values,
   * which are given as coefficients; null for integers and dates. Not there where only rows do.
   */
  accumulateColumn?(values: Float64Array, scale: number | null, groups: Int32Array, length: number): void;
  /** Whether the result of a group takes long, so that `prepare` is to be run first. */
  isLong(_group: number): boolean {
    return false;
  }
  /** Makes the result of a group in slices; the next `result` of that group gives it. Evaluates nothing that may wait. */
  *prepare(_group: number, _keys: Row, _cx: Pace): Task<void> {}
  /** The result of a group, whose group columns have the values `keys`. May be asked again. */
  abstract result(group: number, keys: Row): Datum;
  /** Forgets all groups. */
  abstract clear(): void;
}
