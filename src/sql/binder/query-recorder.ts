/**
 * What the binder found out about each part of a query's syntax, for printing the query in PostgreSQL's form (pg_get_viewdef).
 * Expressions are those before aggregates and windows are taken out of them: columns stand for such calls.
 */
import type { Node, SelectStmt, WindowDef } from '@pgsql/types';
import type { AggregateCall, ColumnId, Expr, SortKey, WindowCall } from '../plan/expression.js';
import type { FromItem } from './from-item.js';
import type { ScopeColumn } from './scope.js';

export interface RecordedSelect {
  /** The select list, and behind it (`junk`) what only ORDER BY and DISTINCT ON ask for. */
  readonly entries: readonly { readonly expr: Expr; readonly name: string; readonly junk: boolean }[];
  /** `entry` counts from 0. */
  readonly order: readonly { readonly entry: number; readonly descending: boolean; readonly nullsFirst: boolean }[];
  /** Entries of DISTINCT ON; null for plain DISTINCT and none. */
  readonly distinctOn: readonly number[] | null;
}

/** ORDER BY of UNION and VALUES, over the output columns. */
export interface RecordedSetQuery {
  readonly keys: readonly SortKey[];
  readonly columns: readonly ScopeColumn[];
}

export class QueryRecorder {
  readonly exprs = new Map<Node, Expr>();
  /** The syntax of calls and subqueries, by what they became. */
  readonly sources = new Map<Expr, Node>();
  readonly selects = new Map<SelectStmt, RecordedSelect>();
  readonly setQueries = new Map<SelectStmt, RecordedSetQuery>();
  /** Literals of a side of UNION as the other side has typed them, by position. */
  readonly sides = new Map<SelectStmt, readonly Expr[]>();
  readonly items = new Map<Node, FromItem>();
  /** Rows of a VALUES list brought to common types. */
  readonly tuples = new Map<readonly Node[], readonly (readonly Expr[])[]>();
  readonly aggregates = new Map<ColumnId, AggregateCall>();
  readonly groupings = new Map<ColumnId, readonly Expr[]>();
  readonly windows = new Map<ColumnId, WindowCall>();
  readonly windowSyntax = new Map<ColumnId, WindowDef>();
  /** Primary keys that ungrouped columns depend on. */
  readonly primaryKeys = new Set<number>();

  expression(node: Node, expr: Expr): void {
    this.exprs.set(node, expr);
    if ('SubLink' in node || 'FuncCall' in node) this.sources.set(expr, node);
    if ('FuncCall' in node && node.FuncCall.over !== undefined && expr.kind === 'column')
      this.windowSyntax.set(expr.id, node.FuncCall.over);
  }
}
