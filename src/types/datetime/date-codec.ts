/** The codec of date: days since 2000-01-01, or an infinity. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { expectSize } from '../numbers/binary-size.js';
import { keyInt32 } from '../ordered-key.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import type { TypeContext } from '../type-context.js';
import { DATE_END_DAY, MIN_DAY } from './civil-calendar.js';
import { DateTimeReader } from './datetime-input.js';
import { formatDate } from './datetime-output.js';
import { isoDate } from './iso-input.js';

const INT32_MAX = 2147483647;
const INT32_MIN = -2147483648;

export function dateOutOfRange(): SqlError {
  return sqlError('datetime_value_out_of_range', 'date out of range');
}

export function isValidDate(day: number): boolean {
  return day >= MIN_DAY && day < DATE_END_DAY;
}

/** Text input of date, without regard to typmods, which date has not. */
export function parseDate(text: string, cx: TypeContext): number {
  if (text.length === 10) {
    const quick = isoDate(text, 0);
    if (!Number.isNaN(quick)) return quick;
  }
  const reader = new DateTimeReader(text, 'date', cx, false).read();
  const special = reader.specialDay;
  if (special !== null) return special;
  const day = reader.dayNumber;
  if (!isValidDate(day)) throw sqlError('datetime_value_out_of_range', `date out of range: "${text}"`);
  return day;
}

/** int32 on the wire and in keys: the infinities are its ends. */
function toInt32(value: number): number {
  if (Number.isFinite(value)) return value;
  return value > 0 ? INT32_MAX : INT32_MIN;
}

class DateCodec implements TypeCodec<number> {
  parse(text: string, cx: TypeContext): number {
    return parseDate(text, cx);
  }

  format(value: number, cx: TypeContext): string {
    return formatDate(value, cx);
  }

  receive(bytes: Buffer, start: number, end: number): number {
    expectSize(start, end, 4);
    const value = bytes.readInt32BE(start);
    if (value === INT32_MAX) return Number.POSITIVE_INFINITY;
    if (value === INT32_MIN) return Number.NEGATIVE_INFINITY;
    if (!isValidDate(value)) throw dateOutOfRange();
    return value;
  }

  send(value: number, out: ByteWriter): void {
    out.i32(toInt32(value));
  }

  compare(a: number, b: number): number {
    return a < b ? -1 : a > b ? 1 : 0;
  }

  groupKey(value: number): GroupKey {
    return value;
  }

  encodeKey(value: number): string {
    return keyInt32(toInt32(value));
  }
}

export const dateCodec: TypeCodec<number> = new DateCodec();
