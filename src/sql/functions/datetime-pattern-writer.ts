/** to_char() of timestamps and intervals: the text of each field of a pattern. */
import { sqlError } from '../../errors/sql-error.js';
import {
  dayOfWeek,
  daysFromCivil,
  EPOCH_JULIAN_DAY,
  isoWeekOf,
  isoYearOf,
  isoYearStart,
} from '../../types/datetime/civil-calendar.js';
import { DAY_NAMES, MONTH_NAMES, type PatternField, type PatternNode, ROMAN_MONTHS } from './datetime-pattern.js';

/** What to_char() prints. Years are astronomical; parts of intervals may be negative. */
export interface PrintedTime {
  readonly interval: boolean;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly yearDay: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
  /** Seconds east of UTC. */
  readonly offset: number;
  readonly abbreviation: string;
}

export function writePattern(nodes: readonly PatternNode[], time: PrintedTime): string {
  let text = '';
  for (const node of nodes) text += node.kind === 'field' ? fieldText(node, time) : node.character;
  return text;
}

function padded(value: number, width: number): string {
  const digits = String(Math.abs(value));
  return value < 0 ? `-${digits.padStart(width - 1, '0')}` : digits.padStart(width, '0');
}

/** `width` digits (one more with a sign), none of it in fill mode, and the ordinal ending. */
function numberText(node: PatternField, value: number, width: number): string {
  return ordinal(node, padded(value, node.fill ? 0 : value < 0 ? width + 1 : width));
}

function ordinal(node: PatternField, digits: string): string {
  if (node.ordinal === '') return digits;
  const last = digits[digits.length - 1];
  let ending = 'th';
  if (!(digits.length > 1 && digits[digits.length - 2] === '1')) {
    ending = last === '1' ? 'st' : last === '2' ? 'nd' : last === '3' ? 'rd' : 'th';
  }
  return digits + (node.ordinal === 'TH' ? ending.toUpperCase() : ending);
}

/** A name in the case in which the field is written. */
function cased(name: string, node: PatternField): string {
  if (node.name === node.field) return name.toUpperCase();
  return node.name === node.name.toLowerCase() ? name.toLowerCase() : name;
}

const NAME_WIDTH = 9;
const ROMAN_WIDTH = 4;

function fullName(name: string, node: PatternField): string {
  const text = cased(name, node);
  return node.fill || node.translated ? text : text.padEnd(NAME_WIDTH);
}

function calendarOnly(time: PrintedTime): void {
  if (!time.interval) return;
  throw sqlError('invalid_datetime_format', 'invalid format specification for an interval value', {
    hint: 'Intervals are not tied to specific calendar dates.',
  });
}

function fieldText(node: PatternField, time: PrintedTime): string {
  switch (node.field) {
    case 'A.M.':
    case 'P.M.':
    case 'AM':
    case 'PM': {
      const half = ((time.hour % 24) + 0 >= 12 ? 'P' : 'A') + (node.field.includes('.') ? '.M.' : 'M');
      return cased(half, node);
    }
    case 'HH':
    case 'HH12':
      return ordinal(node, padded(time.hour % 12 || 12, node.fill ? 0 : time.hour < 0 ? 3 : 2));
    case 'HH24':
      return numberText(node, time.hour, 2);
    case 'MI':
      return numberText(node, time.minute, 2);
    case 'SS':
      return numberText(node, time.second, 2);
    case 'MS':
      return ordinal(node, padded(Math.trunc(time.micros / 1000), 3));
    case 'US':
      return ordinal(node, padded(time.micros, 6));
    case 'SSSS':
    case 'SSSSS':
      return ordinal(node, String(time.hour * 3600 + time.minute * 60 + time.second));
    case 'FX':
      return '';
    default:
      if (node.field.startsWith('FF')) return fractionText(node, time);
      return zoneText(node, time) ?? dateText(node, time);
  }
}

function fractionText(node: PatternField, time: PrintedTime): string {
  const digits = Number(node.field[2]);
  return ordinal(node, padded(Math.trunc(time.micros / 10 ** (6 - digits)) + 0, digits));
}

function zoneText(node: PatternField, time: PrintedTime): string | undefined {
  const magnitude = Math.abs(time.offset);
  const sign = time.offset < 0 ? '-' : '+';
  switch (node.field) {
    case 'TZ':
      calendarOnly(time);
      return node.name === 'TZ' ? time.abbreviation.toUpperCase() : time.abbreviation.toLowerCase();
    case 'TZH':
      calendarOnly(time);
      return sign + padded(Math.floor(magnitude / 3600), 2);
    case 'TZM':
      calendarOnly(time);
      return padded(Math.floor(magnitude / 60) % 60, 2);
    case 'OF': {
      calendarOnly(time);
      const hours = sign + padded(Math.floor(magnitude / 3600), node.fill ? 0 : 2);
      return magnitude % 3600 === 0 ? hours : `${hours}:${padded(Math.floor((magnitude % 3600) / 60), 2)}`;
    }
    default:
      return undefined;
  }
}

