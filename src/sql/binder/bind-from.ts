/**
 * FROM: tables, views, subqueries, functions, joins. Gives the tables and columns that become visible, and the plan
 * that joins them; scans are built last, because system columns are asked for while expressions are bound.
 */
import type { Alias, JoinExpr, Node, RangeFunction, RangeSubselect, RangeVar } from '@pgsql/types';
import type { RelationDesc } from '../../catalog/descriptors.js';
import { notSupported } from '../../errors/sql-error.js';
import * as oid from '../../types/oids.js';
import type { Expr } from '../plan/expression.js';
import { freeColumns } from '../plan/free-columns.js';
import type { JoinType, PlanNode, SystemColumn } from '../plan/plan-node.js';
import { nameParts } from './ast.js';
import type { BindContext } from './bind-context.js';
import { namespaceOid } from './bind-function-call.js';
import { bindFunctionTable } from './bind-function-table.js';
import { binders } from './binders.js';
import { coerceToBoolean, coerceToCommonType, selectCommonType } from './coercion.js';
import { bindOperator } from './resolve-operator.js';
import { columnExpr, Scope, type ScopeColumn, type ScopeTable } from './scope.js';
import { bindViewQuery } from './view-query.js';

/** Part of FROM: what it makes visible, and its plan once everything has been bound. */
export interface FromItem {
  readonly tables: readonly ScopeTable[];
  /** Columns visible without a qualifier, in the order of `*`. */
  readonly columns: readonly ScopeColumn[];
  build(): PlanNode;
}

const EMPTY = { rows: 0, cost: 0 } as const;

/** Binds the FROM list into `scope` and gives the plan's builder. */
export function bindFromClause(cx: BindContext, scope: Scope, items: readonly Node[]): () => PlanNode {
  let joined: FromItem | null = null;
  for (const node of items) {
    const left: FromItem | null = joined;
    const item = bindFromItem(cx, scope, node, left === null ? [] : [left], true);
    if (left !== null) checkDuplicateAlias(cx, left.tables, item.tables);
    joined = left === null ? item : crossJoin(left, item);
  }
  if (joined === null) return () => ({ kind: 'one row', columns: [], ...EMPTY });
  scope.tables.push(...joined.tables);
  scope.columns = [...joined.columns];
  return joined.build;
}

function checkDuplicateAlias(cx: BindContext, left: readonly ScopeTable[], right: readonly ScopeTable[]): void {
  for (const table of right) {
    const same = left.some(
      (other) =>
        other.alias === table.alias &&
        table.alias !== '' &&
        (other.schema === table.schema || other.schema === null || table.schema === null),
    );
    if (same) throw cx.error('duplicate_alias', `table name "${table.alias}" specified more than once`);
  }
}

function crossJoin(left: FromItem, right: FromItem): FromItem {
  return {
    tables: [...left.tables, ...right.tables],
    columns: [...left.columns, ...right.columns],
    build: () => makeJoin('inner', left.build(), right.build(), null),
  };
}

/** A logical join; `lateral` is what the right side reads of the left. */
export function makeJoin(joinType: JoinType, left: PlanNode, right: PlanNode, condition: Expr | null): PlanNode {
  const outer = freeColumns(right);
  const lateral = left.columns.filter((id) => outer.has(id));
  const columns = joinType === 'semi' || joinType === 'anti' ? left.columns : [...left.columns, ...right.columns];
  return { kind: 'join', joinType, left, right, condition, lateral, columns, ...EMPTY };
}

/** `siblings`: what stands to the left and may be read laterally; `lateralAllowed` is false under RIGHT and FULL joins. */
function bindFromItem(
  cx: BindContext,
  scope: Scope,
  node: Node,
  siblings: readonly FromItem[],
  lateralAllowed: boolean,
): FromItem {
  if ('RangeVar' in node) return bindRangeVar(cx, scope, node.RangeVar);
  if ('JoinExpr' in node) return bindJoin(cx, scope, node.JoinExpr, siblings, lateralAllowed);
  if ('RangeSubselect' in node)
    return bindSubselect(
      cx,
      lateralScope(scope, siblings, node.RangeSubselect.lateral === true, lateralAllowed),
      node.RangeSubselect,
    );
  if ('RangeFunction' in node) return bindRangeFunction(cx, scope, node.RangeFunction, siblings, lateralAllowed);
  if ('RangeTableSample' in node) throw notSupported('TABLESAMPLE');
  if ('RangeTableFunc' in node) throw notSupported('XMLTABLE');
  throw notSupported(`FROM item ${Object.keys(node)[0]}`);
}

