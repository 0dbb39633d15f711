/** Reads intervals in every form that PostgreSQL accepts: from the right, so that a unit is known before its number. */
import type { IntervalStyle } from '../type-context.js';
import { USECS_PER_DAY, USECS_PER_HOUR, USECS_PER_MINUTE, USECS_PER_SEC } from './civil-calendar.js';
import { badFormat } from './datetime-errors.js';
import { cutFields, type Field } from './datetime-fields.js';
import { type Interval, negateInt64 } from './interval.js';
import { DAYS_PER_MONTH, DAYS_PER_WEEK, IntervalFields, roundHalfEven } from './interval-fields.js';
import { readIsoInterval } from './interval-iso-input.js';
import { DAY_BIT, HOUR_BIT, MINUTE_BIT, MONTH_BIT, SECOND_BIT, type Unit, unitOf, YEAR_BIT } from './interval-units.js';
import type { Timestamp } from './timestamp-value.js';

const MAX_INT64 = 9223372036854775807n;
const TIME = /^(\d+):(\d*)(?:$|(\.\d*)$|:(\d*)(\.\d*)?$)/;
const NUMBER = /^([+-]?\d*)(?:(\.\d*)|-([+-]?\d*))?(.*)$/;
const SUBSECONDS = 64 | 128 | 256;

const BITS: Record<Unit, number> = {
  microsecond: 256,
  millisecond: 128,
  second: 64,
  minute: 32,
  hour: 16,
  day: 8,
  week: 4,
  month: 2,
  year: 1,
  decade: 512,
  century: 1024,
  millennium: 2048,
  quarter: 0,
  timezone: 0,
  timezone_hour: 0,
  timezone_minute: 0,
};
const TIME_BITS = BITS.hour | BITS.minute | SUBSECONDS;

/** Throws 22007, 22015 and 22008. `range` is the field mask of the typmod: it tells what a bare number counts. */
export function parseInterval(text: string, style: IntervalStyle, range: number): Interval {
  const fields = cutFields(text);
  const reader = new IntervalReader(text, style, range);
  if (fields !== null && reader.read(fields)) return reader.parts.toInterval();
  const parts = new IntervalFields(text);
  if (readIsoInterval(text, parts)) return parts.toInterval();
  throw badFormat('interval', text);
}

class IntervalReader {
  readonly parts: IntervalFields;
  private unit: Unit | 'none' | 'ago' = 'none';
  private seen = 0;
  private ago = false;
  private forceNegative = false;

  constructor(
    text: string,
    private readonly style: IntervalStyle,
    private readonly range: number,
  ) {
    this.parts = new IntervalFields(text);
  }

  /** False when the fields make no interval. */
  read(fields: readonly Field[]): boolean {
    const signs = fields.filter(({ text }) => text[0] === '-' || text[0] === '+').length;
    this.forceNegative = this.style === 'sql_standard' && signs === 1 && fields[0].text[0] === '-';
    for (let i = fields.length - 1; i >= 0; i--) {
      const mask = this.field(fields[i]);
      if (mask < 0 || (mask & this.seen) !== 0) return false;
      this.seen |= mask;
    }
    if (this.seen === 0) return false;
    if (this.ago) this.parts.negate();
    return true;
  }

  /** The parts that a field fills, or -1. */
  private field({ kind, text }: Field): number {
    switch (kind) {
      case 'time':
        return this.time(text, null);
      case 'zone':
        if (text.includes(':', 1)) return this.time(text.slice(1), text[0] === '-' ? '-' : '+');
        return this.number(text);
      case 'date':
      case 'number':
        return this.number(text);
      default:
        return this.word(text);
    }
  }

  private word(text: string): number {
    if (text === 'ago') {
      this.ago = true;
      this.unit = 'ago';
      return 0;
    }
    const unit = unitOf(text);
    if (unit === undefined) return -1;
    this.unit = unit;
    return 0;
  }

