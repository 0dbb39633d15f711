/** Which of the values that are frequent in a sample are common enough in the table to be kept one by one. */

export interface SampleFigures {
  /** Rows of the sample, NULLs included. */
  readonly rows: number;
  /** Rows of the table. */
  readonly total: number;
  readonly nullFraction: number;
  /** Different values in the table; below 0 as a fraction of its rows. */
  readonly distinct: number;
}

/**
 * `counts`: of the most frequent values, largest first. Returns how many of them to keep: those that are surely more
 * frequent than the average of all the values that are left out.
 */
export function keptCommonValues(counts: readonly number[], figures: SampleFigures): number {
  const { rows, total, nullFraction } = figures;
  if (rows === total || total <= 1) return counts.length;
  const distinct = figures.distinct < 0 ? -figures.distinct * total : figures.distinct;
  let kept = counts.length;
  let others = counts.slice(0, -1).reduce((sum, count) => sum + count, 0);
  while (kept > 0) {
    const count = counts[kept - 1];
    const left = Math.min(1, Math.max(0, 1 - others / rows - nullFraction));
    const otherValues = distinct - (kept - 1);
    const average = otherValues > 1 ? left / otherValues : left;
    // The count of a value in a sample without replacement is distributed hypergeometrically.
    const inTable = (total * count) / rows;
    const variance = (rows * inTable * (total - inTable) * (total - rows)) / (total * total * (total - 1));
    if (count > average * rows + 2 * Math.sqrt(variance) + 0.5) break;
    kept--;
    if (kept > 0) others -= counts[kept - 1];
  }
  return kept;
}

/**
 * Haas and Stokes' estimator: values that occur once in the sample tell how many were never seen. `d` different values
 * in a sample of `n` of `total` values, `once` of them once.
 */
export function estimateDistinct(n: number, total: number, d: number, once: number): number {
  if (total <= 0) return 0;
  const estimate = (n * d) / (n - once + (once * n) / total);
  return Math.floor(Math.min(Math.max(estimate, d), total) + 0.5);
}
