/** The codec of citext: texts whose order and equality pass over the case of letters, as lower() does. */
import { compareCodePoints } from '../json/code-point-order.js';
import { keyText } from '../ordered-key.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import { TextCodec } from './text-codec.js';

const CAPITALS = /[A-Z]+/g;

/** What two texts that are equal as citext have in common. The database's collation is C: only ASCII letters have case. */
export function citextFold(text: string): string {
  return text.replace(CAPITALS, (letters) => letters.toLowerCase());
}

export function compareCitext(a: string, b: string): number {
  return a === b ? 0 : compareCodePoints(citextFold(a), citextFold(b));
}

class CitextCodec extends TextCodec {
  override compare(a: string, b: string): number {
    return compareCitext(a, b);
  }

  override groupKey(value: string): GroupKey {
    return citextFold(value);
  }

  override encodeKey(value: string): string {
    return keyText(citextFold(value));
  }
}

export const citextCodec: TypeCodec<string> = new CitextCodec();
