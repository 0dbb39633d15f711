/**
 * Access paths: turns a filtered sequential scan into an index scan where an index serves its conditions or a wanted
 * order. Conditions that the index answers exactly leave the filter.
 */
import type { CatalogView, IndexDesc } from '../../catalog/descriptors.js';
import * as oid from '../../types/oids.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import { exprColumns } from '../plan/free-columns.js';
import type { IndexBound, IndexCondition, IndexScanNode, PlanNode, SeqScanNode } from '../plan/plan-node.js';
import { sameExpr } from '../plan/same-expr.js';
import { bitmapPaths } from './bitmap-path.js';
import { conjunction, conjuncts, containsSubplan, isVolatile } from './conjuncts.js';
import { estimate, INDEX_LOOKUP } from './estimates.js';
import type { Statistics } from './statistics.js';

/** What the optimizer asks of the binder's side: index keys and predicates as expressions over a scan's columns. */
export interface IndexExpressions {
  keys(scan: SeqScanNode, index: IndexDesc): { keys: readonly Expr[]; predicate: Expr | null };
}

export interface AccessContext {
  readonly catalog: CatalogView;
  readonly indexes: IndexExpressions;
  readonly statistics: Statistics;
  /** The constant that a call of an immutable function over constants gives; the call itself where that fails. */
  readonly fold: (call: Expr) => Expr;
}

/** A comparison of an index key column with a value that the scan's own row does not enter. */
interface KeyCondition {
  readonly part: Expr;
  readonly kind: 'equal' | 'any' | 'is null' | 'not null' | 'lower' | 'upper';
  readonly value: Expr;
  readonly inclusive: boolean;
  /** Whether the index answers the condition exactly, so that it need not be checked again. */
  readonly exact: boolean;
}

const STRATEGY_KINDS: Record<number, { kind: KeyCondition['kind']; inclusive: boolean }> = {
  1: { kind: 'upper', inclusive: false },
  2: { kind: 'upper', inclusive: true },
  3: { kind: 'equal', inclusive: true },
  4: { kind: 'lower', inclusive: true },
  5: { kind: 'lower', inclusive: false },
};

const MIRRORED: Record<number, number> = { 1: 5, 2: 4, 3: 3, 4: 2, 5: 1 };

/**
 * No scan of a whole table counts as cheaper than this many rows. A look into an index costs about as much there, but
 * notes less under SERIALIZABLE: transactions that look up different rows of a small table are not in each other's way.
 */
const LEAST_SCAN = 20;

/** The cheapest way to read the relation under the scan's filter; the scan itself when no index helps. */
export function chooseAccessPath(cx: AccessContext, scan: SeqScanNode): PlanNode {
  const sequential = estimate(scan, cx.statistics);
  if (scan.filter === null || scan.relation.indexes.length === 0) return sequential;
  let best: PlanNode = sequential;
  let cost = Math.max(sequential.cost, LEAST_SCAN);
  for (const candidate of [...indexPaths(cx, scan), ...bitmapPaths(cx, scan)]) {
    const costed = estimate(candidate, cx.statistics);
    if (costed.cost >= cost) continue;
    cost = costed.cost;
    best = { ...costed, rows: Math.min(costed.rows, sequential.rows) };
  }
  return best;
}

/** Index scans that answer at least one condition of the filter. */
export function indexPaths(cx: AccessContext, scan: SeqScanNode): IndexScanNode[] {
  const parts = conjuncts(scan.filter);
  return scan.relation.indexes.flatMap((index) => {
    const path = pathFor(cx, scan, index, parts);
    return path === null || (path.prefix.length === 0 && path.lower === null && path.upper === null) ? [] : [path];
  });
}

/** An index scan under the conditions that the index serves, or null when the index cannot be used at all. */
export function pathFor(
  cx: AccessContext,
  scan: SeqScanNode,
  index: IndexDesc,
  parts: readonly Expr[],
): IndexScanNode | null {
  if (index.method !== 'btree' || !index.valid) return null;
  const { keys, predicate } = cx.indexes.keys(scan, index);
  if (!predicateHolds(predicate, parts)) return null;
  const own = new Set(scan.columns);
  const used = new Set<Expr>();
  const served = new Set<Expr>();
  const prefix: IndexCondition[] = [];
  let lower: IndexBound | null = null;
  let upper: IndexBound | null = null;
  let notNull = false;
  for (let i = 0; i < index.keyColumns; i++) {
    const conditions = parts.flatMap((part) => keyCondition(cx, index, i, keys[i], part, own));
    const equal =
      conditions.find((condition) => condition.kind === 'equal') ??
      conditions.find((condition) => condition.kind === 'is null') ??
      conditions.find((condition) => condition.kind === 'any');
    if (equal !== undefined) {
      prefix.push(
        equal.kind === 'equal'
          ? { kind: 'equal', value: equal.value }
          : equal.kind === 'any'
            ? { kind: 'any', array: equal.value }
            : { kind: 'is null' },
      );
      served.add(equal.part);
      if (equal.exact) used.add(equal.part);
      continue;
    }
    for (const condition of conditions) {
      if (condition.kind === 'lower' && lower === null)
        lower = { value: condition.value, inclusive: condition.inclusive };
      else if (condition.kind === 'upper' && upper === null)
        upper = { value: condition.value, inclusive: condition.inclusive };
      else if (condition.kind === 'not null') notNull = true;
      else continue;
      served.add(condition.part);
      if (condition.exact) used.add(condition.part);
    }
    break;
  }
  const rest = parts.filter(
    (part) => !used.has(part) && !(predicate !== null && conjuncts(predicate).some((needed) => sameExpr(part, needed))),
  );
  return {
    kind: 'index scan',
    relation: scan.relation,
    alias: scan.alias,
    system: scan.system,
    filter: conjunction(rest),
    index,
    indexKeys: keys,
    indexPredicate: predicate,
    prefix,
    lower,
    upper,
    notNull,
    descending: false,
    columns: scan.columns,
    original: scan,
    served: [...served],
    rows: 0,
    cost: INDEX_LOOKUP,
  };
}

