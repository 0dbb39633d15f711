/**
 * What the fields of a date or time mean, and which of its parts have been seen. The rules that tell a month from a
 * day from a year are PostgreSQL's; datetime-input.ts drives them.
 */
import type { SqlError } from '../../errors/sql-error.js';
import type { DateOrder } from '../type-context.js';
import {
  CivilDate,
  civilFromDays,
  daysFromCivil,
  daysInMonth,
  EPOCH_JULIAN_DAY,
  USECS_PER_SEC,
} from './civil-calendar.js';
import { badFormat, fieldOverflow, orderOverflow, zoneOverflow } from './datetime-errors.js';
import { AM, KEYWORDS, MAX_WORD, PM } from './datetime-keywords.js';
import { roundHalfEven } from './interval-fields.js';

export const YEAR = 1;
export const MONTH = 2;
export const DAY = 4;
export const DAY_OF_YEAR = 8;
export const HOUR = 16;
export const MINUTE = 32;
export const SECOND = 64;
const FRACTION = 128;
export const ZONE = 256;
export const SUMMER_ZONE = 512;
export const SUMMER = 1024;
export const MERIDIEM = 2048;
export const ERA = 4096;
export const WEEKDAY = 8192;
export const SPECIAL = 16384;
export const DYNAMIC_ZONE = 32768;
export const DATE_PARTS = YEAR | MONTH | DAY;
export const ALL_SECONDS = SECOND | FRACTION;
export const TIME_PARTS = HOUR | MINUTE | ALL_SECONDS;

const INT32_MAX = 2147483647;
const MAX_INT64 = 2 ** 63;
const MAX_ZONE_HOUR = 15;

/** The parts read so far. `zone` is seconds west of UTC. */
export class DateTimeDecoder extends CivilDate {
  hour = 0;
  minute = 0;
  second = 0;
  fraction = 0;
  dayOfYear = 0;
  zone = 0;
  seen = 0;
  meridiem = 0;
  beforeChrist = false;
  isJulian = false;
  twoDigitYear = false;
  textMonth = false;
  /** Where the last `takeInt` ended. */
  protected end = 0;

  constructor(
    protected readonly input: string,
    protected readonly typeName: string,
    protected readonly order: DateOrder,
  ) {
    super();
    this.year = 0;
    this.month = 0;
    this.day = 0;
  }

  bad(): SqlError {
    return badFormat(this.typeName, this.input);
  }

  overflow(): SqlError {
    return fieldOverflow(this.input);
  }

  /** Decimal digits from `at`, 0 when there are none; `this.end` is behind them. Throws 22008 beyond int32. */
  protected takeInt(text: string, at: number, tooLarge: () => SqlError = () => this.overflow()): number {
    let end = at;
    const sign = text[end] === '-' || text[end] === '+' ? 1 : 0;
    end += sign;
    while (end < text.length && text[end] >= '0' && text[end] <= '9') end++;
    this.end = end === at + sign ? at : end;
    if (this.end === at) return 0;
    const value = Number(text.slice(at, end));
    if (value > INT32_MAX || value < -INT32_MAX - 1) throw tooLarge();
    return value;
  }

  /** `.25` up to the end of `text`, in microseconds. */
  protected fractionAt(text: string, at: number): number {
    const digits = text.slice(at);
    if (!/^\.\d*$/.test(digits)) throw this.bad();
    return digits === '.' ? 0 : roundHalfEven(Number(digits) * USECS_PER_SEC);
  }

  protected setJulianDay(day: number): void {
    civilFromDays(day - EPOCH_JULIAN_DAY, this);
  }

  protected setTimeOfDay(microseconds: number): void {
    this.hour = Math.floor(microseconds / 3_600_000_000);
    this.minute = Math.floor(microseconds / 60_000_000) % 60;
    this.second = Math.floor(microseconds / USECS_PER_SEC) % 60;
    this.fraction = microseconds % USECS_PER_SEC;
  }

