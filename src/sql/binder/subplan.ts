/** Subqueries as expressions. */
import type { FieldExpr, SubplanExpr } from '../plan/expression.js';
import { freeColumns } from '../plan/free-columns.js';
import type { BoundQuery } from './binders.js';

/** A subquery as the operand of an expression; `test` is for the caller to add. */
export function makeSubplan(
  query: BoundQuery,
  mode: SubplanExpr['mode'],
  type: number,
  location: number,
  typmod = -1,
  collation = 0,
): SubplanExpr {
  return {
    kind: 'subplan',
    mode,
    plan: query.plan,
    correlation: [...freeColumns(query.plan)],
    test: null,
    hash: null,
    type,
    typmod,
    collation,
    location,
  };
}

/** The columns of the one row that `record`, a subplan of mode `multi` over `query`, gives. */
export function subplanFields(query: BoundQuery, record: SubplanExpr, location: number): FieldExpr[] {
  return query.columns.map(({ name, type, typmod, collation }, position) => ({
    kind: 'field',
    arg: record,
    position,
    name,
    type,
    typmod,
    collation,
    location,
  }));
}
