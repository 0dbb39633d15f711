/** to_date() and to_timestamp(): a text read by a pattern. Errors are 22007 and 22008. */
import { type ErrorFields, type SqlError, sqlError } from '../../errors/sql-error.js';
import {
  DAY_NAMES,
  datetimePattern,
  isDigitField,
  isSeparator,
  isSpace,
  MONTH_NAMES,
  type PatternField,
  type PatternNode,
  ROMAN_MONTHS,
} from './datetime-pattern.js';

/** The numbers a text gave; 0 is not given. */
export class PatternValues {
  mode: '' | 'gregorian' | 'iso' = '';
  hour = 0;
  pm = 0;
  minute = 0;
  second = 0;
  secondOfDay = 0;
  /** 1 is Sunday. */
  weekday = 0;
  day = 0;
  yearDay = 0;
  month = 0;
  millis = 0;
  year = 0;
  bc = 0;
  week = 0;
  monthWeek = 0;
  century = 0;
  julian = 0;
  micros = 0;
  /** Digits of FF1 to FF6, to which to_timestamp() rounds. */
  precision = 6;
  yearDigits = 0;
  twelveHours = false;
  zoneSign = 0;
  zoneHour = 0;
  zoneMinute = 0;
}

type NumberKey = {
  [K in keyof PatternValues]: PatternValues[K] extends number ? K : never;
}[keyof PatternValues];

export function readByPattern(text: string, pattern: string): PatternValues {
  return new Reader(text, datetimePattern(pattern)).read();
}

function invalid(message: string, fields?: ErrorFields): SqlError {
  return sqlError('invalid_datetime_format', message, fields);
}

/** The field that a number goes to, and how many digits it has at most. */
const NUMBERS: Readonly<Record<string, readonly [NumberKey, number]>> = {
  HH: ['hour', 2],
  HH12: ['hour', 2],
  HH24: ['hour', 2],
  MI: ['minute', 2],
  SS: ['second', 2],
  SSSS: ['secondOfDay', 4],
  SSSSS: ['secondOfDay', 5],
  MM: ['month', 2],
  DDD: ['yearDay', 3],
  IDDD: ['yearDay', 3],
  DD: ['day', 2],
  D: ['weekday', 1],
  WW: ['week', 2],
  IW: ['week', 2],
  CC: ['century', 2],
  YYYY: ['year', 4],
  IYYY: ['year', 4],
  W: ['monthWeek', 1],
  J: ['julian', 1],
};
const FIELD_HINT = 'If your source string is not fixed-width, try using the "FM" modifier.';
const ISO_FIELDS = /^(IDDD|ID|IW|I|IY|IYY|IYYY)$/;
const GREGORIAN_FIELDS = /^(DDD|DD|D|MM|MONTH|MON|RM|WW|W|Y,YYY|Y{1,4})$/;
const INTEGER = /^[ \t-\r]*[+-]?\d+/;

class Reader {
  private readonly values = new PatternValues();
  private at = 0;
  private fixed = false;
  private skipped = 0;

  constructor(
    private readonly text: string,
    private readonly nodes: readonly PatternNode[],
  ) {}

  read(): PatternValues {
    for (let index = 0; index < this.nodes.length && this.at < this.text.length; index++) {
      const node = this.nodes[index];
      if (this.skipsSpacesBefore(node, index)) this.skipped += this.skipSpaces();
      if (node.kind === 'field') this.field(node, index);
      else if (node.kind === 'text') this.textCharacter();
      else this.separator();
    }
    return this.values;
  }

  private skipsSpacesBefore(node: PatternNode, index: number): boolean {
    if (this.fixed) return false;
    return node.kind === 'field' ? node.field !== 'FX' : index === 0;
  }

  private skipSpaces(): number {
    const start = this.at;
    while (this.at < this.text.length && isSpace(this.text[this.at])) this.at++;
    return this.at - start;
  }

  private step(): void {
    if (this.at < this.text.length) this.at += (this.text.codePointAt(this.at) ?? 0) > 0xffff ? 2 : 1;
  }

  /** Takes one character, whatever it is, unless more than the pattern has was skipped before. */
  private textCharacter(): void {
    if (!this.fixed && this.skipped > 0) this.skipped--;
    else this.step();
  }

