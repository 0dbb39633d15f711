/** What compiled expressions look like, and what the compiler offers to the files that compile one family of nodes each. */
import type { ColumnId, Expr } from '../../sql/plan/expression.js';
import type { Datum, Row } from '../../types/datum.js';
import type { ExecContext } from '../exec-context.js';

/** The value of an expression for a row. May throw a `Suspend` (see suspend.ts); must then be called again. */
export type Evaluator = (row: Row) => Datum;

/** Whether a boolean expression is true (not false, not NULL). */
export type Predicate = (row: Row) => boolean;

export interface ExpressionCompiler {
  readonly cx: ExecContext;
  /** Position of a column in the rows that will be given, or -1 when it has to come from a cell. */
  slot(id: ColumnId): number;
  compile(expr: Expr): Evaluator;
  predicate(expr: Expr): Predicate;
}
