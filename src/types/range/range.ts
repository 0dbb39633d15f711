/**
 * Values of range and multirange types, and how they are stored in rows. Ranges are always in canonical form: an
 * infinite bound is null and exclusive, ranges over discrete types are half-open, a range without values is EMPTY_RANGE.
 */

import { sqlError } from '../../errors/sql-error.js';
import type { Datum } from '../datum.js';
import type { StoredForm } from '../stored-form.js';

export class Range {
  constructor(
    /** null: unbounded. */
    readonly lower: Datum,
    readonly upper: Datum,
    readonly lowerInclusive: boolean,
    readonly upperInclusive: boolean,
    readonly empty: boolean = false,
  ) {}
}

export const EMPTY_RANGE = new Range(null, null, false, false, true);

/** Ranges in order, none empty, no two of them overlapping or adjacent. */
export class Multirange {
  constructor(readonly ranges: readonly Range[]) {}
}

export const FLAG_EMPTY = 1;
export const FLAG_LOWER_INCLUSIVE = 2;
export const FLAG_UPPER_INCLUSIVE = 4;
export const FLAG_LOWER_INFINITE = 8;
export const FLAG_UPPER_INFINITE = 16;

/** The flag byte of the binary and of the stored form. */
export function rangeFlags(range: Range): number {
  if (range.empty) return FLAG_EMPTY;
  return (
    (range.lowerInclusive ? FLAG_LOWER_INCLUSIVE : 0) |
    (range.upperInclusive ? FLAG_UPPER_INCLUSIVE : 0) |
    (range.lower === null ? FLAG_LOWER_INFINITE : 0) |
    (range.upper === null ? FLAG_UPPER_INFINITE : 0)
  );
}

/** Flags (1 byte), then both bounds as datums; the empty range has only flags. */
const rangeForm: StoredForm<Range> = {
  tag: 24,
  type: Range,
  write(value, out, datums) {
    out.u8(rangeFlags(value));
    if (value.empty) return;
    datums.write(value.lower, out);
    datums.write(value.upper, out);
  },
  read(cursor, datums) {
    const flags = cursor.bytes[cursor.position++];
    if (flags & FLAG_EMPTY) return EMPTY_RANGE;
    const lower = datums.read(cursor);
    const upper = datums.read(cursor);
    return new Range(lower, upper, (flags & FLAG_LOWER_INCLUSIVE) !== 0, (flags & FLAG_UPPER_INCLUSIVE) !== 0);
  },
};

/** Count (4 bytes), then the ranges as datums. */
const multirangeForm: StoredForm<Multirange> = {
  tag: 25,
  type: Multirange,
  write(value, out, datums) {
    out.u32(value.ranges.length);
    for (const range of value.ranges) datums.write(range, out);
  },
  read(cursor, datums) {
    const count = cursor.bytes.readUInt32BE(cursor.position);
    cursor.position += 4;
    const ranges: Range[] = [];
    for (let i = 0; i < count; i++) {
      const range = datums.read(cursor);
      if (!(range instanceof Range))
        throw sqlError('data_corrupted', 'stored multirange contains a value that is not a range');
      ranges.push(range);
    }
    return new Multirange(ranges);
  },
};

export const rangeStoredForms: readonly StoredForm[] = [rangeForm, multirangeForm];
