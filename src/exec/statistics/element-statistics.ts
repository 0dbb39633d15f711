/** What ANALYZE tells of the elements of an array column: the common ones, and how many different ones the arrays have. */
import { type Datum, PgArray } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import type { Pace } from '../chunked-list.js';
import { STATISTIC, type StatisticSlot } from './column-statistics.js';

/** So many times the statistics target are kept of elements. */
const ELEMENTS_PER_TARGET = 10;
/** Elements that occur less often than this part of a list's share may be missed, and are not told. */
const BUCKET_PER_ELEMENT = 1000 / 7;
const CUTOFF_PER_BUCKET = 9;
const AT_ONCE = 256;

export interface ElementOrder {
  readonly compare: (a: Datum, b: Datum) => number;
  readonly key: (value: Datum) => unknown;
}

interface Counted {
  readonly value: Datum;
  arrays: number;
}

export function* elementSlots(
  cx: Pace,
  column: readonly Datum[],
  order: ElementOrder,
  target: number,
): Task<StatisticSlot[]> {
  const counted = new Map<unknown, Counted>();
  /** How many arrays have so many different elements. */
  const sizes = new Map<number, number>();
  let arrays = 0;
  let withNulls = 0;
  let elements = 0;
  for (let i = 0; i < column.length; i++) {
    if (i % AT_ONCE === 0 && cx.overdue()) yield cx.giveWay();
    const array = column[i];
    if (!(array instanceof PgArray)) continue;
    arrays++;
    const different = new Map<unknown, Datum>();
    for (const element of array.elements) if (element !== null) different.set(order.key(element), element);
    if (array.elements.includes(null)) withNulls++;
    for (const [id, value] of different) {
      const known = counted.get(id);
      if (known === undefined) counted.set(id, { value, arrays: 1 });
      else known.arrays++;
    }
    elements += different.size;
    sizes.set(different.size, (sizes.get(different.size) ?? 0) + 1);
  }
  if (arrays === 0) return [];
  const slots: StatisticSlot[] = [];
  const common = commonElements([...counted.values()], elements, target * ELEMENTS_PER_TARGET);
  if (common.length > 0) slots.push(elementSlot(common, order, arrays, withNulls));
  slots.push({ kind: STATISTIC.elementCounts, numbers: sizeHistogram(sizes, arrays, elements, target), values: null });
  return slots;
}

function commonElements(counted: readonly Counted[], elements: number, wanted: number): Counted[] {
  const bucket = Math.floor(wanted * BUCKET_PER_ELEMENT);
  const cutoff = Math.floor((CUTOFF_PER_BUCKET * elements) / bucket);
  const frequent = counted.filter(({ arrays }) => arrays > cutoff);
  return frequent.length <= wanted ? frequent : frequent.sort((a, b) => b.arrays - a.arrays).slice(0, wanted);
}

/** In the order of the elements; behind their frequencies the least, the largest, and that of NULL. */
function elementSlot(common: Counted[], order: ElementOrder, arrays: number, withNulls: number): StatisticSlot {
  common.sort((a, b) => order.compare(a.value, b.value));
  const frequencies = common.map((element) => element.arrays / arrays);
  return {
    kind: STATISTIC.commonElements,
    numbers: [...frequencies, Math.min(...frequencies), Math.max(...frequencies), withNulls / arrays],
    values: common.map(({ value }) => value),
  };
}

/** Bounds of buckets with as many arrays each, and the average. */
function sizeHistogram(sizes: ReadonlyMap<number, number>, arrays: number, elements: number, target: number): number[] {
  const bounds = Math.max(target, 2);
  const sorted = [...sizes].sort((a, b) => a[0] - b[0]);
  const histogram: number[] = [];
  let i = 0;
  let reached = sorted[0][1];
  for (let bound = 0; bound < bounds; bound++) {
    // The array at this share of all of them, counted from the smallest.
    const place = (bound * (arrays - 1)) / (bounds - 1);
    while (reached <= place && i < sorted.length - 1) reached += sorted[++i][1];
    histogram.push(sorted[i][0]);
  }
  histogram.push(elements / arrays);
  return histogram;
}
