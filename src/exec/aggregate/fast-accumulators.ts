/** Counts, sums, averages and extremes of plain numbers and ordered values: the same results as the transition functions give. */
import { sqlError } from '../../errors/sql-error.js';
import { type Datum, normalizeInt8, type Row } from '../../types/datum.js';
import { Numeric } from '../../types/numeric/numeric.js';
import type { Evaluator, Predicate } from '../expression/evaluator.js';
import { Accumulator } from './accumulator.js';

export class CountRows extends Accumulator {
  private counts: number[] = [];

  constructor(private readonly filter: Predicate | null) {
    super();
  }
  addGroup(): void {
    this.counts.push(0);
  }
  accumulate(_rows: readonly Row[], groups: Int32Array, from: number, to: number): void {
    const { counts, filter } = this;
    if (filter === null) for (let i = from; i < to; i++) counts[groups[i]]++;
    else for (let i = from; i < to; i++) if (filter(_rows[i])) counts[groups[i]]++;
  }
  result(group: number): Datum {
    return this.counts[group];
  }
  clear(): void {
    this.counts = [];
  }
}

export class CountValues extends Accumulator {
  private counts: number[] = [];

  constructor(
    private readonly arg: Evaluator,
    private readonly filter: Predicate | null,
  ) {
    super();
  }
  addGroup(): void {
    this.counts.push(0);
  }
  accumulate(rows: readonly Row[], groups: Int32Array, from: number, to: number): void {
    const { counts, arg, filter } = this;
    for (let i = from; i < to; i++) {
      if (filter !== null && !filter(rows[i])) continue;
      if (arg(rows[i]) !== null) counts[groups[i]]++;
    }
  }
  override accumulateColumn(values: Float64Array, _scale: number | null, groups: Int32Array, length: number): void {
    const { counts } = this;
    for (let i = 0; i < length; i++) if (!Number.isNaN(values[i])) counts[groups[i]]++;
  }
  result(group: number): Datum {
    return this.counts[group];
  }
  clear(): void {
    this.counts = [];
  }
}

/** sum(int2), sum(int4): an int8, exact beyond 2^53 too. */
export class SumIntegers extends Accumulator {
  private sums: (number | bigint | null)[] = [];

  constructor(
    private readonly arg: Evaluator,
    private readonly filter: Predicate | null,
  ) {
    super();
  }
  addGroup(): void {
    this.sums.push(null);
  }
  accumulate(rows: readonly Row[], groups: Int32Array, from: number, to: number): void {
    const { sums, arg, filter } = this;
    for (let i = from; i < to; i++) {
      const row = rows[i];
      if (filter !== null && !filter(row)) continue;
      const value = arg(row) as number | null;
      if (value === null) continue;
      const group = groups[i];
      sums[group] = addInteger(sums[group], value);
    }
  }
  override accumulateColumn(values: Float64Array, _scale: number | null, groups: Int32Array, length: number): void {
    const { sums } = this;
    for (let i = 0; i < length; i++) {
      const value = values[i];
      if (!Number.isNaN(value)) sums[groups[i]] = addInteger(sums[groups[i]], value);
    }
  }
  result(group: number): Datum {
    return this.sums[group];
  }
  clear(): void {
    this.sums = [];
  }
}

function addInteger(sum: number | bigint | null, value: number): number | bigint {
  if (sum === null) return value;
  if (typeof sum === 'number') {
    const next = sum + value;
    if (Number.isSafeInteger(next)) return next;
  }
  return normalizeInt8(BigInt(sum) + BigInt(value));
}

/** sum and avg of float8; avg of float4 too (its state is float8). */
export class FloatTotals extends Accumulator {
  private counts: number[] = [];
  private sums: number[] = [];

  constructor(
    private readonly arg: Evaluator,
    private readonly filter: Predicate | null,
    private readonly average: boolean,
  ) {
    super();
  }
  addGroup(): void {
    this.counts.push(0);
    this.sums.push(0);
  }
  accumulate(rows: readonly Row[], groups: Int32Array, from: number, to: number): void {
    const { counts, sums, arg, filter } = this;
    for (let i = from; i < to; i++) {
      const row = rows[i];
      if (filter !== null && !filter(row)) continue;
      const value = arg(row) as number | null;
      if (value === null) continue;
      const group = groups[i];
      const before = sums[group];
      // The first value itself, so that a sum of -0 stays -0.
      const sum = counts[group]++ === 0 ? value : before + value;
      if (!Number.isFinite(sum)) checkOverflow(sum, before, value);
      sums[group] = sum;
    }
  }
  result(group: number): Datum {
    const count = this.counts[group];
    if (count === 0) return null;
    return this.average ? this.sums[group] / count : this.sums[group];
  }
  clear(): void {
    this.counts = [];
    this.sums = [];
  }
}

function checkOverflow(sum: number, a: number, b: number): void {
  if (Math.abs(sum) === Number.POSITIVE_INFINITY && Number.isFinite(a) && Number.isFinite(b)) {
    throw sqlError('numeric_value_out_of_range', 'value out of range: overflow');
  }
}

/** The value as a number, or as a coefficient of the scale; null for NULL, NaN for what is neither. */
function numberOf(value: Datum, scale: number | null): number | null {
  if (value === null) return null;
  if (scale === null) return typeof value === 'number' ? value : Number.NaN;
  return value instanceof Numeric && value.scale === scale && typeof value.coefficient === 'number'
    ? value.coefficient
    : Number.NaN;
}

/** min and max. Of equal values the later one stays, as with the larger/smaller functions. */
export class Extreme extends Accumulator {
  private best: Datum[] = [];

  /** `keeps`: whether the value so far stays against a new one. */
  constructor(
    private readonly arg: Evaluator,
    private readonly filter: Predicate | null,
    private readonly keeps: (best: Datum, value: Datum) => boolean,
    private readonly wantsLess: boolean,
  ) {
    super();
  }
  addGroup(): void {
    this.best.push(null);
  }
  accumulate(rows: readonly Row[], groups: Int32Array, from: number, to: number): void {
    const { best, arg, filter, keeps } = this;
    for (let i = from; i < to; i++) {
      const row = rows[i];
      if (filter !== null && !filter(row)) continue;
      const value = arg(row);
      if (value === null) continue;
      const group = groups[i];
      const current = best[group];
      if (current === null || !keeps(current, value)) best[group] = value;
    }
  }
  /** Equal numbers are the same, so it makes no difference which of them stays. */
  override accumulateColumn(values: Float64Array, scale: number | null, groups: Int32Array, length: number): void {
    const { best, wantsLess } = this;
    for (let i = 0; i < length; i++) {
      const value = values[i];
      if (Number.isNaN(value)) continue;
      const group = groups[i];
      const known = numberOf(best[group], scale);
      if (known === null || Number.isNaN(known)) this.offer(group, scale === null ? value : new Numeric(value, scale));
      else if (wantsLess ? value < known : value > known)
        best[group] = scale === null ? value : new Numeric(value, scale);
    }
  }
  private offer(group: number, value: Datum): void {
    const current = this.best[group];
    if (current === null || !this.keeps(current, value)) this.best[group] = value;
  }
  result(group: number): Datum {
    return this.best[group];
  }
  clear(): void {
    this.best = [];
  }
}
