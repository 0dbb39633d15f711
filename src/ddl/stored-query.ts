/**
 * Queries that the catalog keeps (views): as text in which every relation, type and function outside of pg_catalog is
 * qualified and `*` is spelled out, so that it means the same under every search path and when tables get columns.
 */
import type { ColumnRef, Node, RangeVar, SelectStmt, TypeName } from '@pgsql/types';
import { address, type ObjectAddress } from '../catalog/ddl/dependencies.js';
import type { CatalogView } from '../catalog/descriptors.js';
import { PG_CATALOG_NAMESPACE } from '../catalog/known-oids.js';
import { notSupported } from '../errors/sql-error.js';
import { nameParts } from '../sql/binder/ast.js';
import type { BindContext } from '../sql/binder/bind-context.js';
import { bindFromClause } from '../sql/binder/bind-from.js';
import { bindWith } from '../sql/binder/bind-with.js';
import { Scope } from '../sql/binder/scope.js';
import type { DdlContext } from './ddl-context.js';
import { printQuery } from './print-query.js';
import { findRelation } from './relation-names.js';
import { walkSyntax } from './syntax-walk.js';
import { findType } from './type-names.js';

export interface StoredQuery {
  readonly text: string;
  readonly references: readonly ObjectAddress[];
}

/** REQUIRES: the query has been bound without error. Throws 0A000 for what is not a SELECT. */
export function storedQuery(cx: DdlContext, query: Node): StoredQuery {
  if (!('SelectStmt' in query)) throw notSupported('a view over something else than SELECT');
  const copy = structuredClone(query.SelectStmt);
  expandStars(cx.bindContext(), null, copy);
  const references = qualifyNames(cx, copy);
  return { text: printQuery({ SelectStmt: copy }), references };
}

/** Replaces the `*` and `t.*` of the outermost select lists by columns. Changes the tree. */
function expandStars(bind: BindContext, parent: Scope | null, select: SelectStmt): void {
  const scope = new Scope(parent);
  if (parent !== null) for (const [name, cte] of parent.ctes) scope.ctes.set(name, cte);
  if (select.withClause !== undefined) bindWith(bind, scope, select.withClause);
  if (select.larg !== undefined && select.rarg !== undefined) {
    expandStars(bind, scope, select.larg);
    expandStars(bind, scope, select.rarg);
    return;
  }
  const targets = select.targetList ?? [];
  if (!targets.some((target) => starOf(target) !== undefined)) return;
  bindFromClause(bind, scope, select.fromClause ?? []);
  select.targetList = targets.flatMap((target) => {
    const star = starOf(target);
    return star === undefined ? [target] : starColumns(scope, star);
  });
}

function starOf(target: Node): ColumnRef | undefined {
  if (!('ResTarget' in target) || target.ResTarget.val === undefined || !('ColumnRef' in target.ResTarget.val)) {
    return undefined;
  }
  const ref = target.ResTarget.val.ColumnRef;
  const last = ref.fields?.at(-1);
  return last !== undefined && 'A_Star' in last ? ref : undefined;
}

function starColumns(scope: Scope, star: ColumnRef): Node[] {
  const qualifier = nameParts(star.fields);
  const alias = qualifier.at(-1);
  const table = alias === undefined ? undefined : scope.tables.find((candidate) => candidate.alias === alias);
  const columns = alias === undefined ? scope.columns : (table?.columns ?? []);
  return columns.map((column) => {
    const owner = table ?? scope.tables.find((candidate) => candidate.columns.some(({ id }) => id === column.id));
    const fields = owner === undefined ? [column.name] : [owner.alias, column.name];
    return {
      ResTarget: { val: { ColumnRef: { fields: fields.map((sval) => ({ String: { sval } })) } } },
    };
  });
}

/** Qualifies names in place; returns what they mean. */
function qualifyNames(cx: DdlContext, query: SelectStmt): ObjectAddress[] {
  const view = cx.view();
  const ctes = new Set<string>();
  const columns = new Set<string>();
  const relations = new Set<number>();
  const found: ObjectAddress[] = [];
  walkSyntax(query, (kind, body) => {
    if (kind === 'CommonTableExpr' && 'ctename' in body && typeof body.ctename === 'string') ctes.add(body.ctename);
    if (kind === 'String' && 'sval' in body && typeof body.sval === 'string') columns.add(body.sval);
  });
  for (const range of rangesOf(query)) {
    if (range.schemaname === undefined && ctes.has(range.relname ?? '')) continue;
    const relation = findRelation(cx, range);
    if (relation === undefined) continue;
    relations.add(relation.oid);
    range.schemaname = view.namespace(relation.namespace)?.name;
  }
  walkSyntax(query, (kind, body) => {
    if ((kind === 'TypeName' || kind === 'typeName') && isTypeName(body)) found.push(...qualifyType(cx, view, body));
    if (kind === 'FuncCall' && 'funcname' in body) found.push(...qualifyFunction(view, body));
  });
  for (const oid of relations) {
    const used = (view.relation(oid)?.attributes ?? []).filter(({ name, dropped }) => !dropped && columns.has(name));
    found.push(address('pg_class', oid), ...used.map(({ number }) => address('pg_class', oid, number)));
  }
  return found;
}

function isTypeName(body: object): body is TypeName {
  return 'names' in body && Array.isArray(body.names);
}

/** Every table reference of a query, as objects that may be changed. */
export function rangesOf(query: object): RangeVar[] {
  const ranges: RangeVar[] = [];
  walkSyntax(query, (kind, body) => {
    if (kind === 'RangeVar') ranges.push(body);
  });
  return ranges;
}

function qualifyType(cx: DdlContext, view: CatalogView, name: TypeName): ObjectAddress[] {
  if (nameParts(name.names).length !== 1) return [];
  const type = findType(cx, { names: name.names, typemod: -1 });
  if (type === undefined || type.namespace === PG_CATALOG_NAMESPACE) return [];
  const schema = view.namespace(type.namespace)?.name ?? '';
  name.names = [{ String: { sval: schema } }, ...(name.names ?? [])];
  return [address('pg_type', type.oid)];
}

function qualifyFunction(view: CatalogView, call: { funcname?: unknown }): ObjectAddress[] {
  if (!Array.isArray(call.funcname)) return [];
  const parts = nameParts(call.funcname);
  if (parts.length !== 1) return [];
  const [proc] = view.procsByName(parts[0], null);
  if (proc === undefined || proc.namespace === PG_CATALOG_NAMESPACE) return [];
  const schema = view.namespace(proc.namespace)?.name ?? '';
  call.funcname = [{ String: { sval: schema } }, ...call.funcname];
  return [address('pg_proc', proc.oid)];
}
