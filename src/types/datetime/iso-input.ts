/**
 * The quick way of date and time input: `YYYY-MM-DD`, `HH:MM:SS[.ffffff]`, both with one blank or T between, and a
 * numeric offset. What does not look exactly so is left to the general reader (NaN, or -1 from `iso.zoneEnd`).
 */
import { daysFromCivil, daysInMonth, USECS_PER_HOUR, USECS_PER_MINUTE, USECS_PER_SEC } from './civil-calendar.js';

const ZERO = 48;
const POWERS = [1_000_000, 100_000, 10_000, 1000, 100, 10, 1];

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - ZERO;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}

function two(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

/** Day number of the ten characters from `at`; NaN unless they are `YYYY-MM-DD` with a valid day. */
export function isoDate(text: string, at: number): number {
  if (text.charCodeAt(at + 4) !== 45 || text.charCodeAt(at + 7) !== 45) return Number.NaN;
  const year = two(text, at) * 100 + two(text, at + 2);
  const month = two(text, at + 5);
  const day = two(text, at + 8);
  if (!(year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) return Number.NaN;
  if (day > 28 && day > daysInMonth(year, month)) return Number.NaN;
  return daysFromCivil(year, month, day);
}

/** Where the time that `isoTime` read ends. */
export let isoTimeEnd = 0;

/** Microseconds since midnight of `HH:MM:SS[.f{1,6}]` at `at`; NaN when it is something else or beyond 23:59:59. */
export function isoTime(text: string, at: number): number {
  if (text.charCodeAt(at + 2) !== 58 || text.charCodeAt(at + 5) !== 58) return Number.NaN;
  const hour = two(text, at);
  const minute = two(text, at + 3);
  const second = two(text, at + 6);
  if (!(hour < 24 && minute < 60 && second < 60)) return Number.NaN;
  let end = at + 8;
  let fraction = 0;
  if (text.charCodeAt(end) === 46) {
    const start = ++end;
    for (let value = digit(text, end); value >= 0; value = digit(text, ++end)) {
      if (end - start >= 6) return Number.NaN;
      fraction = fraction * 10 + value;
    }
    if (end === start) return Number.NaN;
    fraction *= POWERS[end - start];
  }
  isoTimeEnd = end;
  return hour * USECS_PER_HOUR + minute * USECS_PER_MINUTE + second * USECS_PER_SEC + fraction;
}

/** Seconds east of `+HH`, `+HH:MM` or `Z` from `at` to the end of the text; NaN when it is something else. */
export function isoZone(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  const rest = text.length - at;
  if (rest === 1 && (sign === 90 || sign === 122)) return 0;
  if (sign !== 43 && sign !== 45) return Number.NaN;
  const hour = two(text, at + 1);
  let minute = 0;
  if (rest === 6 && text.charCodeAt(at + 3) === 58) minute = two(text, at + 4);
  else if (rest !== 3) return Number.NaN;
  if (!(hour <= 15 && minute < 60)) return Number.NaN;
  const seconds = hour * 3600 + minute * 60;
  return sign === 45 ? 0 - seconds : seconds;
}
