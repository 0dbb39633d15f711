/**
 * AT TIME ZONE in all its forms, the zone of make_timestamptz(), and the lists of zones. A zone is an interval, an
 * abbreviation of input, a name or a POSIX specification, tried in this order.
 */
import { sqlError } from '../../errors/sql-error.js';
import { SECS_PER_DAY, USECS_PER_SEC } from '../../types/datetime/civil-calendar.js';
import { Interval } from '../../types/datetime/interval.js';
import { intervalCodec } from '../../types/datetime/interval-codec.js';
import { findTimeZone, offsetAt, type TimeZone } from '../../types/datetime/time-zone.js';
import {
  checkedTimestamp,
  dayOf,
  isFiniteTimestamp,
  isValidTimestamp,
  type Timestamp,
  timeOf,
  timestampOutOfRange,
} from '../../types/datetime/timestamp-value.js';
import { TimeTz } from '../../types/datetime/timetz.js';
import { resolveAbbreviation, zoneAbbreviations } from '../../types/datetime/zone-abbreviations.js';
import { zoneEntries } from '../../types/datetime/zone-names.js';
import type { Row } from '../../types/datum.js';
import type { TypeContext } from '../../types/type-context.js';
import { instantToLocal, localToInstant, requireZone, wrapDay } from './datetime-conversion.js';
import { contextFunctions, type FunctionFamily, joinFamilies, plainFunctions, setFunctions } from './registry.js';

function shifted(value: Timestamp, seconds: number): Timestamp {
  if (!isFiniteTimestamp(value)) return value;
  const day = dayOf(value);
  return checkedTimestamp(day, timeOf(value, day) + seconds * USECS_PER_SEC);
}

function secondsOf(value: Timestamp): number {
  const day = dayOf(value);
  return day * SECS_PER_DAY + Math.floor(timeOf(value, day) / USECS_PER_SEC);
}

/** The offset east of UTC that an abbreviation has at a time, or undefined for what is none. */
function abbreviationOffset(name: string, seconds: number): number | undefined {
  const upper = name.toUpperCase();
  const entry = zoneAbbreviations().get(upper);
  if (entry === undefined) return undefined;
  return entry.offset ?? resolveAbbreviation(upper, entry, seconds);
}

/** The zone that a name means in AT TIME ZONE, as an object. */
export function zoneOrAbbreviation(name: string): TimeZone {
  const entry = zoneAbbreviations().get(name.toUpperCase());
  if (entry === undefined) return requireZone(name);
  if (entry.offset === null) return requireZone(entry.zone ?? name);
  const west = 0 - entry.offset;
  const magnitude = Math.abs(west);
  const clock = `${Math.floor(magnitude / 3600)}:${Math.floor(magnitude / 60) % 60}`;
  return requireZone(`<${name.toUpperCase()}>${west < 0 ? '-' : '+'}${clock}`);
}

function localInZone(name: string, instant: Timestamp): Timestamp {
  if (!isFiniteTimestamp(instant)) return instant;
  const offset = abbreviationOffset(name, secondsOf(instant));
  return offset === undefined ? instantToLocal(instant, requireZone(name)) : shifted(instant, offset);
}

function instantInZone(name: string, local: Timestamp): Timestamp {
  if (!isFiniteTimestamp(local)) return local;
  const offset = abbreviationOffset(name, secondsOf(local));
  return offset === undefined ? localToInstant(local, requireZone(name)) : shifted(local, -offset);
}

function timeTzInZone(cx: TypeContext, name: string, value: TimeTz): TimeTz {
  const now = Math.floor(cx.transactionTimestamp / USECS_PER_SEC);
  let offset = abbreviationOffset(name, now);
  if (offset === undefined) {
    const day = Math.floor(now / SECS_PER_DAY);
    offset = offsetAt(requireZone(name), day, (now - day * SECS_PER_DAY) * USECS_PER_SEC);
  }
  return timeTzAt(value, offset);
}

