/** What DDL statements ask of their user: owning objects, creating in schemas, belonging to roles. Errors are 42501. */
import { notOwner, permissionDenied, relationWord } from '../catalog/acl/access-errors.js';
import {
  columnRights,
  procRights,
  relationRights,
  rowRights,
  schemaRights,
  typeRights,
} from '../catalog/acl/rights.js';
import type { NamespaceDesc, RelationDesc, TypeDesc } from '../catalog/descriptors.js';
import { actsAs, isMemberOf } from '../catalog/role-membership.js';
import { sqlError } from '../errors/sql-error.js';
import { PRIVILEGE } from '../types/acl/acl-item.js';
import type { DdlContext } from './ddl-context.js';

/** Whether the user has the privileges of the role that owns an object. */
export function ownsAs(cx: DdlContext, owner: number): boolean {
  return actsAs(cx.view(), cx.role, owner);
}

/** @throws SqlError `must be owner of table t` */
export function requireOwner(cx: DdlContext, owner: number, what: string, name: string): void {
  if (!ownsAs(cx, owner)) throw notOwner(what, name);
}

/** The same for a relation, under the word for its kind. */
export function requireRelationOwner(cx: DdlContext, relation: RelationDesc): void {
  requireOwner(cx, relation.owner, relationWord(relation.kind), relation.name);
}

/** Whoever owns the schema may drop what is in it. */
export function requireDropper(cx: DdlContext, owner: number, namespace: number, what: string, name: string): void {
  const schema = cx.view().namespace(namespace);
  if (schema !== undefined && ownsAs(cx, schema.owner)) return;
  requireOwner(cx, owner, what, name);
}

export function requireTypeOwner(cx: DdlContext, type: TypeDesc): void {
  requireOwner(cx, type.owner, 'type', cx.bindContext().formatType(type.oid));
}

/** @throws SqlError `permission denied for schema s` */
export function requireCreate(cx: DdlContext, namespace: number, position?: number, role = cx.role): void {
  const rights = schemaRights(cx.view(), role, namespace);
  const name = cx.view().namespace(namespace)?.name ?? '';
  // Everybody who has a temporary schema was allowed to make it.
  if (rights === undefined || (rights.privileges & PRIVILEGE.CREATE) !== 0 || name.startsWith('pg_temp_')) return;
  throw permissionDenied('schema', name).at(position);
}

/** The same for looking into a schema. */
export function requireUsage(cx: DdlContext, schema: NamespaceDesc, position?: number): void {
  const rights = schemaRights(cx.view(), cx.role, schema.oid);
  if (rights === undefined || (rights.privileges & PRIVILEGE.USAGE) !== 0 || schema.name.startsWith('pg_temp_')) return;
  throw permissionDenied('schema', schema.name).at(position);
}

export function requireCreateInDatabase(cx: DdlContext): void {
  const { database } = cx.writer.catalog;
  const rights = rowRights(cx.view(), cx.role, 'd', database);
  if (rights === undefined || (rights.privileges & PRIVILEGE.CREATE) !== 0) return;
  throw permissionDenied('database', cx.bindContext().services.database);
}

/** Any of the privileges on the relation as a whole will do. @throws SqlError `permission denied for table t` */
export function requireOnRelation(cx: DdlContext, relation: RelationDesc, privileges: number): void {
  if ((relationRights(cx.view(), cx.role, relation).privileges & privileges) !== 0) return;
  throw permissionDenied(relationWord(relation.kind), relation.name);
}

/** REFERENCES on the table, or on each of the columns. */
export function requireReferences(cx: DdlContext, relation: RelationDesc, columns: readonly number[]): void {
  const view = cx.view();
  if ((relationRights(view, cx.role, relation).privileges & PRIVILEGE.REFERENCES) !== 0) return;
  const lacking = columns.some((number) => {
    const { privileges } = columnRights(view, cx.role, relation, relation.attributes[number - 1]);
    return (privileges & PRIVILEGE.REFERENCES) === 0;
  });
  if (lacking) throw permissionDenied(relationWord(relation.kind), relation.name);
}

/** USAGE on a type that a new object is made of. @throws SqlError `permission denied for type t` */
export function requireTypeUsage(cx: DdlContext, type: number): void {
  const rights = typeRights(cx.view(), cx.role, type);
  if (rights === undefined || (rights.privileges & PRIVILEGE.USAGE) !== 0) return;
  throw permissionDenied('type', cx.bindContext().formatType(type));
}

/** @throws SqlError `must be member of role "r"` */
export function requireMember(cx: DdlContext, role: number): void {
  if (isMemberOf(cx.view(), cx.role, role)) return;
  throw sqlError('insufficient_privilege', `must be member of role "${cx.view().role(role)?.name ?? ''}"`);
}

export function isSuperuser(cx: DdlContext): boolean {
  return cx.view().role(cx.role)?.superuser === true;
}

/** Giving away needs the old owner's rights, membership in the new owner, and that this one may create in the schema. */
export function requireGivable(
  cx: DdlContext,
  object: { readonly owner: number; readonly namespace: number | null; readonly what: string; readonly name: string },
  to: number,
): void {
  if (isSuperuser(cx)) return;
  requireOwner(cx, object.owner, object.what, object.name);
  requireMember(cx, to);
  if (object.namespace !== null) requireCreate(cx, object.namespace, undefined, to);
}

/** @throws SqlError 42501 `permission denied for function f` */
export function requireExecutable(cx: DdlContext, proc: number): void {
  const rights = procRights(cx.view(), cx.role, proc);
  if (rights === undefined || (rights.privileges & PRIVILEGE.EXECUTE) !== 0) return;
  throw permissionDenied('function', cx.view().proc(proc)?.name ?? '');
}