  /** `HH:MM[:SS[.f]]`, or `MM:SS.f`. */
  protected decodeTime(text: string): number {
    let end = 0;
    while (text[end] >= '0' && text[end] <= '9') end++;
    this.hour = Number(text.slice(0, end));
    this.end = end;
    if (this.hour >= MAX_INT64) throw this.overflow();
    if (text[this.end] !== ':') throw this.bad();
    this.minute = this.takeInt(text, this.end + 1);
    this.second = 0;
    this.fraction = 0;
    const mark = text[this.end];
    if (mark === '.') {
      this.fraction = this.fractionAt(text, this.end);
      this.second = this.minute;
      this.minute = this.hour;
      this.hour = 0;
    } else if (mark === ':') {
      this.second = this.takeInt(text, this.end + 1);
      if (this.end < text.length) this.fraction = this.fractionAt(text, this.end);
    } else if (mark !== undefined) {
      throw this.bad();
    }
    if (this.hour > INT32_MAX || this.minute < 0 || this.minute > 59 || this.second < 0 || this.second > 60)
      throw this.overflow();
    return TIME_PARTS;
  }

  checkTime(): void {
    const { hour, minute, second, fraction } = this;
    const total = ((hour * 60 + minute) * 60 + second) * USECS_PER_SEC + fraction;
    if (hour > 24 || minute > 59 || second > 60 || total > 86_400_000_000) throw this.overflow();
  }

  /** `+HH`, `+HHMM`, `+HH:MM[:SS]` in seconds west. */
  protected decodeZone(text: string): number {
    if (text[0] !== '+' && text[0] !== '-') throw this.bad();
    const tooFar = () => zoneOverflow(this.input);
    let hour = this.takeInt(text, 1, tooFar);
    let minute = 0;
    let second = 0;
    if (text[this.end] === ':') {
      minute = this.takeInt(text, this.end + 1, tooFar);
      if (text[this.end] === ':') second = this.takeInt(text, this.end + 1, tooFar);
    } else if (this.end === text.length && text.length > 3) {
      minute = hour % 100;
      hour = Math.trunc(hour / 100);
    }
    if (hour < 0 || hour > MAX_ZONE_HOUR || minute < 0 || minute > 59 || second < 0 || second > 59) throw tooFar();
    if (this.end < text.length) throw this.bad();
    const total = (hour * 60 + minute) * 60 + second;
    return text[0] === '-' ? total : 0 - total;
  }

  /** A date in one field: `1999-01-08`, `08-jan-1999`, `1/8/99`. */
  protected decodeDate(text: string): number {
    const parts = this.dateParts(text);
    let seen = this.seen;
    let mask = 0;
    const numbers: string[] = [];
    let textMonth = false;
    for (const part of parts) {
      if (part[0] <= '9') {
        numbers.push(part);
        continue;
      }
      const keyword = KEYWORDS.get(part.slice(0, MAX_WORD));
      if (keyword?.kind !== 'month' || (seen & MONTH) !== 0) throw this.bad();
      this.month = keyword.value;
      textMonth = true;
      seen |= MONTH;
      mask |= MONTH;
    }
    for (const number of numbers) {
      const part = this.decodeNumber(number, textMonth, seen);
      if ((seen & part) !== 0) throw this.bad();
      seen |= part;
      mask |= part;
    }
    if ((seen & ~(DAY_OF_YEAR | ZONE)) !== DATE_PARTS) throw this.bad();
    return mask;
  }

  /** The runs of digits and of letters; whatever single character follows a run is skipped, be it a letter or digit. */
  private dateParts(text: string): string[] {
    const parts: string[] = [];
    let at = 0;
    while (at < text.length) {
      while (at < text.length && !/[a-z0-9]/.test(text[at])) at++;
      if (at >= text.length) throw this.bad();
      const kind = text[at] <= '9' ? /[0-9]/ : /[a-z]/;
      let end = at;
      while (end < text.length && kind.test(text[end])) end++;
      parts.push(text.slice(at, end));
      at = end + 1;
    }
    return parts;
  }

  /** A number that may be year, month or day, by its length and what was seen before. Returns the part it fills. */
  protected decodeNumber(text: string, textMonth: boolean, seen: number): number {
    const value = this.takeInt(text, 0);
    if (this.end === 0) throw this.bad();
    if (text[this.end] === '.') {
      if (this.end > 2) return this.decodeRunTogether(text, seen | DATE_PARTS);
      this.fraction = this.fractionAt(text, this.end);
    } else if (this.end < text.length) {
      throw this.bad();
    }
    const { length } = text;
    if (length === 3 && (seen & DATE_PARTS) === YEAR && value >= 1 && value <= 366) {
      this.dayOfYear = value;
      return DAY_OF_YEAR | MONTH | DAY;
    }
    return this.placeNumber(text, value, textMonth, seen);
  }

