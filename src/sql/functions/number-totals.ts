/**
 * States of sum, avg, variance and stddev over exact numbers. Sums are kept as a safe integer with an overflow into a
 * bigint, at one common scale, so that a row costs one addition.
 */
import { divisionScale, Numeric } from '../../types/numeric/numeric.js';
import { integerSqrtRounded } from '../../types/numeric/numeric-division.js';
import { powerOfTen, smallPowerOfTen } from '../../types/numeric/powers-of-ten.js';

const MAX_SAFE = Number.MAX_SAFE_INTEGER;
/** Squares of smaller integers are safe integers. */
const MAX_SAFE_ROOT = 94906265;
const MAX_QUICK_SHIFT = 15;

/** The exact sum of decimals; its scale is the largest of them. */
class DecimalSum {
  private small = 0;
  private big = 0n;
  scale = 0;

  add(coefficient: number | bigint, scale: number): void {
    if (scale === this.scale && typeof coefficient === 'number') this.addSmall(coefficient);
    else this.addScaled(coefficient, scale);
  }

  private addSmall(coefficient: number): void {
    const sum = this.small + coefficient;
    if (sum <= MAX_SAFE && sum >= -MAX_SAFE) {
      this.small = sum;
    } else {
      this.big += BigInt(this.small) + BigInt(coefficient);
      this.small = 0;
    }
  }

  private addScaled(coefficient: number | bigint, scale: number): void {
    const shift = this.scale - scale;
    if (shift < 0) {
      this.big = (this.big + BigInt(this.small)) * powerOfTen(-shift);
      this.small = 0;
      this.scale = scale;
    } else if (typeof coefficient === 'number' && shift <= MAX_QUICK_SHIFT) {
      const shifted = coefficient * smallPowerOfTen(shift);
      if (Number.isSafeInteger(shifted)) {
        this.addSmall(shifted);
        return;
      }
    }
    this.big += BigInt(coefficient) * (shift > 0 ? powerOfTen(shift) : 1n);
  }

  value(): Numeric {
    return this.big === 0n
      ? new Numeric(this.small + 0, this.scale)
      : Numeric.of(this.big + BigInt(this.small), this.scale);
  }
}

/** Count, sum and (for variances) sum of squares of numeric or integer values. */
export class NumberTotals {
  private count = 0;
  private nans = 0;
  private infinities = 0;
  private negativeInfinities = 0;
  private readonly sum = new DecimalSum();
  private readonly squares = new DecimalSum();

  constructor(private readonly withSquares: boolean) {}

  addInteger(value: number | bigint): void {
    this.count++;
    this.sum.add(value, 0);
    if (!this.withSquares) return;
    const quick = typeof value === 'number' && value <= MAX_SAFE_ROOT && value >= -MAX_SAFE_ROOT;
    this.squares.add(quick ? value * value : BigInt(value) * BigInt(value), 0);
  }

  addNumeric(value: Numeric): void {
    if (!value.isFinite) {
      if (value.isNaN) this.nans++;
      else if (value.sign > 0) this.infinities++;
      else this.negativeInfinities++;
      return;
    }
    this.count++;
    this.sum.add(value.coefficient, value.scale);
    if (!this.withSquares) return;
    const square = value.mul(value);
    this.squares.add(square.coefficient, square.scale);
  }

  private get inputs(): number {
    return this.count + this.nans + this.infinities + this.negativeInfinities;
  }

  /** NaN or an infinity where one decides the sum. */
  private special(): Numeric | null {
    if (this.nans > 0 || (this.infinities > 0 && this.negativeInfinities > 0)) return Numeric.NaN;
    if (this.infinities > 0) return Numeric.INFINITY;
    return this.negativeInfinities > 0 ? Numeric.NEGATIVE_INFINITY : null;
  }

  /** Null when nothing was added. */
  total(): Numeric | null {
    return this.inputs === 0 ? null : (this.special() ?? this.sum.value());
  }

  average(): Numeric | null {
    if (this.inputs === 0) return null;
    return this.special() ?? this.sum.value().div(Numeric.fromInt(this.count));
  }

  /** Of the sample (divided by n - 1) or of the population; null for too few values. */
  variance(sample: boolean): Numeric | null {
    return this.spread(sample, false);
  }

  deviation(sample: boolean): Numeric | null {
    return this.spread(sample, true);
  }

  private spread(sample: boolean, root: boolean): Numeric | null {
    if (this.inputs <= (sample ? 1 : 0)) return null;
    if (this.special() !== null) return Numeric.NaN;
    const count = Numeric.fromInt(this.count);
    const sum = this.sum.value();
    const numerator = count.mul(this.squares.value()).sub(sum.mul(sum));
    if (numerator.sign <= 0) return Numeric.ZERO;
    const divisor = count.mul(sample ? Numeric.fromInt(this.count - 1) : count);
    const scale = divisionScale(numerator, divisor);
    const variance = numerator.divideToScale(divisor, scale);
    return root ? Numeric.of(integerSqrtRounded(variance.big, scale, scale), scale) : variance;
  }
}
