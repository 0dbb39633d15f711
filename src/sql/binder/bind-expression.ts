/**
 * Expressions: one function per syntax node. Large families live in files of their own; this one holds the dispatch
 * and the small ones.
 */
import type { A_Const, BooleanTest, CaseExpr as CaseNode, CollateClause, Node, NullTest, TypeCast } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import { Numeric } from '../../types/numeric/numeric.js';
import * as oid from '../../types/oids.js';
import { makeColumn } from '../plan/column-expr.js';
import type { BooleanTestExpr, Expr, SqlValueExpr } from '../plan/expression.js';
import { nameParts, splitName } from './ast.js';
import { levelOf } from './bind-aggregate-call.js';
import { bindColumnRef } from './bind-column-ref.js';
import { bindArrayExpr, bindIndirection, bindRow } from './bind-containers.js';
import type { BindContext } from './bind-context.js';
import { bindFunctionCall } from './bind-function-call.js';
import { bindOperatorExpr } from './bind-operator-expr.js';
import { bindSublink } from './bind-sublink.js';
import { binders } from './binders.js';
import { coerce, coerceToBoolean } from './coercion.js';
import { coerceToCommonType, commonTypmod, selectCommonType } from './common-type.js';
import { commonCollation, requireCommonCollation } from './derive-collation.js';
import { bindComparison } from './resolve-operator.js';
import type { Scope } from './scope.js';
import { resolveTypeName } from './type-name.js';

/** Binds one expression. Literals and parameters without a type stay `unknown`. */
export function bindExpr(cx: BindContext, scope: Scope, node: Node): Expr {
  cx.descend('expression');
  const expr = dispatch(cx, scope, node);
  cx.recorder?.expression(node, expr);
  cx.ascend('expression');
  return expr;
}

function dispatch(cx: BindContext, scope: Scope, node: Node): Expr {
  if ('ColumnRef' in node) return bindColumnRef(cx, scope, node.ColumnRef);
  if ('A_Const' in node) return bindConst(cx, node.A_Const);
  if ('ParamRef' in node) return bindParam(cx, node.ParamRef.number ?? 0, node.ParamRef.location ?? -1);
  if ('A_Expr' in node) return bindOperatorExpr(cx, scope, node.A_Expr);
  if ('FuncCall' in node) return bindFunctionCall(cx, scope, node.FuncCall);
  if ('TypeCast' in node) return bindTypeCast(cx, scope, node.TypeCast);
  if ('BoolExpr' in node)
    return bindBool(
      cx,
      scope,
      node.BoolExpr.boolop ?? 'AND_EXPR',
      node.BoolExpr.args ?? [],
      node.BoolExpr.location ?? -1,
    );
  if ('NullTest' in node) return bindNullTest(cx, scope, node.NullTest);
  if ('BooleanTest' in node) return bindBooleanTest(cx, scope, node.BooleanTest);
  if ('CaseExpr' in node) return withoutSetReturning(scope, 'CASE', () => bindCase(cx, scope, node.CaseExpr));
  if ('CoalesceExpr' in node) {
    const { args, location } = node.CoalesceExpr;
    return withoutSetReturning(scope, 'COALESCE', () =>
      bindSameType(cx, scope, 'coalesce', 'COALESCE', args ?? [], location),
    );
  }
  if ('MinMaxExpr' in node) {
    const greatest = node.MinMaxExpr.op === 'IS_GREATEST';
    return bindSameType(
      cx,
      scope,
      greatest ? 'greatest' : 'least',
      greatest ? 'GREATEST' : 'LEAST',
      node.MinMaxExpr.args ?? [],
      node.MinMaxExpr.location,
    );
  }
  if ('SubLink' in node) return bindSublink(cx, scope, node.SubLink);
  if ('A_ArrayExpr' in node) return bindArrayExpr(cx, scope, node.A_ArrayExpr, null);
  if ('RowExpr' in node) return bindRow(cx, scope, node.RowExpr);
  if ('A_Indirection' in node) return bindIndirection(cx, scope, node.A_Indirection);
  if ('CollateClause' in node) return bindCollate(cx, scope, node.CollateClause);
  if ('SQLValueFunction' in node)
    return bindSqlValue(
      node.SQLValueFunction.op ?? '',
      node.SQLValueFunction.typmod ?? -1,
      node.SQLValueFunction.location ?? -1,
    );
  if ('GroupingFunc' in node)
    return bindGrouping(cx, scope, node.GroupingFunc.args ?? [], node.GroupingFunc.location ?? -1);
  if ('NamedArgExpr' in node)
    throw cx.error('syntax_error', 'named arguments are only allowed in function calls', node.NamedArgExpr.location);
  if ('SetToDefault' in node)
    throw cx.error('syntax_error', 'DEFAULT is not allowed in this context', node.SetToDefault.location);
  if ('CurrentOfExpr' in node) throw notSupported('WHERE CURRENT OF');
  if ('XmlExpr' in node || 'XmlSerialize' in node) {
    throw cx.error('feature_not_supported', 'unsupported XML feature', -1, {
      detail: 'This functionality requires the server to be built with libxml support.',
    });
  }
  throw notSupported(`expression ${Object.keys(node)[0]}`);
}