  private separator(): void {
    if (this.fixed) {
      this.step();
      return;
    }
    this.skipped--;
    const here = this.text.charAt(this.at);
    if (here !== '' && (isSpace(here) || isSeparator(here))) {
      this.at++;
      this.skipped++;
    }
  }

  private field(node: PatternField, index: number): void {
    this.setMode(node.field);
    this.value(node, index);
    if (!this.fixed) this.skipped = this.skipSpaces();
  }

  private setMode(field: string): void {
    const mode = ISO_FIELDS.test(field) ? 'iso' : GREGORIAN_FIELDS.test(field) ? 'gregorian' : '';
    if (mode === '') return;
    if (this.values.mode !== '' && this.values.mode !== mode) {
      throw invalid('invalid combination of date conventions', {
        hint: 'Do not mix Gregorian and ISO week date conventions in a formatting template.',
      });
    }
    this.values.mode = mode;
  }

  private value(node: PatternField, index: number): void {
    const { values } = this;
    const { field } = node;
    switch (field) {
      case 'FX':
        this.fixed = true;
        return;
      case 'A.M.':
      case 'P.M.':
        this.set('pm', this.word(['A.M.', 'P.M.'], node), node);
        values.twelveHours = true;
        return;
      case 'AM':
      case 'PM':
        this.set('pm', this.word(['AM', 'PM'], node), node);
        values.twelveHours = true;
        return;
      case 'A.D.':
      case 'B.C.':
        this.set('bc', this.word(['A.D.', 'B.C.'], node), node);
        return;
      case 'AD':
      case 'BC':
        this.set('bc', this.word(['AD', 'BC'], node), node);
        return;
      case 'MONTH':
        this.set('month', this.word(MONTH_NAMES, node) + 1, node);
        return;
      case 'MON':
        this.set('month', this.word(MONTH_NAMES.map(shortName), node) + 1, node);
        return;
      case 'RM':
        this.set('month', 12 - this.word(ROMAN_MONTHS, node), node);
        return;
      case 'DAY':
        this.setWeekday(this.word(DAY_NAMES, node), node);
        return;
      case 'DY':
        this.setWeekday(this.word(DAY_NAMES.map(shortName), node), node);
        return;
      case 'TZ':
      case 'OF':
        throw sqlError('feature_not_supported', `formatting field "${node.name}" is only supported in to_char`);
      case 'TZH':
        this.zoneHour(node, index);
        return;
      case 'TZM':
        if (values.zoneSign === 0) values.zoneSign = 1;
        this.number('zoneMinute', 2, node, index);
        return;
      default:
        this.numericField(node, index);
    }
  }

  private numericField(node: PatternField, index: number): void {
    const { values } = this;
    const { field } = node;
    const plain = NUMBERS[field];
    if (plain !== undefined) {
      this.number(plain[0], plain[1], node, index);
      if (field === 'HH' || field === 'HH12') values.twelveHours = true;
      if (field === 'YYYY' || field === 'IYYY') values.yearDigits = 4;
    } else if (field === 'MS') {
      const length = this.number('millis', 3, node, index);
      values.millis *= length === 1 ? 100 : length === 2 ? 10 : 1;
    } else if (field === 'US' || field.startsWith('FF')) {
      const digits = field === 'US' ? 6 : Number(field[2]);
      if (field !== 'US') values.precision = digits;
      const length = this.number('micros', digits, node, index);
      values.micros *= 10 ** Math.max(0, 6 - length);
    } else if (field === 'ID') {
      this.number('weekday', 1, node, index);
      if (++values.weekday > 7) values.weekday = 1;
    } else if (field === 'Q') {
      this.number(null, 1, node, index);
    } else if (field === 'Y,YYY') {
      this.groupedYear(node);
    } else {
      this.partialYear(node, index);
    }
    this.skipOrdinal(node);
  }

  private skipOrdinal(node: PatternField): void {
    if (node.ordinal === '') return;
    this.step();
    this.step();
  }

  /** YYY, YY and Y: the century is the one that puts the year nearest to 2020. */
  private partialYear(node: PatternField, index: number): void {
    const digits = node.field.length;
    const before = this.values.year;
    const length = this.number('year', digits, node, index);
    if (length < 4 && before === 0) this.values.year = nearYear(this.values.year);
    this.values.yearDigits = digits;
  }