function timeTzAt(value: TimeTz, offset: number): TimeTz {
  return new TimeTz(wrapDay(value.instant + offset * USECS_PER_SEC), 0 - offset);
}

/** Seconds east of UTC. */
function intervalOffset(cx: TypeContext, zone: Interval): number {
  if (zone.months !== 0 || zone.days !== 0) {
    throw sqlError(
      'invalid_parameter_value',
      `interval time zone "${intervalCodec.format(zone, cx)}" must not include months or days`,
    );
  }
  return Math.trunc(Number(zone.microseconds) / USECS_PER_SEC) | 0;
}

const MAX_ZONE_HOUR = 15;

/** Seconds east of `+5`, `+05:30`, `-0530`, `+01:02:03`; undefined for what looks otherwise. Throws 22023. */
function numericZone(text: string): number | undefined {
  if (/^\d/.test(text)) {
    throw sqlError('invalid_parameter_value', `invalid input syntax for type numeric time zone: "${text}"`, {
      hint: 'Numeric time zones must have "-" or "+" as first character.',
    });
  }
  const parts = /^([+-])(\d+)(?::(\d*)(?::(\d*))?)?$/.exec(text);
  if (parts === null) return undefined;
  let hour = Number(parts[2]);
  let minute = Number(parts[3] ?? 0);
  if (parts[3] === undefined && text.length > 3) {
    minute = hour % 100;
    hour = Math.floor(hour / 100);
  }
  const second = Number(parts[4] ?? 0);
  if (hour > MAX_ZONE_HOUR || minute >= 60 || second >= 60) {
    throw sqlError('invalid_parameter_value', `numeric time zone "${text}" out of range`);
  }
  const seconds = (hour * 60 + minute) * 60 + second;
  return parts[1] === '-' ? 0 - seconds : seconds;
}

/** The instant of a local time in the zone that make_timestamptz() was given. */
export function instantInNamedZone(name: string, local: Timestamp): Timestamp {
  const offset = numericZone(name);
  const value = offset === undefined ? instantInZone(name, local) : shifted(local, -offset);
  if (!isValidTimestamp(value)) throw timestampOutOfRange();
  return value;
}

const plain = plainFunctions({
  timestamptz_zone: localInZone,
  timestamp_zone: instantInZone,
});

const inSession = contextFunctions({
  timetz_zone: timeTzInZone,
  timestamptz_izone: (cx, zone: Interval, value: Timestamp) =>
    isFiniteTimestamp(value) ? shifted(value, intervalOffset(cx, zone)) : value,
  timestamp_izone: (cx, zone: Interval, value: Timestamp) =>
    isFiniteTimestamp(value) ? shifted(value, -intervalOffset(cx, zone)) : value,
  timetz_izone: (cx, zone: Interval, value: TimeTz) => timeTzAt(value, intervalOffset(cx, zone)),
});

const offsetInterval = (seconds: number) => new Interval(0, 0, seconds * USECS_PER_SEC);

function* zoneRows(cx: TypeContext): Iterable<Row> {
  const now = Math.floor(cx.transactionTimestamp / USECS_PER_SEC);
  for (const { name } of zoneEntries().values()) {
    const zone = findTimeZone(name);
    if (zone === undefined) continue;
    yield [name, zone.abbreviationAt(now), offsetInterval(zone.spanAt(now).offset), zone.isDstAt(now)];
  }
}

function* abbreviationRows(cx: TypeContext): Iterable<Row> {
  const now = Math.floor(cx.transactionTimestamp / USECS_PER_SEC);
  const names = [...zoneAbbreviations()].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, entry] of names) {
    const offset = entry.offset ?? resolveAbbreviation(name, entry, now);
    yield [name, offsetInterval(offset), entry.isDst];
  }
}

const sets = setFunctions({ pg_timezone_names: zoneRows, pg_timezone_abbrevs: abbreviationRows });

export const timezoneFunctions: FunctionFamily = joinFamilies(plain, inSession, sets);