/** The scope in which a FROM item is bound: sees its siblings when lateral, and knows their names otherwise. */
function lateralScope(scope: Scope, siblings: readonly FromItem[], lateral: boolean, allowed: boolean): Scope {
  const inner = new Scope(scope.parent);
  for (const [name, cte] of scope.ctes) inner.ctes.set(name, cte);
  inner.clause = 'FROM';
  inner.aggregates = forbiddenAggregates('functions in FROM');
  inner.windows = null;
  for (const sibling of siblings) {
    for (const table of sibling.tables) inner.tables.push({ ...table, visible: lateral && allowed });
    if (lateral && allowed) inner.columns.push(...sibling.columns);
  }
  return inner;
}

export function forbiddenAggregates(clause: string): Scope['aggregates'] {
  const refuse = (): never => {
    throw new Error('aggregates are forbidden here');
  };
  return { forbidden: clause, add: refuse, addGrouping: refuse, inside: false };
}

function columnAliases(alias: Alias | undefined): string[] {
  return nameParts(alias?.colnames);
}

/** Applies `AS t(a, b)`; more names than columns is an error. */
function renameColumns(
  cx: BindContext,
  columns: readonly ScopeColumn[],
  alias: Alias | undefined,
  shown: string,
): ScopeColumn[] {
  const names = columnAliases(alias);
  if (names.length > columns.length) {
    throw cx.error(
      'invalid_column_reference',
      `table "${shown}" has ${columns.length} columns available but ${names.length} columns specified`,
    );
  }
  return columns.map((column, i) => (names[i] === undefined ? column : { ...column, name: names[i] }));
}

function bindRangeVar(cx: BindContext, scope: Scope, range: RangeVar): FromItem {
  const name = range.relname ?? '';
  const alias = range.alias?.aliasname ?? name;
  if (range.schemaname === undefined) {
    const cte = scope.findCte(name);
    if (cte?.silent === true) {
      throw cx.error(
        'feature_not_supported',
        `WITH query "${cte.name}" does not have a RETURNING clause`,
        range.location,
      );
    }
    if (cte !== undefined) return bindCteReference(cx, cte, alias, range.alias);
  }
  const relation = findRelation(cx, range);
  cx.useRelation(relation, 'read');
  switch (relation.kind) {
    case 'r':
    case 'm':
    case 'S':
      return bindTable(cx, relation, alias, range);
    case 'v':
      return bindView(cx, relation, alias, range);
    case 'p':
    case 'f':
      throw notSupported(relation.kind === 'p' ? 'a partitioned table' : 'a foreign table');
    default:
      throw cx.error('wrong_object_type', `cannot open relation "${relation.name}"`, range.location, {
        detail:
          relation.kind === 'i'
            ? 'This operation is not supported for indexes.'
            : 'This operation is not supported for composite types.',
      });
  }
}

/** @throws SqlError 42P01, 3F000 with the position of the name */
export function findRelation(cx: BindContext, range: RangeVar): RelationDesc {
  const name = range.relname ?? '';
  if (range.catalogname !== undefined && range.catalogname !== '' && range.catalogname !== cx.services.database) {
    throw cx.error(
      'feature_not_supported',
      `cross-database references are not implemented: "${range.catalogname}.${range.schemaname}.${name}"`,
      range.location,
    );
  }
  const schema = range.schemaname ?? null;
  if (schema !== null && cx.catalog.namespaceByName(schema) === undefined) {
    throw cx.error('undefined_table', `relation "${schema}.${name}" does not exist`, range.location);
  }
  const relation = cx.catalog.relationByName(name, namespaceOid(cx, schema, range.location ?? -1));
  if (relation === undefined) {
    const shown = schema === null ? name : `${schema}.${name}`;
    throw cx.error('undefined_table', `relation "${shown}" does not exist`, range.location);
  }
  return relation;
}

/** Columns of a relation under fresh ids, one per attribute; the visible ones leave dropped attributes out. */
export function relationColumns(
  cx: BindContext,
  relation: RelationDesc,
): { all: ScopeColumn[]; visible: ScopeColumn[] } {
  const all = relation.attributes.map((attribute) => ({
    id: cx.newColumn(attribute.name),
    name: attribute.name,
    type: attribute.type,
    typmod: attribute.typmod,
    collation: attribute.collation,
    tableOid: relation.oid,
    columnNumber: attribute.number,
  }));
  return { all, visible: all.filter((_, i) => !relation.attributes[i].dropped) };
}