function typed(type: number, location: number) {
  return { type, typmod: -1, collation: 0, location };
}

/** Integer literals are int4, int8 or numeric by size; strings are unknown. */
export function bindConst(cx: BindContext, node: A_Const): Expr {
  const location = node.location ?? 0;
  if (node.isnull) return { kind: 'const', value: null, ...typed(oid.UNKNOWN, location) };
  if (node.ival !== undefined) return { kind: 'const', value: node.ival.ival ?? 0, ...typed(oid.INT4, location) };
  if (node.fval !== undefined) return bindNumberLiteral(node.fval.fval ?? '', location);
  if (node.boolval !== undefined)
    return { kind: 'const', value: node.boolval.boolval ?? false, ...typed(oid.BOOL, location) };
  if (node.sval !== undefined) return { kind: 'const', value: node.sval.sval ?? '', ...typed(oid.UNKNOWN, location) };
  if (node.bsval !== undefined) {
    return coerce(
      cx,
      { kind: 'const', value: node.bsval.bsval ?? '', ...typed(oid.UNKNOWN, location) },
      oid.BIT,
      -1,
      'implicit',
    );
  }
  throw notSupported('this kind of literal');
}

function bindNumberLiteral(text: string, location: number): Expr {
  if (/^[+-]?\d{1,19}$/.test(text)) {
    const big = BigInt(text);
    if (big >= -9223372036854775808n && big <= 9223372036854775807n) {
      const value = Number.isSafeInteger(Number(big)) ? Number(big) : big;
      // The grammar has made one literal of a minus sign and digits: -2147483648 is an integer, its digits are not.
      if (big >= -2147483648n && big <= 2147483647n) return { kind: 'const', value, ...typed(oid.INT4, location) };
      return { kind: 'const', value, ...typed(oid.INT8, location) };
    }
  }
  return { kind: 'const', value: Numeric.parse(text), ...typed(oid.NUMERIC, location) };
}

function bindParam(cx: BindContext, number: number, location: number): Expr {
  if (cx.variables !== null) {
    const variable = cx.variables.parameter(cx, number, location);
    if (variable !== null) return variable;
    throw cx.error('undefined_parameter', `there is no parameter $${number}`, location);
  }
  const index = number - 1;
  if (index < 0 || index >= 65535 || (!cx.inferParameters && index >= cx.parameterTypes.length)) {
    throw cx.error('undefined_parameter', `there is no parameter $${number}`, location);
  }
  while (cx.parameterTypes.length <= index) cx.parameterTypes.push(oid.UNKNOWN);
  const type = cx.parameterTypes[index];
  return { kind: 'param', index, type, typmod: -1, collation: cx.collationOf(type), location };
}

function bindTypeCast(cx: BindContext, scope: Scope, node: TypeCast): Expr {
  if (node.typeName === undefined || node.arg === undefined) throw notSupported('a cast without a type');
  const location = node.location ?? -1;
  const target = resolveTypeName(cx, node.typeName);
  if ('A_ArrayExpr' in node.arg && !cx.keepsCasts) {
    const element = cx.catalog.type(target.type);
    if (element?.isArray)
      return coerce(
        cx,
        bindArrayExpr(cx, scope, node.arg.A_ArrayExpr, target.type),
        target.type,
        target.typmod,
        'explicit',
        location,
      );
  }
  const arg = binders.expr(cx, scope, node.arg);
  const result = coerce(cx, arg, target.type, target.typmod, 'explicit', location);
  return result;
}

function bindBool(cx: BindContext, scope: Scope, op: string, nodes: readonly Node[], location: number): Expr {
  const label = op === 'AND_EXPR' ? 'AND' : op === 'OR_EXPR' ? 'OR' : 'NOT';
  const args = nodes.map((node) => coerceToBoolean(cx, binders.expr(cx, scope, node), label));
  if (op === 'NOT_EXPR') return { kind: 'not', arg: args[0], ...typed(oid.BOOL, location) };
  return { kind: op === 'AND_EXPR' ? 'and' : 'or', args, ...typed(oid.BOOL, location) };
}

