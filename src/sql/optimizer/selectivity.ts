/**
 * The fraction of rows for which conditions hold: by what ANALYZE has stored (known-selectivity.ts); otherwise conditions on one
 * table are tried on a sample of it, and what cannot be tried (parameters, values of other tables) goes by the number of
 * different values, or by fixed rules.
 */
import { expectedLength } from '../plan/array-expr.js';
import { someExpr } from '../plan/expr-children.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import { exprColumns } from '../plan/free-columns.js';
import type { PlanNode, SeqScanNode, TableScan } from '../plan/plan-node.js';
import { isVolatile } from './conjuncts.js';
import { splitSides } from './full-join.js';
import { knownJoinSelectivity } from './join-selectivity.js';
import { conjunctionSelectivity } from './known-selectivity.js';
import type { Statistics } from './statistics.js';

const EQUALITY = 0.005;
export const RANGE = 1 / 3;
const PATTERN = 0.05;
const MATCHING = 0.01;
const CONTAINMENT = 0.005;
const OTHER = 0.5;

/** So many rows of a sample have to satisfy a condition before their fraction is worth more than the rules. */
const ENOUGH = 3;

/** By stored statistics; where there are none, by rules and numbers of different values alone. */
export function selectivity(expr: Expr, statistics: Statistics): number {
  const known = statistics.known(expr);
  if (known !== null) return known;
  switch (expr.kind) {
    case 'and':
      return expr.args.reduce((product, arg) => product * selectivity(arg, statistics), 1);
    case 'or':
      return Math.min(
        1,
        expr.args.reduce((sum, arg) => sum + selectivity(arg, statistics), 0),
      );
    case 'not':
      return 1 - selectivity(expr.arg, statistics);
    case 'const':
      return expr.value === true ? 1 : 0;
    case 'null test':
      return expr.negated ? 0.99 : 0.01;
    case 'function':
      return operatorSelectivity(expr.operator?.restrict ?? null, expr.args, statistics);
    case 'array comparison': {
      const count = expectedLength(expr.array);
      const each = operatorSelectivity(expr.comparison.operator?.restrict ?? null, [expr.left], statistics);
      return expr.quantifier === 'any' ? Math.min(1, count * each) : OTHER;
    }
    default:
      return OTHER;
  }
}

function operatorSelectivity(estimator: string | null, args: readonly Expr[], statistics: Statistics): number {
  switch (estimator) {
    case 'eqsel':
      return equality(args, statistics);
    case 'neqsel':
      return 1 - equality(args, statistics);
    case 'scalarltsel':
    case 'scalarlesel':
    case 'scalargtsel':
    case 'scalargesel':
      return RANGE;
    case 'likesel':
    case 'iclikesel':
    case 'regexeqsel':
    case 'contsel':
      return PATTERN;
    case 'matchingsel':
      return MATCHING;
    case 'arraycontsel':
      return CONTAINMENT;
    default:
      return OTHER;
  }
}

function equality(args: readonly Expr[], statistics: Statistics): number {
  const distinct = args.flatMap((arg) => statistics.distinct(arg) ?? []);
  return distinct.length === 0 ? EQUALITY : 1 / Math.max(...distinct);
}

/** The fraction of a relation's rows for which all of `parts` hold. */
export function scanSelectivity(scan: TableScan, parts: readonly Expr[], statistics: Statistics): number {
  const known = parts.filter((part) => statistics.known(part) !== null);
  const others = known.length === 0 ? parts : parts.filter((part) => !known.includes(part));
  return (conjunctionSelectivity(known, statistics) ?? 1) * sampledSelectivity(scan, others, statistics);
}

/** For conditions of which the stored statistics tell nothing. */
function sampledSelectivity(scan: TableScan, parts: readonly Expr[], statistics: Statistics): number {
  if (parts.length === 0) return 1;
  const columns = scan.columns.slice(0, scan.relation.attributes.length);
  const own = new Set(columns);
  const triable = parts.filter((part) => canBeTried(part, own));
  const ruled = parts
    .filter((part) => !triable.includes(part))
    .reduce((product, part) => product * selectivity(part, statistics), 1);
  if (triable.length === 0) return ruled;
  const plain: SeqScanNode = { ...scan, kind: 'seq scan', columns, system: [], filter: null };
  const trial = statistics.tried(plain, triable);
  const byRules = triable.reduce((product, part) => product * selectivity(part, statistics), 1);
  if (trial === null) return ruled * byRules;
  if (trial.matched >= ENOUGH) return (ruled * trial.matched) / trial.of;
  return ruled * Math.min(byRules, (trial.matched + 0.5) / trial.of);
}

function canBeTried(part: Expr, own: ReadonlySet<ColumnId>): boolean {
  if (isVolatile(part) || someExpr(part, (e) => e.kind === 'param' || e.kind === 'subplan')) return false;
  for (const id of exprColumns(part)) if (!own.has(id)) return false;
  return true;
}

/** The fraction of all pairs of rows of two inputs for which the join's conditions hold. */
export function joinSelectivity(
  left: PlanNode,
  right: PlanNode,
  parts: readonly Expr[],
  statistics: Statistics,
): number {
  const leftColumns = new Set(left.columns);
  const rightColumns = new Set(right.columns);
  const keys: { left: Expr; right: Expr }[] = [];
  let product = 1;
  for (const part of parts) {
    const isEquality = part.kind === 'function' && part.operator?.name === '=' && part.args.length === 2;
    const pair = isEquality ? splitSides(part.args[0], part.args[1], leftColumns, rightColumns) : null;
    if (pair === null) product *= selectivity(part, statistics);
    else {
      keys.push(pair);
      product *= keySelectivity(pair, left, right, statistics);
    }
  }
  // Keys that are unique together find one row each, however few values each of them has.
  const unique = Math.max(
    uniqueFraction(
      keys.map((key) => key.left),
      statistics,
    ),
    uniqueFraction(
      keys.map((key) => key.right),
      statistics,
    ),
  );
  return keys.length > 1 ? Math.max(product, unique) : product;
}

function keySelectivity(
  pair: { left: Expr; right: Expr },
  left: PlanNode,
  right: PlanNode,
  statistics: Statistics,
): number {
  const known = knownJoinSelectivity(pair.left, pair.right, statistics);
  if (known !== null) return known;
  const distinct = [statistics.distinct(pair.left), statistics.distinct(pair.right)].flatMap((count) => count ?? []);
  return 1 / Math.max(1, distinct.length === 0 ? Math.min(left.rows, right.rows) : Math.max(...distinct));
}

/** One over the rows of the table in which the expressions are columns that are unique together; 0 where they are not. */
function uniqueFraction(exprs: readonly Expr[], statistics: Statistics): number {
  const origins = exprs.flatMap((expr) => statistics.origin(expr) ?? []);
  for (const { relation } of origins) {
    const attributes = origins.flatMap((origin) => (origin.relation.oid === relation.oid ? [origin.attribute] : []));
    if (statistics.tables.isUnique(relation, attributes)) return 1 / Math.max(1, statistics.tables.rowCount(relation));
  }
  return 0;
}

/** The fraction of left rows that find at least one right row. */
export function matchedFraction(
  left: PlanNode,
  right: PlanNode,
  parts: readonly Expr[],
  statistics: Statistics,
): number {
  const partners = right.rows * joinSelectivity(left, right, parts, statistics);
  return Math.min(1, Math.max(partners, 1 / Math.max(1, left.rows)));
}
