/**
 * The values of stored rows as arrays that have exactly the room they need: one that grows by `push` has room for 17 from
 * its first value on, which doubles what a page of narrow rows takes, and what the garbage collector moves about.
 */
import type { Datum, Row } from '../types/datum.js';
import type { ByteCursor } from '../types/stored-form.js';
import { datums, skipDatum } from './datum-codec.js';

/** @throws RowCorruption */
export function readValues(cursor: ByteCursor, width: number): Row {
  const read = datums.read;
  const c = cursor;
  switch (width) {
    case 1:
      return [read(c)];
    case 2:
      return [read(c), read(c)];
    case 3:
      return [read(c), read(c), read(c)];
    case 4:
      return [read(c), read(c), read(c), read(c)];
    case 5:
      return [read(c), read(c), read(c), read(c), read(c)];
    case 6:
      return [read(c), read(c), read(c), read(c), read(c), read(c)];
    case 7:
      return [read(c), read(c), read(c), read(c), read(c), read(c), read(c)];
    case 8:
      return [read(c), read(c), read(c), read(c), read(c), read(c), read(c), read(c)];
    default: {
      const row: Datum[] = [];
      for (let i = 0; i < width; i++) row.push(read(c));
      return row.slice();
    }
  }
}

/** The same with null for the columns that are not wanted. */
export function readColumns(cursor: ByteCursor, width: number, wanted: readonly boolean[]): Row {
  const row: Datum[] = [];
  for (let i = 0; i < width; i++) {
    if (wanted[i]) row.push(datums.read(cursor));
    else {
      skipDatum(cursor);
      row.push(null);
    }
  }
  return row;
}
