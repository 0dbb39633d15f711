/** The codecs of the date and time types by pg_type.typname, and their stored forms. */
import type { StoredForm } from '../stored-form.js';
import type { TypeCodec } from '../type-codec.js';
import { dateCodec } from './date-codec.js';
import { intervalCodec, intervalStoredForm } from './interval-codec.js';
import { timeCodec, timeTzCodec, timeTzStoredForm } from './time-codecs.js';
import { timestampCodec, timestampTzCodec } from './timestamp-codecs.js';

export const datetimeCodecs: ReadonlyMap<string, TypeCodec> = new Map<string, TypeCodec>([
  ['date', dateCodec],
  ['time', timeCodec],
  ['timetz', timeTzCodec],
  ['timestamp', timestampCodec],
  ['timestamptz', timestampTzCodec],
  ['interval', intervalCodec],
]);

export const datetimeStoredForms: readonly StoredForm[] = [intervalStoredForm, timeTzStoredForm];
