/** CURRENT_DATE and its kin, all of the start of the transaction. A typmod of -1 leaves all six digits. */
import { joinTimestamp, roundMicroseconds, type Timestamp } from '../../types/datetime/timestamp-value.js';
import { TimeTz } from '../../types/datetime/timetz.js';
import type { TypeContext } from '../../types/type-context.js';
import { instantToDate, instantToLocal, instantToTime, instantToTimeTz, zoneOf } from './datetime-conversion.js';

export function currentDate(cx: TypeContext): number {
  return instantToDate(cx.transactionTimestamp, zoneOf(cx));
}

export function currentTime(cx: TypeContext, typmod: number): TimeTz {
  const value = instantToTimeTz(cx.transactionTimestamp, zoneOf(cx)) ?? new TimeTz(0, 0);
  return typmod < 0 ? value : new TimeTz(Number(roundMicroseconds(value.microseconds, typmod)), value.zone);
}

export function currentTimestamp(cx: TypeContext, typmod: number): Timestamp {
  return typmod < 0 ? cx.transactionTimestamp : roundMicroseconds(cx.transactionTimestamp, typmod);
}

export function localTime(cx: TypeContext, typmod: number): number {
  const value = instantToTime(cx.transactionTimestamp, zoneOf(cx)) ?? 0;
  return typmod < 0 ? value : Number(roundMicroseconds(value, typmod));
}

export function localTimestamp(cx: TypeContext, typmod: number): Timestamp {
  const value = instantToLocal(cx.transactionTimestamp, zoneOf(cx));
  return typmod < 0 ? value : roundMicroseconds(value, typmod);
}

/** Start of the current day as a timestamp. */
export function midnightOfToday(cx: TypeContext): Timestamp {
  return joinTimestamp(currentDate(cx), 0);
}