  private placeNumber(text: string, value: number, textMonth: boolean, seen: number): number {
    const { length } = text;
    const yearLike = length >= 3 || this.order === 'YMD';
    switch (seen & DATE_PARTS) {
      case 0:
        if (yearLike) return this.setYear(value, length);
        return this.order === 'DMY' ? this.setDay(value) : this.setMonth(value);
      case YEAR:
      case DAY:
        return this.setMonth(value);
      case MONTH:
        return textMonth && yearLike ? this.setYear(value, length) : this.setDay(value);
      case YEAR | MONTH:
        if (textMonth && length >= 3 && this.twoDigitYear) {
          this.day = this.year;
          this.year = value;
          this.twoDigitYear = false;
          return DAY;
        }
        return this.setDay(value);
      case MONTH | DAY:
        return this.setYear(value, length);
      case DATE_PARTS:
        return this.decodeRunTogether(text, seen);
      default:
        throw this.bad();
    }
  }

  private setYear(value: number, length: number): number {
    this.year = value;
    this.twoDigitYear = length <= 2;
    return YEAR;
  }

  private setMonth(value: number): number {
    this.month = value;
    return MONTH;
  }

  private setDay(value: number): number {
    this.day = value;
    return DAY;
  }

  /** `20010204` (yy or more digits of year), or `hhmmss[.f]` and `hhmm` when the date is complete. */
  protected decodeRunTogether(text: string, seen: number): number {
    const point = text.indexOf('.');
    let digits = text;
    if (point >= 0) {
      this.fraction = this.fractionAt(text, point);
      digits = text.slice(0, point);
    } else if ((seen & DATE_PARTS) !== DATE_PARTS && digits.length >= 6) {
      this.day = Number(digits.slice(-2));
      this.month = Number(digits.slice(-4, -2));
      this.year = wrapToInt32(digits.slice(0, -4));
      if (digits.length === 6) this.twoDigitYear = true;
      return DATE_PARTS;
    }
    if ((seen & TIME_PARTS) !== TIME_PARTS && (digits.length === 6 || digits.length === 4)) {
      this.hour = Number(digits.slice(0, 2));
      this.minute = Number(digits.slice(2, 4));
      this.second = digits.length === 6 ? Number(digits.slice(4)) : 0;
      return TIME_PARTS;
    }
    throw this.bad();
  }

  /** Makes the date right: century, era, day of the year, and whether there is such a day. */
  protected validateDate(): void {
    const { seen } = this;
    if ((seen & YEAR) !== 0 && !this.isJulian) this.adjustYear();
    if ((seen & DAY_OF_YEAR) !== 0) civilFromDays(daysFromCivil(this.year, 1, 1) + this.dayOfYear - 1, this);
    if ((seen & MONTH) !== 0 && (this.month < 1 || this.month > 12)) throw orderOverflow(this.input);
    if ((seen & DAY) !== 0 && (this.day < 1 || this.day > 31)) throw orderOverflow(this.input);
    if ((seen & DATE_PARTS) === DATE_PARTS && this.day > daysInMonth(this.year, this.month)) throw this.overflow();
  }

  private adjustYear(): void {
    if (this.beforeChrist) {
      if (this.year <= 0) throw this.overflow();
      this.year = 1 - this.year;
    } else if (this.twoDigitYear) {
      if (this.year < 0) throw this.overflow();
      if (this.year < 70) this.year += 2000;
      else if (this.year < 100) this.year += 1900;
    } else if (this.year <= 0) {
      throw this.overflow();
    }
  }

  protected applyMeridiem(): void {
    if (this.meridiem === 0) return;
    if (this.hour > 12) throw this.overflow();
    if (this.meridiem === AM && this.hour === 12) this.hour = 0;
    else if (this.meridiem === PM && this.hour !== 12) this.hour += 12;
  }

  /** Microseconds since midnight. */
  get timeOfDay(): number {
    return ((this.hour * 60 + this.minute) * 60 + this.second) * USECS_PER_SEC + this.fraction;
  }

  get dayNumber(): number {
    return daysFromCivil(this.year, this.month, this.day);
  }
}

/** Digits beyond 32 bits lose their upper half, digits beyond 64 bits become all ones. */
function wrapToInt32(digits: string): number {
  if (digits.length < 10) return Number(digits);
  const value = BigInt(digits);
  return value > 0x7fffffffffffffffn ? -1 : Number(BigInt.asIntN(32, value));
}
