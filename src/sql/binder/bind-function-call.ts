/** FuncCall: plain calls, casts in function notation, field selection in function notation; hands aggregates and windows on. */
import type { FuncCall, Node } from '@pgsql/types';
import type { ProcDesc } from '../../catalog/descriptors.js';
import { sqlError } from '../../errors/sql-error.js';
import * as oid from '../../types/oids.js';
import { parseSql } from '../parser/parse.js';
import type { Expr, FunctionExpr } from '../plan/expression.js';
import { nameParts, splitName } from './ast.js';
import { bindAggregateCall } from './bind-aggregate-call.js';
import { bindField } from './bind-containers.js';
import type { BindContext } from './bind-context.js';
import { bindWindowCall } from './bind-window.js';
import { binders } from './binders.js';
import { coerce } from './coercion.js';
import { baseType, findPathway } from './coercion-pathway.js';
import { refuseOtherDatabase } from './database-qualifier.js';
import { commonCollation, inputCollation } from './derive-collation.js';
import { outputParameters } from './output-parameters.js';
import { resolvePolymorphic } from './polymorphism.js';
import { type ActualArguments, callSignature, type FunctionMatch, resolveFunction } from './resolve-function.js';
import { requireUsage } from './schema-usage.js';
import { Scope } from './scope.js';

binders.attributeCall = (cx, name, value, location) => {
  const actual = { types: [value.type], names: [null], variadic: false };
  const found = resolveFunction(cx, name, null, actual, 'f');
  if (found.kind !== 'found' || found.match.proc.returnsSet) return null;
  return makeCall(cx, found.match, { exprs: [value], actual }, location);
};

/** Arguments of a call, bound, with what the call says about them. */
export interface BoundArguments {
  readonly exprs: readonly Expr[];
  readonly actual: ActualArguments;
}

export function bindFunctionCall(cx: BindContext, scope: Scope, call: FuncCall): Expr {
  const location = call.location ?? -1;
  const parts = nameParts(call.funcname);
  refuseOtherDatabase(cx, parts, location);
  const { schema, name } = splitName(parts);
  const args = bindArguments(cx, scope, call);
  const namespace = namespaceOid(cx, schema, location);
  if (namespace !== null) requireUsage(cx, namespace, location);
  const plain =
    call.over === undefined &&
    call.agg_star !== true &&
    call.agg_distinct !== true &&
    call.agg_order === undefined &&
    call.agg_filter === undefined;
  if (plain && args.exprs.length === 1 && schema === null) {
    const field = tryField(cx, name, args.exprs[0], location);
    if (field !== null) return field;
  }
  const resolution = resolveFunction(cx, name, namespace, args.actual);
  const exact = resolution.kind === 'found' && resolution.exact;
  if (plain && !exact && args.exprs.length === 1 && args.actual.names[0] === null && !args.actual.variadic) {
    const cast = tryFunctionalCast(cx, name, namespace, args.exprs[0], location);
    if (cast !== null) return cast;
  }
  if (resolution.kind === 'found') return finishCall(cx, scope, call, resolution.match, args, location);
  throw unresolved(cx, nameParts(call.funcname).join('.'), resolution.kind, args.actual, location);
}

function finishCall(
  cx: BindContext,
  scope: Scope,
  call: FuncCall,
  match: FunctionMatch,
  args: BoundArguments,
  location: number,
): Expr {
  const { proc } = match;
  cx.access.call(proc);
  const shown = nameParts(call.funcname).join('.');
  if (call.over !== undefined) return bindWindowCall(cx, scope, call, match, args, location);
  if (proc.kind === 'a') return bindAggregateCall(cx, scope, call, match, args, location);
  if (proc.kind === 'w') {
    throw cx.error('wrong_object_type', `window function ${shown} requires an OVER clause`, location);
  }
  if (proc.kind === 'p') {
    throw cx.error('wrong_object_type', `${callSignature(cx, shown, args.actual)} is a procedure`, location, {
      hint: 'To call a procedure, use CALL.',
    });
  }
  const notAggregate = (what: string): Error =>
    cx.error('wrong_object_type', `${what} specified, but ${shown} is not an aggregate function`, location);
  if (call.agg_star) throw notAggregate(`${shown}(*)`);
  if (call.agg_distinct) throw notAggregate('DISTINCT');
  if (call.agg_within_group) throw notAggregate('WITHIN GROUP');
  if (call.agg_order !== undefined) throw notAggregate('ORDER BY');
  if (call.agg_filter !== undefined) throw notAggregate('FILTER');
  if (proc.returnsSet) noteSetReturning(cx, scope, location);
  const made = makeCall(cx, match, args, location);
  return call.funcformat === 'COERCE_SQL_SYNTAX' ? { ...made, form: 'sql syntax' } : made;
}

