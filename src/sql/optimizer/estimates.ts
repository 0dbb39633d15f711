/**
 * Row counts and costs, by simple rules over live row counts: enough to choose access paths, join orders and join
 * methods. The unit of cost is one row looked at.
 */
import * as oid from '../../types/oids.js';
import { expectedLength } from '../plan/array-expr.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import type { PlanNode } from '../plan/plan-node.js';
import { conjuncts } from './conjuncts.js';
import { columnGroups, groupCount } from './group-count.js';
import { scanSelectivity, selectivity } from './selectivity.js';
import type { Statistics } from './statistics.js';

export const INDEX_LOOKUP = 4;
/** A row that an index leads to, one by one, against one that a scan of the table comes by. */
const INDEX_ROW = 6;
/** Finding rows through a gin index: for the items, and for each row. Rows are read in the order of the table. */
const BITMAP_LOOKUP = 12;
const BITMAP_ROW = 3;

const STRINGS = new Set<number>([oid.TEXT, oid.VARCHAR, oid.BPCHAR]);
/** Conditions on columns of no more different strings are tried on these, not on rows. */
const FEW_STRINGS = 60;

/** Types whose values stand in arrays of numbers. */
const COMPARED = new Set<number>([oid.INT2, oid.INT4, oid.INT8, oid.OID, oid.DATE, oid.TIMESTAMP, oid.NUMERIC]);

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
    case 'values': {
      const rows = node.tuples.length + (node.further?.length ?? 0);
      return { rows, cost: rows };
    }
    case 'seq scan': {
      const total = statistics.tables.rowCount(node.relation);
      return { rows: scanRows(node, total, statistics), cost: scanCost(node, total, statistics) };
    }
    case 'index scan': {
      const total = statistics.tables.rowCount(node.relation);
      const matched = indexRows(node, total, statistics);
      const both = total * scanSelectivity(node, [...node.served, ...conjuncts(node.filter)], statistics);
      return { rows: Math.min(matched, both), cost: INDEX_LOOKUP + matched * INDEX_ROW };
    }
    case 'bitmap scan': {
      const total = statistics.tables.rowCount(node.relation);
      const matched = Math.max(1, total * scanSelectivity(node, node.served, statistics));
      const both = total * scanSelectivity(node, conjuncts(node.filter), statistics);
      return { rows: Math.min(matched, both), cost: BITMAP_LOOKUP + matched * BITMAP_ROW };
    }
    case 'function scan':
      return { rows: 100, cost: 100 };
    case 'cte scan': {
      const rows = statistics.cte(node.cte)?.rows ?? 0;
      return rows > 0 ? { rows, cost: rows } : { rows: 100, cost: 100 };
    }
    case 'work table scan':
    case 'row source':
      return { rows: 100, cost: 100 };
    case 'filter':
      return {
        rows: node.input.rows * selectivity(node.predicate, statistics),
        cost: node.input.cost + node.input.rows,
      };
    case 'project':
      return { rows: node.input.rows, cost: node.input.cost + node.input.rows * 0.1 };
    case 'project set':
      return { rows: node.input.rows * 10, cost: node.input.cost + node.input.rows * 10 };
    case 'join':
    case 'nested loop':
    case 'hash join':
    case 'merge join':
      // Joins get their figures when they are planned (joins.ts).
      return { rows: node.rows, cost: node.cost };
    case 'aggregate': {
      return {
        rows: node.groupBy.length === 0 ? 1 : groupCount(node.groupBy, node.input.rows, statistics),
        cost: node.input.cost + node.input.rows * (1 + node.calls.length * 0.2),
      };
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
      return {
        rows: groupCount(node.keys, node.input.rows, statistics, node.input.rows / 2),
        cost: node.input.cost + node.input.rows,
      };
    case 'append':
      return { rows: sum(node.inputs, (input) => input.rows), cost: sum(node.inputs, (input) => input.cost) };
    case 'set operation':
      return {
        rows: setRows(node, statistics),
        cost: node.left.cost + node.right.cost + node.left.rows + node.right.rows,
      };
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

/** An intersection has no more different rows than either side. */
function setRows(
  { operation, all, left, right }: PlanNode & { kind: 'set operation' },
  statistics: Statistics,
): number {
  if (all) return operation === 'except' ? left.rows : Math.min(left.rows, right.rows);
  const ofLeft = columnGroups(left.columns, left.rows, statistics, left.rows / 2);
  if (operation === 'except') return ofLeft;
  return Math.min(ofLeft, columnGroups(right.columns, right.rows, statistics, right.rows / 2));
}

/** What a scan costs before its first row, and for each row that is only tested column by column. */
const SCAN_START = 15;
const TESTED_ROW = 0.2;

function scanCost({ filter, system }: PlanNode & { kind: 'seq scan' }, total: number, statistics: Statistics): number {
  const isQuick = system.length === 0 && conjuncts(filter).every((part) => isColumnCondition(part, statistics));
  return isQuick ? Math.min(total, SCAN_START + total * TESTED_ROW) : total;
}

/** What scans test over arrays of values (src/exec/expression/column-test.ts), or once for each of a few strings. */
function isColumnCondition(part: Expr, statistics: Statistics): boolean {
  if (part.kind === 'array comparison') return isFewStrings(part.left, statistics) && isValue(part.array);
  if (part.kind !== 'function' || part.args.length !== 2 || part.operator === null) return false;
  const [left, right] = part.args;
  if (left.kind === 'column' && COMPARED.has(left.type)) return right.kind === 'column' || isValue(right);
  return isFewStrings(left, statistics) && isValue(right);
}

function isFewStrings(expr: Expr, statistics: Statistics): boolean {
  const distinct = STRINGS.has(expr.type) ? statistics.distinct(expr) : null;
  return distinct !== null && distinct <= FEW_STRINGS;
}

function isValue(expr: Expr): boolean {
  switch (expr.kind) {
    case 'const':
    case 'param':
      return true;
    case 'relabel':
      return isValue(expr.arg);
    case 'array':
      return expr.elements.every(isValue);
    case 'function':
      return expr.args.every(isValue);
    default:
      return false;
  }
}

/** Equality on a unique set of columns gives one row. */
function scanRows(node: PlanNode & { kind: 'seq scan' }, total: number, statistics: Statistics): number {
  if (node.filter === null) return total;
  const equal = equalAttributes(conjuncts(node.filter), node.columns);
  if (equal.length > 0 && statistics.tables.isUnique(node.relation, equal)) return 1;
  return total * scanSelectivity(node, conjuncts(node.filter), statistics);
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

function indexRows(node: PlanNode & { kind: 'index scan' }, total: number, statistics: Statistics): number {
  const { index, prefix } = node;
  const any = prefix.reduce(
    (product, condition) => product * (condition.kind === 'any' ? expectedLength(condition.array) : 1),
    1,
  );
  if (index.unique && prefix.length === index.keyColumns) return any;
  return Math.max(1, total * scanSelectivity(node, node.served, statistics));
}
