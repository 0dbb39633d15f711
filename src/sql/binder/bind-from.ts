/**
 * FROM: tables, views, subqueries, functions, joins. Gives the tables and columns that become visible, and the plan
 * that joins them; scans are built last, because system columns are asked for while expressions are bound.
 */
import type { Alias, Node, RangeFunction, RangeSubselect, RangeVar } from '@pgsql/types';
import type { RelationDesc } from '../../catalog/descriptors.js';
import { notSupported } from '../../errors/sql-error.js';
import { PRIVILEGE } from '../../types/acl/acl-item.js';
import { type PlanNode, UNESTIMATED } from '../plan/plan-node.js';
import type { BindContext } from './bind-context.js';
import { bindFunctionTable } from './bind-function-table.js';
import { bindJoin } from './bind-join.js';
import { binders } from './binders.js';
import { checkDuplicateAlias, type FromItem, makeJoin, renameColumns } from './from-item.js';
import {
  anonymousTable,
  forbiddenAggregates,
  relationTable,
  type Scope,
  type ScopeColumn,
  type ScopeTable,
} from './scope.js';
import { bindTableSource, findRelation } from './table-source.js';
import { bindViewQuery } from './view-query.js';

/** Binds the FROM list into `scope` and gives the plan's builder. */
export function bindFromClause(cx: BindContext, scope: Scope, items: readonly Node[]): () => PlanNode {
  let joined: FromItem | null = null;
  for (const node of items) {
    const left: FromItem | null = joined;
    const item = bindFromItem(cx, scope, node, left === null ? [] : [left], true);
    if (left !== null) checkDuplicateAlias(cx, left.tables, item.tables);
    joined = left === null ? item : crossJoin(left, item);
  }
  if (joined === null) return () => ({ kind: 'one row', columns: [], ...UNESTIMATED });
  scope.tables.push(...joined.tables);
  scope.columns = [...joined.columns];
  return joined.build;
}

function crossJoin(left: FromItem, right: FromItem): FromItem {
  return {
    tables: [...left.tables, ...right.tables],
    columns: [...left.columns, ...right.columns],
    build: () => makeJoin('inner', left.build(), right.build(), null),
  };
}

/** `siblings`: what stands to the left and may be read laterally; `lateralAllowed` is false under RIGHT and FULL joins. */
function bindFromItem(
  cx: BindContext,
  scope: Scope,
  node: Node,
  siblings: readonly FromItem[],
  lateralAllowed: boolean,
): FromItem {
  const item = dispatch(cx, scope, node, siblings, lateralAllowed);
  cx.recorder?.items.set(node, item);
  return item;
}

function dispatch(
  cx: BindContext,
  scope: Scope,
  node: Node,
  siblings: readonly FromItem[],
  lateralAllowed: boolean,
): FromItem {
  if ('RangeVar' in node) return bindRangeVar(cx, scope, node.RangeVar);
  if ('JoinExpr' in node) return bindJoin(cx, scope, node.JoinExpr, siblings, lateralAllowed, bindFromItem);
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
  const inner = scope.sibling();
  inner.clause = 'FROM';
  inner.aggregates = forbiddenAggregates('functions in FROM');
  inner.windows = null;
  for (const sibling of siblings) {
    for (const table of sibling.tables)
      inner.tables.push({ ...table, visible: lateral && allowed, hiddenByJoin: lateral && !allowed });
    if (lateral && allowed) inner.columns.push(...sibling.columns);
  }
  return inner;
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
    if (cte !== undefined) return bindCteReference(cx, cte, alias, range.alias, scope.ctes.has(name));
  }
  const relation = findRelation(cx, range);
  cx.useRelation(relation, 'read', range.location);
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

function bindTable(cx: BindContext, relation: RelationDesc, alias: string, range: RangeVar): FromItem {
  return bindTableSource(cx, relation, alias, range.alias, cx.access.table(relation, PRIVILEGE.SELECT));
}

/** What locking rows takes. */
const READ_AND_LOCK = PRIVILEGE.SELECT | PRIVILEGE.UPDATE;

/** Views nested deeper than this are taken for a loop. */
const MAX_VIEW_DEPTH = 200;

function bindView(cx: BindContext, relation: RelationDesc, alias: string, range: RangeVar): FromItem {
  if (++cx.viewDepth > MAX_VIEW_DEPTH)
    throw cx.error('invalid_object_definition', `infinite recursion detected in rules for relation "${relation.name}"`);
  const locking = cx.lockedRanges.get(range);
  if (locking !== undefined) cx.useRelation(relation, 'key share');
  const access = cx.access.table(relation, locking === undefined ? PRIVILEGE.SELECT : READ_AND_LOCK);
  const query = bindViewQuery(cx, relation, locking);
  cx.viewDepth--;
  const attributes = relation.attributes.filter((attribute) => !attribute.dropped);
  const exposed: ScopeColumn[] = query.columns.map((column, i) => ({
    ...column,
    name: attributes[i]?.name ?? column.name,
    tableOid: relation.oid,
    columnNumber: attributes[i]?.number ?? 0,
  }));
  cx.access.expose(access, exposed);
  const columns = renameColumns(cx, exposed, range.alias, alias);
  const schema = range.alias === undefined ? (cx.catalog.namespace(relation.namespace)?.name ?? null) : null;
  const table: ScopeTable = { ...relationTable(alias, relation, columns), schema };
  return { tables: [table], columns, build: () => query.plan };
}

function bindCteReference(
  cx: BindContext,
  cte: NonNullable<ReturnType<Scope['findCte']>>,
  alias: string,
  aliasNode: Alias | undefined,
  sameLevel: boolean,
): FromItem {
  cte.references++;
  const inlined = cte.inline === null ? null : cte.inline();
  const shown = sameLevel ? cte.columns.length : cte.columns.length - cte.hidden;
  const source =
    inlined?.columns ??
    cte.columns.map((column, i) => ({ ...column, id: cx.newColumn(column.name), hidden: i >= shown }));
  const columns = renameColumns(cx, source, aliasNode, alias);
  const table: ScopeTable = { ...anonymousTable(alias, columns), selfReference: cte.workTable };
  const ids = columns.map((column) => column.id);
  const build = (): PlanNode => {
    if (inlined !== null) return inlined.plan;
    return cte.workTable
      ? { kind: 'work table scan', id: cte.id, name: cte.name, columns: ids, ...UNESTIMATED }
      : { kind: 'cte scan', cte: cte.id, name: cte.name, alias, columns: ids, ...UNESTIMATED };
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
  const table: ScopeTable = anonymousTable(alias, columns);
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
    ...anonymousTable(bound.alias, columns),
    rowType: bound.rowType,
    scalar: bound.scalar,
  };
  return { tables: [table], columns, build: () => bound.plan };
}
