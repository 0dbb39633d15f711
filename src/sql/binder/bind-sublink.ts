/** Subqueries in expressions: EXISTS, IN, ANY, ALL, scalar, ARRAY(…), row comparisons. */
import type { SubLink } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import * as oid from '../../types/oids.js';
import type { Expr, RowExpr, SubplanExpr } from '../plan/expression.js';
import { nameParts, splitName } from './ast.js';
import type { BindContext } from './bind-context.js';
import { bindRowComparison } from './bind-operator-expr.js';
import { type BoundQuery, binders } from './binders.js';
import { baseType } from './coercion-pathway.js';
import { bindOperator } from './resolve-operator.js';
import { columnExpr, type Scope } from './scope.js';
import { makeSubplan, subplanFields } from './subplan.js';

export function bindSublink(cx: BindContext, scope: Scope, node: SubLink): Expr {
  const location = node.location ?? -1;
  if (node.subselect === undefined || !('SelectStmt' in node.subselect)) throw notSupported('this kind of subquery');
  const query = binders.select(cx, scope, node.subselect.SelectStmt);
  switch (node.subLinkType) {
    case 'EXISTS_SUBLINK':
      return makeSubplan(query, 'exists', oid.BOOL, location);
    case 'EXPR_SUBLINK':
      return scalar(cx, query, 'scalar', location);
    case 'ARRAY_SUBLINK':
      return arrayOf(cx, query, location);
    case 'ANY_SUBLINK':
    case 'ALL_SUBLINK':
      return quantified(cx, scope, node, query, location);
    case 'ROWCOMPARE_SUBLINK':
      return rowCompare(cx, scope, node, query, location);
    default:
      throw notSupported(`subquery of kind ${node.subLinkType}`);
  }
}

function scalar(cx: BindContext, query: BoundQuery, mode: 'scalar', location: number): SubplanExpr {
  if (query.columns.length !== 1) throw cx.error('syntax_error', 'subquery must return only one column', location);
  const [column] = query.columns;
  return makeSubplan(query, mode, column.type, location, column.typmod, column.collation);
}

function arrayOf(cx: BindContext, query: BoundQuery, location: number): SubplanExpr {
  if (query.columns.length !== 1) throw cx.error('syntax_error', 'subquery must return only one column', location);
  const [column] = query.columns;
  const desc = cx.type(column.type);
  const type = desc.isArray ? column.type : desc.array;
  if (type === 0)
    throw cx.error(
      'undefined_object',
      `could not find array type for data type ${cx.formatType(column.type)}`,
      location,
    );
  return makeSubplan(query, 'array', type, location, -1, column.collation);
}

/** (left) op ANY|ALL (subquery); IN is = ANY. */
function quantified(cx: BindContext, scope: Scope, node: SubLink, query: BoundQuery, location: number): Expr {
  if (node.testexpr === undefined) throw notSupported('a quantified subquery without operand');
  const name = node.operName === undefined ? '=' : splitName(nameParts(node.operName)).name;
  const left = binders.expr(cx, scope, node.testexpr);
  const lefts = left.kind === 'row' ? left.fields : [left];
  if (lefts.length < query.columns.length) throw cx.error('syntax_error', 'subquery has too many columns', location);
  if (lefts.length > query.columns.length) throw cx.error('syntax_error', 'subquery has too few columns', location);
  const right = queryRow(query);
  const test =
    left.kind === 'row'
      ? bindRowComparison(cx, name, left, right, location)
      : bindOperator(cx, name, null, left, right.fields[0], location);
  if (test.type !== oid.BOOL) {
    throw cx.error(
      'datatype_mismatch',
      `row comparison operator must yield type boolean, not type ${cx.formatType(test.type)}`,
      location,
    );
  }
  const mode = node.subLinkType === 'ANY_SUBLINK' ? 'any' : 'all';
  return {
    ...makeSubplan(query, mode, oid.BOOL, location),
    test,
    hash: mode === 'any' ? hashKeys(cx, test, query) : null,
  };
}

function queryRow(query: BoundQuery): RowExpr {
  return {
    kind: 'row',
    fields: query.columns.map((column) => columnExpr(column)),
    names: query.columns.map((column) => column.name),
    type: oid.RECORD,
    typmod: -1,
    collation: 0,
    location: -1,
  };
}

/** Key pairs when the test is a conjunction of hashable equalities of plain output columns, both sides of one type. */
function hashKeys(cx: BindContext, test: Expr, query: BoundQuery): SubplanExpr['hash'] {
  const parts = test.kind === 'and' ? test.args : [test];
  const pairs: { outer: Expr; inner: number }[] = [];
  for (const part of parts) {
    if (part.kind !== 'function' || part.operator === null || part.operator.name !== '=' || !part.operator.canHash)
      return null;
    const [outer, inner] = part.args;
    if (inner.kind !== 'column' || !query.columns.some((column) => column.id === inner.id)) return null;
    if (baseType(cx, outer.type) !== baseType(cx, inner.type)) return null;
    pairs.push({ outer, inner: inner.id });
  }
  return pairs;
}

/** ROW(a, b) op (SELECT c, d …): the subquery gives one row at most. */
function rowCompare(cx: BindContext, scope: Scope, node: SubLink, query: BoundQuery, location: number): Expr {
  if (node.testexpr === undefined) throw notSupported('a row comparison without operand');
  const name = splitName(nameParts(node.operName)).name;
  const left = binders.expr(cx, scope, node.testexpr);
  if (left.kind !== 'row') throw notSupported('this row comparison');
  if (left.fields.length < query.columns.length)
    throw cx.error('syntax_error', 'subquery has too many columns', location);
  if (left.fields.length > query.columns.length)
    throw cx.error('syntax_error', 'subquery has too few columns', location);
  const fields = subplanFields(query, makeSubplan(query, 'multi', oid.RECORD, location), -1);
  const right: RowExpr = { ...queryRow(query), fields };
  return bindRowComparison(cx, name, left, right, location);
}
