/** One column of an index key: a mark that places NULLs, then the encoded value, inverted for descending columns. */
import type { Datum } from '../types/datum.js';
import type { TypeCodec } from '../types/type-codec.js';

const NULL_FIRST_MARK = '\x00';
export const NOT_NULL_MARK = '\x01';
const NULL_LAST_MARK = '\x02';

export function keyPartOf(value: Datum, codec: TypeCodec, descending: boolean, nullsFirst: boolean): string {
  if (value === null) return nullsFirst ? NULL_FIRST_MARK : NULL_LAST_MARK;
  const key = codec.encodeKey(value);
  return NOT_NULL_MARK + (descending ? invert(key) : key);
}

function invert(key: string): string {
  let inverted = '';
  for (let i = 0; i < key.length; i++) inverted += String.fromCharCode(255 - key.charCodeAt(i));
  return inverted;
}

/** The smallest key that is greater than all keys beginning with `prefix`; null when there is none. */
export function keyPrefixEnd(prefix: string): string | null {
  let end = prefix.length;
  while (end > 0 && prefix.charCodeAt(end - 1) === 0xff) end--;
  if (end === 0) return null;
  return prefix.slice(0, end - 1) + String.fromCharCode(prefix.charCodeAt(end - 1) + 1);
}
