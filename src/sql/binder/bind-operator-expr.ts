/** A_Expr: operators, IN, BETWEEN, LIKE, DISTINCT FROM, NULLIF, ANY/ALL over arrays, row comparisons. */
import type { A_Expr, Node } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import * as oid from '../../types/oids.js';
import { arrayExpr } from '../plan/array-expr.js';
import { makeColumn } from '../plan/column-expr.js';
import type { ArrayComparisonExpr, Expr, FunctionExpr, RowExpr } from '../plan/expression.js';
import { nameParts, splitName } from './ast.js';
import type { BindContext } from './bind-context.js';
import { binders } from './binders.js';
import { coerce, coerceToBoolean } from './coercion.js';
import { arrayElement, baseType } from './coercion-pathway.js';
import { coerceToCommonType, selectCommonType } from './common-type.js';
import { bindOperator, findOperator, makeOperatorCall } from './resolve-operator.js';
import type { Scope } from './scope.js';

const BOOL = { type: oid.BOOL, typmod: -1, collation: 0 } as const;

export function bindOperatorExpr(cx: BindContext, scope: Scope, node: A_Expr): Expr {
  const location = node.location ?? -1;
  switch (node.kind ?? 'AEXPR_OP') {
    case 'AEXPR_OP':
      return bindPlainOperator(cx, scope, node, location);
    case 'AEXPR_OP_ANY':
      return bindArrayQuantifier(cx, scope, node, 'any', location);
    case 'AEXPR_OP_ALL':
      return bindArrayQuantifier(cx, scope, node, 'all', location);
    case 'AEXPR_DISTINCT':
      return bindDistinct(cx, operand(cx, scope, node.lexpr), operand(cx, scope, node.rexpr), false, location);
    case 'AEXPR_NOT_DISTINCT':
      return bindDistinct(cx, operand(cx, scope, node.lexpr), operand(cx, scope, node.rexpr), true, location);
    case 'AEXPR_NULLIF':
      return bindNullIf(cx, scope, node, location);
    case 'AEXPR_IN':
      return bindIn(cx, scope, node, location);
    case 'AEXPR_LIKE':
    case 'AEXPR_ILIKE':
    case 'AEXPR_SIMILAR': {
      const { schema, name } = splitName(nameParts(node.name));
      return bindOperator(cx, name, schema, operand(cx, scope, node.lexpr), operand(cx, scope, node.rexpr), location);
    }
    case 'AEXPR_BETWEEN':
    case 'AEXPR_NOT_BETWEEN':
    case 'AEXPR_BETWEEN_SYM':
    case 'AEXPR_NOT_BETWEEN_SYM':
      return bindBetween(cx, scope, node, location);
    default:
      throw notSupported(`expression ${node.kind}`);
  }
}

function operand(cx: BindContext, scope: Scope, node: Node | undefined): Expr {
  if (node === undefined) throw notSupported('an operator without operand');
  return binders.expr(cx, scope, node);
}

function isRowNode(node: Node | undefined): boolean {
  return node !== undefined && 'RowExpr' in node;
}

function bindPlainOperator(cx: BindContext, scope: Scope, node: A_Expr, location: number): Expr {
  const { schema, name } = splitName(nameParts(node.name));
  if (
    node.rexpr !== undefined &&
    'SubLink' in node.rexpr &&
    isRowNode(node.lexpr) &&
    node.rexpr.SubLink.subLinkType === 'EXPR_SUBLINK'
  ) {
    const sublink: Node = {
      SubLink: { ...node.rexpr.SubLink, subLinkType: 'ROWCOMPARE_SUBLINK', testexpr: node.lexpr, operName: node.name },
    };
    return binders.expr(cx, scope, sublink);
  }
  if (isRowNode(node.lexpr) && isRowNode(node.rexpr)) {
    const left = operand(cx, scope, node.lexpr);
    const right = operand(cx, scope, node.rexpr);
    if (left.kind === 'row' && right.kind === 'row') return bindRowComparison(cx, name, left, right, location);
  }
  const left = node.lexpr === undefined ? null : operand(cx, scope, node.lexpr);
  return bindOperator(cx, name, schema, left, operand(cx, scope, node.rexpr), location);
}

/** The orderings of text_pattern_ops and its relatives. */
const BYTEWISE: ReadonlyMap<string, string> = new Map([
  ['~<~', '<'],
  ['~<=~', '<='],
  ['~>~', '>'],
  ['~>=~', '>='],
]);

