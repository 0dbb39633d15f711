/** Text of dates and timestamps in the four date styles. */
import type { TypeContext, TypeSettings } from '../type-context.js';
import { CivilDate, civilFromDays, dayOfWeek, SECS_PER_DAY, USECS_PER_SEC } from './civil-calendar.js';
import { fourDigits, timeText, twoDigits, zoneText } from './civil-text.js';
import { sessionZone } from './time-zone.js';
import { dayOf, joinTimestamp, type Timestamp, timeOf } from './timestamp-value.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const civil = new CivilDate();

/** `infinity`, `-infinity`, or undefined for finite values. */
function infinityText(value: Timestamp): string | undefined {
  if (value === Number.POSITIVE_INFINITY) return 'infinity';
  return value === Number.NEGATIVE_INFINITY ? '-infinity' : undefined;
}

function yearText(year: number): string {
  return fourDigits(year > 0 ? year : 1 - year);
}

function withEra(text: string, year: number): string {
  return year > 0 ? text : `${text} BC`;
}

/** The date part in a style; `civil` holds the day. The era is the caller's. */
function dateText(settings: TypeSettings): string {
  const { year, month, day } = civil;
  const dayFirst = settings.dateOrder === 'DMY';
  switch (settings.dateStyle) {
    case 'ISO':
      return `${yearText(year)}-${twoDigits(month)}-${twoDigits(day)}`;
    case 'SQL':
      return dayFirst
        ? `${twoDigits(day)}/${twoDigits(month)}/${yearText(year)}`
        : `${twoDigits(month)}/${twoDigits(day)}/${yearText(year)}`;
    case 'German':
      return `${twoDigits(day)}.${twoDigits(month)}.${yearText(year)}`;
    case 'Postgres':
      return dayFirst
        ? `${twoDigits(day)}-${twoDigits(month)}-${yearText(year)}`
        : `${twoDigits(month)}-${twoDigits(day)}-${yearText(year)}`;
  }
}

export function formatDate(value: number, cx: TypeContext): string {
  const special = infinityText(value);
  if (special !== undefined) return special;
  civilFromDays(value, civil);
  return withEra(dateText(cx.settings), civil.year);
}

/** `zone` is the text behind the time, with its blank where one belongs. */
function momentText(day: number, time: number, zone: string, settings: TypeSettings): string {
  civilFromDays(day, civil);
  const { year } = civil;
  if (settings.dateStyle !== 'Postgres') return withEra(`${dateText(settings)} ${timeText(time)}${zone}`, year);
  const month = MONTHS[civil.month - 1];
  const date = settings.dateOrder === 'DMY' ? `${twoDigits(civil.day)} ${month}` : `${month} ${twoDigits(civil.day)}`;
  return withEra(`${WEEKDAYS[dayOfWeek(day)]} ${date} ${timeText(time)} ${yearText(year)}${zone}`, year);
}

export function formatTimestamp(value: Timestamp, cx: TypeContext): string {
  const special = infinityText(value);
  if (special !== undefined) return special;
  const day = dayOf(value);
  return momentText(day, timeOf(value, day), '', cx.settings);
}

export function formatTimestampTz(value: Timestamp, cx: TypeContext): string {
  const special = infinityText(value);
  if (special !== undefined) return special;
  const zone = sessionZone(cx.settings.timeZone);
  const utcDay = dayOf(value);
  const utcTime = timeOf(value, utcDay);
  const seconds = utcDay * SECS_PER_DAY + Math.floor(utcTime / USECS_PER_SEC);
  const offset = zone.fixedOffset ?? zone.spanAt(seconds).offset;
  const iso = cx.settings.dateStyle === 'ISO';
  const suffix = iso ? zoneText(0 - offset) : ` ${zone.abbreviationAt(seconds)}`;
  if (offset === 0) return momentText(utcDay, utcTime, suffix, cx.settings);
  const local = joinTimestamp(utcDay, utcTime + offset * USECS_PER_SEC);
  const day = dayOf(local);
  return momentText(day, timeOf(local, day), suffix, cx.settings);
}
