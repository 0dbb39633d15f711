/** The expressions of a plan node, listed and rewritten, exhaustively by kind: a new kind is a compile error here. */
import { assertNever } from '../../util/assert-never.js';
import type { AggregateCall, Expr, SortKey, WindowCall, WindowFrame } from './expression.js';
import type { MergeAction, OnConflict, PlanNode, Returning, WriteTarget } from './plan-node.js';

type ExprMap = (expr: Expr) => Expr;

function keyExprs(keys: readonly SortKey[]): Expr[] {
  return keys.map((key) => key.expr);
}

function callExprs(call: AggregateCall): Expr[] {
  return [...call.args, ...call.directArgs, ...keyExprs(call.orderBy), ...(call.filter === null ? [] : [call.filter])];
}

function frameExprs(frame: WindowFrame): Expr[] {
  return [frame.start, frame.end].flatMap((bound) => ('offset' in bound ? [bound.offset] : []));
}

function targetExprs(target: WriteTarget): Expr[] {
  return [
    ...target.checks.map((check) => check.expr),
    ...target.indexes.flatMap((index) => [...index.keys, ...(index.predicate === null ? [] : [index.predicate])]),
  ];
}

function optional(...exprs: (Expr | null)[]): Expr[] {
  return exprs.filter((expr): expr is Expr => expr !== null);
}

/** The expressions that a node itself evaluates. */
export function nodeExprs(node: PlanNode): readonly Expr[] {
  switch (node.kind) {
    case 'one row':
    case 'empty':
    case 'append':
    case 'set operation':
    case 'with':
    case 'cte scan':
    case 'recursive union':
    case 'work table scan':
    case 'row source':
      return [];
    case 'values':
      return node.tuples.flat();
    case 'seq scan':
      return optional(node.filter);
    case 'index scan':
      return [
        ...node.prefix.flatMap((condition) =>
          condition.kind === 'equal' ? [condition.value] : condition.kind === 'any' ? [condition.array] : [],
        ),
        ...optional(node.lower?.value ?? null, node.upper?.value ?? null, node.filter, node.indexPredicate),
        ...node.indexKeys,
      ];
    case 'bitmap scan':
      return [...node.conditions.map(({ value }) => value), ...optional(node.filter)];
    case 'function scan':
      return node.functions;
    case 'filter':
      return [node.predicate];
    case 'project':
    case 'project set':
      return node.exprs;
    case 'join':
    case 'nested loop':
      return optional(node.condition);
    case 'hash join':
    case 'merge join':
      return [...node.leftKeys, ...node.rightKeys, ...optional(node.residual)];
    case 'aggregate':
      return [...node.groupBy, ...node.calls.flatMap(callExprs)];
    case 'window':
      return [
        ...node.partitionBy,
        ...keyExprs(node.orderBy),
        ...frameExprs(node.frame),
        ...node.calls.flatMap((call) => [...call.args, ...optional(call.filter)]),
      ];
    case 'sort':
      return [...keyExprs(node.keys), ...optional(node.limit)];
    case 'limit':
      return [...optional(node.limit, node.offset), ...keyExprs(node.tiesKeys ?? [])];
    case 'distinct':
      return node.keys;
    case 'lock rows':
      return [
        ...node.recomputed.map(({ expr }) => expr),
        ...node.padded.map(({ condition }) => condition),
        ...optional(node.recheck),
      ];
    case 'insert':
      return [
        ...targetExprs(node.target),
        ...(node.onConflict === null ? [] : conflictExprs(node.onConflict)),
        ...(node.returning?.exprs ?? []),
      ];
    case 'update':
      return [...targetExprs(node.target), ...node.newRow, ...optional(node.recheck), ...(node.returning?.exprs ?? [])];
    case 'delete':
      return [...targetExprs(node.target), ...optional(node.recheck), ...(node.returning?.exprs ?? [])];
    case 'merge':
      return [...targetExprs(node.target), ...node.actions.flatMap(actionExprs), ...optional(node.recheck)];
    default:
      return assertNever(node);
  }
}

function actionExprs(action: MergeAction): Expr[] {
  const rows = 'newRow' in action ? action.newRow : [];
  const stored = action.kind === 'insert' ? (action.stored ?? []) : [];
  return [...optional(action.condition), ...rows, ...stored];
}

function mapAction(action: MergeAction, f: ExprMap): MergeAction {
  const condition = action.condition === null ? null : f(action.condition);
  switch (action.kind) {
    case 'update':
      return { ...action, condition, newRow: action.newRow.map(f) };
    case 'insert':
      return { ...action, condition, newRow: action.newRow.map(f), stored: action.stored?.map(f) ?? null };
    default:
      return { ...action, condition };
  }
}

function conflictExprs(conflict: OnConflict): Expr[] {
  return [...conflict.newRow, ...optional(conflict.where)];
}

function mapKeys(keys: readonly SortKey[], f: ExprMap): SortKey[] {
  return keys.map((key) => ({ ...key, expr: f(key.expr) }));
}

function mapCall(call: AggregateCall, f: ExprMap): AggregateCall {
  return {
    ...call,
    args: call.args.map(f),
    directArgs: call.directArgs.map(f),
    orderBy: mapKeys(call.orderBy, f),
    filter: call.filter === null ? null : f(call.filter),
  };
}

