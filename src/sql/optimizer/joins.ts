/**
 * The method of each join: hashing either side, looking rows up in an index, or a plain nested loop. Costs are in the
 * unit of estimates.ts.
 */
import type { CatalogView } from '../../catalog/descriptors.js';
import * as oid from '../../types/oids.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import { freeColumns } from '../plan/free-columns.js';
import type { HashJoinType, JoinType, LogicalJoinNode, PlanNode, SeqScanNode } from '../plan/plan-node.js';
import { type AccessContext, pathFor } from './access-path.js';
import { conjunction, conjuncts } from './conjuncts.js';
import { estimate } from './estimates.js';
import { checkFullJoin, splitSides } from './full-join.js';
import { joinSelectivity, matchedFraction } from './selectivity.js';
import type { Statistics } from './statistics.js';

/** Costs of a row that goes into a hash table, is looked up in one, comes out of a join, or begins an inner run. */
const BUILT_ROW = 4;
const PROBED_ROW = 2;
/** A row of the probed side that its scan may leave out because it knows the keys. */
const TOLD_ROW = 0.3;
const OUTPUT_ROW = 2;
const LOOP_TURN = 30;
/** The same where the inner run finds at most one row by its full key. */
const POINT_TURN = 15;

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
  const rows = joinRows(node, parts, cx.statistics);
  if (node.lateral.length > 0) return nestedLoop(node, rows);
  const pairs = parts.map((part) => hashPair(cx.catalog, part, left, right));
  const residual = parts.filter((_, i) => pairs[i] === null);
  const keys = pairs.filter((pair): pair is NonNullable<typeof pair> => pair !== null);
  const candidates: PlanNode[] = [];
  if (keys.length > 0) candidates.push(...hashJoins(node, rows, keys, residual));
  const lookup = indexLoop(cx, node, rows, parts);
  if (lookup !== null) candidates.push(lookup);
  if (keys.length === 0) candidates.push(nestedLoop(node, rows));
  return candidates.reduce((best, candidate) => (candidate.cost < best.cost ? candidate : best));
}

/** Rows that a join gives under its conditions, whatever the method. */
function joinRows(node: LogicalJoinNode, parts: readonly Expr[], statistics: Statistics): number {
  const { left, right, joinType } = node;
  switch (joinType) {
    case 'semi':
      return left.rows * matchedFraction(left, right, parts, statistics);
    case 'anti':
      return Math.max(1, left.rows * (1 - 0.9 * matchedFraction(left, right, parts, statistics)));
    default: {
      const inner = Math.max(1, left.rows * right.rows * joinSelectivity(left, right, parts, statistics));
      const kept = { inner: 0, left: left.rows, right: right.rows, full: left.rows + right.rows }[joinType];
      return Math.max(inner, kept);
    }
  }
}

/** The right side is run for each left row, or kept and gone through for each. */
function nestedLoop(node: LogicalJoinNode, rows: number): PlanNode {
  const { left, right } = node;
  const again = node.lateral.length > 0 ? right.cost : right.rows;
  const cost = left.cost + right.cost + left.rows * Math.max(1, again) + rows * OUTPUT_ROW;
  return { ...node, kind: 'nested loop', rows: Math.round(rows), cost };
}

const SWAPPED: Record<JoinType, HashJoinType> = {
  inner: 'inner',
  left: 'right',
  right: 'left',
  full: 'full',
  semi: 'right semi',
  anti: 'right anti',
};

/** Hash joins with either side built. */
function hashJoins(
  node: LogicalJoinNode,
  rows: number,
  keys: readonly { left: Expr; right: Expr }[],
  residual: readonly Expr[],
): PlanNode[] {
  const isSemi = node.joinType === 'semi' || node.joinType === 'anti';
  const make = (swap: boolean): PlanNode => {
    const left = swap ? node.right : node.left;
    const right = swap ? node.left : node.right;
    const leftKeys = keys.map((key) => (swap ? key.right : key.left));
    const joinType = swap ? SWAPPED[node.joinType] : node.joinType;
    return {
      kind: 'hash join',
      joinType,
      left,
      right,
      leftKeys,
      rightKeys: keys.map((key) => (swap ? key.left : key.right)),
      residual: conjunction(residual),
      nullAware: false,
      columns: isSemi ? node.left.columns : [...left.columns, ...right.columns],
      rows: Math.round(rows),
      cost:
        left.cost +
        right.cost +
        probeCost(left, right, leftKeys, joinType, rows) +
        right.rows * BUILT_ROW +
        rows * OUTPUT_ROW,
    };
  };
  const straight = make(false);
  return node.left.rows < node.right.rows ? [make(true), straight] : [straight];
}

