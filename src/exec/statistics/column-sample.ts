/**
 * The values of one column in a sample, in order: groups of equal values with their counts and places. What is told of the
 * column comes from these.
 */
import type { Datum } from '../../types/datum.js';
import { sortIndexes } from '../../util/sort-indexes.js';
import type { Task } from '../../util/task.js';
import type { Pace } from '../chunked-list.js';
import type { WidthOf } from './stored-width.js';

/** Wider values are counted, but not kept: bytes. */
const TOO_WIDE = 1024;
/** Values that are looked at before the clock. */
const AT_ONCE = 512;

export interface ColumnSample {
  /** Of the sample, NULLs included. */
  readonly rows: number;
  readonly nulls: number;
  readonly tooWide: number;
  readonly averageWidth: number;
  /** In order; in the order of their rows where the type has none. */
  readonly values: readonly Datum[];
  /** Where the value at the same position stands in the table, among the values. */
  readonly places: Uint32Array;
  /** Where each group of equal values starts, and behind the last one the number of values. */
  readonly groups: readonly number[];
}

/** `compare` null: only equality is known. `key`: equal for equal values. */
export interface ColumnOrder {
  readonly compare: ((a: Datum, b: Datum) => number) | null;
  readonly key: (value: Datum) => unknown;
  readonly width: WidthOf;
}

export function* columnSample(cx: Pace, column: readonly Datum[], order: ColumnOrder): Task<ColumnSample> {
  const kept: Datum[] = [];
  let nulls = 0;
  let tooWide = 0;
  let width = 0;
  for (let i = 0; i < column.length; i++) {
    if (i % AT_ONCE === 0 && cx.overdue()) yield cx.giveWay();
    const value = column[i];
    if (value === null) {
      nulls++;
      continue;
    }
    const bytes = order.width(value);
    width += bytes;
    if (bytes > TOO_WIDE) tooWide++;
    else kept.push(value);
  }
  const present = column.length - nulls;
  const { values, places, groups } = yield* (order.compare === null ? grouped : sorted)(cx, kept, order);
  return {
    rows: column.length,
    nulls,
    tooWide,
    averageWidth: present === 0 ? 0 : width / present,
    values,
    places,
    groups,
  };
}

type Ordered = Pick<ColumnSample, 'values' | 'places' | 'groups'>;

function* sorted(cx: Pace, kept: readonly Datum[], { compare }: ColumnOrder): Task<Ordered> {
  const order = compare ?? (() => 0);
  const places = yield* sortIndexes(cx, kept.length, (a, b) => order(kept[a], kept[b]) || a - b);
  const values: Datum[] = [];
  const groups: number[] = [];
  for (let i = 0; i < places.length; i++) {
    if (i % AT_ONCE === 0 && cx.overdue()) yield cx.giveWay();
    values.push(kept[places[i]]);
    if (i === 0 || order(values[i - 1], values[i]) !== 0) groups.push(i);
  }
  groups.push(values.length);
  return { values, places, groups };
}

function* grouped(cx: Pace, kept: readonly Datum[], { key }: ColumnOrder): Task<Ordered> {
  const byKey = new Map<unknown, number[]>();
  for (let i = 0; i < kept.length; i++) {
    if (i % AT_ONCE === 0 && cx.overdue()) yield cx.giveWay();
    const id = key(kept[i]);
    const group = byKey.get(id);
    if (group === undefined) byKey.set(id, [i]);
    else group.push(i);
  }
  const order = [...byKey.values()];
  const groups = [0];
  for (const group of order) groups.push(groups[groups.length - 1] + group.length);
  const places = Uint32Array.from(order.flat());
  return { values: Array.from(places, (place) => kept[place]), places, groups: kept.length === 0 ? [0] : groups };
}
