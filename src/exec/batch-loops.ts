/** Loops over a batch that evaluate an expression for each row and wait where the expression has to. */
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { Pace } from './chunked-list.js';
import type { ExecContext } from './exec-context.js';
import type { Evaluator, Predicate } from './expression/evaluator.js';
import type { Batch, RowBuffer } from './operator.js';
import { suspension } from './suspend.js';
import { rowBytes } from './value-size.js';

/** The clock is read once in so many rows (a power of two). */
export const ROWS_PER_CLOCK_READ = 16;
/** The same where rows take less. */
const QUICK_ROWS_PER_CLOCK_READ = 256;

/** Appends the rows that satisfy `predicate` to `out`. */
export function* keepMatching(cx: Pace, batch: Batch, predicate: Predicate, out: RowBuffer): Task<void> {
  const { rows, length } = batch;
  let i = 0;
  while (i < length) {
    if (cx.overdue()) yield cx.giveWay();
    const end = Math.min(length, i + ROWS_PER_CLOCK_READ);
    try {
      for (; i < end; i++) {
        const row = rows[i];
        if (predicate(row)) out.push(row);
      }
    } catch (error) {
      yield suspension(error);
    }
  }
}

/** Rows of this size together are a batch, however few they are: bytes. */
const LARGE_BATCH = 4 * 1024 * 1024;

/**
 * Appends `make(row)` for the rows from `from` on, until they are large enough together; for expressions whose values
 * may be long or take long. Returns the number of the first row that was left.
 */
export function* mapSomeRows(
  cx: ExecContext,
  batch: Batch,
  from: number,
  make: (row: Row) => Row,
  out: RowBuffer,
): Task<number> {
  const { rows, length } = batch;
  let bytes = 0;
  let i = from;
  while (i < length && bytes < LARGE_BATCH) {
    try {
      while (i < length && bytes < LARGE_BATCH) {
        const made = make(rows[i++]);
        out.push(made);
        bytes += rowBytes(made);
        if ((i & (ROWS_PER_CLOCK_READ - 1)) === 0 && cx.overdue()) break;
      }
    } catch (error) {
      i--;
      yield suspension(error);
    }
    if (cx.overdue()) yield cx.giveWay();
  }
  return i;
}

/** Appends `make(row)` for each row. */
export function* mapRows(cx: Pace, batch: Batch, make: (row: Row) => Row, out: RowBuffer): Task<void> {
  const { rows, length } = batch;
  let i = 0;
  while (i < length) {
    if (i > 0 && cx.overdue()) yield cx.giveWay();
    const end = Math.min(length, i + QUICK_ROWS_PER_CLOCK_READ);
    try {
      for (; i < end; i++) out.push(make(rows[i]));
    } catch (error) {
      yield suspension(error);
    }
  }
}

const NO_ROW: Row = [];

/** Evaluates an expression that reads no row (LIMIT, index bounds). */
export function* evaluateOnce<T>(evaluate: () => T): Task<T> {
  for (;;) {
    try {
      return evaluate();
    } catch (error) {
      yield suspension(error);
    }
  }
}

/** The same for a compiled expression. */
export function evaluateWithoutRow(evaluate: Evaluator) {
  return evaluateOnce(() => evaluate(NO_ROW));
}

/** One closure that computes a whole row. */
export function rowMaker(exprs: readonly Evaluator[]): (row: Row) => Row {
  const [a, b, c, d] = exprs;
  switch (exprs.length) {
    case 1:
      return (row) => [a(row)];
    case 2:
      return (row) => [a(row), b(row)];
    case 3:
      return (row) => [a(row), b(row), c(row)];
    case 4:
      return (row) => [a(row), b(row), c(row), d(row)];
    default:
      return (row) => {
        const made: Row = [];
        for (let i = 0; i < exprs.length; i++) made.push(exprs[i](row));
        return made;
      };
  }
}
