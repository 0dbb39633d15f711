/** Stores what ANALYZE has found: rows of pg_statistic, and the sizes in pg_class. */
import { type Datum, PgArray } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { Task } from '../../util/task.js';
import type { CatalogWriter } from '../catalog-writer.js';

export const STATISTIC_SLOTS = 5;

export interface StoredSlot {
  readonly kind: number;
  readonly operator: number;
  readonly collation: number;
  readonly numbers: readonly number[] | null;
  /** Of the type `valueType`. */
  readonly values: readonly Datum[] | null;
  readonly valueType: number;
}

export interface StoredStatistics {
  readonly nullFraction: number;
  readonly width: number;
  readonly distinct: number;
  readonly slots: readonly StoredSlot[];
}

/** Columns of pg_statistic but for those that say what the figures are of. Numbers are rounded to real. */
export function statisticValues(figures: StoredStatistics): Record<string, Datum> {
  const values: Record<string, Datum> = {
    stanullfrac: Math.fround(figures.nullFraction),
    stawidth: figures.width,
    stadistinct: Math.fround(figures.distinct),
  };
  for (let i = 0; i < STATISTIC_SLOTS; i++) {
    const slot = figures.slots[i];
    values[`stakind${i + 1}`] = slot?.kind ?? 0;
    values[`staop${i + 1}`] = slot?.operator ?? 0;
    values[`stacoll${i + 1}`] = slot?.collation ?? 0;
    values[`stanumbers${i + 1}`] = slot?.numbers == null ? null : PgArray.of(oid.FLOAT4, slot.numbers.map(Math.fround));
    values[`stavalues${i + 1}`] = slot?.values == null ? null : PgArray.of(slot.valueType, slot.values);
  }
  return values;
}

/** Replaces what is known of a column of a table or an index. */
export function* storeStatistics(
  writer: CatalogWriter,
  relation: number,
  attribute: number,
  figures: StoredStatistics,
): Task<void> {
  const values = statisticValues(figures);
  const known = writer.findOne('pg_statistic_relid_att_inh_index', [relation, attribute, false]);
  if (known !== undefined) yield* writer.update(known, values);
  else
    yield* writer.insert('pg_statistic', {
      starelid: relation,
      staattnum: attribute,
      stainherit: false,
      ...values,
    });
}
