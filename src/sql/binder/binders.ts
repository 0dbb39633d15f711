/**
 * The mutually recursive parts of the binder call each other through this table, which keeps the files free of
 * import circles: expressions contain queries, and queries contain expressions.
 */
import type { Node, SelectStmt } from '@pgsql/types';
import type { Expr } from '../plan/expression.js';
import type { PlanNode } from '../plan/plan-node.js';
import type { BindContext } from './bind-context.js';
import type { Scope, ScopeColumn } from './scope.js';

/** A bound query: rows of `plan` (whose columns are exactly `columns`, in order). */
export interface BoundQuery {
  readonly plan: PlanNode;
  readonly columns: readonly ScopeColumn[];
}

export interface Binders {
  expr(cx: BindContext, scope: Scope, node: Node): Expr;
  /** What `t.*`, `*` or `(composite).*` stands for in a list of expressions; null for every other expression. */
  starred(cx: BindContext, scope: Scope, node: Node): Expr[] | null;
  /** `parent` is the scope of the enclosing query, null at the top. */
  /** `value.name` where the value has no such field: the call name(value), if there is such a function. */
  attributeCall(cx: BindContext, name: string, value: Expr, location: number): Expr | null;
  select(cx: BindContext, parent: Scope | null, statement: SelectStmt): BoundQuery;
  /** INSERT, UPDATE, DELETE or SELECT inside WITH. */
  cteQuery(cx: BindContext, parent: Scope, node: Node): BoundQuery;
}

function missing(): never {
  throw new Error('the binder is not assembled');
}

export const binders: Binders = {
  expr: missing,
  starred: missing,
  attributeCall: missing,
  select: missing,
  cteQuery: missing,
};
