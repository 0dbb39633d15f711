/** What ANALYZE tells of several columns together: numbers of different combinations, dependencies, common combinations. */
import type { Task } from '../../util/task.js';
import type { Pace } from '../chunked-list.js';
import { type ColumnGroups, combinations, groupSizes } from './column-groups.js';
import { estimateDistinct } from './common-values.js';

export interface DistinctCombinations {
  /** Positions of columns. */
  readonly columns: readonly number[];
  readonly count: number;
}

/** For every two or more of the columns. `total`: rows of the table. */
export function* distinctCombinations(groups: ColumnGroups, total: number): Task<DistinctCombinations[]> {
  const found: DistinctCombinations[] = [];
  const n = groups.columns.length;
  for (let size = 2; size <= n; size++)
    for (const columns of combinations(n, size)) {
      const grouping = yield* groups.of(columns);
      const once = groupSizes(grouping).reduce((sum, rows) => (rows === 1 ? sum + 1 : sum), 0);
      const { length } = grouping.numbers;
      found.push({ columns, count: estimateDistinct(length, Math.max(total, length), grouping.count, once) });
    }
  return found;
}

export interface Dependency {
  readonly from: readonly number[];
  readonly to: number;
  /** The fraction of rows in which the values of `from` tell that of `to`. */
  readonly degree: number;
}

/** Only those that hold for some rows. */
export function* functionalDependencies(cx: Pace, groups: ColumnGroups): Task<Dependency[]> {
  const found: Dependency[] = [];
  const n = groups.columns.length;
  for (let size = 1; size < n; size++)
    for (const from of combinations(n, size))
      for (let to = 0; to < n; to++) {
        if (from.includes(to)) continue;
        if (cx.overdue()) yield cx.giveWay();
        const degree = yield* degreeOf(groups, from, to);
        if (degree > 0) found.push({ from, to, degree });
      }
  return found;
}

const MIXED = 0xffffffff;

function* degreeOf(groups: ColumnGroups, from: readonly number[], to: number): Task<number> {
  const { numbers, count } = yield* groups.of(from);
  const target = groups.columns[to].numbers;
  const sizes = new Uint32Array(count);
  // One more than the only value that a group's rows have, 0 before the first.
  const only = new Uint32Array(count);
  for (let i = 0; i < numbers.length; i++) {
    const group = numbers[i];
    const value = target[i] + 1;
    sizes[group]++;
    if (only[group] === 0) only[group] = value;
    else if (only[group] !== value) only[group] = MIXED;
  }
  let supporting = 0;
  for (let group = 0; group < count; group++) if (only[group] !== MIXED) supporting += sizes[group];
  return numbers.length === 0 ? 0 : supporting / numbers.length;
}

export interface CommonCombination {
  /** A row of the sample that has it. */
  readonly row: number;
  readonly frequency: number;
  /** What the frequencies of the values by themselves would make. */
  readonly baseFrequency: number;
}

/** The most frequent ones, at most `target`, as far as they are surely frequent in the table. */
export function* commonCombinations(groups: ColumnGroups, total: number, target: number): Task<CommonCombination[]> {
  const all = yield* groups.of(groups.columns.map((_, i) => i));
  const rows = all.numbers.length;
  const firsts = new Map<number, number>();
  for (let i = 0; i < rows; i++) if (!firsts.has(all.numbers[i])) firsts.set(all.numbers[i], i);
  const ofColumns = groups.columns.map(groupSizes);
  const least = leastCount(rows, Math.max(total, rows));
  return [...groupSizes(all)]
    .map((count, group) => ({ count, row: firsts.get(group) ?? 0 }))
    .sort((a, b) => b.count - a.count || compareRows(groups, a.row, b.row))
    .slice(0, target)
    .filter(({ count }) => count >= least)
    .map(({ count, row }) => ({
      row,
      frequency: count / rows,
      baseFrequency: groups.columns.reduce(
        (product, { numbers }, i) => product * (ofColumns[i][numbers[row]] / rows),
        1,
      ),
    }));
}

function compareRows({ columns }: ColumnGroups, a: number, b: number): number {
  for (const { numbers } of columns) if (numbers[a] !== numbers[b]) return numbers[a] - numbers[b];
  return 0;
}

/** So often a combination has to be in a sample of `n` of `total` rows for its error to be small (a fifth). */
function leastCount(n: number, total: number): number {
  const divisor = total - n + 0.04 * n * (total - 1);
  return divisor === 0 ? 0 : (n * (total - n)) / divisor;
}
