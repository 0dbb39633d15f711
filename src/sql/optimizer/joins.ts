/**
 * Joins: the order of inner joins (greedy, smallest intermediate result first) and the method of each join.
 */
import type { CatalogView } from '../../catalog/descriptors.js';
import * as oid from '../../types/oids.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import { freeColumns } from '../plan/free-columns.js';
import type { LogicalJoinNode, PlanNode, SeqScanNode } from '../plan/plan-node.js';
import { type AccessContext, pathFor } from './access-path.js';
import { conjunction, conjuncts, readsAny, withFilter } from './conjuncts.js';
import { estimate, INDEX_LOOKUP } from './estimates.js';
import { checkFullJoin, splitSides } from './full-join.js';

/** Leaves and conditions of a tree of inner joins. */
function flatten(node: PlanNode, leaves: PlanNode[], conditions: Expr[]): void {
  if (node.kind === 'join' && node.joinType === 'inner') {
    flatten(node.left, leaves, conditions);
    flatten(node.right, leaves, conditions);
    conditions.push(...conjuncts(node.condition));
  } else leaves.push(node);
}

const MAX_REORDERED = 12;

/** Orders and plans a tree of inner joins. `plan` makes the physical plan of a leaf, `planCondition` of a condition's subplans. */
export function planInnerJoins(
  cx: AccessContext,
  node: LogicalJoinNode,
  plan: (node: PlanNode) => PlanNode,
  planCondition: (condition: Expr) => Expr,
): PlanNode {
  const leaves: PlanNode[] = [];
  const logical: Expr[] = [];
  flatten(node, leaves, logical);
  const asWritten = () =>
    planJoin(cx, {
      ...node,
      condition: node.condition === null ? null : planCondition(node.condition),
      left: plan(node.left),
      right: plan(node.right),
    });
  if (leaves.length > MAX_REORDERED) return asWritten();
  const conditions = logical.map(planCondition);
  const all = new Set(leaves.flatMap((leaf) => leaf.columns));
  const pending = leaves.map((leaf) => ({
    leaf: plan(leaf),
    needs: [...freeColumns(leaf)].filter((id) => all.has(id)),
  }));
  const start = pending.filter((entry) => entry.needs.length === 0).sort((a, b) => a.leaf.rows - b.leaf.rows)[0];
  if (start === undefined) return asWritten();
  pending.splice(pending.indexOf(start), 1);
  let current = start.leaf;
  const open = [...conditions];
  while (pending.length > 0) {
    const have = new Set(current.columns);
    let best: { plan: PlanNode; entry: (typeof pending)[number]; used: Expr[]; connected: boolean } | null = null;
    for (const entry of pending) {
      if (!entry.needs.every((id) => have.has(id))) continue;
      const columns = new Set([...have, ...entry.leaf.columns]);
      const used = open.filter((condition) => coveredBy(condition, columns, all));
      const joined = planJoin(cx, innerJoin(current, entry.leaf, used));
      const connected = used.length > 0;
      if (
        best === null ||
        (connected && !best.connected) ||
        (connected === best.connected && joined.cost + joined.rows < best.plan.cost + best.plan.rows)
      ) {
        best = { plan: joined, entry, used, connected };
      }
    }
    if (best === null) throw new Error('no join order satisfies the lateral references');
    pending.splice(pending.indexOf(best.entry), 1);
    for (const condition of best.used) open.splice(open.indexOf(condition), 1);
    current = best.plan;
  }
  return estimateFilter(cx, current, open);
}

function estimateFilter(cx: AccessContext, node: PlanNode, conditions: readonly Expr[]): PlanNode {
  return conditions.length === 0 ? node : estimate(withFilter(node, conditions), cx.statistics);
}

function coveredBy(condition: Expr, columns: ReadonlySet<ColumnId>, all: ReadonlySet<ColumnId>): boolean {
  const missing = new Set([...all].filter((id) => !columns.has(id)));
  return !readsAny(condition, missing);
}

function innerJoin(left: PlanNode, right: PlanNode, conditions: readonly Expr[]): LogicalJoinNode {
  const outer = freeColumns(right);
  return {
    kind: 'join',
    joinType: 'inner',
    left,
    right,
    condition: conjunction(conditions),
    lateral: left.columns.filter((id) => outer.has(id)),
    columns: [...left.columns, ...right.columns],
    rows: 0,
    cost: 0,
  };
}

