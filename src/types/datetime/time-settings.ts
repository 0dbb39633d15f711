/** The values of the settings TimeZone and DateStyle, brought into the form in which SHOW gives them. */
import { sqlError } from '../../errors/sql-error.js';
import type { DateOrder, DateStyle } from '../type-context.js';
import type { Interval } from './interval.js';
import { parseInterval } from './interval-input.js';
import { formatInterval } from './interval-output.js';
import { intervalRange } from './interval-typmod.js';
import { findTimeZone } from './time-zone.js';

const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const MAX_HOURS = 168;
/** As SET TIME ZONE INTERVAL gives it. */
const INTERVAL = /^\s*interval\s*'(.*)'$/i;
const SECONDS_PER_HOUR = 3600;
/** Seconds: what the division by hours may have lost. */
const HALF_MICROSECOND = 5e-7;
const MICROSECONDS_PER_HOUR = 3_600_000_000;

/** @throws SqlError 22023 for an interval with months or days */
function intervalZone(value: Interval): string | undefined {
  const refused = value.months !== 0 ? 'months' : value.days !== 0 ? 'days' : null;
  if (refused !== null) {
    const shown = formatInterval(value, 'postgres');
    throw sqlError('invalid_parameter_value', `invalid value for parameter "TimeZone": "INTERVAL '${shown}'"`, {
      detail: `Cannot specify ${refused} in time zone interval.`,
    });
  }
  return hoursZone(Number(value.microseconds) / MICROSECONDS_PER_HOUR);
}

/**
 * The canonical name of a zone given by name, POSIX specification or hours east of UTC; undefined when there is no
 * such zone.
 */
export function canonicalTimeZone(name: string): string | undefined {
  const interval = INTERVAL.exec(name);
  if (interval !== null) return intervalZone(parseInterval(interval[1], 'postgres', intervalRange(-1)));
  const zone = NUMBER.test(name) ? hoursZone(Number(name)) : name;
  return zone === undefined ? undefined : findTimeZone(zone)?.name;
}

/** `<+05:30>-05:30` for 5.5. */
function hoursZone(hours: number): string | undefined {
  if (!(Math.abs(hours) < MAX_HOURS)) return undefined;
  const seconds = Math.trunc(Math.abs(hours) * SECONDS_PER_HOUR + HALF_MICROSECOND);
  const two = (value: number) => String(value).padStart(2, '0');
  let digits = two(Math.floor(seconds / 3600));
  if (seconds % 3600 !== 0) digits += `:${two(Math.floor(seconds / 60) % 60)}`;
  if (seconds % 60 !== 0) digits += `:${two(seconds % 60)}`;
  const [east, west] = hours < 0 ? ['-', '+'] : ['+', '-'];
  return `<${east}${digits}>${west}${digits}`;
}

/** Returns undefined for a list with unknown or contradicting words. */
export function parseDateStyle(
  value: string,
  current: { style: DateStyle; order: DateOrder },
): { style: DateStyle; order: DateOrder } | undefined {
  let style: DateStyle | null = null;
  let order: DateOrder | null = null;
  let impliedOrder: DateOrder | null = null;
  let clash = false;
  if (value.trim() === '') return current;
  const setStyle = (next: DateStyle) => {
    if (style !== null && style !== next) clash = true;
    style = next;
  };
  const setOrder = (next: DateOrder) => {
    if (order !== null && order !== next) clash = true;
    order = next;
  };
  for (const item of value.split(',')) {
    const word = item
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .toLowerCase();
    if (word === 'iso') setStyle('ISO');
    else if (word === 'sql') setStyle('SQL');
    else if (word.startsWith('postgres')) setStyle('Postgres');
    else if (word === 'german') {
      setStyle('German');
      impliedOrder = 'DMY';
    } else if (word === 'ymd') setOrder('YMD');
    else if (word === 'dmy' || word.startsWith('euro')) setOrder('DMY');
    else if (word === 'mdy' || word === 'us' || word.startsWith('noneuro')) setOrder('MDY');
    else if (word === 'default') {
      style ??= 'ISO';
      order ??= 'MDY';
    } else return undefined;
  }
  if (clash) return undefined;
  return { style: style ?? current.style, order: order ?? impliedOrder ?? current.order };
}
