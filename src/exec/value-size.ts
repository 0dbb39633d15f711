/**
 * Estimates of what values and rows take in memory, for the memory budget. Made for speed: numbers and short values
 * count as their slot, shared values are counted wherever they are held.
 */
import type { ColumnId } from '../sql/plan/expression.js';
import type { TableScan } from '../sql/plan/plan-node.js';
import { type Datum, PgArray, PgRecord, type Row } from '../types/datum.js';
import { Numeric } from '../types/numeric/numeric.js';
import * as oid from '../types/oids.js';
import type { Batch } from './operator.js';

/** Bytes of a row without its values. */
const ROW_BYTES = 48;
/** Bytes of one slot with a number in it. */
export const SLOT_BYTES = 16;
/** What a row costs in addition where it is found through a hash table. */
export const KEY_BYTES = 64;
/** What is charged for a value of a type that is not looked into (jsonb, ranges, …). */
const OBJECT_BYTES = 96;
/** Elements of an array that are looked at; the others count as their average. */
const SAMPLE = 64;

/** Bytes that a value takes outside of its slot. */
export function valueBytes(value: Datum): number {
  if (typeof value === 'string') return value.length < 16 ? 0 : value.length;
  if (typeof value !== 'object' || value === null) return 0;
  if (value instanceof Uint8Array) return OBJECT_BYTES + value.byteLength;
  if (value instanceof Numeric) return OBJECT_BYTES;
  if (value instanceof PgArray) return listBytes(value.elements);
  if (value instanceof PgRecord) return listBytes(value.values);
  return OBJECT_BYTES;
}

/** Values of up to so many characters are counted as that long instead of being looked at. */
const MAX_BOUND = 256;
/** The type modifier of char(n) and varchar(n) is n and this. */
const TYPMOD_HEADER = 4;

const IN_SLOT = new Set<number>([
  oid.BOOL,
  oid.INT2,
  oid.INT4,
  oid.INT8,
  oid.OID,
  oid.FLOAT4,
  oid.FLOAT8,
  oid.CHAR,
  oid.DATE,
  oid.TIME,
  oid.TIMESTAMP,
  oid.TIMESTAMPTZ,
]);

/** What `valueBytes` gives for values of the type at most; null where they may have any length. */
export function boundedBytes(type: number, typmod: number): number | null {
  if (IN_SLOT.has(type)) return 0;
  if (type === oid.NUMERIC) return OBJECT_BYTES;
  if ((type !== oid.BPCHAR && type !== oid.VARCHAR) || typmod < TYPMOD_HEADER) return null;
  const length = typmod - TYPMOD_HEADER;
  return length > MAX_BOUND ? null : length < 16 ? 0 : length;
}

/** The same for a column of a table. System columns are numbers, but for one with the whole row. */
export function storedBytes({ columns, relation }: TableScan, column: ColumnId): number | null {
  const attribute = relation.attributes[columns.indexOf(column)];
  return attribute === undefined ? null : boundedBytes(attribute.type, attribute.typmod);
}

/** Bytes of a row with so many columns, without what values take outside of their slots. */
export function emptyRowBytes(columns: number): number {
  return ROW_BYTES + SLOT_BYTES * columns;
}

function listBytes(values: readonly Datum[]): number {
  const step = Math.max(1, Math.floor(values.length / SAMPLE));
  let sampled = 0;
  for (let i = 0; i < values.length; i += step) sampled += valueBytes(values[i]);
  return OBJECT_BYTES + values.length * 8 + sampled * step;
}

export function rowBytes(row: Row): number {
  let bytes = emptyRowBytes(row.length);
  for (let i = 0; i < row.length; i++) {
    const value = row[i];
    if (typeof value === 'string' || typeof value === 'object') bytes += valueBytes(value);
  }
  return bytes;
}

/** Bytes of the rows of a batch, `extra` bytes added for each of them. */
export function batchBytes(batch: Batch, extra = 0): number {
  const { rows, length } = batch;
  let bytes = extra * length;
  for (let i = 0; i < length; i++) bytes += rowBytes(rows[i]);
  return bytes;
}
