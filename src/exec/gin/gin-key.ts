/**
 * Keys of a gin index in the store: the column (from 0), what kind of entry it is, the item. A row has an entry for each item of
 * each of its columns; for a column without items, and for a NULL, one that says so.
 */
import type { IndexRange } from '../../storage/api.js';

const NULL_MARK = '\x00';
const NO_ITEMS_MARK = '\x01';
const ITEM_MARK = '\x02';

function columnMark(column: number): string {
  return String.fromCharCode(column);
}

export function nullKey(column: number): string {
  return columnMark(column) + NULL_MARK;
}

export function noItemsKey(column: number): string {
  return columnMark(column) + NO_ITEMS_MARK;
}

export function itemKey(column: number, item: string): string {
  return columnMark(column) + ITEM_MARK + item;
}

/** The entries with exactly this key. */
export function keyRange(key: string): IndexRange {
  return { lo: key, hi: `${key}\x00` };
}

/** All rows whose value in the column is not NULL, some several times. */
export function columnRange(column: number): IndexRange {
  return { lo: noItemsKey(column), hi: nullKey(column + 1) };
}
