/**
 * What names mean at one place of a query: the tables of FROM, the columns that are visible without a qualifier, the
 * common table expressions, and the enclosing queries.
 */
import type { CatalogView, RelationDesc } from '../../catalog/descriptors.js';
import * as oid from '../../types/oids.js';
import { makeColumn } from '../plan/column-expr.js';
import type { ColumnExpr, ColumnId, Expr, RecordField } from '../plan/expression.js';
import type { PlanNode, SystemColumn } from '../plan/plan-node.js';

/** A column that can be named. */
export interface ScopeColumn {
  readonly id: ColumnId;
  readonly name: string;
  readonly type: number;
  readonly typmod: number;
  readonly collation: number;
  /** Origin for RowDescription; 0 when computed. */
  readonly tableOid: number;
  readonly columnNumber: number;
  /** What an anonymous record holds, where a subquery made it. */
  readonly fields?: readonly RecordField[] | undefined;
  /** Not part of `*`. */
  readonly hidden?: boolean;
}

/** A table reference of FROM under its alias. */
export interface ScopeTable {
  readonly alias: string;
  /** Schema name by which the table may also be qualified, null for aliases, subqueries, functions. */
  readonly schema: string | null;
  readonly relation: RelationDesc | null;
  /** Composite type of a whole-row reference; RECORD when anonymous. */
  readonly rowType: number;
  readonly columns: readonly ScopeColumn[];
  /** A function in FROM that gives one scalar column: its whole-row reference is that column. */
  readonly scalar: boolean;
  /** What a whole-row reference is, where that is not a row of the columns. */
  readonly wholeRow?: ScopeColumn;
  /** Asks the scan below for a system column; null where there is none. */
  readonly system: ((column: SystemColumn) => ColumnId) | null;
  /** Stands on a side of an outer join that is padded with NULLs where nothing matches. */
  readonly nullable?: boolean;
  /** What the recursive term of WITH RECURSIVE reads: the rows of the round before. */
  readonly selfReference?: boolean;
  /** False while the table may not be referenced (LATERAL rules). */
  readonly visible: boolean;
  /** It may not be, because LATERAL does not reach across such a join. */
  readonly hiddenByJoin?: boolean;
}

/** A common table expression that FROM may name. */
export interface CteBinding {
  readonly name: string;
  readonly id: number;
  readonly columns: readonly ScopeColumn[];
  /** So many of them, at the end, are no part of `*` in queries that the level of WITH contains (SEARCH and CYCLE). */
  readonly hidden: number;
  /** For the recursive term of WITH RECURSIVE. */
  readonly workTable: boolean;
  /** Columns to give when the CTE is inlined: makes a fresh plan for each reference; null: read it as a CTE. */
  readonly inline: (() => { plan: PlanNode; columns: readonly ScopeColumn[] }) | null;
  /** It changes rows and gives none back: nothing can read it. */
  readonly silent: boolean;
  references: number;
}

/** Collects aggregate calls while the select list and HAVING are bound; owned by bind-select. */
export interface AggregateCollector {
  /** Non-null says why aggregates are not allowed here, e.g. "WHERE". */
  forbidden: string | null;
  add(call: import('../plan/expression.js').AggregateCall): ColumnExpr;
  addGrouping(args: readonly Expr[], location: number): ColumnExpr;
  inside: boolean;
}

export interface WindowCollector {
  forbidden: string | null;
  add(call: import('../plan/expression.js').WindowCall, window: WindowSpec): ColumnExpr;
  named: ReadonlyMap<string, WindowSpec>;
  /** Whether the column stands for a window function call of this level. */
  owns(id: ColumnId): boolean;
}

export interface WindowSpec {
  readonly partitionBy: readonly Expr[];
  readonly orderBy: readonly import('../plan/expression.js').SortKey[];
  readonly frame: import('../plan/expression.js').WindowFrame;
}

