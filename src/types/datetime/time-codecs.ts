/** The codecs of time and timetz, and how timetz is stored. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { expectSize, readInt64 } from '../numbers/binary-size.js';
import { PlainNumberCodec } from '../numbers/plain-number-codec.js';
import { keyInt32, keyInt64 } from '../ordered-key.js';
import type { StoredForm } from '../stored-form.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import type { TypeContext } from '../type-context.js';
import { USECS_PER_DAY } from './civil-calendar.js';
import { timeText, zoneText } from './civil-text.js';
import { DateTimeReader } from './datetime-input.js';
import { isoTime, isoTimeEnd } from './iso-input.js';
import { roundMicroseconds } from './timestamp-value.js';
import { compareTimeTz, TimeTz } from './timetz.js';

/** Seconds by which a zone may differ from UTC, exclusive. */
const ZONE_LIMIT = 16 * 3600;

function timeOutOfRange(): SqlError {
  return sqlError('datetime_value_out_of_range', 'time out of range');
}

/** time(p): rounds to the precision; may give 24:00:00. */
export function applyTimePrecision(time: number, typmod: number): number {
  return typmod < 0 ? time : Number(roundMicroseconds(time, typmod));
}

export function parseTime(text: string, cx: TypeContext, typmod: number): number {
  const quick = isoTime(text, 0);
  if (!Number.isNaN(quick) && isoTimeEnd === text.length) return applyTimePrecision(quick, typmod);
  const reader = new DateTimeReader(text, 'time', cx, true).read();
  return applyTimePrecision(reader.timeOfDay, typmod);
}

export function parseTimeTz(text: string, cx: TypeContext, typmod: number): TimeTz {
  const reader = new DateTimeReader(text, 'time with time zone', cx, true).read();
  return new TimeTz(applyTimePrecision(reader.timeOfDay, typmod), reader.zone + 0);
}

export function formatTimeTz(value: TimeTz): string {
  return timeText(value.microseconds) + zoneText(value.zone);
}

function receiveTime(bytes: Buffer, start: number): number {
  const value = readInt64(bytes, start);
  if (value < 0 || value > USECS_PER_DAY) throw timeOutOfRange();
  return Number(value);
}

class TimeCodec extends PlainNumberCodec {
  parse(text: string, cx: TypeContext, typmod: number): number {
    return parseTime(text, cx, typmod);
  }

  override format(value: number): string {
    return timeText(value);
  }

  receive(bytes: Buffer, start: number, end: number, _cx: TypeContext, typmod: number): number {
    expectSize(start, end, 8);
    return applyTimePrecision(receiveTime(bytes, start), typmod);
  }

  send(value: number, out: ByteWriter): void {
    out.i64(value);
  }

  encodeKey(value: number): string {
    return keyInt64(value);
  }
}

class TimeTzCodec implements TypeCodec<TimeTz> {
  parse(text: string, cx: TypeContext, typmod: number): TimeTz {
    return parseTimeTz(text, cx, typmod);
  }

  format(value: TimeTz): string {
    return formatTimeTz(value);
  }

  receive(bytes: Buffer, start: number, end: number, _cx: TypeContext, typmod: number): TimeTz {
    expectSize(start, end, 12);
    const time = receiveTime(bytes, start);
    const zone = bytes.readInt32BE(start + 8);
    if (zone <= -ZONE_LIMIT || zone >= ZONE_LIMIT) {
      throw sqlError('invalid_time_zone_displacement_value', 'time zone displacement out of range');
    }
    return new TimeTz(applyTimePrecision(time, typmod), zone);
  }

  send(value: TimeTz, out: ByteWriter): void {
    out.i64(value.microseconds);
    out.i32(value.zone);
  }

  compare(a: TimeTz, b: TimeTz): number {
    return compareTimeTz(a, b);
  }

  groupKey(value: TimeTz): GroupKey {
    return `${value.microseconds}/${value.zone}`;
  }

  encodeKey(value: TimeTz): string {
    return keyInt64(value.instant) + keyInt32(value.zone);
  }
}

export const timeCodec: TypeCodec<number> = new TimeCodec();
export const timeTzCodec: TypeCodec<TimeTz> = new TimeTzCodec();

/** Microseconds (8 bytes), then seconds west (4 bytes). */
export const timeTzStoredForm: StoredForm<TimeTz> = {
  tag: 18,
  type: TimeTz,
  write(value, out) {
    out.i64(value.microseconds);
    out.i32(value.zone);
  },
  read(cursor) {
    const { bytes, position } = cursor;
    if (position + 12 > cursor.end) throw sqlError('data_corrupted', 'stored time is damaged');
    cursor.position = position + 12;
    return new TimeTz(Number(readInt64(bytes, position)), bytes.readInt32BE(position + 8));
  },
};