/** A scan whose system columns can still be asked for. */
export interface TableSource extends FromItem {
  readonly relation: RelationDesc;
  readonly allColumns: readonly ScopeColumn[];
  systemColumn(column: SystemColumn): number;
}

export function bindTableSource(
  cx: BindContext,
  relation: RelationDesc,
  alias: string,
  aliasNode: Alias | undefined,
): TableSource {
  const { all, visible } = relationColumns(cx, relation);
  const system: SystemColumn[] = [];
  const systemIds: number[] = [];
  const systemColumn = (column: SystemColumn): number => {
    const known = system.indexOf(column);
    if (known >= 0) return systemIds[known];
    const id = cx.newColumn(column);
    system.push(column);
    systemIds.push(id);
    return id;
  };
  const columns = renameColumns(cx, visible, aliasNode, alias);
  const table: ScopeTable = {
    alias,
    schema: aliasNode === undefined ? (cx.catalog.namespace(relation.namespace)?.name ?? null) : null,
    relation,
    rowType: relation.rowType === 0 ? oid.RECORD : relation.rowType,
    columns,
    scalar: false,
    system: systemColumn,
    visible: true,
  };
  return {
    relation,
    allColumns: all,
    systemColumn,
    tables: [table],
    columns,
    build: () => ({
      kind: 'seq scan',
      relation,
      alias,
      system,
      filter: null,
      columns: [...all.map((column) => column.id), ...systemIds],
      ...EMPTY,
    }),
  };
}

function bindTable(cx: BindContext, relation: RelationDesc, alias: string, range: RangeVar): FromItem {
  return bindTableSource(cx, relation, alias, range.alias);
}

/** Views nested deeper than this are taken for a loop. */
const MAX_VIEW_DEPTH = 200;

function bindView(cx: BindContext, relation: RelationDesc, alias: string, range: RangeVar): FromItem {
  if (++cx.viewDepth > MAX_VIEW_DEPTH)
    throw cx.error('invalid_object_definition', `infinite recursion detected in rules for relation "${relation.name}"`);
  const query = bindViewQuery(cx, relation, cx.lockedRanges.get(range));
  cx.viewDepth--;
  const attributes = relation.attributes.filter((attribute) => !attribute.dropped);
  const exposed: ScopeColumn[] = query.columns.map((column, i) => ({
    ...column,
    name: attributes[i]?.name ?? column.name,
    tableOid: relation.oid,
    columnNumber: attributes[i]?.number ?? 0,
  }));
  const columns = renameColumns(cx, exposed, range.alias, alias);
  const schema = range.alias === undefined ? (cx.catalog.namespace(relation.namespace)?.name ?? null) : null;
  const table: ScopeTable = {
    alias,
    schema,
    relation,
    rowType: relation.rowType,
    columns,
    scalar: false,
    system: null,
    visible: true,
  };
  return { tables: [table], columns, build: () => query.plan };
}

function bindCteReference(
  cx: BindContext,
  cte: NonNullable<ReturnType<Scope['findCte']>>,
  alias: string,
  aliasNode: Alias | undefined,
): FromItem {
  cte.references++;
  const inlined = cte.inline === null ? null : cte.inline();
  const source = inlined?.columns ?? cte.columns.map((column) => ({ ...column, id: cx.newColumn(column.name) }));
  const columns = renameColumns(cx, source, aliasNode, alias);
  const table: ScopeTable = {
    alias,
    schema: null,
    relation: null,
    rowType: oid.RECORD,
    columns,
    scalar: false,
    system: null,
    visible: true,
  };
  const ids = columns.map((column) => column.id);
  const build = (): PlanNode => {
    if (inlined !== null) return inlined.plan;
    return cte.workTable
      ? { kind: 'work table scan', id: cte.id, name: cte.name, columns: ids, ...EMPTY }
      : { kind: 'cte scan', cte: cte.id, name: cte.name, alias, columns: ids, ...EMPTY };
  };
  return { tables: [table], columns, build };
}

