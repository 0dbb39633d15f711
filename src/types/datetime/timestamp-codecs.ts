/** The codecs of timestamp and timestamptz, which differ in text input and output alone. */
import { sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { expectSize, readInt64 } from '../numbers/binary-size.js';
import { keyInt64 } from '../ordered-key.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import type { TypeContext } from '../type-context.js';
import { MIN_DAY, TIMESTAMP_END_DAY, USECS_PER_DAY, USECS_PER_SEC } from './civil-calendar.js';
import { DateTimeReader } from './datetime-input.js';
import { formatTimestamp, formatTimestampTz } from './datetime-output.js';
import { isoDate, isoTime, isoTimeEnd, isoZone } from './iso-input.js';
import { sessionZone, utcOfLocal } from './time-zone.js';
import {
  compareTimestamps,
  isFiniteTimestamp,
  isValidTimestamp,
  joinTimestamp,
  roundMicroseconds,
  type Timestamp,
  timestampOutOfRange,
} from './timestamp-value.js';

/** The local day of an instant may lie before the first one, within its month. */
const FIRST_LOCAL_DAY = MIN_DAY - 23;
const INT64_MAX = 9223372036854775807n;
const INT64_MIN = -9223372036854775808n;

/** timestamp(p), timestamptz(p): rounds to the precision. Throws 22023 for a precision beyond 6. */
export function applyTimestampPrecision(value: Timestamp, typmod: number): Timestamp {
  if (typmod === -1 || typmod === 6 || !isFiniteTimestamp(value)) return value;
  if (typmod < 0 || typmod > 6) {
    throw sqlError('invalid_parameter_value', `timestamp(${typmod}) precision must be between 0 and 6`);
  }
  return roundMicroseconds(value, typmod);
}

/** The usual form; NaN for anything else. */
function quickTimestamp(text: string, cx: TypeContext, withZone: boolean): Timestamp {
  const { length } = text;
  if (length < 10) return Number.NaN;
  const day = isoDate(text, 0);
  if (Number.isNaN(day)) return day;
  let time = 0;
  let end = 10;
  if (length > 10) {
    const gap = text.charCodeAt(10);
    if (gap !== 32 && gap !== 84) return Number.NaN;
    time = isoTime(text, 11);
    if (Number.isNaN(time)) return time;
    end = isoTimeEnd;
  }
  if (end < length) {
    const offset = isoZone(text, end);
    if (Number.isNaN(offset)) return offset;
    return joinTimestamp(day, withZone ? time - offset * USECS_PER_SEC : time);
  }
  if (!withZone) return joinTimestamp(day, time);
  return utcOfLocal(sessionZone(cx.settings.timeZone), day, time);
}

function generalTimestamp(text: string, cx: TypeContext, withZone: boolean): Timestamp {
  const typeName = withZone ? 'timestamp with time zone' : 'timestamp';
  const reader = new DateTimeReader(text, typeName, cx, false).read();
  const special = reader.specialDay;
  if (special !== null) return special * USECS_PER_DAY;
  const day = reader.dayNumber;
  const time = reader.timeOfDay + (withZone ? reader.zone * USECS_PER_SEC : 0);
  const wholeDay = day + Math.floor(time / USECS_PER_DAY);
  if (!(day >= FIRST_LOCAL_DAY && wholeDay >= MIN_DAY && wholeDay < TIMESTAMP_END_DAY)) {
    throw sqlError('datetime_value_out_of_range', `timestamp out of range: "${text}"`);
  }
  return joinTimestamp(day, time);
}

export function parseTimestamp(text: string, cx: TypeContext, typmod: number): Timestamp {
  const quick = quickTimestamp(text, cx, false);
  return applyTimestampPrecision(Number.isNaN(quick) ? generalTimestamp(text, cx, false) : quick, typmod);
}

export function parseTimestampTz(text: string, cx: TypeContext, typmod: number): Timestamp {
  const quick = quickTimestamp(text, cx, true);
  return applyTimestampPrecision(Number.isNaN(quick) ? generalTimestamp(text, cx, true) : quick, typmod);
}

/** int64 on the wire and in keys: the infinities are its ends. */
function toInt64(value: Timestamp): Timestamp {
  if (isFiniteTimestamp(value)) return value;
  return value > 0 ? INT64_MAX : INT64_MIN;
}

abstract class MomentCodec implements TypeCodec<Timestamp> {
  abstract parse(text: string, cx: TypeContext, typmod: number): Timestamp;
  abstract format(value: Timestamp, cx: TypeContext): string;

  receive(bytes: Buffer, start: number, end: number, _cx: TypeContext, typmod: number): Timestamp {
    expectSize(start, end, 8);
    const value = readInt64(bytes, start);
    if (value === INT64_MAX) return Number.POSITIVE_INFINITY;
    if (value === INT64_MIN) return Number.NEGATIVE_INFINITY;
    if (typeof value === 'bigint' && !isValidTimestamp(value)) throw timestampOutOfRange();
    return applyTimestampPrecision(value, typmod);
  }

  send(value: Timestamp, out: ByteWriter): void {
    out.i64(toInt64(value));
  }

  compare(a: Timestamp, b: Timestamp): number {
    return compareTimestamps(a, b);
  }

  groupKey(value: Timestamp): GroupKey {
    return value;
  }

  encodeKey(value: Timestamp): string {
    return keyInt64(toInt64(value));
  }
}

class TimestampCodec extends MomentCodec {
  parse(text: string, cx: TypeContext, typmod: number): Timestamp {
    return parseTimestamp(text, cx, typmod);
  }

  format(value: Timestamp, cx: TypeContext): string {
    return formatTimestamp(value, cx);
  }
}

class TimestampTzCodec extends MomentCodec {
  parse(text: string, cx: TypeContext, typmod: number): Timestamp {
    return parseTimestampTz(text, cx, typmod);
  }

  format(value: Timestamp, cx: TypeContext): string {
    return formatTimestampTz(value, cx);
  }
}

export const timestampCodec: TypeCodec<Timestamp> = new TimestampCodec();
export const timestampTzCodec: TypeCodec<Timestamp> = new TimestampTzCodec();
