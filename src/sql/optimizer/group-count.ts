/** How many groups rows make: the combinations of values that are there, not more than rows, by PostgreSQL's rules. */
import type { RelationDesc } from '../../catalog/descriptors.js';
import * as oid from '../../types/oids.js';
import type { ColumnId, Expr } from '../plan/expression.js';
import { exprColumns } from '../plan/free-columns.js';
import { memberOf } from './object-clauses.js';
import type { Statistics } from './statistics.js';
import { variableOf } from './variable.js';

/** Several columns of a table are taken to have no more combinations than this part of its rows. */
const MOST_COMBINATIONS = 0.1;
/** Of expressions about whose columns nothing is known: rows for each group. */
const UNKNOWN_GROUP = 10;

/** A column or an expression of a table that makes groups. */
interface Grouped {
  readonly expr: Expr;
  readonly distinct: number;
}

interface OfTable {
  readonly relation: RelationDesc;
  /** Columns by attribute, expressions by themselves. */
  readonly grouped: Map<number | Expr, Grouped>;
}

/** `whenUnknown`: the result where nothing is known of some column. */
export function groupCount(
  exprs: readonly Expr[],
  rows: number,
  statistics: Statistics,
  whenUnknown = rows / UNKNOWN_GROUP,
): number {
  const tables = new Map<number, OfTable>();
  let groups = 1;
  let unknown = false;
  for (const expr of exprs) {
    if (expr.type === oid.BOOL && expr.kind !== 'column') groups *= 2;
    else if (!countExpression(expr, statistics, tables)) unknown = true;
  }
  for (const table of tables.values()) groups *= combinations(table, rows, statistics);
  if (unknown) groups *= Math.max(1, whenUnknown);
  return Math.max(1, Math.min(rows, Math.ceil(groups)));
}

/** The same for columns. */
export function columnGroups(
  columns: readonly ColumnId[],
  rows: number,
  statistics: Statistics,
  whenUnknown: number,
): number {
  return groupCount(columns.map(asExpression), rows, statistics, whenUnknown);
}

function asExpression(id: ColumnId): Expr {
  return { kind: 'column', id, name: '', type: 0, typmod: -1, collation: 0, location: -1 };
}

/** Expressions that were not analysed have as many values as the columns that they read. */
function countExpression(expr: Expr, statistics: Statistics, tables: Map<number, OfTable>): boolean {
  const variable = expr.kind === 'column' ? null : variableOf(expr, statistics);
  const relation = variable === null ? null : statistics.tableOf(expr);
  if (variable !== null && relation !== null) {
    tableOf(relation, tables).grouped.set(expr, { expr, distinct: variable.distinct });
    return true;
  }
  return [...exprColumns(expr)].every((id) => countColumn(id, statistics, tables));
}

function countColumn(id: ColumnId, statistics: Statistics, tables: Map<number, OfTable>): boolean {
  const origin = statistics.originOf(id);
  if (origin === null) return false;
  const { relation, attribute } = origin;
  const distinct = statistics.tables.distinct(relation, attribute);
  if (distinct === null) return false;
  tableOf(relation, tables).grouped.set(attribute, { expr: asExpression(id), distinct });
  return true;
}

function tableOf(relation: RelationDesc, tables: Map<number, OfTable>): OfTable {
  const known = tables.get(relation.oid);
  if (known !== undefined) return known;
  const made = { relation, grouped: new Map<number | Expr, Grouped>() };
  tables.set(relation.oid, made);
  return made;
}

/** Values of columns of one table together, when `rows` of its rows are looked at. */
function combinations({ relation, grouped }: OfTable, rows: number, statistics: Statistics): number {
  const total = Math.max(1, statistics.tables.rowCount(relation));
  const counts = countsTogether(relation, [...grouped.values()], statistics);
  const most = Math.max(...counts);
  const product = counts.reduce((all, count) => all * count, 1);
  const limit = counts.length > 1 ? Math.min(total, Math.max(most, total * MOST_COMBINATIONS)) : total;
  const distinct = Math.min(product, limit);
  if (rows >= total) return distinct;
  // Of the values of all rows, these are met among some of the rows.
  return distinct * (1 - ((total - rows) / total) ** (total / distinct));
}

/** One number for columns that a statistics object tells about together, and one for each of the others. */
function countsTogether(relation: RelationDesc, grouped: readonly Grouped[], statistics: Statistics): number[] {
  const counts: number[] = [];
  let left = grouped;
  for (;;) {
    const best = bestObject(relation, left, statistics);
    if (best === null) return [...counts, ...left.map(({ distinct }) => distinct)];
    counts.push(best.count);
    left = left.filter((one) => !best.grouped.includes(one));
  }
}

/** The statistics object that tells about most of them, if it tells about two or more. */
function bestObject(
  relation: RelationDesc,
  grouped: readonly Grouped[],
  statistics: Statistics,
): { readonly grouped: readonly Grouped[]; readonly count: number } | null {
  let best: { readonly grouped: readonly Grouped[]; readonly count: number } | null = null;
  if (grouped.length < 2) return null;
  for (const object of statistics.tables.extended(relation)) {
    if (object.distinct.length === 0) continue;
    const members = grouped.map(({ expr }) => memberOf(relation, object, expr, statistics));
    const found = grouped.filter((_, i) => members[i] !== null);
    if (found.length < 2 || found.length <= (best?.grouped.length ?? 0)) continue;
    const told = object.distinct.find(
      (entry) => entry.members.length === found.length && entry.members.every((member) => members.includes(member)),
    );
    if (told !== undefined) best = { grouped: found, count: told.count };
  }
  return best;
}
