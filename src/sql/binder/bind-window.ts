/** OVER: window definitions, frames, and window function calls. */
import type { FuncCall, Node, WindowDef } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import * as oid from '../../types/oids.js';
import type { Expr, FrameBound, SortKey, WindowFrame } from '../plan/expression.js';
import { nameParts } from './ast.js';
import { aggregateOf, bindFilter, transitionTypeOf } from './bind-aggregate-call.js';
import type { BindContext } from './bind-context.js';
import { type BoundArguments, settleArguments } from './bind-function-call.js';
import { binders } from './binders.js';
import { coerce } from './coercion.js';
import { baseType } from './coercion-pathway.js';
import { commonCollation } from './derive-collation.js';
import type { FunctionMatch } from './resolve-function.js';
import type { Scope, WindowSpec } from './scope.js';
import { makeSortKey } from './sort-keys.js';

/** Bits of WindowDef.frameOptions (facts of the grammar's output). */
export const FRAME = {
  nondefault: 0x1,
  range: 0x2,
  rows: 0x4,
  groups: 0x8,
  between: 0x10,
  startUnboundedPreceding: 0x20,
  endUnboundedPreceding: 0x40,
  startUnboundedFollowing: 0x80,
  endUnboundedFollowing: 0x100,
  startCurrentRow: 0x200,
  endCurrentRow: 0x400,
  startOffsetPreceding: 0x800,
  endOffsetPreceding: 0x1000,
  startOffsetFollowing: 0x2000,
  endOffsetFollowing: 0x4000,
  excludeCurrentRow: 0x8000,
  excludeGroup: 0x10000,
  excludeTies: 0x20000,
} as const;

const DEFAULT_FRAME: WindowFrame = {
  mode: 'range',
  start: { kind: 'unbounded preceding' },
  end: { kind: 'current row' },
  exclusion: 'no others',
  startInRange: 0,
  endInRange: 0,
};

export function bindWindowCall(
  cx: BindContext,
  scope: Scope,
  call: FuncCall,
  match: FunctionMatch,
  args: BoundArguments,
  location: number,
): Expr {
  const { proc } = match;
  const shown = nameParts(call.funcname).join('.');
  const collector = scope.windows;
  if (collector === null || collector.forbidden !== null) {
    const clause = collector?.forbidden ?? scope.clause;
    throw cx.error(
      'windowing_error',
      clause === '' ? 'window functions are not allowed here' : `window functions are not allowed in ${clause}`,
      location,
    );
  }
  if (proc.kind !== 'a' && proc.kind !== 'w') {
    throw cx.error(
      'wrong_object_type',
      `OVER specified, but ${shown} is not a window function nor an aggregate function`,
      location,
    );
  }
  if (call.agg_distinct)
    throw cx.error('feature_not_supported', 'DISTINCT is not implemented for window functions', location);
  if (call.agg_within_group)
    throw cx.error('feature_not_supported', `OVER is not supported for ordered-set aggregate ${shown}`, location);
  if (call.agg_order !== undefined)
    throw cx.error('feature_not_supported', 'aggregate ORDER BY is not implemented for window functions', location);
  if (call.agg_filter !== undefined && proc.kind === 'w') {
    throw cx.error('feature_not_supported', 'FILTER is not implemented for non-aggregate window functions', location);
  }
  const settled = settleArguments(cx, match, args, location);
  const aggregate = proc.kind === 'a' ? aggregateOf(cx, match) : null;
  const filter = bindFilter(cx, scope, call);
  const over = call.over ?? {};
  const spec =
    over.name !== undefined && over.name !== '' ? namedWindow(cx, scope, over) : bindWindowDef(cx, scope, over);
  return collector.add(
    {
      proc,
      aggregate,
      args: settled.args,
      filter,
      variadicArray: args.actual.variadic,
      type: settled.result,
      typmod: -1,
      collation: commonCollation(cx, settled.args, settled.result),
      transitionType: aggregate === null ? 0 : transitionTypeOf(cx, aggregate, match, settled.args),
      location,
    },
    spec,
  );
}

function namedWindow(cx: BindContext, scope: Scope, over: WindowDef): WindowSpec {
  const spec = scope.windows?.named.get(over.name ?? '');
  if (spec === undefined) throw cx.error('undefined_object', `window "${over.name}" does not exist`, over.location);
  return spec;
}

/** A window definition in parentheses, or one of the WINDOW clause. */
export function bindWindowDef(cx: BindContext, scope: Scope, def: WindowDef): WindowSpec {
  const base = def.refname === undefined || def.refname === '' ? null : scope.windows?.named.get(def.refname);
  if (base === undefined) throw cx.error('undefined_object', `window "${def.refname}" does not exist`, def.location);
  const own = (def.partitionClause ?? []).map((node) => settled(cx, binders.expr(cx, scope, node)));
  if (base !== null && own.length > 0)
    throw cx.error('windowing_error', `cannot override PARTITION BY clause of window "${def.refname}"`, def.location);
  const ownOrder = bindOrder(cx, scope, def.orderClause ?? []);
  if (base !== null && base.orderBy.length > 0 && ownOrder.length > 0) {
    throw cx.error('windowing_error', `cannot override ORDER BY clause of window "${def.refname}"`, def.location);
  }
  const orderBy = ownOrder.length > 0 ? ownOrder : (base?.orderBy ?? []);
  return { partitionBy: base?.partitionBy ?? own, orderBy, frame: bindFrame(cx, scope, def, orderBy) };
}

