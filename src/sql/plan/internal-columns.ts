/** Columns that expressions define for themselves: an array's element, a domain's value, the operand of CASE. */
import type { ColumnId, Expr } from './expression.js';

export function internalColumns(expr: Expr, add: (id: ColumnId) => void): void {
  if (expr.kind === 'array coerce' || expr.kind === 'array comparison') add(expr.elementColumn);
  else if (expr.kind === 'coerce to domain') add(expr.valueColumn);
  else if (expr.kind === 'case') add(expr.operandColumn);
}