/** The rows of a scan that have no partner do not leave it, where the join can tell it its keys (`Operator.restrict`). */
function probeCost(
  left: PlanNode,
  right: PlanNode,
  keys: readonly Expr[],
  joinType: HashJoinType,
  rows: number,
): number {
  const drops = joinType !== 'left' && joinType !== 'full' && joinType !== 'anti';
  const told = drops && right.rows <= left.rows && keys.some((key) => isTold(left, key));
  return told ? left.rows * TOLD_ROW + Math.min(left.rows, rows) * PROBED_ROW : left.rows * PROBED_ROW;
}

function isTold(node: PlanNode, key: Expr): boolean {
  if (key.kind !== 'column' || (key.type !== oid.INT4 && key.type !== oid.INT2)) return false;
  switch (node.kind) {
    case 'seq scan':
      return node.system.length === 0 && node.columns.includes(key.id);
    case 'aggregate': {
      const group = node.sets === null ? node.groupBy[node.columns.indexOf(key.id)] : undefined;
      return group !== undefined && isTold(node.input, group);
    }
    case 'hash join':
    case 'nested loop':
      if (node.joinType === 'right' || node.joinType === 'full') return false;
      if (node.left.columns.includes(key.id)) return isTold(node.left, key);
      return node.kind === 'hash join' && node.joinType === 'inner' && isTold(node.right, key);
    default:
      return false;
  }
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
function indexLoop(cx: AccessContext, node: LogicalJoinNode, rows: number, parts: readonly Expr[]): PlanNode | null {
  if (node.joinType === 'right' || node.joinType === 'full') return null;
  const scan = baseScan(node.right);
  if (scan === null) return null;
  let best: PlanNode | null = null;
  for (const { path, outer, isPoint } of lookups(cx, scan, parts)) {
    const lateral = node.left.columns.filter((id) => outer.has(id));
    if (lateral.length === 0) continue;
    const cost = node.left.cost + node.left.rows * ((isPoint ? POINT_TURN : LOOP_TURN) + path.cost) + rows * OUTPUT_ROW;
    if (best === null || cost < best.cost)
      best = { ...node, kind: 'nested loop', right: path, condition: null, lateral, rows: Math.round(rows), cost };
  }
  return best;
}

/** An index of the inner side that serves a join's conditions. */
interface Lookup {
  readonly path: PlanNode;
  /** Columns of other tables that it reads. */
  readonly outer: ReadonlySet<ColumnId>;
  /** At most one row, by its full key. */
  readonly isPoint: boolean;
}

/** Join orders ask for the same scan under the same conditions many times. */
const knownLookups = new WeakMap<SeqScanNode, Map<string, readonly Lookup[]>>();

function lookups(cx: AccessContext, scan: SeqScanNode, parts: readonly Expr[]): readonly Lookup[] {
  let ofScan = knownLookups.get(scan);
  if (ofScan === undefined) {
    ofScan = new Map();
    knownLookups.set(scan, ofScan);
  }
  const key = cx.statistics.conditionKey(parts);
  let known = ofScan.get(key);
  if (known === undefined) {
    known = findLookups(cx, scan, parts);
    ofScan.set(key, known);
  }
  return known;
}

function findLookups(cx: AccessContext, scan: SeqScanNode, parts: readonly Expr[]): Lookup[] {
  const conditions = [...conjuncts(scan.filter), ...parts];
  return scan.relation.indexes.flatMap((index) => {
    const path = pathFor(cx, scan, index, conditions);
    if (path === null || path.prefix.length === 0) return [];
    const isPoint = index.unique && path.prefix.length === index.keyColumns;
    return [{ path: estimate(path, cx.statistics), outer: freeColumns(path), isPoint }];
  });
}

/** The scan that the right side is, with its conditions; null when it is anything else. */
function baseScan(node: PlanNode): SeqScanNode | null {
  if (node.kind === 'seq scan') return node;
  if (node.kind === 'bitmap scan') return node.original;
  if (node.kind !== 'index scan') return null;
  return node.original ?? null;
}
