/** Adds up the parts of an interval as input finds them, fractions passed on to smaller units as PostgreSQL does. */
import type { SqlError } from '../../errors/sql-error.js';
import { sqlError } from '../../errors/sql-error.js';
import { DAYS_PER_MONTH, MONTHS_PER_YEAR, USECS_PER_DAY } from './civil-calendar.js';
import { addInt64, Interval, intervalOutOfRange, isInt32, negateInt64 } from './interval.js';
import type { Timestamp } from './timestamp-value.js';

const INT64_MAX = 9223372036854775807n;
const INT64_MIN = -9223372036854775808n;

/** Rounds to the nearest integer, halves to even. */
export function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

export class IntervalFields {
  years = 0;
  months = 0;
  days = 0;
  microseconds: Timestamp = 0;

  constructor(private readonly text: string) {}

  overflow(): SqlError {
    return sqlError('interval_field_overflow', `interval field value out of range: "${this.text}"`);
  }

  addMicroseconds(value: Timestamp, fraction: number, unit: number): void {
    const small = typeof value === 'number' ? value * unit : Number.NaN;
    this.addWhole(Number.isSafeInteger(small) ? small : BigInt(value) * BigInt(unit));
    this.addFraction(fraction, unit);
  }

  /** A fraction of `unit` microseconds. */
  addFraction(fraction: number, unit: number): void {
    if (fraction === 0) return;
    const scaled = fraction * unit;
    let whole = Math.trunc(scaled);
    const rest = scaled - whole;
    if (rest > 0.5) whole++;
    else if (rest < -0.5) whole--;
    this.addWhole(whole);
  }

  addDays(value: Timestamp, unit: number): void {
    this.days = this.sum(this.days, Number(this.int32(value)) * unit);
  }

  /** A fraction of `unit` days. */
  addDayFraction(fraction: number, unit: number): void {
    if (fraction === 0) return;
    const scaled = fraction * unit;
    const whole = Math.trunc(scaled);
    this.days = this.sum(this.days, whole);
    this.addFraction(scaled - whole, USECS_PER_DAY);
  }

  addMonths(value: Timestamp): void {
    this.months = this.sum(this.months, this.int32(value));
  }

  addYears(value: Timestamp, unit: number): void {
    this.years = this.sum(this.years, this.int32(this.int32(value) * unit));
  }

  /** A fraction of `unit` years, to whole months. */
  addYearFraction(fraction: number, unit: number): void {
    this.months = this.sum(this.months, roundHalfEven(fraction * unit * MONTHS_PER_YEAR));
  }

  negate(): void {
    this.years = this.int32(0 - this.years);
    this.months = this.int32(0 - this.months);
    this.days = this.int32(0 - this.days);
    const time = this.microseconds;
    this.microseconds = 0;
    this.addWhole(negateInt64(time));
  }

  toInterval(): Interval {
    const months = this.years * MONTHS_PER_YEAR + this.months;
    if (!isInt32(months)) throw intervalOutOfRange();
    return new Interval(months, this.days, this.microseconds);
  }

  private addWhole(value: Timestamp): void {
    const sum = addInt64(this.microseconds, value);
    if (typeof sum === 'bigint') {
      if (sum > INT64_MAX || sum < INT64_MIN) throw this.overflow();
      const small = Number(sum);
      this.microseconds = Number.isSafeInteger(small) ? small : sum;
    } else {
      this.microseconds = sum + 0;
    }
  }

  private int32(value: Timestamp): number {
    const number = Number(value);
    if (!isInt32(number)) throw this.overflow();
    return number;
  }

  private sum(a: number, b: number): number {
    return this.int32(a + b) + 0;
  }
}

/** Days in a week and in a month, for units of days. */
export const DAYS_PER_WEEK = 7;
export { DAYS_PER_MONTH };
