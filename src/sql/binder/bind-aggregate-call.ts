/** Aggregate calls: which query level they belong to, their arguments, ORDER BY, DISTINCT, FILTER and WITHIN GROUP. */
import type { FuncCall } from '@pgsql/types';
import type { AggregateDesc } from '../../catalog/descriptors.js';
import { sqlError } from '../../errors/sql-error.js';
import * as oid from '../../types/oids.js';
import { someExpr } from '../plan/expr-children.js';
import type { AggregateCall, Expr, SortKey } from '../plan/expression.js';
import { exprColumns } from '../plan/free-columns.js';
import { sameExpr } from '../plan/same-expr.js';
import { nameParts } from './ast.js';
import type { BindContext } from './bind-context.js';
import { type BoundArguments, settleArguments } from './bind-function-call.js';
import { binders } from './binders.js';
import { coerce, coerceToBoolean } from './coercion.js';
import { commonCollation, inputCollation } from './derive-collation.js';
import { resolvePolymorphic } from './polymorphism.js';
import type { FunctionMatch } from './resolve-function.js';
import type { Scope } from './scope.js';
import { makeSortKey, requireEquality } from './sort-keys.js';

export function aggregateOf(cx: BindContext, match: FunctionMatch): AggregateDesc {
  const aggregate = cx.catalog.aggregate(match.proc.oid);
  if (aggregate === undefined) throw sqlError('internal_error', `aggregate ${match.proc.name} has no pg_aggregate row`);
  return aggregate;
}

/** Type of the state with polymorphic declarations settled by the arguments. */
export function transitionTypeOf(
  cx: BindContext,
  aggregate: AggregateDesc,
  match: FunctionMatch,
  args: readonly Expr[],
): number {
  const declared = match.proc.argTypes.slice(0, args.length);
  const actual = args.slice(0, declared.length).map((arg) => arg.type);
  return resolvePolymorphic(cx, actual, declared, aggregate.transitionType).result;
}

/** Binds the call and gives the column that will hold its value. */
export function bindAggregateCall(
  cx: BindContext,
  scope: Scope,
  call: FuncCall,
  match: FunctionMatch,
  args: BoundArguments,
  location: number,
): Expr {
  const aggregate = aggregateOf(cx, match);
  const shown = nameParts(call.funcname).join('.');
  checkForm(cx, call, aggregate, shown, location);
  if (args.exprs.length === 0 && call.agg_star !== true && match.proc.argTypes.length === 0 && aggregate.kind === 'n') {
    throw cx.error(
      'wrong_object_type',
      `${shown}(*) must be used to call a parameterless aggregate function`,
      location,
    );
  }
  const bound = makeAggregateCall(cx, scope, call, match, aggregate, args, location);
  const level = levelOf(scope, readExprs(bound));
  const collector = level.aggregates;
  if (collector === null || collector.forbidden !== null) {
    const clause = collector?.forbidden ?? level.clause;
    throw cx.error(
      'grouping_error',
      clause === '' ? 'aggregate functions are not allowed here' : `aggregate functions are not allowed in ${clause}`,
      location,
    );
  }
  return collector.add(bound);
}

function checkForm(cx: BindContext, call: FuncCall, aggregate: AggregateDesc, shown: string, location: number): void {
  if (aggregate.kind !== 'n' && call.agg_within_group !== true) {
    throw cx.error('wrong_object_type', `WITHIN GROUP is required for ordered-set aggregate ${shown}`, location);
  }
  if (aggregate.kind === 'n' && call.agg_within_group === true) {
    throw cx.error(
      'wrong_object_type',
      `${shown} is not an ordered-set aggregate, so it cannot have WITHIN GROUP`,
      location,
    );
  }
}