function settled(cx: BindContext, expr: Expr): Expr {
  return expr.type === oid.UNKNOWN ? coerce(cx, expr, oid.TEXT, -1, 'implicit') : expr;
}

function bindOrder(cx: BindContext, scope: Scope, nodes: readonly Node[]): SortKey[] {
  return nodes.flatMap((node) =>
    'SortBy' in node && node.SortBy.node !== undefined
      ? [makeSortKey(cx, node.SortBy, settled(cx, binders.expr(cx, scope, node.SortBy.node)))]
      : [],
  );
}

function bindFrame(cx: BindContext, scope: Scope, def: WindowDef, orderBy: readonly SortKey[]): WindowFrame {
  const options = def.frameOptions ?? 0;
  const has = (bit: number): boolean => (options & bit) !== 0;
  if (!has(FRAME.nondefault)) return DEFAULT_FRAME;
  const mode = has(FRAME.rows) ? 'rows' : has(FRAME.groups) ? 'groups' : 'range';
  if (mode === 'groups' && orderBy.length === 0)
    throw cx.error('windowing_error', 'GROUPS mode requires an ORDER BY clause', def.location);
  const offsets = mode === 'range' && (def.startOffset !== undefined || def.endOffset !== undefined);
  if (offsets && orderBy.length !== 1) {
    throw cx.error(
      'windowing_error',
      'RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column',
      def.location,
    );
  }
  const start = bindOffset(cx, scope, def.startOffset, mode, orderBy);
  const end = bindOffset(cx, scope, def.endOffset, mode, orderBy);
  return {
    mode,
    start: startBound(has, start.expr),
    end: endBound(has, end.expr),
    exclusion: has(FRAME.excludeCurrentRow)
      ? 'current row'
      : has(FRAME.excludeGroup)
        ? 'group'
        : has(FRAME.excludeTies)
          ? 'ties'
          : 'no others',
    startInRange: start.inRange,
    endInRange: end.inRange,
  };
}

function startBound(has: (bit: number) => boolean, offset: Expr | null): FrameBound {
  if (has(FRAME.startUnboundedPreceding)) return { kind: 'unbounded preceding' };
  if (has(FRAME.startUnboundedFollowing)) return { kind: 'unbounded following' };
  if (has(FRAME.startCurrentRow) || offset === null) return { kind: 'current row' };
  return { kind: has(FRAME.startOffsetPreceding) ? 'preceding' : 'following', offset };
}

function endBound(has: (bit: number) => boolean, offset: Expr | null): FrameBound {
  if (has(FRAME.endUnboundedFollowing)) return { kind: 'unbounded following' };
  if (has(FRAME.endUnboundedPreceding)) return { kind: 'unbounded preceding' };
  if (has(FRAME.endCurrentRow) || offset === null) return { kind: 'current row' };
  return { kind: has(FRAME.endOffsetPreceding) ? 'preceding' : 'following', offset };
}

function bindOffset(
  cx: BindContext,
  scope: Scope,
  node: Node | undefined,
  mode: WindowFrame['mode'],
  orderBy: readonly SortKey[],
): { expr: Expr | null; inRange: number } {
  if (node === undefined) return { expr: null, inRange: 0 };
  const expr = binders.expr(cx, scope, node);
  if (mode !== 'range') return { expr: coerce(cx, expr, oid.INT8, -1, 'implicit'), inRange: 0 };
  return rangeOffset(cx, expr, baseType(cx, orderBy[0].expr.type));
}

const IN_RANGE = 3;

/** The in_range support function of the ordering's operator family, for the offset's type. */
function rangeOffset(cx: BindContext, offset: Expr, type: number): { expr: Expr; inRange: number } {
  const opclass = cx.catalog.defaultOpclass(type, 'btree');
  if (opclass === undefined) throw notSupported('RANGE with offset for this type');
  const candidates =
    offset.type === oid.UNKNOWN
      ? [type, oid.INTERVAL]
      : [offset.type, oid.INT8, oid.INT4, oid.FLOAT8, oid.NUMERIC, oid.INTERVAL];
  for (const candidate of candidates) {
    const inRange = cx.catalog.familyFunction(opclass.family, opclass.inputType, candidate, IN_RANGE);
    if (inRange === 0) continue;
    return { expr: coerce(cx, offset, candidate, -1, 'implicit'), inRange };
  }
  throw cx.error(
    'feature_not_supported',
    `RANGE with offset PRECEDING/FOLLOWING is not supported for column type ${cx.formatType(type)} and offset type ${cx.formatType(offset.type)}`,
    offset.location,
    {
      hint: 'Cast the offset value to an appropriate type.',
    },
  );
}
