/**
 * Predicate push-down: every condition goes as near to the scans as its columns allow. Outer joins whose padded rows
 * a condition would drop become inner joins on the way.
 */

import { walkExpr } from '../plan/expr-children.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import { freeColumns, substituteColumns } from '../plan/free-columns.js';
import { mapChildNodes } from '../plan/node-children.js';
import type { LogicalJoinNode, PlanNode } from '../plan/plan-node.js';
import {
  conjunction,
  conjuncts,
  containsCorrelated,
  containsSubplan,
  isVolatile,
  readsAny,
  rejectsNulls,
  withFilter,
} from './conjuncts.js';
import { impliedCondition, withoutCommonParts } from './disjunctions.js';

/** `node` with all of `parts` applied, as low as possible. */
export function pushFilters(node: PlanNode, parts: readonly Expr[]): PlanNode {
  switch (node.kind) {
    case 'filter':
      return pushFilters(node.input, [...conjuncts(node.predicate).flatMap(withoutCommonParts), ...parts]);
    case 'seq scan': {
      const filter = conjunction([...conjuncts(node.filter), ...parts]);
      return filter === node.filter ? node : { ...node, filter };
    }
    case 'project':
      return throughProject(node, parts);
    case 'join':
      return throughJoin(node, parts);
    case 'sort':
      return { ...node, input: pushFilters(node.input, parts) };
    case 'lock rows':
      return throughLock(node, parts);
    case 'distinct':
      return throughDistinct(node, parts);
    case 'aggregate':
      return throughAggregate(node, parts);
    case 'append':
      return throughAppend(node, parts);
    case 'with':
      return {
        ...node,
        ctes: node.ctes.map((cte) => ({ ...cte, plan: pushFilters(cte.plan, []) })),
        body: pushFilters(node.body, parts),
      };
    default:
      return withFilter(
        mapChildNodes(node, (child) => pushFilters(child, [])),
        parts,
      );
  }
}

function split<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  const yes: T[] = [];
  const no: T[] = [];
  for (const item of items) (test(item) ? yes : no).push(item);
  return [yes, no];
}

function throughProject(node: PlanNode & { kind: 'project' }, parts: readonly Expr[]): PlanNode {
  const replacement = new Map<ColumnId, Expr>();
  node.columns.forEach((id, i) => {
    const expr = node.exprs[i];
    if (!(expr.kind === 'column' && expr.id === id)) replacement.set(id, expr);
  });
  const opaque = new Set(
    [...replacement].filter(([, expr]) => isVolatile(expr) || containsSubplan(expr)).map(([id]) => id),
  );
  const [movable, rest] = split(parts, (part) => !readsAny(part, opaque) && !isVolatile(part));
  const below = movable.map((part) => substituteColumns(part, replacement));
  return withFilter({ ...node, input: pushFilters(node.input, below) }, rest);
}

/** Rows that a query above would drop are not locked in the first place, and dropped when they change meanwhile. */
function throughLock(node: PlanNode & { kind: 'lock rows' }, parts: readonly Expr[]): PlanNode {
  const [movable, rest] = split(parts, (part) => !isVolatile(part) && !containsSubplan(part));
  const recheck = conjunction([...conjuncts(node.recheck), ...movable]);
  return withFilter({ ...node, recheck, input: pushFilters(node.input, movable) }, rest);
}

function throughDistinct(node: PlanNode & { kind: 'distinct' }, parts: readonly Expr[]): PlanNode {
  const keys = new Set(node.keys.flatMap((key) => (key.kind === 'column' ? [key.id] : [])));
  const own = new Set(node.columns);
  const [below, rest] = split(parts, (part) => !isVolatile(part) && onlyKeys(part, keys, own));
  return withFilter({ ...node, input: pushFilters(node.input, below) }, rest);
}

function onlyKeys(part: Expr, keys: ReadonlySet<ColumnId>, own: ReadonlySet<ColumnId>): boolean {
  const others = new Set([...own].filter((id) => !keys.has(id)));
  return !readsAny(part, others);
}

function throughAggregate(node: PlanNode & { kind: 'aggregate' }, parts: readonly Expr[]): PlanNode {
  const replacement = new Map<ColumnId, Expr>();
  if (node.sets === null) node.groupBy.forEach((expr, i) => replacement.set(node.columns[i], expr));
  const others = new Set(node.columns.filter((id) => !replacement.has(id)));
  const [below, rest] = split(
    parts,
    (part) =>
      node.groupBy.length > 0 &&
      node.sets === null &&
      !readsAny(part, others) &&
      !isVolatile(part) &&
      !containsSubplan(part),
  );
  const pushed = below.map((part) => substituteColumns(part, replacement));
  return withFilter({ ...node, input: pushFilters(node.input, pushed) }, rest);
}

