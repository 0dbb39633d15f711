/** Makes the rows of a join from a left and a right row: both of them, or only the columns that somebody reads. */
import type { ColumnId } from '../sql/plan/expression.js';
import type { Datum, Row } from '../types/datum.js';

export type RowJoiner = (left: Row, right: Row) => Row;

/** So many columns are written as one array literal, which has exactly the size that it needs. */
const STEP = 4;

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

function longJoiner(places: readonly number[]): RowJoiner {
  const [a, b, c, d, e, f, g, h] = places;
  const first: RowJoiner =
    places.length < 2 * STEP
      ? joinerOf(places.slice(0, STEP))
      : (l, r) => [
          value(l, r, a),
          value(l, r, b),
          value(l, r, c),
          value(l, r, d),
          value(l, r, e),
          value(l, r, f),
          value(l, r, g),
          value(l, r, h),
        ];
  const rest = places.slice(places.length < 2 * STEP ? STEP : 2 * STEP);
  if (rest.length === 0) return first;
  return (l, r) => {
    const row = first(l, r);
    for (let i = 0; i < rest.length; i++) row.push(value(l, r, rest[i]));
    return row;
  };
}

/** The places of the wanted columns. */
export function slotsOf(columns: readonly ColumnId[], wanted: ReadonlySet<ColumnId>): number[] {
  return columns.flatMap((id, i) => (wanted.has(id) ? [i] : []));
}
