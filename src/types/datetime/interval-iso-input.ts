/** Intervals in the forms of ISO 8601: `P1Y2M3DT4H5M6S`, `P0001-02-03T04:05:06`, `P00010203T040506`. */
import { USECS_PER_DAY, USECS_PER_HOUR, USECS_PER_MINUTE, USECS_PER_SEC } from './civil-calendar.js';
import { DAYS_PER_MONTH, DAYS_PER_WEEK, type IntervalFields } from './interval-fields.js';

const NUMBER = /-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const LARGEST = 1e15;

/** Adds the interval to `fields`; false when the text is none of this kind. Throws 22015. */
export function readIsoInterval(text: string, fields: IntervalFields): boolean {
  return text.length >= 2 && text[0] === 'P' && new IsoReader(text, fields).read();
}

class IsoReader {
  private position = 1;
  private start = 1;
  private whole = 0;
  private fraction = 0;
  private inDate = true;
  private haveField = false;

  constructor(
    private readonly text: string,
    private readonly fields: IntervalFields,
  ) {}

  read(): boolean {
    while (this.position < this.text.length) {
      if (this.text[this.position] === 'T') {
        this.position++;
        this.enterTime();
        continue;
      }
      if (!this.number()) return false;
      const unit = this.text[this.position++] ?? '';
      const step = this.inDate ? this.datePart(unit) : this.timePart(unit);
      if (step === 'done') return true;
      if (step === 'bad') return false;
      if (step === 'time') this.enterTime();
      else this.haveField = true;
    }
    return true;
  }

  private enterTime(): void {
    this.inDate = false;
    this.haveField = false;
  }

  private number(): boolean {
    NUMBER.lastIndex = this.position;
    const found = NUMBER.exec(this.text);
    if (found === null) return false;
    this.start = this.position;
    this.position += found[0].length;
    const value = Number(found[0]);
    if (!(value >= -LARGEST && value <= LARGEST)) throw this.fields.overflow();
    this.whole = Math.trunc(value);
    this.fraction = value - this.whole;
    return true;
  }

  private get integerWidth(): number {
    let end = this.start;
    if (this.text[end] === '-') end++;
    const from = end;
    while (this.text[end] >= '0' && this.text[end] <= '9') end++;
    return end - from;
  }

  private datePart(unit: string): 'next' | 'time' | 'done' | 'bad' {
    const { fields, whole, fraction } = this;
    switch (unit) {
      case 'Y':
        fields.addYears(whole, 1);
        fields.addYearFraction(fraction, 1);
        return 'next';
      case 'M':
        fields.addMonths(whole);
        fields.addDayFraction(fraction, DAYS_PER_MONTH);
        return 'next';
      case 'W':
        fields.addDays(whole, DAYS_PER_WEEK);
        fields.addDayFraction(fraction, DAYS_PER_WEEK);
        return 'next';
      case 'D':
        fields.addDays(whole, 1);
        fields.addFraction(fraction, USECS_PER_DAY);
        return 'next';
      case 'T':
      case '':
      case '-':
        return this.alternativeDate(unit);
      default:
        return 'bad';
    }
  }

  private alternativeDate(unit: string): 'time' | 'done' | 'bad' {
    const { fields } = this;
    const after = unit === '' ? 'done' : 'time';
    if (unit !== '-' && this.integerWidth === 8 && !this.haveField) {
      fields.addYears(Math.trunc(this.whole / 10000), 1);
      fields.addMonths(Math.trunc(this.whole / 100) % 100);
      fields.addDays(this.whole % 100, 1);
      fields.addFraction(this.fraction, USECS_PER_DAY);
      return after;
    }
    if (this.haveField) return 'bad';
    fields.addYears(this.whole, 1);
    fields.addYearFraction(this.fraction, 1);
    if (unit !== '-') return after;
    if (!this.number()) return 'bad';
    fields.addMonths(this.whole);
    fields.addDayFraction(this.fraction, DAYS_PER_MONTH);
    let next = this.text[this.position++];
    if (next === undefined) return 'done';
    if (next === 'T') return 'time';
    if (next !== '-' || !this.number()) return 'bad';
    fields.addDays(this.whole, 1);
    fields.addFraction(this.fraction, USECS_PER_DAY);
    next = this.text[this.position++];
    if (next === undefined) return 'done';
    return next === 'T' ? 'time' : 'bad';
  }

  private timePart(unit: string): 'next' | 'done' | 'bad' {
    const { fields, whole, fraction } = this;
    switch (unit) {
      case 'H':
        fields.addMicroseconds(whole, fraction, USECS_PER_HOUR);
        return 'next';
      case 'M':
        fields.addMicroseconds(whole, fraction, USECS_PER_MINUTE);
        return 'next';
      case 'S':
        fields.addMicroseconds(whole, fraction, USECS_PER_SEC);
        return 'next';
      case '':
      case ':':
        return this.alternativeTime(unit);
      default:
        return 'bad';
    }
  }

  private alternativeTime(unit: string): 'done' | 'bad' {
    const { fields } = this;
    if (unit === '' && this.integerWidth === 6 && !this.haveField) {
      fields.addMicroseconds(Math.trunc(this.whole / 10000), 0, USECS_PER_HOUR);
      fields.addMicroseconds(Math.trunc(this.whole / 100) % 100, 0, USECS_PER_MINUTE);
      fields.addMicroseconds(this.whole % 100, 0, USECS_PER_SEC);
      fields.addFraction(this.fraction, 1);
      return 'done';
    }
    if (this.haveField) return 'bad';
    fields.addMicroseconds(this.whole, this.fraction, USECS_PER_HOUR);
    if (unit === '') return 'done';
    if (!this.number()) return 'bad';
    fields.addMicroseconds(this.whole, this.fraction, USECS_PER_MINUTE);
    const next = this.text[this.position++];
    if (next === undefined) return 'done';
    if (next !== ':' || !this.number()) return 'bad';
    fields.addMicroseconds(this.whole, this.fraction, USECS_PER_SEC);
    return this.position >= this.text.length ? 'done' : 'bad';
  }
}