const MOVE_TO_FROM = { hint: 'You might be able to move the set-returning function into a LATERAL FROM item.' };
/** Where PostgreSQL adds advice. */
const SRF_HINT: Record<string, { hint: string }> = { CASE: MOVE_TO_FROM, COALESCE: MOVE_TO_FROM };

function noteSetReturning(cx: BindContext, scope: Scope, location: number): void {
  if (scope.setReturningForbidden !== null) {
    throw cx.error(
      'feature_not_supported',
      `set-returning functions are not allowed in ${scope.setReturningForbidden}`,
      location,
      SRF_HINT[scope.setReturningForbidden] ?? {},
    );
  }
  scope.hasSetReturning = true;
}

export function namespaceOid(cx: BindContext, schema: string | null, location: number): number | null {
  if (schema === null) return null;
  const namespace = cx.catalog.namespaceByName(schema);
  if (namespace === undefined) throw cx.error('invalid_schema_name', `schema "${schema}" does not exist`, location);
  return namespace.oid;
}

/** JDBC calls functions with a parameter of type void for each of their OUT parameters, which PostgreSQL does not count. */
const isOutParameter = (expr: Expr): boolean => expr.kind === 'param' && expr.type === oid.VOID;

/** Binds the arguments; aggregates among them are seen by the collector as nested. */
export function bindArguments(cx: BindContext, scope: Scope, call: FuncCall): BoundArguments {
  const exprs: Expr[] = [];
  const names: (string | null)[] = [];
  for (const node of call.args ?? []) {
    if ('NamedArgExpr' in node && node.NamedArgExpr.arg !== undefined) {
      const name = node.NamedArgExpr.name ?? '';
      if (names.includes(name))
        throw cx.error('syntax_error', `argument name "${name}" used more than once`, node.NamedArgExpr.location);
      names.push(name);
      exprs.push(binders.expr(cx, scope, node.NamedArgExpr.arg));
    } else {
      if (names.some((name) => name !== null))
        throw cx.error('syntax_error', 'positional argument cannot follow named argument', call.location);
      const expr = binders.expr(cx, scope, node);
      if (isOutParameter(expr)) continue;
      names.push(null);
      exprs.push(expr);
    }
  }
  if (exprs.length > 100)
    throw cx.error('too_many_arguments', 'cannot pass more than 100 arguments to a function', call.location);
  if (call.agg_within_group) {
    for (const order of call.agg_order ?? []) {
      if ('SortBy' in order && order.SortBy.node !== undefined) {
        names.push(null);
        exprs.push(binders.expr(cx, scope, order.SortBy.node));
      }
    }
  }
  return { exprs, actual: { types: exprs.map((expr) => expr.type), names, variadic: call.func_variadic === true } };
}

/** The call itself: arguments converted, defaults filled in, VARIADIC collected. */
export function makeCall(cx: BindContext, match: FunctionMatch, args: BoundArguments, location: number): FunctionExpr {
  const settled = settleArguments(cx, match, args, location);
  const outputs =
    settled.result === oid.RECORD
      ? outputParameters(
          cx,
          match.proc,
          settled.args.map((arg) => arg.type),
        )
      : null;
  const collation = inputCollation(cx, match.proc.source, settled.args);
  return {
    kind: 'function',
    proc: match.proc,
    args: settled.args,
    variadicArray: args.actual.variadic,
    operator: null,
    form: 'call',
    type: settled.result,
    typmod: -1,
    collation: commonCollation(cx, settled.args, settled.result),
    location,
    ...(collation === undefined ? {} : { inputCollation: collation }),
    ...(outputs === null ? {} : { resultColumns: outputs }),
  };
}

/** Converted arguments in declared order, and the result type. */
export function settleArguments(
  cx: BindContext,
  match: FunctionMatch,
  args: BoundArguments,
  location: number,
): { args: Expr[]; result: number } {
  const { proc } = match;
  const { types, settled } = settledTypes(cx, match, args);
  const converted: Expr[] = [];
  if (match.variadicFrom >= 0) {
    for (let i = 0; i < match.variadicFrom; i++) converted.push(coerce(cx, args.exprs[i], types[i], -1, 'implicit'));
    converted.push(...variadicTail(cx, match, args, types, location));
    return { args: converted, result: settled.result };
  }
  match.order.forEach((source, i) => {
    const value = source >= 0 ? args.exprs[source] : defaultArgument(cx, proc, i);
    converted.push(coerce(cx, value, settled.args[i] ?? proc.argTypes[i], -1, 'implicit'));
  });
  return { args: converted, result: settled.result };
}

