/**
 * Output of values whose text takes long to make: it is made in slices before the row is given to the sink, which then
 * finds it ready. Rows without such values cost a short look at them.
 */
import type { Datum, Row } from '../types/datum.js';
import * as oid from '../types/oids.js';
import { forgetTexts, rememberText } from '../types/remembered-texts.js';
import type { SlowText } from '../types/type-codec.js';
import type { TypeContext } from '../types/type-context.js';
import type { Task, Wait } from '../util/task.js';

/** Frequent types that need no look at their codec. */
const QUICK_TYPES = new Set<number>([
  oid.BOOL,
  oid.INT2,
  oid.INT4,
  oid.INT8,
  oid.FLOAT8,
  oid.NUMERIC,
  oid.TEXT,
  oid.VARCHAR,
  oid.BPCHAR,
  oid.DATE,
  oid.TIMESTAMP,
  oid.TIMESTAMPTZ,
  oid.UUID,
]);

interface SlowColumn {
  readonly slot: number;
  readonly slow: SlowText<Datum>;
}

export class LargeOutput {
  private task: Task<void> | null = null;
  private column = 0;

  private constructor(
    private readonly types: TypeContext,
    private readonly columns: readonly SlowColumn[],
  ) {}

  /** Null when no column that is sent as text has values of such a type. */
  static of(types: TypeContext, oids: readonly number[], formats: readonly number[]): LargeOutput | null {
    let columns: SlowColumn[] | null = null;
    for (let slot = 0; slot < oids.length; slot++) {
      if (formats[slot] === 1 || QUICK_TYPES.has(oids[slot])) continue;
      const { slow } = types.codec(oids[slot]);
      if (slow === undefined) continue;
      columns ??= [];
      columns.push({ slot, slow });
    }
    return columns === null ? null : new LargeOutput(types, columns);
  }

  /** What has to be waited for before the row can be given; null when it can be. */
  prepare(row: Row): Wait | null {
    for (; this.column < this.columns.length; this.column++) {
      this.task ??= this.remember(this.columns[this.column], row);
      const step = this.task?.next();
      if (step?.done === false) return step.value;
      this.task = null;
    }
    this.column = 0;
    return null;
  }

  /** The row has been given. */
  given(): void {
    forgetTexts();
  }

  private remember({ slot, slow }: SlowColumn, row: Row): Task<void> | null {
    const value = row[slot];
    if (typeof value !== 'object' || value === null || !slow.isLarge(value)) return null;
    return rememberInSlices(this.types, slow, value);
  }
}

function* rememberInSlices(types: TypeContext, slow: SlowText<Datum>, value: object): Task<void> {
  rememberText(value, yield* slow.format(value, types));
}