/** Whether conditions imply the predicate of an index. */
export function predicateHolds(predicate: Expr | null, parts: readonly Expr[]): boolean {
  return predicate === null || conjuncts(predicate).every((needed) => parts.some((part) => sameExpr(part, needed)));
}

/** A value is usable when it does not depend on the row and can be computed once when the scan begins. */
export function isBound(expr: Expr, own: ReadonlySet<ColumnId>): boolean {
  if (isVolatile(expr) || containsSubplan(expr)) return false;
  for (const id of exprColumns(expr)) if (own.has(id)) return false;
  return true;
}

export function isKey(expr: Expr, key: Expr): boolean {
  if (sameExpr(expr, key)) return true;
  return (
    expr.kind === 'relabel' && expr.collation === (expr.arg.collation || expr.collation) && sameExpr(expr.arg, key)
  );
}

function keyCondition(
  cx: AccessContext,
  index: IndexDesc,
  position: number,
  key: Expr,
  part: Expr,
  own: ReadonlySet<ColumnId>,
): KeyCondition[] {
  const opclass = cx.catalog.opclass(index.opclasses[position]);
  if (opclass === undefined) return [];
  if (part.kind === 'null test' && !part.row && isKey(part.arg, key)) {
    return [{ part, kind: part.negated ? 'not null' : 'is null', value: part.arg, inclusive: true, exact: true }];
  }
  if (part.kind === 'function' && part.operator !== null && part.args.length === 2) {
    const [left, right] = part.args;
    if (isKey(left, key) && isBound(right, own))
      return comparison(cx, opclass.family, key.type, part, part.operator.oid, right, false);
    if (isKey(right, key) && isBound(left, own))
      return comparison(cx, opclass.family, key.type, part, part.operator.oid, left, true);
    return [];
  }
  if (
    part.kind === 'array comparison' &&
    part.quantifier === 'any' &&
    isKey(part.left, key) &&
    isBound(part.array, own)
  ) {
    const operator = part.comparison.operator;
    const equality =
      operator !== null &&
      cx.catalog
        .operatorStrategies(operator.oid)
        .some((entry) => entry.family === opclass.family && entry.strategy === 3);
    const element = part.comparison.args[1].type;
    if (equality && sameRepresentation(element, key.type))
      return [{ part, kind: 'any', value: part.array, inclusive: true, exact: true }];
  }
  return [];
}

function comparison(
  cx: AccessContext,
  family: number,
  keyType: number,
  part: Expr,
  operator: number,
  value: Expr,
  mirrored: boolean,
): KeyCondition[] {
  const entry = cx.catalog.operatorStrategies(operator).find((candidate) => candidate.family === family);
  if (entry === undefined) return [];
  const strategy = mirrored ? MIRRORED[entry.strategy] : entry.strategy;
  const kind = STRATEGY_KINDS[strategy];
  const typed = asKeyType(value, keyType);
  if (kind === undefined || typed === null) return [];
  // Indexes are in the order of the code points, whatever their collation.
  const collated = part.kind === 'function' && part.inputCollation !== undefined;
  if (collated && kind.kind !== 'equal') return [];
  return [{ part, kind: kind.kind, value: typed, inclusive: kind.inclusive, exact: true }];
}

const INTEGER_RANK: ReadonlyMap<number, number> = new Map([
  [oid.INT2, 2],
  [oid.INT4, 4],
  [oid.INT8, 8],
]);

const INTEGER_LIMIT: ReadonlyMap<number, number> = new Map([
  [oid.INT2, 32767],
  [oid.INT4, 2147483647],
]);

const TEXT_LIKE = new Set([oid.TEXT, oid.VARCHAR]);

function sameRepresentation(a: number, b: number): boolean {
  return a === b || (TEXT_LIKE.has(a) && TEXT_LIKE.has(b));
}

const DAY_MICROSECONDS = 86_400_000_000;

/** A timestamp at midnight is compared with dates as the date is. */
function asDate(value: Expr): Expr | null {
  if (value.kind !== 'const' || value.type !== oid.TIMESTAMP || typeof value.value !== 'number') return null;
  const day = value.value / DAY_MICROSECONDS;
  if (Number.isFinite(day) && (!Number.isInteger(day) || value.value % DAY_MICROSECONDS !== 0)) return null;
  return { ...value, type: oid.DATE, value: day };
}

/** The value in the key column's type where the in-memory form is the same; null when it cannot be used. */
function asKeyType(value: Expr, keyType: number): Expr | null {
  if (sameRepresentation(value.type, keyType)) return value;
  if (keyType === oid.DATE) return asDate(value);
  const from = INTEGER_RANK.get(value.type);
  const to = INTEGER_RANK.get(keyType);
  if (from === undefined || to === undefined) return null;
  if (from <= to) return value;
  const limit = INTEGER_LIMIT.get(keyType) ?? 0;
  if (value.kind !== 'const' || typeof value.value !== 'number') return null;
  return value.value >= -limit && value.value <= limit ? value : null;
}
