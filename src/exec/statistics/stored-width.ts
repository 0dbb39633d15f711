/** How many bytes a value takes in a stored row of PostgreSQL, which is what average widths of columns are told in. */
import type { TypeDesc } from '../../catalog/descriptors.js';
import { type Datum, PgArray } from '../../types/datum.js';
import { Numeric } from '../../types/numeric/numeric.js';
import * as oid from '../../types/oids.js';
import type { TypeCodec } from '../../types/type-codec.js';
import type { TypeContext } from '../../types/type-context.js';
import { ByteWriter } from '../../util/byte-writer.js';

/** Values of up to so many bytes have a length word of one byte; others have one of four. */
const SHORT = 126;
const DIGITS_PER_GROUP = 4;
/** Behind the length word. */
const ARRAY_HEADER = 12;
const DIMENSION = 8;
/** An aclitem, which has no wire form to measure. */
const ACL_ITEM = 12;

/** Bytes of a value of the type, its length word included. */
export type WidthOf = (value: Datum) => number;

export function storedWidth(type: TypeDesc, codec: TypeCodec, types: TypeContext): WidthOf {
  if (type.len > 0) return () => type.len;
  const out = new ByteWriter();
  const sent = (value: Datum): number => {
    out.length = 0;
    codec.send(value, out, types);
    return out.length;
  };
  return (value) => withHeader(payload(value, sent));
}

function withHeader(bytes: number): number {
  return bytes <= SHORT ? bytes + 1 : bytes + 4;
}

function payload(value: Datum, sent: (value: Datum) => number): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (value instanceof Uint8Array) return value.byteLength;
  if (value instanceof Numeric) return 2 + 2 * digitGroups(value);
  if (value instanceof PgArray) {
    if (value.elementType === oid.ACLITEM)
      return ARRAY_HEADER + DIMENSION * value.dims.length + ACL_ITEM * value.elements.length;
    // The wire form has a length word of four bytes for each element and less in front.
    const elements = sent(value) - 12 - DIMENSION * value.dims.length;
    return ARRAY_HEADER + DIMENSION * value.dims.length + Math.max(0, elements - 4 * value.elements.length);
  }
  return sent(value);
}

/** Groups of four decimal digits, without those of zeroes at either end. */
function digitGroups({ coefficient, scale }: Numeric): number {
  if (typeof coefficient === 'number' && (!Number.isFinite(coefficient) || coefficient === 0)) return 0;
  const digits = String(coefficient).replace('-', '');
  const before = digits.length - scale;
  const first = Math.ceil(before / DIGITS_PER_GROUP);
  const significant = digits.replace(/0+$/, '').length;
  const last = Math.ceil((significant - before) / DIGITS_PER_GROUP);
  return Math.max(1, first + last);
}
