/** Reads dates, times and timestamps in every form that PostgreSQL accepts; iso-input.ts has the quick way. */
import type { TypeContext } from '../type-context.js';
import { SECS_PER_DAY, UNIX_EPOCH_DAYS, USECS_PER_DAY } from './civil-calendar.js';
import {
  ALL_SECONDS,
  DATE_PARTS,
  DAY,
  DateTimeDecoder,
  DYNAMIC_ZONE,
  ERA,
  HOUR,
  MERIDIEM,
  MINUTE,
  MONTH,
  SECOND,
  SPECIAL,
  SUMMER,
  SUMMER_ZONE,
  TIME_PARTS,
  WEEKDAY,
  YEAR,
  ZONE,
} from './datetime-decoder.js';
import { unknownZone } from './datetime-errors.js';
import { cutFields, type Field } from './datetime-fields.js';
import { BC, KEYWORDS, type Keyword, MAX_WORD, type UnitLabel } from './datetime-keywords.js';
import { findTimeZone, offsetOfLocal, sessionZone, type TimeZone } from './time-zone.js';
import { dayOf, timeOf } from './timestamp-value.js';
import { resolveAbbreviation, type ZoneAbbreviation, zoneAbbreviations } from './zone-abbreviations.js';

const SUMMER_SHIFT = 3600;

/** What was read: a moment with its parts, or one of the words that stand for a whole value. */
export type Special = 'epoch' | 'infinity' | '-infinity';

export class DateTimeReader extends DateTimeDecoder {
  special: Special | null = null;
  private label: UnitLabel | 'time' | null = null;
  private namedZone: TimeZone | null = null;
  private abbreviation: { readonly name: string; readonly entry: ZoneAbbreviation } | null = null;
  private fields: readonly Field[] = [];

  constructor(
    text: string,
    typeName: string,
    private readonly cx: TypeContext,
    private readonly timeOnly: boolean,
  ) {
    super(text, typeName, cx.settings.dateOrder);
  }

