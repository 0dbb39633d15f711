/** Expressions that read a column. */
import type { ColumnExpr, ColumnId, Expr } from './expression.js';

/** Reads column `id`, whose values are as `typed` says: a column of a table, or what the column was computed from. */
export function makeColumn(
  id: ColumnId,
  name: string,
  typed: Pick<Expr, 'type' | 'typmod' | 'collation'>,
  location = -1,
): ColumnExpr {
  const { type, typmod, collation } = typed;
  return { kind: 'column', id, name, type, typmod, collation, location };
}

/** Hands a column on as it is, where only its position counts. */
export function passColumn(id: ColumnId, name: string): ColumnExpr {
  return { kind: 'column', id, name, type: 0, typmod: -1, collation: 0, location: -1 };
}
