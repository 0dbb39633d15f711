/** Makes the rows of a join from a left and a right row: both of them, or only the columns that somebody reads. */
import type { ColumnId } from '../sql/plan/expression.js';
import type { Datum, Row } from '../types/datum.js';
import { nullRow } from './null-rows.js';

export type RowJoiner = (left: Row, right: Row) => Row;

/** `wanted`: columns of either side; of equal ids the left one counts. */
export function rowJoiner(
  left: readonly ColumnId[],
  right: readonly ColumnId[],
  wanted: readonly ColumnId[],
): RowJoiner {
  const both = [...left, ...right];
  if (wanted.length === both.length && wanted.every((id, i) => id === both[i])) return (l, r) => l.concat(r);
  // From 0 on places in the left row, below 0 (by their complement) in the right one.
  const places = wanted.map((id) => {
    const place = both.indexOf(id);
    return place < left.length ? place : ~(place - left.length);
  });
  return joinerOf(places);
}

function value(left: Row, right: Row, place: number): Datum {
  return place >= 0 ? left[place] : right[~place];
}

function joinerOf(places: readonly number[]): RowJoiner {
  const [a, b, c, d] = places;
  switch (places.length) {
    case 0:
      return () => [];
    case 1:
      return (l, r) => [value(l, r, a)];
    case 2:
      return (l, r) => [value(l, r, a), value(l, r, b)];
    case 3:
      return (l, r) => [value(l, r, a), value(l, r, b), value(l, r, c)];
    case 4:
      return (l, r) => [value(l, r, a), value(l, r, b), value(l, r, c), value(l, r, d)];
    default:
      return longJoiner(places);
  }
}

/** Copies a row of the right size and fills it: an array that grows would be moved. */
function longJoiner(places: readonly number[]): RowJoiner {
  const empty = nullRow(places.length);
  return (l, r) => {
    const row = empty.slice();
    for (let i = 0; i < places.length; i++) row[i] = value(l, r, places[i]);
    return row;
  };
}

/** The places of the wanted columns. */
export function slotsOf(columns: readonly ColumnId[], wanted: ReadonlySet<ColumnId>): number[] {
  return columns.flatMap((id, i) => (wanted.has(id) ? [i] : []));
}