  /** The day for which the whole value stands if it is one of the special words: maybe infinite, from 2000-01-01. */
  get specialDay(): number | null {
    if (this.special === null) return null;
    if (this.special === 'epoch') return 0 - UNIX_EPOCH_DAYS;
    return this.special === 'infinity' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** Reads the whole input; afterwards the parts are valid (unless `special`). Throws 22007, 22008, 22009, 22023. */
  read(): this {
    const fields = cutFields(this.input);
    if (fields === null) throw this.bad();
    this.fields = fields;
    for (let i = 0; i < fields.length; i++) {
      const mask = this.decodeField(fields[i], i);
      if ((mask & this.seen) !== 0) throw this.bad();
      this.seen |= mask;
    }
    this.finish();
    return this;
  }

  private decodeField(field: Field, index: number): number {
    switch (field.kind) {
      case 'date':
        return this.timeOnly ? this.dateFieldOfTime(field.text, index) : this.dateField(field.text);
      case 'time':
        return this.timeField(field.text);
      case 'zone':
        this.zone = this.decodeZone(field.text);
        return ZONE;
      case 'number':
        if (this.label !== null) return this.labelledNumber(field.text, this.label);
        return this.timeOnly ? this.numberOfTime(field.text, index) : this.number(field.text);
      default:
        return this.word(field.text, index);
    }
  }

  private timeField(text: string): number {
    if (!this.timeOnly && this.label !== null) {
      if (this.label !== 'time') throw this.bad();
      this.label = null;
    }
    const mask = this.decodeTime(text);
    if (!this.timeOnly) this.checkTime();
    return mask;
  }

  private dateField(text: string): number {
    if (this.label === 'julian') {
      const day = this.takeInt(text, 0);
      const { end } = this;
      if (day < 0) throw this.overflow();
      this.setJulianDay(day);
      this.isJulian = true;
      this.zone = this.decodeZone(text.slice(end));
      this.label = null;
      return DATE_PARTS | TIME_PARTS | ZONE;
    }
    if (this.label === null && (this.seen & (MONTH | DAY)) !== (MONTH | DAY)) return this.decodeDate(text);
    if (this.label === null && !isDigit(text)) return this.zoneName(text);
    if (this.label !== null && this.label !== 'time') throw this.bad();
    this.label = null;
    return this.timeWithZone(text, this.seen);
  }

  private dateFieldOfTime(text: string, index: number): number {
    const { fields } = this;
    if (index === 0 && fields.length >= 2 && (fields[fields.length - 1].kind === 'date' || fields[1].kind === 'time')) {
      return this.decodeDate(text);
    }
    if (!isDigit(text)) return this.zoneName(text);
    return this.timeWithZone(text, this.seen | DATE_PARTS);
  }

  /** `hhmmss-zz`. */
  private timeWithZone(text: string, seen: number): number {
    if ((this.seen & TIME_PARTS) === TIME_PARTS) throw this.bad();
    const dash = text.indexOf('-');
    if (dash < 0) throw this.bad();
    this.zone = this.decodeZone(text.slice(dash));
    return this.decodeRunTogether(text.slice(0, dash), seen) | ZONE;
  }

  private zoneName(text: string): number {
    const zone = findTimeZone(text);
    if (zone === undefined) throw unknownZone(text);
    this.namedZone = zone;
    return ZONE;
  }

  private number(text: string): number {
    const point = text.indexOf('.');
    const noDate = (this.seen & DATE_PARTS) === 0;
    if (point >= 0 && noDate) return this.decodeDate(text);
    if (point > 2) return this.decodeRunTogether(text, this.seen);
    if (text.length >= 6 && (noDate || (this.seen & TIME_PARTS) === 0)) return this.decodeRunTogether(text, this.seen);
    return this.decodeNumber(text, this.textMonth, this.seen);
  }

  private numberOfTime(text: string, index: number): number {
    const point = text.indexOf('.');
    const { fields } = this;
    if (point >= 0) {
      if (index === 0 && fields.length >= 2 && fields[fields.length - 1].kind === 'date') return this.decodeDate(text);
      if (point <= 2) throw this.bad();
    }
    if (point >= 0 || text.length > 4) return this.decodeRunTogether(text, this.seen | DATE_PARTS);
    return this.decodeNumber(text, false, this.seen | DATE_PARTS);
  }

  /** A number behind the letter that says what it is: `y2001`, `J2451187`, `T0405`. */
  private labelledNumber(text: string, label: UnitLabel | 'time'): number {
    this.label = null;
    this.special = null;
    const value = this.takeInt(text, 0);
    const { end } = this;
    if (end < text.length && (text[end] !== '.' || !['julian', 'time', 'second'].includes(label))) throw this.bad();
    switch (label) {
      case 'year':
        this.year = value;
        return YEAR;
      case 'month':
        if ((this.seen & MONTH) !== 0 && (this.seen & HOUR) !== 0) {
          this.minute = value;
          return MINUTE;
        }
        this.month = value;
        return MONTH;
      case 'day':
        this.day = value;
        return DAY;
      case 'hour':
        this.hour = value;
        return HOUR;
      case 'minute':
        this.minute = value;
        return MINUTE;
      case 'second':
        this.second = value;
        if (end === text.length) return SECOND;
        this.fraction = this.fractionAt(text, end);
        return ALL_SECONDS;
      case 'julian':
        return this.julianDay(value, text.slice(end));
      case 'time': {
        const mask = this.decodeRunTogether(text, this.seen | DATE_PARTS);
        if (mask !== TIME_PARTS) throw this.bad();
        return mask;
      }
      default:
        throw this.bad();
    }
  }

  private julianDay(day: number, fraction: string): number {
    if (day < 0) throw this.overflow();
    this.setJulianDay(day);
    this.isJulian = true;
    if (fraction === '') return DATE_PARTS;
    if (!/^\.\d*$/.test(fraction)) throw this.bad();
    this.setTimeOfDay(Math.trunc(Number(`0${fraction}`) * USECS_PER_DAY));
    return DATE_PARTS | TIME_PARTS;
  }

  private word(text: string, index: number): number {
    const zone = zoneAbbreviations().get(text.slice(0, MAX_WORD).toUpperCase());
    if (zone !== undefined) {
      if (zone.offset === null) {
        this.abbreviation = { name: text.toUpperCase(), entry: zone };
        return ZONE | DYNAMIC_ZONE;
      }
      this.zone = 0 - zone.offset;
      return zone.isDst ? ZONE | SUMMER_ZONE : ZONE;
    }
    const keyword = KEYWORDS.get(text.slice(0, MAX_WORD));
    if (keyword !== undefined) return this.keyword(keyword, index);
    const named = findTimeZone(text);
    if (named === undefined) throw this.bad();
    this.namedZone = named;
    return ZONE;
  }

  private keyword(keyword: Keyword, index: number): number {
    switch (keyword.kind) {
      case 'ignore':
        return 0;
      case 'reserved':
        return this.reserved(keyword.value);
      case 'month':
        return this.monthName(keyword.value);
      case 'summer':
        this.zone -= SUMMER_SHIFT;
        return SUMMER | SUMMER_ZONE;
      case 'meridiem':
        this.meridiem = keyword.value;
        return MERIDIEM;
      case 'era':
        this.beforeChrist = keyword.value === BC;
        return ERA;
      case 'weekday':
        if (this.timeOnly) throw this.bad();
        return WEEKDAY;
      case 'unit':
        this.label = keyword.value;
        return 0;
      case 'time': {
        if (!this.timeOnly && (this.seen & DATE_PARTS) !== DATE_PARTS) throw this.bad();
        const next = this.fields[index + 1]?.kind;
        if (next !== 'number' && next !== 'time' && next !== 'date') throw this.bad();
        this.label = 'time';
        return 0;
      }
    }
  }

  private monthName(month: number): number {
    if (this.timeOnly) throw this.bad();
    let mask = MONTH;
    const substitutes = (this.seen & MONTH) !== 0 && !this.textMonth && (this.seen & DAY) === 0;
    if (substitutes && this.month >= 1 && this.month <= 31) {
      this.day = this.month;
      mask = DAY;
    }
    this.textMonth = true;
    this.month = month;
    return mask;
  }

  private reserved(word: string): number {
    if (this.timeOnly && word !== 'now' && word !== 'allballs') throw this.bad();
    this.special = null;
    switch (word) {
      case 'now':
        this.setNow(0, true);
        return this.timeOnly ? TIME_PARTS : DATE_PARTS | TIME_PARTS | ZONE;
      case 'today':
        this.setNow(0, false);
        return DATE_PARTS;
      case 'tomorrow':
        this.setNow(1, false);
        return DATE_PARTS;
      case 'yesterday':
        this.setNow(-1, false);
        return DATE_PARTS;
      case 'allballs':
        this.setTimeOfDay(0);
        if (!this.timeOnly) this.zone = 0;
        return TIME_PARTS | ZONE;
      default:
        this.special = word === 'epoch' || word === 'infinity' ? word : '-infinity';
        return SPECIAL;
    }
  }

  /** The transaction's start in the session's zone, shifted by days. */
  private setNow(shift: number, withTime: boolean): void {
    const zone = sessionZone(this.cx.settings.timeZone);
    const now = this.cx.transactionTimestamp;
    const offset = zone.fixedOffset ?? zone.spanAt(Math.floor(now / 1_000_000)).offset;
    const local = now + offset * 1_000_000;
    const day = dayOf(local);
    this.setJulianDay(day + shift + 2451545);
    if (!withTime) return;
    this.setTimeOfDay(timeOf(local, day));
    if (!this.timeOnly) this.zone = 0 - offset;
  }

  private finish(): void {
    this.validateDate();
    this.applyMeridiem();
    if (this.special !== null) return;
    const hasDate = (this.seen & DATE_PARTS) === DATE_PARTS;
    if (this.timeOnly) {
      this.checkTime();
      if ((this.seen & TIME_PARTS) !== TIME_PARTS) throw this.bad();
    } else if (!hasDate) {
      throw this.bad();
    }
    this.finishZone(hasDate);
  }

  private finishZone(hasDate: boolean): void {
    const { namedZone, abbreviation } = this;
    if (namedZone === null && abbreviation === null && (this.seen & ZONE) !== 0) return;
    if ((this.seen & SUMMER) !== 0) throw this.bad();
    const someDate = (this.seen & DATE_PARTS) !== 0;
    if (!hasDate && (someDate || (namedZone !== null && namedZone.fixedOffset === null))) throw this.bad();
    const zone = namedZone ?? sessionZone(this.cx.settings.timeZone);
    if (!hasDate) this.borrowToday();
    const local = this.dayNumber * SECS_PER_DAY + Math.floor(this.timeOfDay / 1_000_000);
    const offset =
      abbreviation === null
        ? offsetOfLocal(zone, local)
        : resolveAbbreviation(abbreviation.name, abbreviation.entry, local);
    this.zone = 0 - offset;
  }

  private borrowToday(): void {
    const { hour, minute, second, fraction } = this;
    this.setNow(0, false);
    Object.assign(this, { hour, minute, second, fraction });
  }
}

function isDigit(text: string): boolean {
  return text[0] >= '0' && text[0] <= '9';
}
