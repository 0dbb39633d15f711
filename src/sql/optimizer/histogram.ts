/** Where a value stands among the bounds of a histogram, and what part of the values that it is about is below it. */
import type { Datum } from '../../types/datum.js';
import { Numeric } from '../../types/numeric/numeric.js';
import type { Variable } from './variable.js';

/** How the column compares with the value. */
export interface Inequality {
  readonly greater: boolean;
  readonly orEqual: boolean;
}

/** Part of a bin that is surely not empty at the ends of a histogram, whose bounds are only about the real ones. */
const END_SHARE = 0.01;

/** The fraction of the values in the histogram for which `column op value` holds; null without a histogram. */
export function histogramFraction(variable: Variable, { greater, orEqual }: Inequality, value: Datum): number | null {
  const bounds = variable.figures.histogram;
  const { compare } = variable;
  if (bounds === null || bounds.length < 2 || compare === null) return null;
  // Bounds before this one satisfy `<` (or `<=`, where equality is on that side).
  const below = (bound: Datum): boolean => {
    const order = compare(bound, value);
    return order < 0 || (order === 0 && greater !== orEqual);
  };
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const probe = (low + high) >> 1;
    if (below(bounds[probe])) low = probe + 1;
    else high = probe;
  }
  const fraction =
    low === 0 ? 0 : low >= bounds.length ? 1 : withinBin(variable, bounds, low, value, greater === orEqual);
  const least = END_SHARE / (bounds.length - 1);
  return Math.min(1 - least, Math.max(least, greater ? 1 - fraction : fraction));
}

/** `bin`: the number of the bound above. `without`: values that are equal do not count as below. */
function withinBin(variable: Variable, bounds: readonly Datum[], bin: number, value: Datum, without: boolean): number {
  const share = binShare(bounds[bin - 1], bounds[bin], value, variable);
  let fraction = (bin - 1 + share) / (bounds.length - 1);
  const others = variable.distinct - (variable.figures.common?.values.length ?? 0);
  const equal = others > 1 ? 1 / others : 0;
  // A bound is the last value of its bin; only the first one begins a bin, which is narrower by it.
  if (bin === 1) fraction += equal * (1 - share);
  return without ? fraction - equal : fraction;
}

/** How far between two bounds a value is, 0 to 1. */
function binShare(low: Datum, high: Datum, value: Datum, { compare }: Variable): number {
  if (compare !== null && compare(value, low) <= 0) return compare(high, low) <= 0 ? 0.5 : 0;
  if (compare !== null && compare(value, high) >= 0) return 1;
  const [from, to, at] =
    typeof low === 'string' && typeof high === 'string' && typeof value === 'string'
      ? positionsOfTexts([low, high, value])
      : [numberOf(low), numberOf(high), numberOf(value)];
  const share = (at - from) / (to - from);
  return share >= 0 && share <= 1 ? share : 0.5;
}

/** A number in the order of the values; NaN for types that have none. */
function numberOf(value: Datum): number {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  if (value instanceof Numeric) return Number(value.coefficient) / 10 ** value.scale;
  return Number.NaN;
}

/** Ranges of characters that a text is likely to use all of when it uses one. */
const CLASSES: readonly (readonly [number, number])[] = [
  [0x41, 0x5a],
  [0x61, 0x7a],
  [0x30, 0x39],
];
/** Characters behind the common beginning that are looked at. */
const LOOKED_AT = 12;

/** Texts as digits of a number whose base is the range of characters that they use. */
function positionsOfTexts(texts: readonly string[]): number[] {
  let low = 0xffff;
  let high = 0;
  for (const text of texts)
    for (let i = 0; i < text.length; i++) {
      low = Math.min(low, text.charCodeAt(i));
      high = Math.max(high, text.charCodeAt(i));
    }
  for (const [first, last] of CLASSES) {
    if (low > last || high < first) continue;
    low = Math.min(low, first);
    high = Math.max(high, last);
  }
  if (high - low < 9) [low, high] = [0x20, 0x7f];
  let common = 0;
  const [first] = texts;
  while (common < first.length && texts.every((text) => text[common] === first[common])) common++;
  return texts.map((text) => digits(text.slice(common, common + LOOKED_AT), low, high - low + 1));
}

function digits(text: string, low: number, base: number): number {
  let position = 0;
  let unit = base;
  for (let i = 0; i < text.length; i++) {
    const digit = Math.min(Math.max(text.charCodeAt(i) - low, -1), base);
    position += digit / unit;
    unit *= base;
  }
  return position;
}