function bindNullTest(cx: BindContext, scope: Scope, node: NullTest): Expr {
  if (node.arg === undefined) throw notSupported('a null test without argument');
  const arg = binders.expr(cx, scope, node.arg);
  const kind = cx.catalog.type(arg.type)?.kind;
  return {
    kind: 'null test',
    arg,
    negated: node.nulltesttype === 'IS_NOT_NULL',
    row: kind === 'c' || arg.type === oid.RECORD,
    ...typed(oid.BOOL, node.location ?? -1),
  };
}

const BOOLEAN_TESTS: Record<string, { value: boolean | null; negated: boolean; label: string }> = {
  IS_TRUE: { value: true, negated: false, label: 'IS TRUE' },
  IS_NOT_TRUE: { value: true, negated: true, label: 'IS NOT TRUE' },
  IS_FALSE: { value: false, negated: false, label: 'IS FALSE' },
  IS_NOT_FALSE: { value: false, negated: true, label: 'IS NOT FALSE' },
  IS_UNKNOWN: { value: null, negated: false, label: 'IS UNKNOWN' },
  IS_NOT_UNKNOWN: { value: null, negated: true, label: 'IS NOT UNKNOWN' },
};

function bindBooleanTest(cx: BindContext, scope: Scope, node: BooleanTest): BooleanTestExpr {
  const test = BOOLEAN_TESTS[node.booltesttype ?? 'IS_TRUE'];
  if (node.arg === undefined) throw notSupported('a boolean test without argument');
  const arg = coerceToBoolean(cx, binders.expr(cx, scope, node.arg), test.label);
  return {
    kind: 'boolean test',
    arg,
    value: test.value,
    negated: test.negated,
    ...typed(oid.BOOL, node.location ?? -1),
  };
}

/** Binds with set-returning functions refused, where their calls could not be counted on. */
function withoutSetReturning(scope: Scope, construct: string, bind: () => Expr): Expr {
  const outside = scope.setReturningForbidden;
  scope.setReturningForbidden ??= construct;
  try {
    return bind();
  } finally {
    scope.setReturningForbidden = outside;
  }
}

function bindCase(cx: BindContext, scope: Scope, node: CaseNode): Expr {
  const location = node.location ?? -1;
  let operand = node.arg === undefined ? null : binders.expr(cx, scope, node.arg);
  if (operand !== null && operand.type === oid.UNKNOWN) operand = coerce(cx, operand, oid.TEXT, -1, 'implicit');
  const operandColumn = operand === null ? -1 : cx.newColumn('case');
  const conditions: Expr[] = [];
  const results: Expr[] = [];
  for (const item of node.args ?? []) {
    if (!('CaseWhen' in item) || item.CaseWhen.expr === undefined || item.CaseWhen.result === undefined) continue;
    const condition = binders.expr(cx, scope, item.CaseWhen.expr);
    conditions.push(
      operand === null
        ? coerceToBoolean(cx, condition, 'CASE/WHEN')
        : caseTest(cx, operand, operandColumn, condition, item.CaseWhen.location ?? -1),
    );
    results.push(binders.expr(cx, scope, item.CaseWhen.result));
  }
  const otherwise: Expr =
    node.defresult === undefined
      ? { kind: 'const', value: null, ...typed(oid.UNKNOWN, -1) }
      : binders.expr(cx, scope, node.defresult);
  const type = selectCommonType(cx, [otherwise, ...results], 'CASE');
  const branches = results.map((result, i) => ({
    condition: conditions[i],
    result: coerceToCommonType(cx, result, type, 'CASE/WHEN'),
  }));
  const last = coerceToCommonType(cx, otherwise, type, 'CASE/ELSE');
  const typmod = commonTypmod([...branches.map((branch) => branch.result), last], type);
  return {
    kind: 'case',
    operand,
    operandColumn,
    branches,
    otherwise: last,
    type,
    typmod,
    collation: commonCollation(cx, [...branches.map((branch) => branch.result), last], type),
    location,
  };
}

function caseTest(cx: BindContext, operand: Expr, id: number, value: Expr, location: number): Expr {
  const column = makeColumn(id, 'case', operand);
  return coerceToBoolean(cx, bindComparison(cx, '=', column, value, location), 'CASE/WHEN');
}

