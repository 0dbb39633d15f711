/** Sets of code points as sorted, disjoint ranges. Classes are those of the C locale: ASCII only. */
import { type CharRange, regexError } from './syntax-tree.js';

export const DIGITS: readonly CharRange[] = [[48, 57]];
export const WORD: readonly CharRange[] = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
export const SPACE: readonly CharRange[] = [
  [9, 13],
  [32, 32],
];

const CLASSES: Readonly<Record<string, readonly CharRange[]>> = {
  alnum: [
    [48, 57],
    [65, 90],
    [97, 122],
  ],
  alpha: [
    [65, 90],
    [97, 122],
  ],
  ascii: [[0, 127]],
  blank: [
    [9, 9],
    [32, 32],
  ],
  cntrl: [
    [0, 31],
    [127, 127],
  ],
  digit: DIGITS,
  graph: [[33, 126]],
  lower: [[97, 122]],
  print: [[32, 126]],
  punct: [
    [33, 47],
    [58, 64],
    [91, 96],
    [123, 126],
  ],
  space: SPACE,
  upper: [[65, 90]],
  xdigit: [
    [48, 57],
    [65, 70],
    [97, 102],
  ],
  word: WORD,
};

export function classRanges(name: string, ignoreCase: boolean): readonly CharRange[] {
  const ranges = CLASSES[ignoreCase && (name === 'lower' || name === 'upper') ? 'alpha' : name];
  if (ranges === undefined) throw regexError('invalid character class');
  return ranges;
}

const MAX_CODE = 0x10ffff;

/** Sorts and joins. */
export function normalizeRanges(ranges: readonly CharRange[]): CharRange[] {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const result: [number, number][] = [];
  for (const [first, last] of sorted) {
    const before = result[result.length - 1];
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else result.push([first, last]);
  }
  return result;
}

export function complement(ranges: readonly CharRange[]): CharRange[] {
  const result: CharRange[] = [];
  let next = 0;
  for (const [first, last] of normalizeRanges(ranges)) {
    if (first > next) result.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= MAX_CODE) result.push([next, MAX_CODE]);
  return result;
}

/** Adds the other case of every ASCII letter. */
export function foldCase(ranges: readonly CharRange[]): CharRange[] {
  const folded = [...ranges];
  for (const [first, last] of ranges) {
    const upper: CharRange = [Math.max(first, 65), Math.min(last, 90)];
    if (upper[0] <= upper[1]) folded.push([upper[0] + 32, upper[1] + 32]);
    const lower: CharRange = [Math.max(first, 97), Math.min(last, 122)];
    if (lower[0] <= lower[1]) folded.push([lower[0] - 32, lower[1] - 32]);
  }
  return normalizeRanges(folded);
}

export function contains(ranges: readonly CharRange[], code: number): boolean {
  for (const [first, last] of ranges) if (code >= first && code <= last) return true;
  return false;
}