function bindSubselect(cx: BindContext, scope: Scope, range: RangeSubselect): FromItem {
  if (range.subquery === undefined || !('SelectStmt' in range.subquery))
    throw notSupported('this kind of subquery in FROM');
  const alias = range.alias?.aliasname;
  const query = binders.select(cx, scope, range.subquery.SelectStmt);
  if (alias === undefined) {
    throw cx.error('syntax_error', 'subquery in FROM must have an alias', -1, {
      hint: 'For example, FROM (SELECT ...) [AS] foo.',
    });
  }
  const columns = renameColumns(cx, query.columns, range.alias, alias);
  const table: ScopeTable = {
    alias,
    schema: null,
    relation: null,
    rowType: oid.RECORD,
    columns,
    scalar: false,
    system: null,
    visible: true,
  };
  return { tables: [table], columns, build: () => query.plan };
}

/** Functions in FROM are lateral always. */
function bindRangeFunction(
  cx: BindContext,
  scope: Scope,
  range: RangeFunction,
  siblings: readonly FromItem[],
  lateralAllowed: boolean,
): FromItem {
  const inner = lateralScope(scope, siblings, true, lateralAllowed);
  const bound = bindFunctionTable(cx, inner, range);
  const columns = renameColumns(cx, bound.columns, bound.definedNames ? undefined : range.alias, bound.alias);
  const table: ScopeTable = {
    alias: bound.alias,
    schema: null,
    relation: null,
    rowType: bound.rowType,
    columns,
    scalar: bound.scalar,
    system: null,
    visible: true,
  };
  return { tables: [table], columns, build: () => bound.plan };
}

const JOIN_TYPES: Record<string, JoinType> = {
  JOIN_INNER: 'inner',
  JOIN_LEFT: 'left',
  JOIN_RIGHT: 'right',
  JOIN_FULL: 'full',
};

function bindJoin(
  cx: BindContext,
  scope: Scope,
  join: JoinExpr,
  siblings: readonly FromItem[],
  lateralAllowed: boolean,
): FromItem {
  if (join.larg === undefined || join.rarg === undefined) throw notSupported('a join without sides');
  const joinType = JOIN_TYPES[join.jointype ?? 'JOIN_INNER'];
  const left = bindFromItem(cx, scope, join.larg, siblings, lateralAllowed);
  const leftVisible = joinType === 'inner' || joinType === 'left';
  const right = bindFromItem(cx, scope, join.rarg, [...siblings, left], lateralAllowed && leftVisible);
  checkDuplicateAlias(cx, left.tables, right.tables);
  const using = join.isNatural ? commonNames(left, right) : nameParts(join.usingClause);
  const merged = using.length > 0 ? mergeUsing(cx, joinType, left, right, using) : null;
  const pad = (tables: readonly ScopeTable[], padded: boolean): readonly ScopeTable[] =>
    padded ? tables.map((table) => ({ ...table, nullable: true })) : tables;
  const tables = [
    ...pad(left.tables, joinType === 'right' || joinType === 'full'),
    ...pad(right.tables, joinType === 'left' || joinType === 'full'),
  ];
  const columns = merged?.columns ?? [...left.columns, ...right.columns];
  let condition: Expr | null = merged?.condition ?? null;
  if (join.quals !== undefined) condition = bindJoinCondition(cx, scope, siblings, tables, columns, join.quals);
  const build = (): PlanNode => {
    const plan = makeJoin(joinType, left.build(), right.build(), condition);
    return merged === null ? plan : merged.wrap(plan);
  };
  return aliasJoin(cx, join, { tables, columns, build }, merged?.columns.slice(0, using.length) ?? []);
}

/** `(a JOIN b …) AS j` hides the tables inside; `USING (…) AS j` names the merged columns only. */
function aliasJoin(cx: BindContext, join: JoinExpr, item: FromItem, merged: readonly ScopeColumn[]): FromItem {
  if (join.alias?.aliasname !== undefined) {
    const columns = renameColumns(cx, item.columns, join.alias, join.alias.aliasname);
    const table: ScopeTable = {
      alias: join.alias.aliasname,
      schema: null,
      relation: null,
      rowType: oid.RECORD,
      columns,
      scalar: false,
      system: null,
      visible: true,
    };
    return { tables: [table], columns, build: item.build };
  }
  if (join.join_using_alias?.aliasname !== undefined) {
    const table: ScopeTable = {
      alias: join.join_using_alias.aliasname,
      schema: null,
      relation: null,
      rowType: oid.RECORD,
      columns: merged,
      scalar: false,
      system: null,
      visible: true,
    };
    return { ...item, tables: [...item.tables, table] };
  }
  return item;
}

function commonNames(left: FromItem, right: FromItem): string[] {
  const names = new Set(right.columns.map((column) => column.name));
  return left.columns.map((column) => column.name).filter((name) => names.has(name));
}

