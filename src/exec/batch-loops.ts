/** Loops over a batch that evaluate an expression for each row and wait where the expression has to. */
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { Evaluator, Predicate } from './expression/evaluator.js';
import type { Batch, RowBuffer } from './operator.js';
import { suspension } from './suspend.js';

/** Appends the rows that satisfy `predicate` to `out`. */
export function* keepMatching(batch: Batch, predicate: Predicate, out: RowBuffer): Task<void> {
  const { rows, length } = batch;
  let i = 0;
  while (i < length) {
    try {
      for (; i < length; i++) {
        const row = rows[i];
        if (predicate(row)) out.push(row);
      }
    } catch (error) {
      yield suspension(error);
    }
  }
}

/** Appends `make(row)` for each row. */
export function* mapRows(batch: Batch, make: (row: Row) => Row, out: RowBuffer): Task<void> {
  const { rows, length } = batch;
  let i = 0;
  while (i < length) {
    try {
      for (; i < length; i++) out.push(make(rows[i]));
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
