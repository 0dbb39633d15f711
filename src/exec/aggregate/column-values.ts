/** The argument of an aggregate as a column of numbers, for accumulators that take columns. */
import type { Expr } from '../../sql/plan/expression.js';
import type { ColumnBatch } from '../column-batch.js';
import { numberColumn } from '../expression/column-test.js';
import type { Compiler } from '../expression/compile.js';
import type { ScaledNumeric } from '../expression/scaled-numeric.js';

export interface ColumnValues {
  /** Of numeric values, which are given as coefficients; null for other types. */
  readonly scale: number | null;
  /** The values of all rows, NaN for NULL; null when the rows have to be taken one by one. */
  readonly column: (batch: ColumnBatch) => Float64Array | null;
}

/** Null when the argument is neither a column of numbers nor made of such by simple arithmetic. */
export function columnValues(compiler: Compiler, arg: Expr, scaled: ScaledNumeric | null): ColumnValues | null {
  if (scaled !== null) return scaled;
  const plain = numberColumn(compiler, arg);
  if (plain === null) return null;
  const { slot, scale } = plain;
  return { scale, column: (batch) => batch.numbers(slot, scale) };
}