function bindSameType(
  cx: BindContext,
  scope: Scope,
  kind: 'coalesce' | 'greatest' | 'least',
  label: string,
  nodes: readonly Node[],
  location = -1,
): Expr {
  const exprs = nodes.map((node) => binders.expr(cx, scope, node));
  const type = selectCommonType(cx, exprs, label);
  const args = exprs.map((expr) => coerceToCommonType(cx, expr, type, label));
  return {
    kind,
    args,
    type,
    typmod: commonTypmod(args, type),
    collation: kind === 'coalesce' ? commonCollation(cx, args, type) : requireCommonCollation(cx, args, type),
    location,
  };
}

function bindCollate(cx: BindContext, scope: Scope, node: CollateClause): Expr {
  if (node.arg === undefined) throw notSupported('COLLATE without argument');
  let arg = binders.expr(cx, scope, node.arg);
  if (arg.type === oid.UNKNOWN) arg = coerce(cx, arg, oid.TEXT, -1, 'implicit');
  if (cx.collationOf(arg.type) === 0) {
    throw cx.error(
      'datatype_mismatch',
      `collations are not supported by type ${cx.formatType(arg.type)}`,
      node.location,
    );
  }
  const collation = resolveCollation(cx, nameParts(node.collname), node.location ?? -1);
  return {
    kind: 'relabel',
    arg,
    explicit: true,
    type: arg.type,
    typmod: arg.typmod,
    collation,
    location: node.location ?? -1,
  };
}

/** @throws SqlError 42704 `collation "x" for encoding "UTF8" does not exist` */
export function resolveCollation(cx: BindContext, parts: readonly string[], location: number): number {
  const { schema, name } = splitName(parts);
  const namespace = schema === null ? null : (cx.catalog.namespaceByName(schema)?.oid ?? 0);
  const found = cx.catalog.collationByName(name, namespace);
  if (found === undefined)
    throw cx.error('undefined_object', `collation "${parts.join('.')}" for encoding "UTF8" does not exist`, location);
  return found;
}

const SQL_VALUES: Record<string, { op: SqlValueExpr['op']; type: number }> = {
  SVFOP_CURRENT_DATE: { op: 'current_date', type: oid.DATE },
  SVFOP_CURRENT_TIME: { op: 'current_time', type: oid.TIMETZ },
  SVFOP_CURRENT_TIME_N: { op: 'current_time', type: oid.TIMETZ },
  SVFOP_CURRENT_TIMESTAMP: { op: 'current_timestamp', type: oid.TIMESTAMPTZ },
  SVFOP_CURRENT_TIMESTAMP_N: { op: 'current_timestamp', type: oid.TIMESTAMPTZ },
  SVFOP_LOCALTIME: { op: 'localtime', type: oid.TIME },
  SVFOP_LOCALTIME_N: { op: 'localtime', type: oid.TIME },
  SVFOP_LOCALTIMESTAMP: { op: 'localtimestamp', type: oid.TIMESTAMP },
  SVFOP_LOCALTIMESTAMP_N: { op: 'localtimestamp', type: oid.TIMESTAMP },
  SVFOP_CURRENT_ROLE: { op: 'current_role', type: oid.NAME },
  SVFOP_CURRENT_USER: { op: 'current_user', type: oid.NAME },
  SVFOP_USER: { op: 'user', type: oid.NAME },
  SVFOP_SESSION_USER: { op: 'session_user', type: oid.NAME },
  SVFOP_CURRENT_CATALOG: { op: 'current_catalog', type: oid.NAME },
  SVFOP_CURRENT_SCHEMA: { op: 'current_schema', type: oid.NAME },
};

const C_COLLATION = 950;

function bindSqlValue(op: string, typmod: number, location: number): Expr {
  const known = SQL_VALUES[op];
  if (known === undefined) throw notSupported(op);
  return {
    kind: 'sql value',
    op: known.op,
    type: known.type,
    typmod,
    collation: known.type === oid.NAME ? C_COLLATION : 0,
    location,
  };
}

function bindGrouping(cx: BindContext, scope: Scope, nodes: readonly Node[], location: number): Expr {
  if (nodes.length > 31) throw cx.error('too_many_arguments', 'GROUPING must have fewer than 32 arguments', location);
  const args = nodes.map((node) => binders.expr(cx, scope, node));
  const level = levelOf(scope, args);
  const collector = level.aggregates;
  if (collector === null || collector.forbidden !== null) {
    const where = collector?.forbidden ?? level.clause;
    throw cx.error('grouping_error', `grouping operations are not allowed in ${where}`, location);
  }
  return collector.addGrouping(args, location);
}

binders.expr = bindExpr;
