/** Arithmetic, construction and casts of timestamps, and the clocks. */
import { sqlError } from '../../errors/sql-error.js';
import {
  CivilDate,
  civilFromDays,
  dayOfWeek,
  daysFromCivil,
  MIN_DAY,
  TIMESTAMP_END_DAY,
  USECS_PER_SEC,
} from '../../types/datetime/civil-calendar.js';
import { timeText } from '../../types/datetime/civil-text.js';
import type { Interval } from '../../types/datetime/interval.js';
import { offsetAt } from '../../types/datetime/time-zone.js';
import {
  dayOf,
  isFiniteTimestamp,
  isValidTimestamp,
  joinTimestamp,
  roundMicroseconds,
  type Timestamp,
  timeOf,
} from '../../types/datetime/timestamp-value.js';
import { normalizeInt8 } from '../../types/datum.js';
import { dateWithTime, isCalendarDate, twoDigits } from './date-functions.js';
import { instantToLocal, localToInstant, zoneOf } from './datetime-conversion.js';
import { midnightOfToday } from './datetime-values.js';
import { rint } from './interval-arithmetic.js';
import { type CallContext, contextFunctions, type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';
import { clockTime } from './time-functions.js';
import {
  addToInstant,
  addToTimestamp,
  ageEnd,
  subtractFromInstant,
  subtractFromTimestamp,
  timestampAge,
  timestampDifference,
} from './timestamp-arithmetic.js';
import { instantInNamedZone } from './timezone-functions.js';

const UNIX_TO_EPOCH_SECONDS = 946684800;

export function makeTimestamp(
  y: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): Timestamp {
  const year = y < 0 ? y + 1 : y;
  const date = `${y}-${twoDigits(month)}-${twoDigits(day)}`;
  if (!isCalendarDate(y, month, day)) {
    throw sqlError('datetime_field_overflow', `date field value out of range: ${date}`);
  }
  const days = daysFromCivil(year, month, day);
  if (!(days >= MIN_DAY && days < TIMESTAMP_END_DAY + 366 * 6000000)) {
    throw sqlError('datetime_value_out_of_range', `date out of range: ${date}`);
  }
  const micros = clockTime(hour, minute, second);
  const value = days < TIMESTAMP_END_DAY + 2 ? joinTimestamp(days, micros) : null;
  if (value === null || !isValidTimestamp(value)) {
    throw sqlError(
      'datetime_value_out_of_range',
      `timestamp out of range: ${date} ${hour}:${twoDigits(minute)}:${second < 10 ? '0' : ''}${second}`,
    );
  }
  return value;
}

/** to_timestamp(): seconds since 1970 UTC. */
function fromUnixSeconds(seconds: number): Timestamp {
  if (Number.isNaN(seconds)) throw sqlError('datetime_value_out_of_range', 'timestamp cannot be NaN');
  if (!Number.isFinite(seconds)) return seconds;
  const outOfRange = () => sqlError('datetime_value_out_of_range', `timestamp out of range: "${generalText(seconds)}"`);
  if (seconds < -210866803200 || seconds >= 9224318016000) throw outOfRange();
  const micros = rint((seconds - UNIX_TO_EPOCH_SECONDS) * USECS_PER_SEC);
  const value = Number.isSafeInteger(micros) ? micros + 0 : normalizeInt8(BigInt(micros));
  if (!isValidTimestamp(value)) throw outOfRange();
  return value;
}

/** As printf's %g. */
function generalText(value: number): string {
  const [mantissa, power] = value.toExponential(5).split('e');
  const exponent = Number(power);
  const trim = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (exponent >= -4 && exponent < 6) return trim(value.toPrecision(6));
  return `${trim(mantissa)}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function timeOfDayText(cx: CallContext): string {
  const now = cx.session.clockTimestamp();
  const zone = zoneOf(cx);
  const local = instantToLocal(now, zone);
  const day = dayOf(local);
  const time = timeOf(local, day);
  const date = civilFromDays(day, new CivilDate());
  const clock = timeText(time - (time % USECS_PER_SEC));
  const fraction = String(time % USECS_PER_SEC).padStart(6, '0');
  const name = zone.abbreviationAt(Math.floor(now / USECS_PER_SEC));
  const dayText = String(date.day).padStart(2, '0');
  return `${WEEKDAYS[dayOfWeek(day)]} ${MONTHS[date.month - 1]} ${dayText} ${clock}.${fraction} ${date.year} ${name}`;
}

/** As `ageEnd`, in the session's zone. */
function localEnd(cx: CallContext, value: Timestamp): Timestamp {
  if (isFiniteTimestamp(value)) return instantToLocal(value, zoneOf(cx));
  const end = ageEnd(value);
  const day = dayOf(end);
  const time = timeOf(end, day);
  return joinTimestamp(day, time + offsetAt(zoneOf(cx), day, time) * USECS_PER_SEC);
}

const plain = plainFunctions({
  timestamp_pl_interval: addToTimestamp,
  timestamp_mi_interval: subtractFromTimestamp,
  'interval_pl_timestamp(interval,timestamp)': (span: Interval, value: Timestamp) => addToTimestamp(value, span),
  timestamp_mi: timestampDifference,
  timestamp_age: (a: Timestamp, b: Timestamp) => timestampAge(ageEnd(a), ageEnd(b)),
  timestamp_finite: isFiniteTimestamp,
  timestamp_scale: (value: Timestamp, typmod: number) =>
    isFiniteTimestamp(value) ? roundMicroseconds(value, typmod) : value,
  timestamptz_scale: (value: Timestamp, typmod: number) =>
    isFiniteTimestamp(value) ? roundMicroseconds(value, typmod) : value,
  make_timestamp: makeTimestamp,
  float8_timestamptz: fromUnixSeconds,
});

const inSession = contextFunctions({
  timestamptz_pl_interval: (cx, value: Timestamp, span: Interval) => addToInstant(value, span, zoneOf(cx)),
  timestamptz_mi_interval: (cx, value: Timestamp, span: Interval) => subtractFromInstant(value, span, zoneOf(cx)),
  'interval_pl_timestamptz(interval,timestamptz)': (cx, span: Interval, value: Timestamp) =>
    addToInstant(value, span, zoneOf(cx)),
  timestamptz_age: (cx, a: Timestamp, b: Timestamp) => timestampAge(localEnd(cx, a), localEnd(cx, b)),
  'age(timestamp)': (cx, value: Timestamp) => timestampAge(midnightOfToday(cx), ageEnd(value)),
  'age(timestamptz)': (cx, value: Timestamp) => timestampAge(midnightOfToday(cx), localEnd(cx, value)),
  timestamp_timestamptz: (cx, value: Timestamp) => localToInstant(value, zoneOf(cx)),
  timestamptz_timestamp: (cx, value: Timestamp) => instantToLocal(value, zoneOf(cx)),
  'timestamptz(date,time)': (cx, date: number, time: number) => localToInstant(dateWithTime(date, time), zoneOf(cx)),
  make_timestamptz: (cx, y: number, mo: number, d: number, h: number, mi: number, s: number) =>
    localToInstant(makeTimestamp(y, mo, d, h, mi, s), zoneOf(cx)),
  make_timestamptz_at_timezone: (
    _cx,
    y: number,
    mo: number,
    d: number,
    h: number,
    mi: number,
    s: number,
    zone: string,
  ) => instantInNamedZone(zone, makeTimestamp(y, mo, d, h, mi, s)),
  now: (cx) => cx.transactionTimestamp,
  statement_timestamp: (cx) => cx.statementTimestamp,
  clock_timestamp: (cx) => cx.session.clockTimestamp(),
  timeofday: timeOfDayText,
});

export const timestampFunctions: FunctionFamily = joinFamilies(plain, inSession);
