/** Arithmetic, construction and casts of time and timetz. */
import { sqlError } from '../../errors/sql-error.js';
import { USECS_PER_DAY, USECS_PER_HOUR, USECS_PER_MINUTE, USECS_PER_SEC } from '../../types/datetime/civil-calendar.js';
import { Interval } from '../../types/datetime/interval.js';
import { roundMicroseconds, type Timestamp } from '../../types/datetime/timestamp-value.js';
import { TimeTz } from '../../types/datetime/timetz.js';
import {
  instantToTime,
  instantToTimeTz,
  timestampToTime,
  timeToTimeTz,
  wrapDay,
  zoneOf,
} from './datetime-conversion.js';
import { rint, splitDays } from './interval-arithmetic.js';
import { contextFunctions, type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';

/** The time of day `micros` away; whole days do not count. Sums beyond 64 bits wrap around, as in PostgreSQL. */
export function moved(time: number, micros: Timestamp, sign: 1 | -1): number {
  if (typeof micros === 'number') return wrapDay(time + ((sign * micros) % USECS_PER_DAY));
  return wrapDay(splitDays(BigInt.asIntN(64, BigInt(time) + BigInt(sign) * micros))[1]);
}

function movedTz(value: TimeTz, micros: Timestamp, sign: 1 | -1): TimeTz {
  return new TimeTz(moved(value.microseconds, micros, sign), value.zone);
}

/** Microseconds of a clock reading; throws 22008 with the reading for one that there is not. */
export function clockTime(hour: number, minute: number, second: number): number {
  const fraction = rint(second * USECS_PER_SEC);
  const micros = hour * USECS_PER_HOUR + minute * USECS_PER_MINUTE + fraction;
  const valid =
    hour >= 0 &&
    hour <= 24 &&
    minute >= 0 &&
    minute < 60 &&
    second >= 0 &&
    fraction <= 60 * USECS_PER_SEC &&
    micros <= USECS_PER_DAY;
  if (!valid) {
    throw sqlError(
      'datetime_field_overflow',
      `time field value out of range: ${hour}:${String(minute).padStart(2, '0')}:${secondsText(second)}`,
    );
  }
  return micros;
}

/** As printf's %02g. */
function secondsText(second: number): string {
  if (!Number.isFinite(second)) return String(second);
  const exponent = second === 0 ? 0 : Math.floor(Math.log10(Math.abs(Number(second.toPrecision(6)))));
  let text: string;
  if (exponent < -4 || exponent >= 6) {
    const [mantissa, power] = second.toExponential(5).split('e');
    const trimmed = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
    text = `${trimmed}e${power[0]}${power.slice(1).padStart(2, '0')}`;
  } else {
    text = second.toPrecision(6);
    if (text.includes('.')) text = text.replace(/\.?0+$/, '');
  }
  return text.startsWith('-') ? text : text.padStart(2, '0');
}

const plain = plainFunctions({
  time_pl_interval: (time: number, span: Interval) => moved(time, span.microseconds, 1),
  time_mi_interval: (time: number, span: Interval) => moved(time, span.microseconds, -1),
  'interval_pl_time(interval,time)': (span: Interval, time: number) => moved(time, span.microseconds, 1),
  timetz_pl_interval: (value: TimeTz, span: Interval) => movedTz(value, span.microseconds, 1),
  timetz_mi_interval: (value: TimeTz, span: Interval) => movedTz(value, span.microseconds, -1),
  'interval_pl_timetz(interval,timetz)': (span: Interval, value: TimeTz) => movedTz(value, span.microseconds, 1),
  time_mi_time: (a: number, b: number) => new Interval(0, 0, a - b),
  make_time: clockTime,
  time_interval: (time: number) => new Interval(0, 0, time),
  interval_time: (span: Interval) => wrapDay(splitDays(span.microseconds)[1]),
  timetz_time: (value: TimeTz) => value.microseconds,
  timestamp_time: timestampToTime,
  time_scale: (time: number, typmod: number) => roundMicroseconds(time, typmod),
  timetz_scale: (value: TimeTz, typmod: number) =>
    new TimeTz(Number(roundMicroseconds(value.microseconds, typmod)), value.zone),
});

const inSession = contextFunctions({
  time_timetz: (cx, time: number) => timeToTimeTz(time, cx),
  timestamptz_time: (cx, instant: Timestamp) => instantToTime(instant, zoneOf(cx)),
  timestamptz_timetz: (cx, instant: Timestamp) => instantToTimeTz(instant, zoneOf(cx)),
});

export const timeFunctions: FunctionFamily = joinFamilies(plain, inSession);
