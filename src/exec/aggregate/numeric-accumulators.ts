/**
 * sum and avg whose results are numeric: of int8 (and avg of the smaller integers), and of numeric itself. Sums stay
 * plain numbers while they are safe integers, which is exact, and go on as bigint or Numeric beyond.
 */
import { type Datum, normalizeInt8, type Row } from '../../types/datum.js';
import { Numeric } from '../../types/numeric/numeric.js';
import type { Evaluator, Predicate } from '../expression/evaluator.js';
import type { ScaledNumeric } from '../expression/scaled-numeric.js';
import { Accumulator } from './accumulator.js';

export class IntegerTotals extends Accumulator {
  private counts: number[] = [];
  private sums: (number | bigint)[] = [];

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
      const value = arg(row) as number | bigint | null;
      if (value === null) continue;
      const group = groups[i];
      counts[group]++;
      sums[group] = add(sums[group], value);
    }
  }

  override accumulateColumn(values: Float64Array, _scale: number | null, groups: Int32Array, length: number): void {
    const { counts, sums } = this;
    for (let i = 0; i < length; i++) {
      const value = values[i];
      if (Number.isNaN(value)) continue;
      const group = groups[i];
      counts[group]++;
      sums[group] = add(sums[group], value);
    }
  }

  result(group: number): Datum {
    const count = this.counts[group];
    if (count === 0) return null;
    const sum = Numeric.fromInt(this.sums[group]);
    return this.average ? sum.div(Numeric.fromInt(count)) : sum;
  }

  clear(): void {
    this.counts = [];
    this.sums = [];
  }
}

function add(sum: number | bigint, value: number | bigint): number | bigint {
  if (typeof sum === 'number' && typeof value === 'number') {
    const next = sum + value;
    if (Number.isSafeInteger(next)) return next;
  }
  return normalizeInt8(BigInt(sum) + BigInt(value));
}

const MAX_SAFE = Number.MAX_SAFE_INTEGER;
/** The scale of a group that has no finite value yet. */
const EMPTY = -1;

/**
 * A finite sum is (carry + coefficient) / 10^scale: the coefficient is emptied into the carry before it leaves the safe
 * integers, so a long sum does bigint arithmetic only now and then.
 */
export class NumericTotals extends Accumulator {
  private counts: number[] = [];
  private coefficients: number[] = [];
  private carries: bigint[] = [];
  private scales: number[] = [];
  /** NaN or an infinity, once the sum has become one. */
  private special: (Numeric | null)[] = [];

  constructor(
    private readonly arg: Evaluator,
    private readonly filter: Predicate | null,
    private readonly average: boolean,
    private readonly scaled: ScaledNumeric | null = null,
  ) {
    super();
  }

  addGroup(): void {
    this.counts.push(0);
    this.coefficients.push(0);
    this.carries.push(0n);
    this.scales.push(EMPTY);
    this.special.push(null);
  }

  accumulate(rows: readonly Row[], groups: Int32Array, from: number, to: number): void {
    const { counts, coefficients, scales, arg, filter } = this;
    for (let i = this.accumulateReady(rows, groups, from, to); i < to; i++) {
      const row = rows[i];
      if (filter !== null && !filter(row)) continue;
      const value = arg(row) as Numeric | null;
      if (value === null) continue;
      const group = groups[i];
      counts[group]++;
      const { coefficient } = value;
      if (typeof coefficient === 'number' && value.scale === scales[group]) {
        const next = coefficients[group] + coefficient;
        if (Number.isSafeInteger(next)) {
          coefficients[group] = next;
          continue;
        }
      }
      this.addSlowly(group, value);
    }
  }

  override accumulateReady(rows: readonly Row[], groups: Int32Array, from: number, to: number): number {
    const { counts, coefficients, scales, filter, scaled } = this;
    if (scaled === null || filter !== null) return from;
    const { scale, coefficient } = scaled;
    for (let i = from; i < to; i++) {
      const value = coefficient(rows[i]);
      const group = groups[i];
      const next = coefficients[group] + value;
      if (scales[group] === scale && next <= MAX_SAFE && next >= -MAX_SAFE) {
        counts[group]++;
        coefficients[group] = next;
      } else if (Number.isNaN(value)) return i;
      else {
        counts[group]++;
        this.addSlowly(group, new Numeric(value, scale));
      }
    }
    return to;
  }

  override accumulateColumn(values: Float64Array, scale: number | null, groups: Int32Array, length: number): void {
    const { counts, coefficients, scales } = this;
    for (let i = 0; i < length; i++) {
      const value = values[i];
      if (Number.isNaN(value)) continue;
      const group = groups[i];
      counts[group]++;
      const next = coefficients[group] + value;
      if (scales[group] === scale && next <= MAX_SAFE && next >= -MAX_SAFE) coefficients[group] = next;
      else this.addSlowly(group, new Numeric(value, scale ?? 0));
    }
  }

  /** First values, other scales, large sums, NaN and infinities. */
  private addSlowly(group: number, value: Numeric): void {
    if (value.isFinite && value.scale === this.scales[group]) {
      this.carries[group] += BigInt(this.coefficients[group]) + value.big;
      this.coefficients[group] = 0;
      return;
    }
    const first = this.scales[group] === EMPTY && this.special[group] === null;
    const sum = first ? value : this.sum(group).add(value);
    this.special[group] = sum.isFinite ? null : sum;
    this.scales[group] = sum.isFinite ? sum.scale : EMPTY;
    const small = typeof sum.coefficient === 'number' && sum.isFinite;
    this.coefficients[group] = small ? Number(sum.coefficient) : 0;
    this.carries[group] = small || !sum.isFinite ? 0n : sum.big;
  }

  private sum(group: number): Numeric {
    const special = this.special[group];
    if (special !== null) return special;
    const carry = this.carries[group];
    const coefficient = this.coefficients[group];
    const scale = this.scales[group];
    return carry === 0n ? new Numeric(coefficient, scale) : Numeric.of(carry + BigInt(coefficient), scale);
  }

  result(group: number): Datum {
    const count = this.counts[group];
    if (count === 0) return null;
    const sum = this.sum(group);
    return this.average ? sum.div(Numeric.fromInt(count)) : sum;
  }

  clear(): void {
    this.counts = [];
    this.coefficients = [];
    this.carries = [];
    this.scales = [];
    this.special = [];
  }
}
