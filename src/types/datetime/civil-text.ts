/** Pieces of the text forms of dates and times that all styles share. */
import { USECS_PER_HOUR, USECS_PER_MINUTE, USECS_PER_SEC } from './civil-calendar.js';

const TWO: string[] = [];
for (let i = 0; i < 100; i++) TWO.push(i < 10 ? `0${i}` : String(i));

/** At least two digits. REQUIRES a whole number >= 0. */
export function twoDigits(value: number): string {
  return value < 100 ? TWO[value] : String(value);
}

/** At least four digits. */
export function fourDigits(value: number): string {
  return value >= 1000 ? String(value) : String(value).padStart(4, '0');
}

/** `.5` or nothing: microseconds without trailing zeros. */
export function fractionText(microseconds: number): string {
  if (microseconds === 0) return '';
  const digits = String(microseconds).padStart(6, '0');
  let end = 6;
  while (digits.charCodeAt(end - 1) === 48) end--;
  return `.${end === 6 ? digits : digits.slice(0, end)}`;
}

/** `HH:MM:SS[.ffffff]` of microseconds since midnight (24:00:00 included). */
export function timeText(time: number): string {
  const hour = Math.floor(time / USECS_PER_HOUR);
  let rest = time - hour * USECS_PER_HOUR;
  const minute = Math.floor(rest / USECS_PER_MINUTE);
  rest -= minute * USECS_PER_MINUTE;
  const second = Math.floor(rest / USECS_PER_SEC);
  return `${TWO[hour]}:${TWO[minute]}:${TWO[second]}${fractionText(rest - second * USECS_PER_SEC)}`;
}

/** `+HH[:MM[:SS]]`, east of UTC positive, from seconds west; `always` writes the minutes in any case. */
export function zoneText(west: number, always = false): string {
  const magnitude = Math.abs(west);
  const hour = Math.floor(magnitude / 3600);
  const minute = Math.floor(magnitude / 60) % 60;
  const second = magnitude % 60;
  const sign = west <= 0 ? '+' : '-';
  if (second !== 0) return `${sign}${twoDigits(hour)}:${TWO[minute]}:${TWO[second]}`;
  return minute !== 0 || always ? `${sign}${twoDigits(hour)}:${TWO[minute]}` : sign + twoDigits(hour);
}
