/**
 * Names in DDL statements to relations and schemas: where a new object goes, which relation is meant, and its lock.
 */
import type { RangeVar } from '@pgsql/types';
import type { RelationDesc } from '../catalog/descriptors.js';
import { PG_CATALOG_NAMESPACE } from '../catalog/known-oids.js';
import { SqlError, sqlError } from '../errors/sql-error.js';
import { DeferredChecks } from '../exec/deferred-checks.js';
import { characterPosition } from '../sql/parser/parse.js';
import type { LockWaitPolicy, TableLockMode } from '../storage/api.js';
import type { Task } from '../util/task.js';
import { requireCreate, requireUsage } from './access.js';
import type { DdlContext } from './ddl-context.js';

/** A position of the statement for error messages; undefined when the tree does not tell. */
export function positionOf(cx: DdlContext, location: number | undefined): number | undefined {
  return location === undefined ? undefined : characterPosition(cx.text, location);
}

/** As written: `t` or `s.t`. */
export function shownName(range: RangeVar): string {
  return range.schemaname === undefined ? (range.relname ?? '') : `${range.schemaname}.${range.relname ?? ''}`;
}

/** The range variable of a qualified name given as a list of strings. */
export function rangeOfParts(parts: readonly string[]): RangeVar {
  const relname = parts[parts.length - 1] ?? '';
  return parts.length > 1 ? { relname, schemaname: parts[parts.length - 2] } : { relname };
}

/** OID of a schema. Throws 3F000. */
export function* schemaOid(cx: DdlContext, name: string, location?: number): Task<number> {
  if (name === 'pg_temp') return yield* cx.temporaryNamespace();
  const found = cx.view().namespaceByName(name);
  if (found !== undefined) return found.oid;
  throw sqlError('invalid_schema_name', `schema "${name}" does not exist`).at(positionOf(cx, location));
}

export interface CreationPlace {
  readonly namespace: number;
  readonly persistence: RelationDesc['persistence'];
}

/** Schema and persistence of a new relation. Throws 3F000, 42501, 42P16. */
export function* creationPlace(cx: DdlContext, range: RangeVar): Task<CreationPlace> {
  const temporary = range.relpersistence === 't';
  if (temporary) {
    if (range.schemaname !== undefined && range.schemaname !== 'pg_temp') {
      throw sqlError('invalid_table_definition', 'cannot create temporary relation in non-temporary schema');
    }
    try {
      return { namespace: yield* cx.temporaryNamespace(), persistence: 't' };
    } catch (error) {
      throw error instanceof SqlError ? error.at(positionOf(cx, range.location)) : error;
    }
  }
  const namespace = yield* creationNamespace(cx, range.schemaname ?? null, range.relname ?? '', range.location);
  const schema = cx.view().namespace(namespace)?.name ?? '';
  const persistence = schema.startsWith('pg_temp_') ? 't' : range.relpersistence === 'u' ? 'u' : 'p';
  return { namespace, persistence };
}

/** The schema of a new object that is not temporary. */
export function* creationNamespace(
  cx: DdlContext,
  schema: string | null,
  name: string,
  location?: number,
): Task<number> {
  const namespace = schema === null ? cx.view().creationNamespace : yield* schemaOid(cx, schema, location);
  if (namespace === 0) {
    throw sqlError('invalid_schema_name', 'no schema has been selected to create in').at(positionOf(cx, location));
  }
  if (namespace === PG_CATALOG_NAMESPACE || cx.view().namespace(namespace)?.name === 'information_schema') {
    const shown = `${cx.view().namespace(namespace)?.name ?? ''}.${name}`;
    if (namespace === PG_CATALOG_NAMESPACE) {
      throw sqlError('insufficient_privilege', `permission denied to create "${shown}"`, {
        detail: 'System catalog modifications are currently disallowed.',
      });
    }
  }
  requireCreate(cx, namespace, positionOf(cx, location));
  return namespace;
}

export function findRelation(cx: DdlContext, range: RangeVar): RelationDesc | undefined {
  const view = cx.view();
  if (range.schemaname === undefined) return view.relationByName(range.relname ?? '', null);
  const namespace =
    range.schemaname === 'pg_temp'
      ? view.searchPath.map((oid) => view.namespace(oid)).find((found) => found?.name.startsWith('pg_temp_'))
      : view.namespaceByName(range.schemaname);
  if (namespace === undefined) return undefined;
  requireUsage(cx, namespace, positionOf(cx, range.location));
  return view.relationByName(range.relname ?? '', namespace.oid);
}

export function missingRelation(cx: DdlContext, range: RangeVar, what = 'relation'): SqlError {
  const place = what === 'relation' ? positionOf(cx, range.location) : undefined;
  return sqlError('undefined_table', `${what} "${shownName(range)}" does not exist`).at(place);
}

/** Finds and locks; looks again after a wait, because the name may mean something else by then. Throws 42P01. */
export function* openRelation(cx: DdlContext, range: RangeVar, mode: TableLockMode): Task<RelationDesc> {
  const found = yield* tryOpenRelation(cx, range, mode);
  if (found === undefined) throw missingRelation(cx, range);
  return found;
}

/**
 * As openRelation; undefined when there is no such relation. Throws 55P03 when it must not wait but would have to. When it
 * is an index and `tableMode` is given, its table is locked first, as everybody does who uses the index.
 */
export function* tryOpenRelation(
  cx: DdlContext,
  range: RangeVar,
  mode: TableLockMode,
  policy: LockWaitPolicy = 'wait',
  tableMode?: TableLockMode,
): Task<RelationDesc | undefined> {
  for (;;) {
    const found = findRelation(cx, range);
    if (found === undefined) return undefined;
    const table = tableMode === undefined ? undefined : cx.view().index(found.oid)?.relation;
    if (table !== undefined && tableMode !== undefined) {
      yield* cx.transaction.lockTable(table, tableMode, policy);
      if (findRelation(cx, range)?.oid !== found.oid) continue;
    }
    if (!(yield* cx.transaction.lockTable(found.oid, mode, policy)))
      throw sqlError('lock_not_available', `could not obtain lock on relation "${found.name}"`);
    const again = findRelation(cx, range);
    if (again?.oid === found.oid) return again;
  }
}

/** The current descriptor of a relation that is known to exist. */
export function relationNow(cx: DdlContext, oid: number): RelationDesc {
  const relation = cx.view().relation(oid);
  if (relation === undefined) throw new Error(`relation ${oid} does not exist`);
  return relation;
}

/** Refuses changes of system tables. Throws 42501. */
export function refuseSystemRelation(relation: RelationDesc): void {
  if (relation.oid >= 16384) return;
  throw sqlError('insufficient_privilege', `permission denied: "${relation.name}" is a system catalog`);
}

/** @throws SqlError 55006 when an open cursor of this session reads the relation, or a deferred check on it waits */
export function requireUnused(
  cx: DdlContext,
  relation: { readonly oid: number; readonly name: string },
  command: string,
): void {
  const refuse = (reason: string): Error =>
    sqlError('object_in_use', `cannot ${command} "${relation.name}" because ${reason}`);
  if (cx.isRead(relation.oid)) throw refuse('it is being used by active queries in this session');
  if (DeferredChecks.existing(cx.transaction)?.isPending(relation.oid)) throw refuse('it has pending trigger events');
}