function makeAggregateCall(
  cx: BindContext,
  scope: Scope,
  call: FuncCall,
  match: FunctionMatch,
  aggregate: AggregateDesc,
  args: BoundArguments,
  location: number,
): AggregateCall {
  const settled = settleArguments(cx, match, args, location);
  inputCollation(cx, cx.catalog.proc(aggregate.transition)?.source ?? '', settled.args);
  const direct = call.agg_within_group ? args.exprs.length - (call.agg_order?.length ?? 0) : 0;
  const all = settled.args;
  if (
    someExpr(
      { kind: 'row', fields: all, names: [], type: oid.RECORD, typmod: -1, collation: 0, location: -1 },
      (e) => e.kind === 'function' && e.proc.returnsSet,
    )
  ) {
    throw cx.error(
      'feature_not_supported',
      'aggregate function calls cannot contain set-returning function calls',
      location,
      {
        hint: 'You might be able to move the set-returning function into a LATERAL FROM item.',
      },
    );
  }
  const aggregated = call.agg_within_group ? all.slice(direct) : all;
  const orderBy = call.agg_within_group
    ? (call.agg_order ?? []).flatMap((node, i) =>
        'SortBy' in node ? [makeSortKey(cx, node.SortBy, aggregated[i] ?? args.exprs[direct + i])] : [],
      )
    : argumentOrder(cx, scope, call);
  if (call.agg_distinct) checkDistinct(cx, aggregated, orderBy, location);
  return {
    proc: match.proc,
    aggregate,
    args: aggregated,
    directArgs: call.agg_within_group ? all.slice(0, direct) : [],
    orderBy,
    filter: bindFilter(cx, scope, call),
    distinct: call.agg_distinct === true,
    variadicArray: args.actual.variadic,
    type: settled.result,
    typmod: -1,
    collation: commonCollation(cx, settled.args, settled.result),
    transitionType: transitionTypeOf(cx, aggregate, match, all),
    location,
  };
}

/** Inside aggregate arguments ORDER BY takes expressions only: no ordinals, no output names. */
function argumentOrder(cx: BindContext, scope: Scope, call: FuncCall): SortKey[] {
  return (call.agg_order ?? []).flatMap((node) => {
    if (!('SortBy' in node) || node.SortBy.node === undefined) return [];
    let expr = binders.expr(cx, scope, node.SortBy.node);
    if (expr.type === oid.UNKNOWN) expr = coerce(cx, expr, oid.TEXT, -1, 'implicit');
    return [makeSortKey(cx, node.SortBy, expr)];
  });
}

function checkDistinct(cx: BindContext, args: readonly Expr[], orderBy: readonly SortKey[], location: number): void {
  if (args.length === 0)
    throw cx.error('syntax_error', 'an aggregate with DISTINCT must have at least one argument', location);
  for (const arg of args) requireEquality(cx, arg);
  for (const key of orderBy) {
    if (!args.some((arg) => sameExpr(arg, key.expr))) {
      throw cx.error(
        'invalid_column_reference',
        'in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list',
        key.expr.location,
      );
    }
  }
}

export function bindFilter(cx: BindContext, scope: Scope, call: FuncCall): Expr | null {
  if (call.agg_filter === undefined) return null;
  const { windows } = scope;
  const forbidden = windows?.forbidden ?? null;
  if (windows !== null) windows.forbidden = 'FILTER';
  const filter = coerceToBoolean(cx, binders.expr(cx, scope, call.agg_filter), 'FILTER');
  if (windows !== null) windows.forbidden = forbidden;
  return filter;
}

function readExprs(call: AggregateCall): Expr[] {
  const order = call.orderBy.map((key) => key.expr);
  return [...call.args, ...call.directArgs, ...order, ...(call.filter === null ? [] : [call.filter])];
}

/** The innermost query level one of whose columns the arguments read; without columns the current one. */
export function levelOf(scope: Scope, args: readonly Expr[]): Scope {
  const columns = new Set(args.flatMap((expr) => [...exprColumns(expr)]));
  if (columns.size === 0) return scope;
  for (let level: Scope | null = scope; level !== null; level = level.parent) {
    const current = level;
    if ([...columns].some((id) => current.owns(id))) return current;
  }
  return scope;
}