  private groupedYear(node: PatternField): void {
    const parts = /^[ \t-\r]*([+-]?\d+),([ \t-\r]*[+-]?\d{1,3})/.exec(this.text.slice(this.at));
    if (parts === null) throw invalid('invalid input string for "Y,YYY"');
    this.set('year', Number(parts[2]) + Number(parts[1]) * 1000, node);
    this.values.yearDigits = 4;
    this.at += parts[0].length;
  }

  private zoneHour(node: PatternField, index: number): void {
    const here = this.text[this.at];
    if (here === '+' || here === '-' || here === ' ') {
      this.values.zoneSign = here === '-' ? -1 : 1;
      this.at++;
    } else {
      this.values.zoneSign = this.skipped > 0 && this.text[this.at - 1] === '-' ? -1 : 1;
    }
    this.number('zoneHour', 2, node, index);
  }

  private setWeekday(index: number, node: PatternField): void {
    this.set('weekday', index, node);
    this.values.weekday++;
  }

  private set(key: NumberKey, value: number, node: PatternField): void {
    const current = this.values[key];
    if (current !== 0 && current !== value) {
      throw invalid(`conflicting values for "${node.name}" field in formatting string`, {
        detail: 'This value contradicts a previous setting for the same field type.',
      });
    }
    this.values[key] = value;
  }

  private word(words: readonly string[], node: PatternField): number {
    const rest = this.text.slice(this.at);
    const lower = rest.toLowerCase();
    const found = words.findIndex((word) => lower.startsWith(word.toLowerCase()));
    if (found < 0) {
      throw invalid(`invalid value "${/^[^ \t-\r]*/.exec(rest)?.[0] ?? ''}" for "${node.name}"`, {
        detail: 'The given value did not match any of the allowed values for this field.',
      });
    }
    this.at += words[found].length;
    return found;
  }

  /** Reads a number of at most `length` digits, or as many as there are where no digit can follow. */
  private number(key: NumberKey | null, length: number, node: PatternField, index: number): number {
    const start = this.at;
    this.skipSpaces();
    const copy = this.text.slice(this.at, this.at + length);
    let digits: string;
    if (node.fill || this.nonDigitFollows(node, index)) {
      digits = INTEGER.exec(this.text.slice(start))?.[0] ?? '';
      this.at = digits === '' ? start : start + digits.length;
    } else {
      if (copy.length < length) {
        throw invalid(`source string too short for "${node.name}" formatting field`, {
          detail: `Field requires ${length} characters, but only ${copy.length} remain.`,
          hint: FIELD_HINT,
        });
      }
      digits = INTEGER.exec(copy)?.[0] ?? '';
      if (digits.length > 0 && digits.length < length) {
        throw invalid(`invalid value "${copy}" for "${node.name}"`, {
          detail: `Field requires ${length} characters, but only ${digits.length} could be parsed.`,
          hint: FIELD_HINT,
        });
      }
      this.at += digits.length;
    }
    if (this.at === start || digits === '') {
      throw invalid(`invalid value "${copy}" for "${node.name}"`, { detail: 'Value must be an integer.' });
    }
    const value = Number(digits);
    if (value < -2147483648 || value > 2147483647) {
      throw sqlError('datetime_field_overflow', `value for "${node.name}" in source string is out of range`, {
        detail: 'Value must be in the range -2147483648 to 2147483647.',
      });
    }
    if (key !== null) this.set(key, value + 0, node);
    return this.at - start;
  }

  private nonDigitFollows(node: PatternField, index: number): boolean {
    if (node.ordinal !== '') return true;
    const next = this.nodes[index + 1];
    if (next === undefined) return true;
    if (next.kind === 'field') return !isDigitField(next.field);
    return !(next.character >= '0' && next.character <= '9');
  }
}

const shortName = (name: string): string => name.slice(0, 3);

function nearYear(year: number): number {
  if (year < 70) return year + 2000;
  if (year < 100) return year + 1900;
  if (year < 520) return year + 2000;
  return year < 1000 ? year + 1000 : year;
}