/** The method of one join whose sides are planned. */
export function planJoin(cx: AccessContext, logical: LogicalJoinNode): PlanNode {
  const semi = logical.joinType === 'semi' || logical.joinType === 'anti';
  const node = {
    ...logical,
    columns: semi ? logical.left.columns : [...logical.left.columns, ...logical.right.columns],
  };
  const parts = conjuncts(node.condition);
  const left = new Set(node.left.columns);
  const right = new Set(node.right.columns);
  if (node.joinType === 'full') checkFullJoin(parts, left, right);
  if (node.lateral.length > 0) return estimate({ ...node, kind: 'nested loop' }, cx.statistics);
  const pairs = parts.map((part) => hashPair(cx.catalog, part, left, right));
  const residual = parts.filter((_, i) => pairs[i] === null);
  const keys = pairs.filter((pair): pair is NonNullable<typeof pair> => pair !== null);
  const candidates: PlanNode[] = [];
  if (keys.length > 0) candidates.push(...hashJoins(cx, node, keys, residual));
  const lookup = indexLoop(cx, node, parts);
  if (lookup !== null) candidates.push(lookup);
  if (keys.length === 0) candidates.push(estimate({ ...node, kind: 'nested loop' }, cx.statistics));
  return candidates.reduce((best, candidate) => (candidate.cost < best.cost ? candidate : best));
}

/** Hash joins with either side built; outer and semi joins build the right side. */
function hashJoins(
  cx: AccessContext,
  node: LogicalJoinNode,
  keys: readonly { left: Expr; right: Expr }[],
  residual: readonly Expr[],
): PlanNode[] {
  const make = (swap: boolean): PlanNode => {
    const left = swap ? node.right : node.left;
    const right = swap ? node.left : node.right;
    const columns =
      node.joinType === 'semi' || node.joinType === 'anti' ? left.columns : [...left.columns, ...right.columns];
    const swapped = node.joinType === 'left' ? 'right' : node.joinType === 'right' ? 'left' : node.joinType;
    return estimate(
      {
        kind: 'hash join',
        joinType: swap ? swapped : node.joinType,
        left,
        right,
        leftKeys: keys.map((key) => (swap ? key.right : key.left)),
        rightKeys: keys.map((key) => (swap ? key.left : key.right)),
        residual: conjunction(residual),
        nullAware: false,
        columns,
        rows: 0,
        cost: 0,
      },
      cx.statistics,
    );
  };
  const straight = make(false);
  const mayswap = node.joinType !== 'semi' && node.joinType !== 'anti';
  return mayswap && node.left.rows < node.right.rows ? [make(true), straight] : [straight];
}

/** Types whose group keys agree with the operator `=` across the family. */
const FAMILIES: readonly ReadonlySet<number>[] = [
  new Set([oid.INT2, oid.INT4, oid.INT8]),
  new Set([oid.TEXT, oid.VARCHAR, oid.NAME]),
  new Set([oid.FLOAT4, oid.FLOAT8]),
  new Set([
    oid.OID,
    oid.REGCLASS,
    oid.REGTYPE,
    oid.REGPROC,
    oid.REGPROCEDURE,
    oid.REGNAMESPACE,
    oid.REGROLE,
    oid.REGOPER,
    oid.REGOPERATOR,
  ]),
];

function hashPair(
  catalog: CatalogView,
  part: Expr,
  left: ReadonlySet<ColumnId>,
  right: ReadonlySet<ColumnId>,
): { left: Expr; right: Expr } | null {
  if (part.kind !== 'function' || part.operator === null || part.operator.name !== '=' || !part.operator.canHash)
    return null;
  const [a, b] = part.args;
  const strategies = catalog.operatorStrategies(part.operator.oid);
  if (!strategies.some((entry) => entry.strategy === 3)) return null;
  if (a.type !== b.type && !FAMILIES.some((family) => family.has(a.type) && family.has(b.type))) return null;
  return splitSides(a, b, left, right);
}

/** A nested loop whose right side looks each left row up in an index. */
function indexLoop(cx: AccessContext, node: LogicalJoinNode, parts: readonly Expr[]): PlanNode | null {
  if (node.joinType === 'right' || node.joinType === 'full') return null;
  const scan = baseScan(node.right);
  if (scan === null) return null;
  const own = [...conjuncts(scan.filter), ...parts];
  let best: PlanNode | null = null;
  for (const index of scan.relation.indexes) {
    const path = pathFor(cx, scan, index, own);
    if (path === null || path.prefix.length === 0) continue;
    const lookup = estimate(path, cx.statistics);
    const outer = freeColumns(lookup);
    const lateral = node.left.columns.filter((id) => outer.has(id));
    if (lateral.length === 0) continue;
    const loop = estimate({ ...node, kind: 'nested loop', right: lookup, condition: null, lateral }, cx.statistics);
    const cost = node.left.cost + node.left.rows * (INDEX_LOOKUP + lookup.rows * 2);
    const costed = {
      ...loop,
      cost,
      rows: node.joinType === 'inner' ? Math.max(1, Math.min(loop.rows, node.left.rows * lookup.rows)) : loop.rows,
    };
    if (best === null || costed.cost < best.cost) best = costed;
  }
  return best;
}

/** The scan that the right side is, with its conditions; null when it is anything else. */
function baseScan(node: PlanNode): SeqScanNode | null {
  if (node.kind === 'seq scan') return node;
  if (node.kind !== 'index scan') return null;
  return node.original ?? null;
}
