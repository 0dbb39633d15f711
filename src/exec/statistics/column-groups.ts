/**
 * Rows of a sample numbered by the values that they have in some columns: equal rows have the same number. NULL is a value
 * like others. Everything that extended statistics tell is counted over such numbers.
 */
import type { Datum } from '../../types/datum.js';
import { sortIndexes } from '../../util/sort-indexes.js';
import type { Task } from '../../util/task.js';
import type { Pace } from '../chunked-list.js';

export interface Grouping {
  /** By row, from 0. */
  readonly numbers: Uint32Array;
  readonly count: number;
}

const AT_ONCE = 2048;

/** The numbers are in the order of the values, NULL last. */
export function* groupColumn(
  cx: Pace,
  values: readonly Datum[],
  compare: (a: Datum, b: Datum) => number,
): Task<Grouping & { readonly firsts: readonly number[] }> {
  const order = (a: number, b: number): number => {
    const [x, y] = [values[a], values[b]];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return compare(x, y);
  };
  const sorted = yield* sortIndexes(cx, values.length, (a, b) => order(a, b) || a - b);
  const numbers = new Uint32Array(values.length);
  const firsts: number[] = [];
  for (let i = 0; i < sorted.length; i++) {
    if (i % AT_ONCE === 0 && cx.overdue()) yield cx.giveWay();
    if (i === 0 || order(sorted[i - 1], sorted[i]) !== 0) firsts.push(sorted[i]);
    numbers[sorted[i]] = firsts.length - 1;
  }
  return { numbers, count: firsts.length, firsts };
}

/** Rows that are equal in both are equal; numbers are in the order of their first rows. */
export function* groupTogether(cx: Pace, a: Grouping, b: Grouping): Task<Grouping> {
  const known = new Map<number, number>();
  const numbers = new Uint32Array(a.numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    if (i % AT_ONCE === 0 && cx.overdue()) yield cx.giveWay();
    const key = a.numbers[i] * b.count + b.numbers[i];
    let number = known.get(key);
    if (number === undefined) {
      number = known.size;
      known.set(key, number);
    }
    numbers[i] = number;
  }
  return { numbers, count: known.size };
}

/** Rows of each group. */
export function groupSizes({ numbers, count }: Grouping): Uint32Array {
  const sizes = new Uint32Array(count);
  for (const number of numbers) sizes[number]++;
  return sizes;
}

/** Groupings by sets of columns, each made once. */
export class ColumnGroups {
  private readonly made = new Map<string, Grouping>();

  constructor(
    private readonly cx: Pace,
    readonly columns: readonly Grouping[],
  ) {}

  /** `set`: positions of columns, in order. */
  *of(set: readonly number[]): Task<Grouping> {
    if (set.length === 1) return this.columns[set[0]];
    const key = set.join();
    let grouping = this.made.get(key);
    if (grouping === undefined) {
      const rest = yield* this.of(set.slice(0, -1));
      grouping = yield* groupTogether(this.cx, rest, this.columns[set[set.length - 1]]);
      this.made.set(key, grouping);
    }
    return grouping;
  }
}

/** All choices of `size` of the numbers 0 to `n` - 1, each in order. */
export function combinations(n: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]];
  const found: number[][] = [];
  for (let i = from; i <= n - size; i++) for (const rest of combinations(n, size - 1, i + 1)) found.push([i, ...rest]);
  return found;
}