/** ROW(…) op ROW(…): field by field for = and <>, left to right for the orderings. */
export function bindRowComparison(
  cx: BindContext,
  name: string,
  left: RowExpr,
  right: RowExpr,
  location: number,
): Expr {
  if (left.fields.length !== right.fields.length)
    throw cx.error('syntax_error', 'unequal number of entries in row expressions', location);
  if (left.fields.length === 0) throw cx.error('feature_not_supported', 'cannot compare rows of zero length', location);
  const compare = (op: string): FunctionExpr[] =>
    left.fields.map((field, i) => bindOperator(cx, op, null, field, right.fields[i], location));
  if (left.fields.length === 1) return compare(name)[0];
  if (name === '=' || name === '<>') {
    return { kind: name === '=' ? 'and' : 'or', args: compare(name), ...BOOL, location };
  }
  const plain = BYTEWISE.get(name) ?? name;
  if (plain !== '<' && plain !== '<=' && plain !== '>' && plain !== '>=') {
    throw cx.error(
      'feature_not_supported',
      `could not determine interpretation of row comparison operator ${name}`,
      location,
      {
        hint: 'Row comparison operators must be associated with btree operator families.',
      },
    );
  }
  const equal = compare('=');
  const less = compare(plain === name ? '<' : '~<~');
  return {
    kind: 'row comparison',
    operator: plain,
    pairs: equal.map((eq, i) => ({ equal: eq, less: less[i] })),
    ...BOOL,
    location,
  };
}

export function bindDistinct(cx: BindContext, left: Expr, right: Expr, negated: boolean, location: number): Expr {
  if (left.kind === 'row' && right.kind === 'row') {
    if (left.fields.length !== right.fields.length)
      throw cx.error('syntax_error', 'unequal number of entries in row expressions', location);
    const parts = left.fields.map((field, i) => bindDistinct(cx, field, right.fields[i], negated, location));
    return parts.length === 1 ? parts[0] : { kind: negated ? 'and' : 'or', args: parts, ...BOOL, location };
  }
  if (isNullLiteral(left) || isNullLiteral(right)) {
    const arg = isNullLiteral(right) ? left : right;
    return { kind: 'null test', arg, negated: !negated, row: false, ...BOOL, location };
  }
  const equality = bindOperator(cx, '=', null, left, right, location);
  if (equality.type !== oid.BOOL)
    throw cx.error('datatype_mismatch', 'IS DISTINCT FROM requires = operator to yield boolean', location);
  return {
    kind: 'distinct from',
    left: equality.args[0],
    right: equality.args[1],
    equality,
    negated,
    ...BOOL,
    location,
  };
}

function isNullLiteral(expr: Expr): boolean {
  return expr.kind === 'const' && expr.value === null && expr.type === oid.UNKNOWN;
}

function bindNullIf(cx: BindContext, scope: Scope, node: A_Expr, location: number): Expr {
  const equality = bindOperator(
    cx,
    '=',
    null,
    operand(cx, scope, node.lexpr),
    operand(cx, scope, node.rexpr),
    location,
  );
  if (equality.type !== oid.BOOL)
    throw cx.error('datatype_mismatch', 'NULLIF requires = operator to yield boolean', location);
  const [left, right] = equality.args;
  return {
    kind: 'nullif',
    left,
    right,
    equality,
    type: left.type,
    typmod: left.typmod,
    collation: left.collation,
    location,
  };
}

/** x IN (a, b, …): an array comparison when all elements have one type, else a chain of OR. */
function bindIn(cx: BindContext, scope: Scope, node: A_Expr, location: number): Expr {
  const negated = splitName(nameParts(node.name)).name === '<>';
  const name = negated ? '<>' : '=';
  const left = operand(cx, scope, node.lexpr);
  const items = node.rexpr !== undefined && 'List' in node.rexpr ? (node.rexpr.List.items ?? []) : [];
  const values = items.map((item) => binders.expr(cx, scope, item));
  const constant = (expr: Expr): boolean => expr.kind === 'const' || expr.kind === 'param' || expr.kind === 'relabel';
  const plain = values.filter(constant);
  const rest = values.filter((value) => !constant(value));
  const parts: Expr[] = [];
  if (plain.length > 1 && left.kind !== 'row' && plain.every((value) => value.kind !== 'row')) {
    const type = selectCommonType(cx, [left, ...plain], null);
    const array = type === 0 ? undefined : cx.catalog.type(type)?.array;
    if (array !== undefined && array !== 0 && type !== oid.RECORD) {
      const elements = plain.map((value) => coerceToCommonType(cx, value, type, 'IN'));
      const list = arrayExpr({
        elementType: type,
        multidimensional: false,
        elements,
        type: array,
        typmod: -1,
        collation: cx.collationOf(type),
        location,
      });
      parts.push(arrayComparison(cx, negated ? 'all' : 'any', name, null, left, list, location));
    } else rest.unshift(...plain);
  } else rest.unshift(...plain);
  for (const value of rest) {
    parts.push(
      left.kind === 'row' && value.kind === 'row'
        ? bindRowComparison(cx, name, left, value, location)
        : coerceToBoolean(cx, bindOperator(cx, name, null, left, value, location), 'IN'),
    );
  }
  return parts.length === 1 ? parts[0] : { kind: negated ? 'and' : 'or', args: parts, ...BOOL, location };
}