function mapWindowCall(call: WindowCall, f: ExprMap): WindowCall {
  return { ...call, args: call.args.map(f), filter: call.filter === null ? null : f(call.filter) };
}

function mapFrame(frame: WindowFrame, f: ExprMap): WindowFrame {
  const bound = (b: WindowFrame['start']): WindowFrame['start'] => ('offset' in b ? { ...b, offset: f(b.offset) } : b);
  return { ...frame, start: bound(frame.start), end: bound(frame.end) };
}

function mapTarget(target: WriteTarget, f: ExprMap): WriteTarget {
  return {
    ...target,
    checks: target.checks.map((check) => ({ ...check, expr: f(check.expr) })),
    indexes: target.indexes.map((index) => ({
      ...index,
      keys: index.keys.map(f),
      predicate: index.predicate === null ? null : f(index.predicate),
    })),
  };
}

/** The node with the expressions that it evaluates itself replaced. */
export function mapNodeExprs(node: PlanNode, f: ExprMap): PlanNode {
  const nullable = (expr: Expr | null): Expr | null => (expr === null ? null : f(expr));
  const returning = (r: Returning | null): Returning | null => (r === null ? null : { ...r, exprs: r.exprs.map(f) });
  switch (node.kind) {
    case 'one row':
    case 'empty':
    case 'append':
    case 'set operation':
    case 'with':
    case 'cte scan':
    case 'recursive union':
    case 'work table scan':
    case 'row source':
      return node;
    case 'values':
      return { ...node, tuples: node.tuples.map((tuple) => tuple.map(f)) };
    case 'seq scan':
      return { ...node, filter: nullable(node.filter) };
    case 'index scan':
      return {
        ...node,
        prefix: node.prefix.map((condition) =>
          condition.kind === 'equal'
            ? { kind: 'equal', value: f(condition.value) }
            : condition.kind === 'any'
              ? { kind: 'any', array: f(condition.array) }
              : condition,
        ),
        lower: node.lower === null ? null : { ...node.lower, value: f(node.lower.value) },
        upper: node.upper === null ? null : { ...node.upper, value: f(node.upper.value) },
        filter: nullable(node.filter),
        indexKeys: node.indexKeys.map(f),
        indexPredicate: nullable(node.indexPredicate),
      };
    case 'bitmap scan':
      return {
        ...node,
        conditions: node.conditions.map((condition) => ({ ...condition, value: f(condition.value) })),
        filter: nullable(node.filter),
      };
    case 'function scan':
      return { ...node, functions: node.functions.map(f) };
    case 'filter':
      return { ...node, predicate: f(node.predicate) };
    case 'project':
    case 'project set':
      return { ...node, exprs: node.exprs.map(f) };
    case 'join':
    case 'nested loop':
      return { ...node, condition: nullable(node.condition) };
    case 'hash join':
    case 'merge join':
      return {
        ...node,
        leftKeys: node.leftKeys.map(f),
        rightKeys: node.rightKeys.map(f),
        residual: nullable(node.residual),
      };
    case 'aggregate':
      return { ...node, groupBy: node.groupBy.map(f), calls: node.calls.map((call) => mapCall(call, f)) };
    case 'window':
      return {
        ...node,
        partitionBy: node.partitionBy.map(f),
        orderBy: mapKeys(node.orderBy, f),
        frame: mapFrame(node.frame, f),
        calls: node.calls.map((call) => mapWindowCall(call, f)),
      };
    case 'sort':
      return { ...node, keys: mapKeys(node.keys, f), limit: nullable(node.limit) };
    case 'limit':
      return {
        ...node,
        limit: nullable(node.limit),
        offset: nullable(node.offset),
        tiesKeys: node.tiesKeys === null ? null : mapKeys(node.tiesKeys, f),
      };
    case 'distinct':
      return { ...node, keys: node.keys.map(f) };
    case 'lock rows':
      return {
        ...node,
        recomputed: node.recomputed.map(({ column, expr }) => ({ column, expr: f(expr) })),
        padded: node.padded.map((side) => ({ ...side, condition: f(side.condition) })),
        recheck: nullable(node.recheck),
      };
    case 'insert':
      return {
        ...node,
        target: mapTarget(node.target, f),
        onConflict:
          node.onConflict === null
            ? null
            : { ...node.onConflict, newRow: node.onConflict.newRow.map(f), where: nullable(node.onConflict.where) },
        returning: returning(node.returning),
      };
    case 'update':
      return {
        ...node,
        target: mapTarget(node.target, f),
        newRow: node.newRow.map(f),
        recheck: nullable(node.recheck),
        returning: returning(node.returning),
      };
    case 'delete':
      return {
        ...node,
        target: mapTarget(node.target, f),
        recheck: nullable(node.recheck),
        returning: returning(node.returning),
      };
    case 'merge':
      return {
        ...node,
        target: mapTarget(node.target, f),
        actions: node.actions.map((action) => mapAction(action, f)),
        recheck: nullable(node.recheck),
      };
    default:
      return assertNever(node);
  }
}
