/** Makes values of COPY fields from places in a larger text, without a text of the field where that is possible. */
import type { Datum } from '../../types/datum.js';
import { parseDigits } from '../../types/numbers/integer-text.js';
import * as oid from '../../types/oids.js';
import type { TypeCodec } from '../../types/type-codec.js';
import type { TypeContext } from '../../types/type-context.js';

/** The value of the field from `start` to `end`; undefined when it has none, and parsing it by itself says why. */
export type FieldParser = (text: string, start: number, end: number) => Datum | undefined;

/** The largest value of an integer type. Longer ones are left to the codec. */
const LARGEST: ReadonlyMap<number, number> = new Map([
  [oid.INT2, 32_767],
  [oid.INT4, 2_147_483_647],
  [oid.INT8, Number.MAX_SAFE_INTEGER],
]);

export function fieldParser(type: number, codec: TypeCodec, cx: TypeContext, typmod: number): FieldParser {
  const whole = (text: string, start: number, end: number): Datum | undefined => {
    try {
      return codec.parse(text.slice(start, end), cx, typmod);
    } catch {
      return undefined;
    }
  };
  const largest = LARGEST.get(type);
  if (largest === undefined) return whole;
  return (text, start, end) => {
    const digits = parseDigits(text, start, end);
    return digits < 0 || digits > largest ? whole(text, start, end) : digits;
  };
}