function bindBetween(cx: BindContext, scope: Scope, node: A_Expr, location: number): Expr {
  const arg = operand(cx, scope, node.lexpr);
  const bounds = node.rexpr !== undefined && 'List' in node.rexpr ? (node.rexpr.List.items ?? []) : [];
  const [low, high] = bounds.map((bound) => binders.expr(cx, scope, bound));
  const compare = (op: string, bound: Expr): Expr =>
    arg.kind === 'row' && bound.kind === 'row'
      ? bindRowComparison(cx, op, arg, bound, location)
      : bindOperator(cx, op, null, arg, bound, location);
  const within = (a: Expr, b: Expr): Expr => ({
    kind: 'and',
    args: [compare('>=', a), compare('<=', b)],
    ...BOOL,
    location,
  });
  const outside = (a: Expr, b: Expr): Expr => ({
    kind: 'or',
    args: [compare('<', a), compare('>', b)],
    ...BOOL,
    location,
  });
  switch (node.kind) {
    case 'AEXPR_BETWEEN':
      return within(low, high);
    case 'AEXPR_NOT_BETWEEN':
      return outside(low, high);
    case 'AEXPR_BETWEEN_SYM':
      return { kind: 'or', args: [within(low, high), within(high, low)], ...BOOL, location };
    default:
      return { kind: 'and', args: [outside(low, high), outside(high, low)], ...BOOL, location };
  }
}

function bindArrayQuantifier(
  cx: BindContext,
  scope: Scope,
  node: A_Expr,
  quantifier: 'any' | 'all',
  location: number,
): Expr {
  const { schema, name } = splitName(nameParts(node.name));
  return arrayComparison(
    cx,
    quantifier,
    name,
    schema,
    operand(cx, scope, node.lexpr),
    operand(cx, scope, node.rexpr),
    location,
  );
}

/** left op ANY|ALL (array). The array is converted to the operator's right type when needed. */
export function arrayComparison(
  cx: BindContext,
  quantifier: 'any' | 'all',
  name: string,
  schema: string | null,
  left: Expr,
  array: Expr,
  location: number,
): ArrayComparisonExpr {
  const given = array.type === oid.UNKNOWN ? oid.UNKNOWN : elementTypeOf(cx, array, location);
  const found = findOperator(cx, name, schema, left.type, given, location);
  if (found === null || found === 'ambiguous') return missingOperator(cx, name, schema, left, given, location);
  const probe = makeOperatorCall(
    cx,
    found,
    left,
    makeColumn(-1, 'element', { type: given, typmod: -1, collation: 0 }),
    location,
  );
  if (probe.type !== oid.BOOL)
    throw cx.error('wrong_object_type', 'op ANY/ALL (array) requires operator to yield boolean', location);
  const wanted = probe.args[1].type === oid.UNKNOWN ? left.type : probe.args[1].type;
  const arrayType = cx.catalog.type(wanted)?.array ?? 0;
  if (arrayType === 0)
    throw cx.error('undefined_object', `could not find array type for data type ${cx.formatType(wanted)}`, location);
  const typedArray = given === wanted ? array : coerce(cx, array, arrayType, -1, 'implicit');
  const elementColumn = cx.newColumn('element');
  const element = makeColumn(elementColumn, 'element', { type: wanted, typmod: -1, collation: cx.collationOf(wanted) });
  const comparison: FunctionExpr = {
    ...probe,
    args: [probe.args[0], element],
    collation: 0,
  };
  return {
    kind: 'array comparison',
    quantifier,
    left: probe.args[0],
    array: typedArray,
    elementColumn,
    comparison,
    ...BOOL,
    location,
  };
}

function elementTypeOf(cx: BindContext, array: Expr, location: number): number {
  const element =
    arrayElement(cx, array.type) ||
    (baseType(cx, array.type) === oid.INT2VECTOR ? oid.INT2 : baseType(cx, array.type) === oid.OIDVECTOR ? oid.OID : 0);
  if (element === 0) throw cx.error('wrong_object_type', 'op ANY/ALL (array) requires array on right side', location);
  return element;
}

function missingOperator(
  cx: BindContext,
  name: string,
  schema: string | null,
  left: Expr,
  right: number,
  location: number,
): never {
  bindOperator(cx, name, schema, left, makeColumn(-1, '', { type: right, typmod: -1, collation: 0 }), location);
  throw cx.error('undefined_function', `operator does not exist: ${name}`, location);
}
