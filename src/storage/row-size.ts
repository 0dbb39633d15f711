/**
 * A cheap guess at the memory that a row takes. Taken on samples only.
 */
import type { Datum, Row } from '../types/datum.js';

export function estimateRowBytes(row: Row): number {
  let bytes = 48 + row.length * 8;
  for (const value of row) bytes += estimateDatum(value);
  return bytes;
}

function estimateDatum(value: Datum): number {
  switch (typeof value) {
    case 'string':
      return 24 + value.length;
    case 'number':
      return Number.isSafeInteger(value) && value < 0x7fffffff && value > -0x7fffffff ? 0 : 16;
    case 'bigint':
      return 32;
    case 'object':
      if (value === null) return 0;
      return value instanceof Uint8Array ? 96 + value.length : 96;
    default:
      return 0;
  }
}

/** The size of a heap's rows, as far as samples tell. */
export class AverageRow {
  bytes = 100;
  private sample = 0;

  add(row: Row): void {
    if ((this.sample++ & 63) === 0) this.bytes += (estimateRowBytes(row) - this.bytes) / 16;
  }
}
