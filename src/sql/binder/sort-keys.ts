/** ORDER BY items: direction, NULLS placement, USING operators. */
import type { SortBy } from '@pgsql/types';
import type { Expr, SortKey } from '../plan/expression.js';
import { locationOf, nameParts, splitName } from './ast.js';
import type { BindContext } from './bind-context.js';
import { requireCollation } from './derive-collation.js';
import { findOperator } from './resolve-operator.js';

/** @throws SqlError 42883 when the type has no ordering */
export function makeSortKey(cx: BindContext, sort: SortBy, expr: Expr): SortKey {
  let descending = sort.sortby_dir === 'SORTBY_DESC';
  if (sort.sortby_dir === 'SORTBY_USING') {
    const { schema, name } = splitName(nameParts(sort.useOp));
    const operator = findOperator(cx, name, schema, expr.type, expr.type, sort.location);
    if (operator === null || operator === 'ambiguous') {
      throw cx.error(
        'undefined_function',
        `operator does not exist: ${cx.formatType(expr.type)} ${name} ${cx.formatType(expr.type)}`,
        sort.location,
      );
    }
    const strategies = cx.catalog.operatorStrategies(operator.oid).map((entry) => entry.strategy);
    descending = strategies.includes(5);
    if (!descending && !strategies.includes(1)) {
      throw cx.error('wrong_object_type', `operator ${name} is not a valid ordering operator`, sort.location, {
        hint: 'Ordering operators must be "<" or ">" members of btree operator families.',
      });
    }
  }
  requireOrdering(cx, expr, locationOf(sort.node));
  requireCollation(cx, expr);
  const nullsFirst =
    sort.sortby_nulls === 'SORTBY_NULLS_FIRST' || (sort.sortby_nulls !== 'SORTBY_NULLS_LAST' && descending);
  return { expr, descending, nullsFirst };
}

/** @throws SqlError 42883 `could not identify an ordering operator for type json` */
export function requireOrdering(cx: BindContext, expr: Expr, location: number = expr.location): void {
  const { element } = cx.type(expr.type);
  const compared = element === 0 || cx.type(element).array !== expr.type ? expr.type : element;
  if (findOperator(cx, '<', null, compared, compared) === null) {
    throw cx.error(
      'undefined_function',
      `could not identify an ordering operator for type ${cx.formatType(expr.type)}`,
      location,
      {
        hint: 'Use an explicit ordering operator or modify the query.',
      },
    );
  }
}

/** @throws SqlError 42883 `could not identify an equality operator for type json` */
export function requireEquality(cx: BindContext, expr: Expr): void {
  requireCollation(cx, expr);
  if (findOperator(cx, '=', null, expr.type, expr.type) === null) {
    throw cx.error(
      'undefined_function',
      `could not identify an equality operator for type ${cx.formatType(expr.type)}`,
      expr.location,
    );
  }
}
