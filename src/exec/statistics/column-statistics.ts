/**
 * What ANALYZE tells of one column (a row of pg_statistic): fraction of NULLs, width, different values, common values with
 * their frequencies, a histogram of the others, and how far the order of the rows follows that of the values.
 */
import type { Datum } from '../../types/datum.js';
import type { ColumnSample } from './column-sample.js';
import { estimateDistinct, keptCommonValues } from './common-values.js';

/** Kinds of a slot, as in stakind. */
export const STATISTIC = {
  commonValues: 1,
  histogram: 2,
  correlation: 3,
  commonElements: 4,
  elementCounts: 5,
} as const;

export interface StatisticSlot {
  readonly kind: (typeof STATISTIC)[keyof typeof STATISTIC];
  readonly numbers: readonly number[] | null;
  readonly values: readonly Datum[] | null;
}

export interface ColumnFigures {
  readonly nullFraction: number;
  readonly width: number;
  /** Above 0: so many; below 0: a fraction of the rows; 0: not known. */
  readonly distinct: number;
  readonly slots: readonly StatisticSlot[];
}

export interface ColumnTask {
  /** Entries of lists: the statistics target. */
  readonly target: number;
  /** Rows of the table. */
  readonly total: number;
  /** Whether the type has an order, and equality: 0 has neither, 1 equality only, 2 both. */
  readonly order: 0 | 1 | 2;
  /** Bytes of every value of the type; 0 where they vary. */
  readonly fixedWidth: number;
  /** Set by the user (ALTER COLUMN SET (n_distinct)); null: to be estimated. */
  readonly distinct?: number | null;
}

interface Group {
  readonly first: number;
  readonly count: number;
}

/** The figures of a column; null when the sample has no rows. */
export function columnFigures(sample: ColumnSample, task: ColumnTask): ColumnFigures | null {
  if (sample.rows === 0) return null;
  const width = task.fixedWidth > 0 ? task.fixedWidth : Math.trunc(sample.averageWidth);
  const nullFraction = sample.nulls / sample.rows;
  if (sample.nulls === sample.rows) return { nullFraction: 1, width, distinct: 0, slots: [] };
  if (task.order === 0) return { nullFraction, width, distinct: 0, slots: [] };
  if (sample.values.length === 0) return { nullFraction, width, distinct: -(1 - nullFraction), slots: [] };
  const common = commonGroups(sample, task.target);
  const distinct = task.distinct ?? distinctValues(sample, task, nullFraction);
  const kept = keptGroups(sample, task, common, { nullFraction, distinct });
  const slots: StatisticSlot[] = [];
  if (kept.length > 0)
    slots.push({
      kind: STATISTIC.commonValues,
      numbers: kept.map(({ count }) => count / sample.rows),
      values: kept.map(({ first }) => sample.values[first]),
    });
  if (task.order === 2) {
    const bounds = histogram(sample, kept, task.target);
    if (bounds.length > 0) slots.push({ kind: STATISTIC.histogram, numbers: null, values: bounds });
    const correlation = correlationOf(sample);
    if (correlation !== null) slots.push({ kind: STATISTIC.correlation, numbers: [correlation], values: null });
  }
  return { nullFraction, width, distinct, slots };
}

function groupCount({ groups }: ColumnSample): number {
  return groups.length - 1;
}

function groupAt({ groups }: ColumnSample, i: number): Group {
  return { first: groups[i], count: groups[i + 1] - groups[i] };
}

/** The most frequent values that occur more than once, largest first; of equally frequent ones the first. */
function commonGroups(sample: ColumnSample, target: number): Group[] {
  const repeated: Group[] = [];
  for (let i = 0; i < groupCount(sample); i++) {
    const group = groupAt(sample, i);
    if (group.count > 1) repeated.push(group);
  }
  return repeated.sort((a, b) => b.count - a.count || a.first - b.first).slice(0, target);
}

function distinctValues(sample: ColumnSample, { total }: ColumnTask, nullFraction: number): number {
  let repeated = 0;
  for (let i = 0; i < groupCount(sample); i++) if (groupAt(sample, i).count > 1) repeated++;
  const groups = groupCount(sample);
  if (repeated === 0) return -(1 - nullFraction);
  let distinct: number;
  if (sample.tooWide === 0 && repeated === groups) distinct = groups;
  else {
    const once = groups - repeated + sample.tooWide;
    distinct = estimateDistinct(sample.rows - sample.nulls, total * (1 - nullFraction), once + repeated, once);
  }
  // A number that is a good part of the rows is taken to grow with them.
  return distinct > 0.1 * total ? -(distinct / total) : distinct;
}

function keptGroups(
  sample: ColumnSample,
  { target, total }: ColumnTask,
  common: readonly Group[],
  { nullFraction, distinct }: { readonly nullFraction: number; readonly distinct: number },
): readonly Group[] {
  const isComplete = common.length === groupCount(sample) && sample.tooWide === 0 && distinct > 0;
  if (isComplete && common.length <= target) return common;
  const counts = common.map(({ count }) => count);
  return common.slice(0, keptCommonValues(counts, { rows: sample.rows, total, nullFraction, distinct }));
}

/** Bounds of buckets that hold about as many values each, common ones left out; none for fewer than two values. */
function histogram(sample: ColumnSample, common: readonly Group[], target: number): Datum[] {
  const wanted = Math.min(groupCount(sample) - common.length, target + 1);
  if (wanted < 2) return [];
  const inOrder = common.toSorted((a, b) => a.first - b.first);
  const rest: Datum[] = [];
  let from = 0;
  for (const { first, count } of inOrder) {
    for (let i = from; i < first; i++) rest.push(sample.values[i]);
    from = first + count;
  }
  for (let i = from; i < sample.values.length; i++) rest.push(sample.values[i]);
  return Array.from({ length: wanted }, (_, i) => rest[Math.floor((i * (rest.length - 1)) / (wanted - 1))]);
}

/** Between -1 and 1; null for fewer than two values. */
function correlationOf({ values, places }: ColumnSample): number | null {
  const n = values.length;
  if (n < 2) return null;
  let products = 0;
  for (let i = 0; i < n; i++) products += i * places[i];
  const sum = ((n - 1) * n) / 2;
  const squares = ((n - 1) * n * (2 * n - 1)) / 6;
  return (n * products - sum * sum) / (n * squares - sum * sum);
}