function dateText(node: PatternField, time: PrintedTime): string {
  const { year, month, day } = time;
  switch (node.field) {
    case 'A.D.':
    case 'B.C.':
      calendarOnly(time);
      return cased(year <= 0 ? 'B.C.' : 'A.D.', node);
    case 'AD':
    case 'BC':
      calendarOnly(time);
      return cased(year <= 0 ? 'BC' : 'AD', node);
    case 'MONTH':
      calendarOnly(time);
      return fullName(MONTH_NAMES[month - 1], node);
    case 'MON':
      calendarOnly(time);
      return cased(MONTH_NAMES[month - 1].slice(0, 3), node);
    case 'MM':
      return numberText(node, month, 2);
    case 'DAY':
      calendarOnly(time);
      return fullName(DAY_NAMES[weekday(time)], node);
    case 'DY':
      calendarOnly(time);
      return cased(DAY_NAMES[weekday(time)].slice(0, 3), node);
    case 'D':
      calendarOnly(time);
      return ordinal(node, String(weekday(time) + 1));
    case 'ID':
      calendarOnly(time);
      return ordinal(node, String(weekday(time) || 7));
    case 'DDD':
      return ordinal(node, padded(time.yearDay, node.fill ? 0 : 3));
    case 'DD':
      return ordinal(node, padded(day, node.fill ? 0 : 2));
    case 'W':
      return ordinal(node, String(Math.trunc(((day - 1) | 0) / 7) + 1));
    case 'WW':
      return ordinal(node, padded(Math.trunc(((time.yearDay - 1) | 0) / 7) + 1, node.fill ? 0 : 2));
    case 'Q':
      return month === 0 ? '' : ordinal(node, String(Math.trunc((month - 1) / 3) + 1));
    case 'RM':
      return romanText(node, time);
    case 'J':
      return ordinal(node, String((dayNumber(time) + EPOCH_JULIAN_DAY) | 0));
    default:
      return yearText(node, time);
  }
}

function dayNumber(time: PrintedTime): number {
  return daysFromCivil(time.year, time.month, time.day);
}

function weekday(time: PrintedTime): number {
  return dayOfWeek(dayNumber(time));
}

function romanText(node: PatternField, time: PrintedTime): string {
  if (time.month === 0 && time.year === 0) return '';
  let index = 12 - time.month;
  if (time.month === 0) index = time.year >= 0 ? 0 : 11;
  else if (time.month < 0) index = -1 * (time.month + 1);
  const text = cased(ROMAN_MONTHS[index], node);
  return node.fill ? text : text.padEnd(ROMAN_WIDTH);
}

function yearText(node: PatternField, time: PrintedTime): string {
  const { field } = node;
  const days = dayNumber(time);
  if (field === 'CC') return centuryText(node, time);
  if (field === 'IW') return ordinal(node, padded(isoWeekOf(days, time.year), node.fill ? 0 : 2));
  const isoYear = field.startsWith('I') ? isoYearOf(days, time.year) : time.year;
  if (field === 'IDDD') return ordinal(node, padded(days - isoYearStart(isoYear) + 1, node.fill ? 0 : 3));
  const year = time.interval || isoYear > 0 ? isoYear : -(isoYear - 1);
  if (field === 'Y,YYY') {
    const thousands = Math.trunc(year / 1000);
    return ordinal(node, `${thousands},${padded(year - thousands * 1000, 3)}`);
  }
  const digits = field.length;
  const signed = time.interval && time.year < 0;
  if (digits === 1) return ordinal(node, String((year % 10) + 0));
  const part = digits === 4 ? year : (year % 10 ** digits) + 0;
  return ordinal(node, padded(part, node.fill ? 0 : signed ? digits + 1 : digits));
}

function centuryText(node: PatternField, time: PrintedTime): string {
  const { year } = time;
  let century: number;
  if (time.interval) century = Math.trunc(year / 100) + 0;
  else century = year > 0 ? Math.trunc((year - 1) / 100) + 1 : Math.trunc(year / 100) - 1;
  return Math.abs(century) <= 99 ? numberText(node, century, 2) : ordinal(node, String(century));
}
