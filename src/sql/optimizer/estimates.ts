/**
 * Row counts and costs, by simple rules over live row counts: enough to choose access paths, join orders and join
 * methods. The unit of cost is one row looked at.
 */
import type { RelationDesc } from '../../catalog/descriptors.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import type { PlanNode } from '../plan/plan-node.js';
import { conjuncts } from './conjuncts.js';

export interface Statistics {
  /** Live rows of a relation. */
  rowCount(relation: RelationDesc): number;
  /** Whether the columns of a relation (attribute numbers) are unique together. */
  isUnique(relation: RelationDesc, attributes: readonly number[]): boolean;
}

const EQUALITY = 0.005;
const RANGE = 1 / 3;
const PATTERN = 0.05;
const OTHER = 0.5;

export const INDEX_LOOKUP = 4;

/** The fraction of rows for which a condition holds. */
export function selectivity(expr: Expr): number {
  switch (expr.kind) {
    case 'and':
      return expr.args.reduce((product, arg) => product * selectivity(arg), 1);
    case 'or':
      return Math.min(
        1,
        expr.args.reduce((sum, arg) => sum + selectivity(arg), 0),
      );
    case 'not':
      return 1 - selectivity(expr.arg);
    case 'const':
      return expr.value === true ? 1 : 0;
    case 'null test':
      return expr.negated ? 0.99 : 0.01;
    case 'function':
      return operatorSelectivity(expr.operator?.restrict ?? null);
    case 'array comparison': {
      const count = expr.array.kind === 'array' ? expr.array.elements.length : 10;
      return expr.quantifier === 'any'
        ? Math.min(1, count * operatorSelectivity(expr.comparison.operator?.restrict ?? null))
        : OTHER;
    }
    default:
      return OTHER;
  }
}

function operatorSelectivity(estimator: string | null): number {
  switch (estimator) {
    case 'eqsel':
      return EQUALITY;
    case 'neqsel':
      return 1 - EQUALITY;
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
    default:
      return OTHER;
  }
}

function atLeastOne(rows: number): number {
  return Math.max(1, Math.round(rows));
}

/** Sets `rows` and `cost` of a node whose children have them. */
export function estimate(node: PlanNode, statistics: Statistics): PlanNode {
  const { rows, cost } = figures(node, statistics);
  return { ...node, rows: atLeastOne(rows), cost };
}

