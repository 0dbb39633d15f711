/**
 * Queries that the catalog keeps (views): as PostgreSQL prints them under an empty search path, so that every relation, type
 * and function outside of pg_catalog is qualified and `*` is spelled out. They mean the same wherever they are read.
 */
import type { Node, RangeVar, SelectStmt, TypeName } from '@pgsql/types';
import { address, type ObjectAddress } from '../catalog/ddl/dependencies.js';
import type { CatalogView } from '../catalog/descriptors.js';
import { PG_CATALOG_NAMESPACE } from '../catalog/known-oids.js';
import { notSupported } from '../errors/sql-error.js';
import { nameParts } from '../sql/binder/ast.js';
import type { BindContext } from '../sql/binder/bind-context.js';
import { printSelect } from '../sql/deparse/view-definition.js';
import { parseSql } from '../sql/parser/parse.js';
import type { DdlContext } from './ddl-context.js';
import { findRelation } from './relation-names.js';
import { bareServices } from './stored-expression.js';
import { walkSyntax } from './syntax-walk.js';
import { findType } from './type-names.js';

export interface StoredQuery {
  readonly text: string;
  readonly references: readonly ObjectAddress[];
}

/** REQUIRES: the query has been bound without error. Throws 0A000 for what is not a SELECT. */
export function storedQuery(cx: DdlContext, query: Node): StoredQuery {
  if (!('SelectStmt' in query)) throw notSupported('a view over something else than SELECT');
  const bind = cx.bindContext();
  const text = printQuery(cx, query.SelectStmt, bind);
  const [printed] = parseSql(text);
  const named = 'SelectStmt' in printed.node ? referencesOf(cx, printed.node.SelectStmt) : [];
  const keys = [...(bind.recorder?.primaryKeys ?? [])].map((oid) => address('pg_constraint', oid));
  return { text, references: [...named, ...keys] };
}

/** The query as text that means the same under every search path. */
export function printQuery(cx: DdlContext, select: SelectStmt, bind: BindContext): string {
  return printSelect(bind, select, bareServices(cx), { pretty: false, wrap: 0, parsed: true }, null);
}

/** What the names of a printed query mean. */
function referencesOf(cx: DdlContext, query: SelectStmt): ObjectAddress[] {
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
  }
  walkSyntax(query, (kind, body) => {
    if ((kind === 'TypeName' || kind === 'typeName') && isTypeName(body)) found.push(...typeReference(cx, body));
    if (kind === 'FuncCall' && 'funcname' in body) found.push(...functionReference(view, body));
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

function typeReference(cx: DdlContext, name: TypeName): ObjectAddress[] {
  const type = findType(cx, { names: name.names, typemod: -1 });
  if (type === undefined || type.namespace === PG_CATALOG_NAMESPACE) return [];
  return [address('pg_type', type.oid)];
}

function functionReference(view: CatalogView, call: { funcname?: unknown }): ObjectAddress[] {
  if (!Array.isArray(call.funcname)) return [];
  const parts = nameParts(call.funcname);
  const schema = parts.length > 1 ? (view.namespaceByName(parts[0])?.oid ?? null) : null;
  const [proc] = view.procsByName(parts.at(-1) ?? '', schema);
  return proc === undefined || proc.namespace === PG_CATALOG_NAMESPACE ? [] : [address('pg_proc', proc.oid)];
}