function settledTypes(cx: BindContext, match: FunctionMatch, args: BoundArguments) {
  const { proc } = match;
  if (match.variadicFrom >= 0) {
    const settled = resolvePolymorphic(cx, args.actual.types, match.argTypes, proc.resultType);
    return { types: settled.args, settled };
  }
  const actual = match.order.map((source, i) => (source >= 0 ? args.actual.types[source] : defaultType(cx, proc, i)));
  const settled = resolvePolymorphic(cx, actual, proc.argTypes, proc.resultType);
  return { types: settled.args, settled };
}

/** VARIADIC "any" takes its arguments one by one; other VARIADIC ones get an array. */
function variadicTail(
  cx: BindContext,
  match: FunctionMatch,
  args: BoundArguments,
  types: readonly number[],
  location: number,
): Expr[] {
  const tail = args.exprs.slice(match.variadicFrom);
  if (match.proc.variadic === oid.ANY)
    return tail.map((expr) =>
      expr.type === oid.UNKNOWN && expr.kind !== 'const' ? coerce(cx, expr, oid.TEXT, -1, 'implicit') : expr,
    );
  const element = types[match.variadicFrom];
  const array = cx.type(element).array;
  if (array === 0)
    throw cx.error('undefined_object', `could not find array type for data type ${cx.formatType(element)}`, location);
  const elements = tail.map((expr) => coerce(cx, expr, element, -1, 'implicit'));
  return [
    {
      kind: 'array',
      elementType: element,
      multidimensional: false,
      elements,
      type: array,
      typmod: -1,
      collation: cx.collationOf(element),
      location: -1,
    },
  ];
}

function defaultText(proc: ProcDesc, position: number): string {
  const texts = proc.defaultTexts ?? [];
  const text = texts[position - (proc.argTypes.length - texts.length)];
  if (text === undefined)
    throw sqlError('internal_error', `function ${proc.name} has no default for argument ${position + 1}`);
  return text;
}

function defaultArgument(cx: BindContext, proc: ProcDesc, position: number): Expr {
  return bindStandaloneExpr(cx, defaultText(proc, position));
}

function defaultType(cx: BindContext, proc: ProcDesc, position: number): number {
  const expr = defaultArgument(cx, proc, position);
  return expr.type === oid.UNKNOWN ? proc.argTypes[position] : expr.type;
}

/** Binds an expression kept as text in the catalog, over the columns of `scope` (none by default). */
export function bindStandaloneExpr(cx: BindContext, text: string, scope: Scope = new Scope(null)): Expr {
  const [statement] = parseSql(`SELECT ${text}`);
  const select = statement.node;
  const target = 'SelectStmt' in select ? select.SelectStmt.targetList?.[0] : undefined;
  const value: Node | undefined = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined;
  if (value === undefined) throw sqlError('internal_error', `the stored expression "${text}" cannot be read`);
  return binders.expr(cx, scope, value);
}

/** f(x) where x is composite and has a field f. */
function tryField(cx: BindContext, name: string, arg: Expr, location: number): Expr | null {
  const fields = cx.services.types.catalog.compositeFields(baseType(cx, arg.type));
  if (fields === undefined || !fields.some((field) => field.name === name)) return null;
  return bindField(cx, arg, name, location);
}

/** float8(x): a type's name used as a function is a cast where that needs no function; it goes before inexact matches. */
function tryFunctionalCast(
  cx: BindContext,
  name: string,
  namespace: number | null,
  arg: Expr,
  location: number,
): Expr | null {
  const type = cx.catalog.typeByName(name, namespace);
  if (type === undefined || type.kind === 'p' || type.kind === 'c') return null;
  if (arg.type === oid.UNKNOWN) return coerce(cx, arg, type.oid, -1, 'explicit', location);
  const pathway = findPathway(cx, type.oid, arg.type, 'explicit');
  const composite = arg.type === oid.RECORD || cx.catalog.type(arg.type)?.kind === 'c';
  const allowed = pathway.kind === 'relabel' || (pathway.kind === 'io' && !(composite && type.category === 'S'));
  return allowed ? coerce(cx, arg, type.oid, -1, 'explicit', location) : null;
}

function unresolved(
  cx: BindContext,
  shown: string,
  kind: 'none' | 'ambiguous',
  actual: ActualArguments,
  location: number,
): Error {
  const signature = callSignature(cx, shown, actual);
  if (kind === 'ambiguous') {
    return cx.error('ambiguous_function', `function ${signature} is not unique`, location, {
      hint: 'Could not choose a best candidate function. You might need to add explicit type casts.',
    });
  }
  return cx.error('undefined_function', `function ${signature} does not exist`, location, {
    hint: 'No function matches the given name and argument types. You might need to add explicit type casts.',
  });
}