function figures(node: PlanNode, statistics: Statistics): { rows: number; cost: number } {
  switch (node.kind) {
    case 'one row':
      return { rows: 1, cost: 0 };
    case 'empty':
      return { rows: 0, cost: 0 };
    case 'values':
      return { rows: node.tuples.length, cost: node.tuples.length };
    case 'seq scan': {
      const total = statistics.rowCount(node.relation);
      return { rows: scanRows(node, total, statistics), cost: total };
    }
    case 'index scan': {
      const total = statistics.rowCount(node.relation);
      const matched = indexRows(node, total);
      return {
        rows: matched * (node.filter === null ? 1 : selectivity(node.filter)),
        cost: INDEX_LOOKUP + matched * 2,
      };
    }
    case 'function scan':
      return { rows: 100, cost: 100 };
    case 'cte scan':
    case 'work table scan':
    case 'row source':
      return { rows: 100, cost: 100 };
    case 'filter':
      return { rows: node.input.rows * selectivity(node.predicate), cost: node.input.cost + node.input.rows };
    case 'project':
      return { rows: node.input.rows, cost: node.input.cost + node.input.rows * 0.1 };
    case 'project set':
      return { rows: node.input.rows * 10, cost: node.input.cost + node.input.rows * 10 };
    case 'join':
    case 'nested loop':
      return joinFigures(node, node.left.cost + node.left.rows * Math.max(1, node.right.cost));
    case 'hash join':
    case 'merge join':
      return joinFigures(node, node.left.cost + node.right.cost + node.left.rows + node.right.rows * 1.5);
    case 'aggregate': {
      const groups = node.groupBy.length === 0 ? 1 : Math.max(1, node.input.rows / 10);
      return { rows: groups, cost: node.input.cost + node.input.rows * (1 + node.calls.length * 0.2) };
    }
    case 'window':
      return { rows: node.input.rows, cost: node.input.cost + node.input.rows * Math.log2(node.input.rows + 2) };
    case 'sort':
      return { rows: node.input.rows, cost: node.input.cost + node.input.rows * Math.log2(node.input.rows + 2) * 0.3 };
    case 'limit': {
      const wanted = node.limit?.kind === 'const' ? Number(node.limit.value) : node.input.rows;
      const rows = Math.min(node.input.rows, wanted);
      return { rows, cost: node.input.cost * (rows / Math.max(1, node.input.rows)) };
    }
    case 'distinct':
      return { rows: node.input.rows / 2, cost: node.input.cost + node.input.rows };
    case 'append':
      return { rows: sum(node.inputs, (input) => input.rows), cost: sum(node.inputs, (input) => input.cost) };
    case 'set operation':
      return { rows: node.left.rows / 2, cost: node.left.cost + node.right.cost + node.left.rows + node.right.rows };
    case 'with':
      return { rows: node.body.rows, cost: node.body.cost + sum(node.ctes, (cte) => cte.plan.cost) };
    case 'recursive union':
      return { rows: node.seed.rows * 10, cost: node.seed.cost + node.step.cost * 10 };
    case 'lock rows':
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      return { rows: node.input.rows, cost: node.input.cost + node.input.rows * 5 };
  }
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

/** Equality on a unique set of columns gives one row. */
function scanRows(node: PlanNode & { kind: 'seq scan' }, total: number, statistics: Statistics): number {
  if (node.filter === null) return total;
  const equal = equalAttributes(conjuncts(node.filter), node.columns);
  if (equal.length > 0 && statistics.isUnique(node.relation, equal)) return 1;
  return total * selectivity(node.filter);
}

/** Attribute numbers that a conjunct compares with `=`. */
export function equalAttributes(parts: readonly Expr[], columns: readonly ColumnId[]): number[] {
  return parts.flatMap((part) => {
    if (part.kind !== 'function' || part.operator?.name !== '=') return [];
    return part.args.flatMap((arg) => {
      const column = arg.kind === 'relabel' ? arg.arg : arg;
      const position = column.kind === 'column' ? columns.indexOf(column.id) : -1;
      return position >= 0 ? [position + 1] : [];
    });
  });
}

function indexRows(node: PlanNode & { kind: 'index scan' }, total: number): number {
  const { index, prefix } = node;
  const any = prefix.reduce(
    (product, condition) =>
      product *
      (condition.kind === 'any' ? (condition.array.kind === 'array' ? condition.array.elements.length : 10) : 1),
    1,
  );
  if (index.unique && prefix.length === index.keyColumns) return any;
  let rows = total * any;
  for (let i = 0; i < prefix.length; i++) rows *= EQUALITY * 4 ** i;
  if (node.lower !== null) rows *= RANGE;
  if (node.upper !== null) rows *= RANGE;
  return Math.max(1, rows);
}

function joinFigures(
  node: PlanNode & { kind: 'join' | 'nested loop' | 'hash join' | 'merge join' },
  cost: number,
): { rows: number; cost: number } {
  const { left, right, joinType } = node;
  const keyed =
    node.kind === 'hash join' || node.kind === 'merge join' || (node.kind === 'join' && node.condition !== null);
  const inner = keyed
    ? Math.max(left.rows, right.rows)
    : left.rows * right.rows * (node.kind === 'nested loop' && node.condition !== null ? EQUALITY : 1);
  switch (joinType) {
    case 'semi':
    case 'anti':
      return { rows: left.rows / 2, cost };
    case 'left':
      return { rows: Math.max(inner, left.rows), cost };
    case 'right':
      return { rows: Math.max(inner, right.rows), cost };
    case 'full':
      return { rows: Math.max(inner, left.rows + right.rows), cost };
    default:
      return { rows: inner, cost };
  }
}
