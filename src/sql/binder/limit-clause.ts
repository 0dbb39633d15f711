/** LIMIT, OFFSET and FETCH FIRST: numbers that no row of the query may decide. */
import type { Node, SelectStmt } from '@pgsql/types';
import * as oid from '../../types/oids.js';
import type { Expr, SortKey } from '../plan/expression.js';
import { exprColumns } from '../plan/free-columns.js';
import type { PlanNode } from '../plan/plan-node.js';
import type { BindContext } from './bind-context.js';
import { binders } from './binders.js';
import { coerce } from './coercion.js';
import { forbiddenAggregates, Scope } from './scope.js';

/** LIMIT and OFFSET as bigint; null where the clause is missing or NULL itself. */
export interface Limits {
  readonly limit: Expr | null;
  readonly offset: Expr | null;
  readonly withTies: boolean;
}

export function bindLimits(cx: BindContext, scope: Scope, statement: SelectStmt): Limits {
  const withTies = statement.limitOption === 'LIMIT_OPTION_WITH_TIES';
  if (withTies && (statement.sortClause ?? []).length === 0) {
    throw cx.error('syntax_error', 'WITH TIES cannot be specified without ORDER BY clause');
  }
  return {
    limit: bindLimit(cx, scope, statement.limitCount, 'LIMIT'),
    offset: bindLimit(cx, scope, statement.limitOffset, 'OFFSET'),
    withTies,
  };
}

function bindLimit(cx: BindContext, scope: Scope, node: Node | undefined, clause: string): Expr | null {
  if (node === undefined || ('A_Const' in node && node.A_Const.isnull)) return null;
  const inner = new Scope(scope);
  inner.clause = clause;
  inner.aggregates = forbiddenAggregates(clause);
  inner.setReturningForbidden = clause;
  const expr = coerceLimit(cx, binders.expr(cx, inner, node), clause);
  if ([...exprColumns(expr)].some((id) => scope.owns(id))) {
    throw cx.error('invalid_column_reference', `argument of ${clause} must not contain variables`, expr.location);
  }
  return expr;
}

function coerceLimit(cx: BindContext, expr: Expr, clause: string): Expr {
  if (expr.type === oid.INT8) return expr;
  if (cx.catalog.type(expr.type)?.category !== 'N' && expr.type !== oid.UNKNOWN) {
    throw cx.error(
      'datatype_mismatch',
      `argument of ${clause} must be type bigint, not type ${cx.formatType(expr.type)}`,
      expr.location,
    );
  }
  return coerce(cx, expr, oid.INT8, -1, 'assignment');
}

/** `keys` are those of ORDER BY, by which rows tie. */
export function limitNode(input: PlanNode, limits: Limits, keys: readonly SortKey[]): PlanNode {
  if (limits.limit === null && limits.offset === null) return input;
  return {
    kind: 'limit',
    input,
    limit: limits.limit,
    offset: limits.offset,
    tiesKeys: limits.withTies ? keys : null,
    columns: input.columns,
    rows: 0,
    cost: 0,
  };
}