  /** `HH:MM[:SS[.f]]` or `MM:SS.f`. It takes the place of fractions read before. What overflows behind a sign counts as no time at all, as in PostgreSQL. */
  private time(text: string, sign: '+' | '-' | null): number {
    const found = TIME.exec(text);
    if (found === null) return -1;
    const fraction = roundHalfEven(Number(`0${found[3] ?? found[5] ?? ''}`) * USECS_PER_SEC);
    const shifted = found[3] !== undefined || (found[4] === undefined && this.range === (MINUTE_BIT | SECOND_BIT));
    const hour = shifted ? '0' : found[1];
    const minute = Number(shifted ? found[1] : found[2]);
    const second = Number(shifted ? found[2] : (found[4] ?? 0));
    const small = (minute * 60 + second) * USECS_PER_SEC + fraction;
    const tooLarge = hour.length > 9 && BigInt(hour) * BigInt(USECS_PER_HOUR) + BigInt(small) > MAX_INT64;
    if (minute > 59 || second > 60 || tooLarge) {
      if (sign !== null) return -1;
      throw this.parts.overflow();
    }
    const factor = sign === '-' || this.forceNegative ? -1 : 1;
    this.parts.microseconds = 0;
    this.parts.addMicroseconds(Number(hour) * factor, 0, USECS_PER_HOUR);
    this.parts.addMicroseconds(small * factor, 0, 1);
    this.unit = 'day';
    return TIME_BITS;
  }

  private integer(digits: string): Timestamp {
    if (digits.length <= 15) return Number(digits);
    const value = BigInt(digits);
    if (value > MAX_INT64 || value < -MAX_INT64 - 1n) throw this.parts.overflow();
    return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
  }

  private number(text: string): number {
    const found = NUMBER.exec(text);
    if (found === null) return -1;
    if (this.unit === 'none') this.unit = this.unitOfRange();
    const negative = text[0] === '-';
    const digits = found[1] === '' || found[1] === '-' || found[1] === '+' ? '0' : found[1];
    let value = this.integer(digits[0] === '+' ? digits.slice(1) : digits);
    let fraction = found[2] === undefined || found[2] === '.' ? 0 : Number(found[2]);
    if (negative) fraction = 0 - fraction;
    if (found[3] !== undefined) value = this.yearsAndMonths(value, found[3], negative);
    if (this.forceNegative && value > 0) value = negateInt64(value);
    if (this.forceNegative && fraction > 0) fraction = 0 - fraction;
    return found[4] === '' ? this.add(value, fraction) : -1;
  }

  /** `1-2`: years and months, which then are the number's value. */
  private yearsAndMonths(years: Timestamp, text: string, negative: boolean): Timestamp {
    const months = Number(text);
    if (!(months >= 0 && months < 12)) throw this.parts.overflow();
    this.unit = 'month';
    const total = BigInt(years) * 12n + BigInt(negative ? 0 - months : months);
    return this.integer(String(total));
  }

  private unitOfRange(): Unit {
    const { range } = this;
    if (range >= 0x7fff || range <= 0 || (range & SECOND_BIT) !== 0) return 'second';
    if ((range & MINUTE_BIT) !== 0) return 'minute';
    if ((range & HOUR_BIT) !== 0) return 'hour';
    if ((range & DAY_BIT) !== 0) return 'day';
    if ((range & MONTH_BIT) !== 0) return 'month';
    return (range & YEAR_BIT) !== 0 ? 'year' : 'second';
  }

  private add(value: Timestamp, fraction: number): number {
    const { parts, unit } = this;
    if (unit === 'none' || unit === 'ago') return -1;
    switch (unit) {
      case 'microsecond':
        parts.addMicroseconds(value, fraction, 1);
        break;
      case 'millisecond':
        parts.addMicroseconds(value, fraction, 1000);
        break;
      case 'second':
        parts.addMicroseconds(value, fraction, USECS_PER_SEC);
        if (fraction !== 0) return SUBSECONDS;
        break;
      case 'minute':
        parts.addMicroseconds(value, fraction, USECS_PER_MINUTE);
        break;
      case 'hour':
        parts.addMicroseconds(value, fraction, USECS_PER_HOUR);
        this.unit = 'day';
        break;
      case 'day':
        parts.addDays(value, 1);
        parts.addFraction(fraction, USECS_PER_DAY);
        break;
      case 'week':
        parts.addDays(value, DAYS_PER_WEEK);
        parts.addDayFraction(fraction, DAYS_PER_WEEK);
        break;
      case 'month':
        parts.addMonths(value);
        parts.addDayFraction(fraction, DAYS_PER_MONTH);
        break;
      default:
        return this.addYears(unit, value, fraction);
    }
    return BITS[unit];
  }

  private addYears(unit: Unit, value: Timestamp, fraction: number): number {
    const years = YEARS[unit];
    if (years === undefined) return -1;
    this.parts.addYears(value, years);
    this.parts.addYearFraction(fraction, years);
    return BITS[unit];
  }
}

const YEARS: Partial<Record<Unit, number>> = { year: 1, decade: 10, century: 100, millennium: 1000 };