function throughAppend(node: PlanNode & { kind: 'append' }, parts: readonly Expr[]): PlanNode {
  const [movable, rest] = split(parts, (part) => !isVolatile(part) && !containsSubplan(part));
  const inputs = node.inputs.map((input) => {
    const replacement = new Map<ColumnId, Expr>();
    const renamed = movable.map((part) => substituteColumns(part, columnsOf(node, input, part, replacement)));
    return pushFilters(input, renamed);
  });
  return withFilter({ ...node, inputs }, rest);
}

/** Maps the append's columns to those of one input, with the types that the condition's references have. */
function columnsOf(
  node: PlanNode,
  input: PlanNode,
  part: Expr,
  replacement: Map<ColumnId, Expr>,
): ReadonlyMap<ColumnId, Expr> {
  const visit = (expr: Expr): void => {
    if (expr.kind === 'column') {
      const position = node.columns.indexOf(expr.id);
      if (position >= 0) replacement.set(expr.id, { ...expr, id: input.columns[position] });
    }
  };
  walkExpr(part, visit);
  return replacement;
}

function throughJoin(node: LogicalJoinNode, parts: readonly Expr[]): PlanNode {
  const left = new Set(node.left.columns);
  const right = new Set(node.right.columns);
  const joinType = strengthen(node, parts, left, right);
  const onParts = conjuncts(node.condition).flatMap(withoutCommonParts);
  const above: Expr[] = [];
  // A subquery that is run for each row is dear: not for rows that the join may drop.
  const isSemi = joinType === 'semi' || joinType === 'anti';
  const toLeft: Expr[] = [];
  const toRight: Expr[] = [];
  const on: Expr[] = [];
  for (const part of parts) {
    const l = readsAny(part, left);
    const r = readsAny(part, right);
    if (isVolatile(part) || (isSemi && containsCorrelated(part))) above.push(part);
    else if (joinType === 'inner') (r ? (l ? on : toRight) : toLeft).push(part);
    else if ((joinType === 'left' || isSemi) && !r) toLeft.push(part);
    else if (joinType === 'right' && !l) toRight.push(part);
    else above.push(part);
  }
  for (const part of onParts) {
    const l = readsAny(part, left);
    const r = readsAny(part, right);
    if (isVolatile(part) || joinType === 'full') on.push(part);
    else if (r && !l && joinType !== 'right') toRight.push(part);
    else if (!r && (joinType === 'inner' || joinType === 'semi' || (joinType === 'right' && l))) toLeft.push(part);
    else on.push(part);
  }
  if (joinType === 'inner' || joinType === 'semi') {
    toLeft.push(...on.flatMap((part) => impliedCondition(part, left, right) ?? []));
    toRight.push(...on.flatMap((part) => impliedCondition(part, right, left) ?? []));
  }
  const pushedRight = pushFilters(node.right, toRight);
  const pushedLeft = pushFilters(node.left, toLeft);
  const outer = freeColumns(pushedRight);
  return withFilter(
    {
      ...node,
      joinType,
      left: pushedLeft,
      right: pushedRight,
      condition: conjunction(on),
      lateral: pushedLeft.columns.filter((id) => outer.has(id)),
    },
    above,
  );
}

/** An outer join whose NULL-padded rows some condition rejects is a stricter join. */
function strengthen(
  node: LogicalJoinNode,
  parts: readonly Expr[],
  left: ReadonlySet<ColumnId>,
  right: ReadonlySet<ColumnId>,
): LogicalJoinNode['joinType'] {
  const rejectsLeft = parts.some((part) => rejectsNulls(part, left));
  const rejectsRight = parts.some((part) => rejectsNulls(part, right));
  switch (node.joinType) {
    case 'left':
      return rejectsRight ? 'inner' : 'left';
    case 'right':
      return rejectsLeft ? 'inner' : 'right';
    case 'full':
      if (rejectsLeft && rejectsRight) return 'inner';
      return rejectsLeft ? 'left' : rejectsRight ? 'right' : 'full';
    default:
      return node.joinType;
  }
}
