/** Rows of pg_statistic to descriptors. */
import { type Datum, PgArray } from '../types/datum.js';
import { STATISTIC_SLOTS } from './ddl/statistics.js';
import type { ColumnStatistics } from './descriptors.js';
import type { SystemRow } from './system-row.js';

/** Kinds of a slot that the planner reads, as in stakind. */
const KIND = { common: 1, histogram: 2, correlation: 3, elements: 4 };

interface Slot {
  readonly values: readonly Datum[];
  readonly frequencies: readonly number[];
}

export function buildStatistics(row: SystemRow): ColumnStatistics {
  const histogram = slotOf(row, KIND.histogram);
  return {
    nullFraction: row.number('stanullfrac'),
    width: row.number('stawidth'),
    distinct: row.number('stadistinct'),
    common: slotOf(row, KIND.common),
    histogram: histogram === null ? null : histogram.values,
    correlation: slotOf(row, KIND.correlation)?.frequencies[0] ?? null,
    elements: slotOf(row, KIND.elements),
  };
}

function slotOf(row: SystemRow, kind: number): Slot | null {
  for (let i = 1; i <= STATISTIC_SLOTS; i++) {
    if (row.number(`stakind${i}`) !== kind) continue;
    const values = row.datum(`stavalues${i}`);
    return {
      values: values instanceof PgArray ? values.elements : [],
      frequencies: row.numbersOrNull(`stanumbers${i}`) ?? [],
    };
  }
  return null;
}
