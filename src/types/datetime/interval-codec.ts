/** The codec of interval and its form in rows. */
import { sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import { expectSize, readInt64 } from '../numbers/binary-size.js';
import { keyInt64 } from '../ordered-key.js';
import type { StoredForm } from '../stored-form.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import type { TypeContext } from '../type-context.js';
import { DAYS_PER_MONTH, USECS_PER_DAY } from './civil-calendar.js';
import { compareIntervals, Interval, intervalSpan } from './interval.js';
import { parseInterval } from './interval-input.js';
import { formatInterval } from './interval-output.js';
import { applyIntervalTypmod, intervalRange } from './interval-typmod.js';
import { dayOf, timeOf } from './timestamp-value.js';

const SIZE = 16;

function readInterval(bytes: Buffer, start: number): Interval {
  return new Interval(bytes.readInt32BE(start + 12), bytes.readInt32BE(start + 8), readInt64(bytes, start));
}

function writeInterval(value: Interval, out: ByteWriter): void {
  out.i64(value.microseconds);
  out.i32(value.days);
  out.i32(value.months);
}

class IntervalCodec implements TypeCodec<Interval> {
  parse(text: string, cx: TypeContext, typmod: number): Interval {
    const value = parseInterval(text, cx.settings.intervalStyle, intervalRange(typmod));
    return applyIntervalTypmod(value, typmod);
  }

  format(value: Interval, cx: TypeContext): string {
    return formatInterval(value, cx.settings.intervalStyle);
  }

  receive(bytes: Buffer, start: number, end: number, _cx: TypeContext, typmod: number): Interval {
    expectSize(start, end, SIZE);
    return applyIntervalTypmod(readInterval(bytes, start), typmod);
  }

  send(value: Interval, out: ByteWriter): void {
    writeInterval(value, out);
  }

  compare(a: Interval, b: Interval): number {
    return compareIntervals(a, b);
  }

  groupKey(value: Interval): GroupKey {
    return intervalSpan(value);
  }

  /** Whole days of the span and the rest of a day, since the span itself may need more than 64 bits. */
  encodeKey(value: Interval): string {
    const day = dayOf(value.microseconds);
    const days = value.months * DAYS_PER_MONTH + value.days + day;
    const rest = timeOf(value.microseconds, day);
    return rest < USECS_PER_DAY ? keyInt64(days) + keyInt64(rest) : keyInt64(days + 1) + keyInt64(0);
  }
}

export const intervalCodec: TypeCodec<Interval> = new IntervalCodec();

/** As on the wire: microseconds (8 bytes), days and months (4 bytes each). */
export const intervalStoredForm: StoredForm<Interval> = {
  tag: 17,
  type: Interval,
  write(value, out) {
    writeInterval(value, out);
  },
  read(cursor) {
    const { bytes, position } = cursor;
    if (position + SIZE > cursor.end) throw sqlError('data_corrupted', 'stored interval is damaged');
    cursor.position = position + SIZE;
    return readInterval(bytes, position);
  },
};
