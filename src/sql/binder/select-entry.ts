/** What SELECT computes: its select list, and what only ORDER BY and DISTINCT ON ask for. */
import type { ColumnExpr, ColumnId, Expr } from '../plan/expression.js';
import { columnExpr, recordFields, type ScopeColumn } from './scope.js';
import type { Target } from './target-list.js';

/** Targets with their ids in the projection; `junk` ones exist for sorting only. */
export interface SelectEntry {
  expr: Expr;
  readonly target: Target;
  readonly id: ColumnId;
  readonly junk: boolean;
}

export function outputColumn(entry: SelectEntry): ScopeColumn {
  const { expr, target } = entry;
  return {
    id: entry.id,
    name: target.name,
    type: expr.type,
    typmod: expr.typmod,
    collation: expr.collation,
    tableOid: target.tableOid,
    columnNumber: target.columnNumber,
    fields: recordFields(expr),
  };
}

/** The computed value, above the projection. */
export function entryColumn(entry: SelectEntry): ColumnExpr {
  return columnExpr(outputColumn(entry), entry.expr.location);
}