export class Scope {
  readonly tables: ScopeTable[] = [];
  /** Columns visible without a qualifier, in the order of `*`. */
  columns: ScopeColumn[] = [];
  readonly ctes = new Map<string, CteBinding>();
  aggregates: AggregateCollector | null = null;
  windows: WindowCollector | null = null;
  /** Non-null says why set-returning functions are not allowed here. */
  setReturningForbidden: string | null = null;
  /** What is being bound, for messages: WHERE, JOIN/ON, … */
  clause = '';
  /** Extra names (parameters of SQL functions). */
  lookupParameter: ((name: string) => Expr | undefined) | null = null;
  /** Set when a set-returning function was bound at this level. */
  hasSetReturning = false;

  constructor(readonly parent: Scope | null) {}

  /** A scope of the same level: the same enclosing queries and common table expressions, and no tables yet. */
  sibling(): Scope {
    const scope = new Scope(this.parent);
    for (const [name, cte] of this.ctes) scope.ctes.set(name, cte);
    return scope;
  }

  findCte(name: string): CteBinding | undefined {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      const found = scope.ctes.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Whether the column belongs to this level (not to an enclosing query). */
  owns(id: ColumnId): boolean {
    return (
      this.columns.some((column) => column.id === id) ||
      this.tables.some((table) => table.columns.some((column) => column.id === id))
    );
  }
}

export function columnExpr(column: ScopeColumn, location = -1): ColumnExpr {
  const { fields } = column;
  const expr = makeColumn(column.id, column.name, column, location);
  return fields === undefined ? expr : { ...expr, fields };
}

/** What is known of the fields of an anonymous record; undefined for every other expression. */
export function recordFields(expr: Expr): readonly RecordField[] | undefined {
  if (expr.type !== oid.RECORD) return undefined;
  if (expr.kind === 'column') return expr.fields;
  if (expr.kind === 'param') return expr.recordFields;
  if (expr.kind === 'function') return expr.resultColumns;
  return expr.kind === 'row'
    ? expr.fields.map(({ type, typmod }, i) => ({ name: expr.names[i], type, typmod }))
    : undefined;
}

/** The columns of a relation, one per attribute, under the given ids. */
export function attributeColumns(relation: RelationDesc, ids: readonly ColumnId[]): ScopeColumn[] {
  return relation.attributes.map(({ name, type, typmod, collation, number }, i) => ({
    id: ids[i],
    name,
    type,
    typmod,
    collation,
    tableOid: relation.oid,
    columnNumber: number,
  }));
}

/** Of columns by attribute, those that are not dropped. */
export function withoutDropped(relation: RelationDesc, columns: readonly ScopeColumn[]): ScopeColumn[] {
  return columns.filter((_, i) => !relation.attributes[i].dropped);
}

/** A table of FROM that is not a relation: a subquery, a common table expression, a function, a join. */
export function anonymousTable(alias: string, columns: readonly ScopeColumn[]): ScopeTable {
  return {
    alias,
    schema: null,
    relation: null,
    rowType: oid.RECORD,
    columns,
    scalar: false,
    system: null,
    visible: true,
  };
}

/** A relation under a name that no schema qualifies. */
export function relationTable(alias: string, relation: RelationDesc, columns: readonly ScopeColumn[]): ScopeTable {
  return {
    ...anonymousTable(alias, columns),
    relation,
    rowType: relation.rowType === 0 ? oid.RECORD : relation.rowType,
  };
}

/** The target of a statement that writes: without an alias of its own it may also be named with its schema. */
export function targetTable(
  catalog: CatalogView,
  alias: string,
  relation: RelationDesc,
  columns: readonly ScopeColumn[],
): ScopeTable {
  const schema = alias === relation.name ? (catalog.namespace(relation.namespace)?.name ?? null) : null;
  return { ...relationTable(alias, relation, columns), schema };
}

/** Of a clause in which aggregates are not allowed; `clause` as messages call it. */
export function forbiddenAggregates(clause: string): Scope['aggregates'] {
  const refuse = (): never => {
    throw new Error('aggregates are forbidden here');
  };
  return { forbidden: clause, add: refuse, addGrouping: refuse, inside: false };
}
