/** Comparisons, extremes and cases of texts under a collation of its own; plain ones order by code points (C locale). */
import type { Datum } from '../../types/datum.js';
import { trimBlanks } from '../../types/text/character-codecs.js';
import type { Collator } from '../../types/text/collator.js';

/** The code of one function, of values that are not NULL. */
export type CollatedCode = (a: Datum, b: Datum) => Datum;

type Compare = (a: string, b: string) => number;

const ORDERS: Readonly<Record<string, (compare: Compare) => (a: string, b: string) => Datum>> = {
  lt: (compare) => (a, b) => compare(a, b) < 0,
  le: (compare) => (a, b) => compare(a, b) <= 0,
  gt: (compare) => (a, b) => compare(a, b) > 0,
  ge: (compare) => (a, b) => compare(a, b) >= 0,
  cmp: (compare) => (a, b) => Math.sign(compare(a, b)),
  larger: (compare) => (a, b) => (compare(a, b) >= 0 ? a : b),
  smaller: (compare) => (a, b) => (compare(a, b) <= 0 ? a : b),
};

const NAMES: readonly (readonly [RegExp, boolean])[] = [
  [/^(?:text_|bttext)(lt|le|gt|ge|cmp|larger|smaller)$/, false],
  [/^bpchar_?(lt|le|gt|ge|cmp|larger|smaller)$/, true],
];

/** The code of the function with that `prosrc` under the collation; null for functions that do not depend on it. */
export function collatedCode(source: string, collator: Collator): CollatedCode | null {
  if (source === 'upper' || source === 'lower' || source === 'initcap') {
    return (text) => collator[source](String(text));
  }
  for (const [pattern, padded] of NAMES) {
    const order = pattern.exec(source)?.[1];
    if (order === undefined) continue;
    const compare: Compare = padded
      ? (a, b) => collator.compare(trimBlanks(a), trimBlanks(b))
      : (a, b) => collator.compare(a, b);
    const code = ORDERS[order](compare);
    return (a, b) => code(String(a), String(b));
  }
  return null;
}
