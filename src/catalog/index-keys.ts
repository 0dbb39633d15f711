/**
 * Keys of the system indexes: the key encodings of the columns joined, each behind a byte that orders NULL last.
 */
import type { IndexRange } from '../storage/api.js';
import type { Datum } from '../types/datum.js';
import type { TypeCodec } from '../types/type-codec.js';

const NOT_NULL = '\x01';
const NULL_LAST = '\x02';

export function keyOfValues(values: readonly Datum[], codecs: readonly TypeCodec[]): string {
  let key = '';
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    key += value === null ? NULL_LAST : NOT_NULL + codecs[i].encodeKey(value);
  }
  return key;
}

/** All keys that begin with `prefix`. */
export function prefixRange(prefix: string): IndexRange {
  let end = prefix.length;
  while (end > 0 && prefix.charCodeAt(end - 1) === 0xff) end--;
  if (end === 0) return { lo: prefix === '' ? null : prefix, hi: null };
  return { lo: prefix, hi: prefix.slice(0, end - 1) + String.fromCharCode(prefix.charCodeAt(end - 1) + 1) };
}
