/**
 * What the rows of an operator take in memory. Where no column has values of any length all rows count as equally large,
 * and none is looked at: rows of a table lie far from each other, and to look at one takes longer than to join it.
 */
import type { Batch, Operator } from './operator.js';
import { batchBytes, emptyRowBytes } from './value-size.js';

export type BatchMeter = (batch: Batch) => number;

/** `extra` bytes are added for each row. */
export function batchMeter(input: Operator, extra = 0): BatchMeter {
  let bytes = emptyRowBytes(input.columns.length) + extra;
  for (const column of input.columns) {
    const bound = input.boundedBytes(column);
    if (bound === null) return (batch) => batchBytes(batch, extra);
    bytes += bound;
  }
  return (batch) => batch.length * bytes;
}
