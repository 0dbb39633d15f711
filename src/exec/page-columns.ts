/**
 * Columns of a heap page as typed arrays, for filters that go through a page column by column. They are made when a page
 * that scans share is met for the second time, and live as long as the list of its rows does.
 */
import type { HeapBatch } from '../storage/api.js';
import type { Datum, Row } from '../types/datum.js';
import { Numeric } from '../types/numeric/numeric.js';

/** Strings of a column by number; 255 stands for no number. */
export interface Dictionary {
  readonly codes: Uint8Array;
  readonly values: readonly Datum[];
}

/** A page with more different strings than this in a column has no dictionary for it. */
const MAX_VALUES = 64;

export class PageColumns {
  private readonly numbers = new Map<number, Float64Array | null>();
  private readonly dictionaries = new Map<number, Dictionary | null>();

  constructor(private readonly batch: HeapBatch) {}

  /**
   * The column's numbers, NaN for NULL; of a numeric column the coefficients at the given scale. Null where something in
   * the page is neither (large values, NaN, infinities of numeric, another scale).
   */
  column(slot: number, scale: number | null): Float64Array | null {
    let column = this.numbers.get(slot);
    if (column === undefined) {
      column = scale === null ? plainColumn(this.batch, slot) : numericColumn(this.batch, slot, scale);
      this.numbers.set(slot, column);
    }
    return column;
  }

  dictionary(slot: number): Dictionary | null {
    let dictionary = this.dictionaries.get(slot);
    if (dictionary === undefined) {
      dictionary = makeDictionary(this.batch, slot);
      this.dictionaries.set(slot, dictionary);
    }
    return dictionary;
  }
}

function plainColumn({ rows, length }: HeapBatch, slot: number): Float64Array | null {
  const column = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const value = rows[i][slot];
    if (typeof value === 'number') column[i] = value;
    else if (value === null) column[i] = Number.NaN;
    else return null;
  }
  return column;
}

function numericColumn({ rows, length }: HeapBatch, slot: number, scale: number): Float64Array | null {
  const column = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const value = rows[i][slot];
    if (value === null) column[i] = Number.NaN;
    else if (value instanceof Numeric && value.scale === scale && Number.isSafeInteger(value.coefficient))
      column[i] = Number(value.coefficient);
    else return null;
  }
  return column;
}

function makeDictionary({ rows, length }: HeapBatch, slot: number): Dictionary | null {
  const codes = new Uint8Array(length);
  const values: Datum[] = [];
  const known = new Map<Datum, number>();
  for (let i = 0; i < length; i++) {
    const value = rows[i][slot];
    let code = known.get(value);
    if (code === undefined) {
      if (values.length === MAX_VALUES) return null;
      code = values.length;
      values.push(value);
      known.set(value, code);
    }
    codes[i] = code;
  }
  return { codes, values };
}

const seen = new WeakSet<readonly Row[]>();
const known = new WeakMap<readonly Row[], PageColumns>();

/** The columns of a page; null when it was not met before, as making them pays only for pages that are read again. */
export function columnsOf(batch: HeapBatch): PageColumns | null {
  const { rows } = batch;
  const columns = known.get(rows);
  if (columns !== undefined) return columns;
  if (!seen.has(rows)) {
    seen.add(rows);
    return null;
  }
  const made = new PageColumns(batch);
  known.set(rows, made);
  return made;
}
