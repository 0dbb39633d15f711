/** How many groups rows make: the combinations of values that are there, not more than rows, by PostgreSQL's rules. */
import type { RelationDesc } from '../../catalog/descriptors.js';
import * as oid from '../../types/oids.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import { exprColumns } from '../plan/free-columns.js';
import type { Statistics } from './statistics.js';

/** Several columns of a table are taken to have no more combinations than this part of its rows. */
const MOST_COMBINATIONS = 0.1;
/** Of expressions about whose columns nothing is known: rows for each group. */
const UNKNOWN_GROUP = 10;

interface OfTable {
  readonly relation: RelationDesc;
  /** By attribute. */
  readonly columns: Map<number, number>;
}

/** `whenUnknown`: the result where nothing is known of some column. */
export function groupCount(
  exprs: readonly Expr[],
  rows: number,
  statistics: Statistics,
  whenUnknown = rows / UNKNOWN_GROUP,
): number {
  const isFlag = (expr: Expr): boolean => expr.type === oid.BOOL && expr.kind !== 'column';
  const flags = 2 ** exprs.filter(isFlag).length;
  const columns = exprs.flatMap((expr) => (isFlag(expr) ? [] : [...exprColumns(expr)]));
  return columnGroups(columns, rows, statistics, whenUnknown, flags);
}

/** The same for columns. `factor`: values of what else makes groups. */
export function columnGroups(
  columns: readonly ColumnId[],
  rows: number,
  statistics: Statistics,
  whenUnknown: number,
  factor = 1,
): number {
  const tables = new Map<number, OfTable>();
  let groups = factor;
  let unknown = false;
  for (const id of columns) if (!countColumn(id, statistics, tables)) unknown = true;
  for (const table of tables.values()) groups *= combinations(table, rows, statistics);
  if (unknown) groups *= Math.max(1, whenUnknown);
  return Math.max(1, Math.min(rows, Math.ceil(groups)));
}

function countColumn(id: ColumnId, statistics: Statistics, tables: Map<number, OfTable>): boolean {
  const origin = statistics.originOf(id);
  if (origin === null) return false;
  const { relation, attribute } = origin;
  const distinct = statistics.tables.distinct(relation, attribute);
  if (distinct === null) return false;
  const table = tables.get(relation.oid) ?? { relation, columns: new Map<number, number>() };
  table.columns.set(attribute, distinct);
  tables.set(relation.oid, table);
  return true;
}

/** Values of columns of one table together, when `rows` of its rows are looked at. */
function combinations({ relation, columns }: OfTable, rows: number, { tables }: Statistics): number {
  const total = Math.max(1, tables.rowCount(relation));
  const counts = [...columns.values()];
  const most = Math.max(...counts);
  const product = counts.reduce((all, count) => all * count, 1);
  const limit = counts.length > 1 ? Math.min(total, Math.max(most, total * MOST_COMBINATIONS)) : total;
  const distinct = Math.min(product, limit);
  if (rows >= total) return distinct;
  // Of the values of all rows, these are met among some of the rows.
  return distinct * (1 - ((total - rows) / total) ** (total / distinct));
}
