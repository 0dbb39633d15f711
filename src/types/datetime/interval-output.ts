/** Text of intervals in the four interval styles. */
import type { IntervalStyle } from '../type-context.js';
import { USECS_PER_HOUR, USECS_PER_MINUTE, USECS_PER_SEC } from './civil-calendar.js';
import { fractionText, twoDigits } from './civil-text.js';
import type { Interval } from './interval.js';
import type { Timestamp } from './timestamp-value.js';

/** An interval in calendar and clock units; all parts of the time have its sign. */
export class IntervalParts {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly fraction: number;

  constructor(value: Interval) {
    this.years = Math.trunc(value.months / 12) + 0;
    this.months = (value.months % 12) + 0;
    this.days = value.days;
    const [hours, rest] = splitHours(value.microseconds);
    this.hours = hours + 0;
    this.minutes = Math.trunc(rest / USECS_PER_MINUTE) + 0;
    this.seconds = Math.trunc((rest % USECS_PER_MINUTE) / USECS_PER_SEC) + 0;
    this.fraction = (rest % USECS_PER_SEC) + 0;
  }
}

function splitHours(time: Timestamp): [hours: number, rest: number] {
  if (typeof time === 'number') return [Math.trunc(time / USECS_PER_HOUR), time % USECS_PER_HOUR];
  return [Number(time / 3600000000n), Number(time % 3600000000n)];
}

export function formatInterval(value: Interval, style: IntervalStyle): string {
  const parts = new IntervalParts(value);
  switch (style) {
    case 'postgres':
      return postgresText(parts);
    case 'postgres_verbose':
      return verboseText(parts);
    case 'sql_standard':
      return standardText(parts);
    case 'iso_8601':
      return isoText(parts);
  }
}

function isNegativeTime(parts: IntervalParts): boolean {
  return parts.hours < 0 || parts.minutes < 0 || parts.seconds < 0 || parts.fraction < 0;
}

/** `MM:SS.f` of the magnitudes. */
function minutesText(parts: IntervalParts): string {
  const seconds = twoDigits(Math.abs(parts.seconds)) + fractionText(Math.abs(parts.fraction));
  return `${twoDigits(Math.abs(parts.minutes))}:${seconds}`;
}

function hasTime(parts: IntervalParts): boolean {
  return parts.hours !== 0 || parts.minutes !== 0 || parts.seconds !== 0 || parts.fraction !== 0;
}

function postgresText(parts: IntervalParts): string {
  let text = '';
  let negative = false;
  const add = (value: number, unit: string) => {
    if (value === 0) return;
    text += `${text === '' ? '' : ' '}${negative && value > 0 ? '+' : ''}${value} ${unit}${value === 1 ? '' : 's'}`;
    negative = value < 0;
  };
  add(parts.years, 'year');
  add(parts.months, 'mon');
  add(parts.days, 'day');
  if (text !== '' && !hasTime(parts)) return text;
  const sign = isNegativeTime(parts) ? '-' : negative ? '+' : '';
  return `${text}${text === '' ? '' : ' '}${sign}${twoDigits(Math.abs(parts.hours))}:${minutesText(parts)}`;
}

function verboseText(parts: IntervalParts): string {
  let text = '@';
  let before = false;
  const add = (value: number, unit: string) => {
    if (value === 0) return;
    if (text === '@') before = value < 0;
    const shown = before ? 0 - value : value;
    text += ` ${shown} ${unit}${shown === 1 ? '' : 's'}`;
  };
  add(parts.years, 'year');
  add(parts.months, 'mon');
  add(parts.days, 'day');
  add(parts.hours, 'hour');
  add(parts.minutes, 'min');
  const { seconds, fraction } = parts;
  if (seconds !== 0 || fraction !== 0) {
    const negative = seconds < 0 || fraction < 0;
    if (text === '@') before = negative;
    const sign = negative === before ? '' : '-';
    const one = Math.abs(seconds) === 1 && fraction === 0;
    text += ` ${sign}${Math.abs(seconds)}${fractionText(Math.abs(fraction))} sec${one ? '' : 's'}`;
  }
  if (text === '@') text += ' 0';
  return before ? `${text} ago` : text;
}

function standardText(parts: IntervalParts): string {
  const { years, months, days, hours } = parts;
  const all = [years, months, days, hours, parts.minutes, parts.seconds, parts.fraction];
  const negative = all.some((value) => value < 0);
  const positive = all.some((value) => value > 0);
  const yearMonth = years !== 0 || months !== 0;
  const dayTime = days !== 0 || hasTime(parts);
  const time = `${Math.abs(hours)}:${minutesText(parts)}`;
  if (!negative && !positive) return '0';
  if ((negative && positive) || (yearMonth && dayTime)) {
    const yearSign = years < 0 || months < 0 ? '-' : '+';
    const timeSign = isNegativeTime(parts) ? '-' : '+';
    const date = `${yearSign}${Math.abs(years)}-${Math.abs(months)} ${days < 0 ? '-' : '+'}${Math.abs(days)}`;
    return `${date} ${timeSign}${time}`;
  }
  const sign = negative ? '-' : '';
  if (yearMonth) return `${sign}${Math.abs(years)}-${Math.abs(months)}`;
  return days !== 0 ? `${sign}${Math.abs(days)} ${time}` : sign + time;
}

function isoText(parts: IntervalParts): string {
  let text = 'P';
  const add = (value: number, unit: string) => {
    if (value !== 0) text += value + unit;
  };
  add(parts.years, 'Y');
  add(parts.months, 'M');
  add(parts.days, 'D');
  if (!hasTime(parts)) return text === 'P' ? 'PT0S' : text;
  text += 'T';
  add(parts.hours, 'H');
  add(parts.minutes, 'M');
  const { seconds, fraction } = parts;
  if (seconds !== 0 || fraction !== 0) {
    text += `${seconds < 0 || fraction < 0 ? '-' : ''}${Math.abs(seconds)}${fractionText(Math.abs(fraction))}S`;
  }
  return text;
}
