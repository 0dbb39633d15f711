/**
 * The base of all operators. An operator is made once for a plan node and run many times: `open` starts a run (and
 * forgets an unfinished one), `next` gives batches until null, `close` frees what the run holds.
 */
import type { ColumnId } from '../sql/plan/expression.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { KeyFilter } from './key-filter.js';

/** The number of rows that operators aim at. A batch may have more or fewer, but never none. */
export const BATCH_SIZE = 256;

/**
 * Rows 0 to `length` - 1 of `rows`. The batch belongs to the operator that gave it and is valid until its next call;
 * it must not be modified. The rows themselves are immutable and may be kept.
 */
export interface Batch {
  readonly rows: Row[];
  readonly length: number;
}

export abstract class Operator {
  constructor(readonly columns: readonly ColumnId[]) {}

  abstract open(): void;

  /** The next rows, or null at the end. REQUIRES: `open` was called. */
  abstract next(): Task<Batch | null>;

  /**
   * The same without a generator, where nothing has to be waited for. `undefined` says that the caller must call
   * `next` instead; nothing has been lost then.
   */
  tryNext(): Batch | null | undefined {
    return undefined;
  }

  /**
   * Rows of this run in which `column` has none of the keys are of no use to whoever calls; the operator may leave them
   * out, or not. To be called between `open` and the first `next`.
   */
  restrict(_column: ColumnId, _keys: KeyFilter): void {}

  /** What values of the column take outside of their slots at most, see value-size.ts; null where nothing is known. */
  boundedBytes(_column: ColumnId): number | null {
    return null;
  }

  /**
   * As `next`, but batches may come with their columns (`ColumnBatch`), for those who can do without rows. The calls must
   * not be mixed in a run.
   */
  nextColumns(): Task<Batch | null> {
    return this.next();
  }

  /** Ends a run at any point. Harmless when there is none. */
  abstract close(): void;

  /** Rows that a filter inside the operator has dropped in all runs. For EXPLAIN ANALYZE. */
  get rowsRemoved(): number {
    return 0;
  }

  /** Rows that this operator has inserted, updated or deleted in this run; 0 for reading ones. */
  get rowsAffected(): number {
    return 0;
  }
}

/** A batch that its operator fills again and again. */
export class RowBuffer implements Batch {
  readonly rows: Row[] = [];
  length = 0;

  push(row: Row): void {
    this.rows[this.length++] = row;
  }
}