function bindJoinCondition(
  cx: BindContext,
  scope: Scope,
  siblings: readonly FromItem[],
  tables: readonly ScopeTable[],
  columns: readonly ScopeColumn[],
  node: Node,
): Expr {
  const inner = new Scope(scope.parent);
  for (const [name, cte] of scope.ctes) inner.ctes.set(name, cte);
  inner.clause = 'JOIN/ON';
  inner.aggregates = forbiddenAggregates('JOIN conditions');
  inner.setReturningForbidden = 'JOIN conditions';
  inner.tables.push(...tables);
  for (const sibling of siblings) for (const table of sibling.tables) inner.tables.push({ ...table, visible: false });
  inner.columns = [...columns];
  return coerceToBoolean(cx, binders.expr(cx, inner, node), 'JOIN/ON');
}

interface MergedColumns {
  readonly columns: readonly ScopeColumn[];
  readonly condition: Expr;
  wrap(plan: PlanNode): PlanNode;
}

/** JOIN … USING: one column for each name, then the rest of both sides. */
function mergeUsing(
  cx: BindContext,
  joinType: JoinType,
  left: FromItem,
  right: FromItem,
  names: readonly string[],
): MergedColumns {
  const equalities: Expr[] = [];
  const merged: ScopeColumn[] = [];
  const computed: { id: number; expr: Expr }[] = [];
  for (const name of names) {
    const l = usingColumn(cx, left, name, 'left');
    const r = usingColumn(cx, right, name, 'right');
    equalities.push(bindOperator(cx, '=', null, columnExpr(l), columnExpr(r), -1));
    merged.push(mergedColumn(cx, joinType, l, r, computed));
  }
  const rest = (item: FromItem): ScopeColumn[] => item.columns.filter((column) => !names.includes(column.name));
  return {
    columns: [...merged, ...rest(left), ...rest(right)],
    condition:
      equalities.length === 1
        ? equalities[0]
        : { kind: 'and', args: equalities, type: oid.BOOL, typmod: -1, collation: 0, location: -1 },
    wrap: (plan) => (computed.length === 0 ? plan : appendColumns(plan, computed, cx)),
  };
}

/** Passes the input's columns on and adds computed ones. */
function appendColumns(input: PlanNode, computed: readonly { id: number; expr: Expr }[], cx: BindContext): PlanNode {
  const passed = input.columns.map(
    (id): Expr => ({
      kind: 'column',
      id,
      name: cx.columnNames.get(id) ?? '',
      type: 0,
      typmod: -1,
      collation: 0,
      location: -1,
    }),
  );
  return {
    kind: 'project',
    input,
    exprs: [...passed, ...computed.map((column) => column.expr)],
    columns: [...input.columns, ...computed.map((column) => column.id)],
    ...EMPTY,
  };
}

function usingColumn(cx: BindContext, item: FromItem, name: string, side: string): ScopeColumn {
  const matches = item.columns.filter((column) => column.name === name);
  if (matches.length === 0)
    throw cx.error('undefined_column', `column "${name}" specified in USING clause does not exist in ${side} table`);
  if (matches.length > 1)
    throw cx.error('ambiguous_column', `common column name "${name}" appears more than once in ${side} table`);
  return matches[0];
}

/** Inner and left joins show the left column, right joins the right one, full joins whichever is not NULL. */
function mergedColumn(
  cx: BindContext,
  joinType: JoinType,
  left: ScopeColumn,
  right: ScopeColumn,
  computed: { id: number; expr: Expr }[],
): ScopeColumn {
  const exprs = [columnExpr(left), columnExpr(right)];
  const type = selectCommonType(cx, exprs, 'JOIN/USING');
  const source = joinType === 'right' ? right : left;
  if (joinType !== 'full' && source.type === type) return { ...source, tableOid: source.tableOid };
  const typed = exprs.map((expr) => coerceToCommonType(cx, expr, type, 'JOIN/USING'));
  const collation = cx.collationOf(type);
  const expr: Expr =
    joinType === 'full'
      ? { kind: 'coalesce', args: typed, type, typmod: -1, collation, location: -1 }
      : typed[joinType === 'right' ? 1 : 0];
  const id = cx.newColumn(source.name);
  computed.push({ id, expr });
  return { id, name: source.name, type, typmod: expr.typmod, collation, tableOid: 0, columnNumber: 0 };
}
