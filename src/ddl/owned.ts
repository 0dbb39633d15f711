/** DROP OWNED and REASSIGN OWNED: what pg_shdepend says of roles, in this database and of shared objects. */
import type { DropOwnedStmt, Node, ReassignOwnedStmt } from '@pgsql/types';
import { readObjectAcl } from '../catalog/acl/object-acls.js';
import type { AclKind } from '../catalog/acl/privileges.js';
import { ACL_KINDS } from '../catalog/acl/privileges.js';
import type { CatalogEntry } from '../catalog/catalog-writer.js';
import { setObjectOwner } from '../catalog/ddl/alter-object.js';
import { changePrivileges, mergeChange, type PrivilegeChange } from '../catalog/ddl/change-privileges.js';
import { changeDefaultAcl, defaultScopeOf } from '../catalog/ddl/default-privileges.js';
import type { ObjectAddress } from '../catalog/ddl/dependencies.js';
import { CLASS, FIRST_UNPINNED_OID } from '../catalog/known-oids.js';
import { sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import { ownsAs } from './access.js';
import { changeSurroundings } from './change-surroundings.js';
import type { DdlContext } from './ddl-context.js';
import { dropAll } from './drop.js';
import { roleOid } from './role-names.js';

/** @throws SqlError 42501, 2BP01 */
export function* dropOwnedStatement(cx: DdlContext, statement: DropOwnedStmt): Task<string> {
  const roles = roleOids(cx, statement.roles, 'drop');
  const owned: ObjectAddress[] = [];
  for (const role of roles) {
    for (const row of dependenciesOn(cx, role)) {
      const object = objectOf(row);
      if (row.text('deptype') === 'o') {
        if (row.number('dbid') !== 0) owned.push(object);
      } else yield* revokeAll(cx, object, role);
    }
  }
  if (owned.length > 0) yield* dropAll(cx, owned, statement.behavior === 'DROP_CASCADE');
  return 'DROP OWNED';
}

/** @throws SqlError 42501 */
export function* reassignOwnedStatement(cx: DdlContext, statement: ReassignOwnedStmt): Task<string> {
  const roles = roleOids(cx, statement.roles, 'reassign');
  const to = roleOid(cx, statement.newrole ?? {});
  if (!ownsAs(cx, to)) throw refused('reassign');
  for (const role of roles) {
    for (const row of dependenciesOn(cx, role)) {
      const object = objectOf(row);
      // Defaults for new objects of a role are its own and go with it.
      if (row.text('deptype') === 'o' && object.classId !== CLASS.pg_default_acl)
        yield* setObjectOwner(cx.writer, object, to);
    }
  }
  return 'REASSIGN OWNED';
}

function refused(verb: string): Error {
  return sqlError('insufficient_privilege', `permission denied to ${verb} objects`);
}

function roleOids(cx: DdlContext, nodes: readonly Node[] | undefined, verb: 'drop' | 'reassign'): number[] {
  const roles = (nodes ?? []).flatMap((node) => ('RoleSpec' in node ? [roleOid(cx, node.RoleSpec)] : []));
  for (const role of roles) if (!ownsAs(cx, role)) throw refused(verb);
  for (const role of roles) {
    if (role >= FIRST_UNPINNED_OID) continue;
    const what = verb === 'drop' ? 'drop objects owned by' : 'reassign ownership of objects owned by';
    const name = cx.view().role(role)?.name ?? '';
    throw sqlError(
      'dependent_objects_still_exist',
      `cannot ${what} role ${name} because they are required by the database system`,
    );
  }
  return roles;
}

function dependenciesOn(cx: DdlContext, role: number): CatalogEntry[] {
  const { database } = cx.writer.catalog;
  return cx.writer
    .find('pg_shdepend_reference_index', [CLASS.pg_authid, role])
    .filter((row) => row.number('dbid') === database || row.number('dbid') === 0);
}

function objectOf(row: CatalogEntry): ObjectAddress {
  return { classId: row.number('classid'), objectId: row.number('objid'), subId: row.number('objsubid') };
}

const KIND_OF_CLASS: ReadonlyMap<number, AclKind> = new Map<number, AclKind>([
  [CLASS.pg_database, 'd'],
  [CLASS.pg_proc, 'f'],
  [CLASS.pg_language, 'l'],
  [CLASS.pg_largeobject, 'L'],
  [CLASS.pg_namespace, 'n'],
  [CLASS.pg_parameter_acl, 'p'],
  [CLASS.pg_tablespace, 't'],
  [CLASS.pg_type, 'T'],
]);

/** Takes everything away that the role was granted on the object. */
function* revokeAll(cx: DdlContext, object: ObjectAddress, role: number): Task<void> {
  const change: PrivilegeChange = {
    isGrant: false,
    grantees: [role],
    privileges: 0,
    all: true,
    grantOption: false,
    behavior: 'cascade',
  };
  if (object.classId === CLASS.pg_default_acl) {
    const scope = defaultScopeOf(cx.writer, object);
    if (scope === undefined) return;
    const all = { ...change, privileges: ACL_KINDS[scope.kind].all };
    yield* changeDefaultAcl(cx.writer, scope, (acl) => mergeChange(acl, all, scope.role, scope.role));
    return;
  }
  const kind = kindOf(cx, object);
  const found = kind === undefined ? undefined : readObjectAcl(cx.writer, kind, object.objectId, object.subId);
  if (kind === undefined || found === undefined) return;
  const denied = (): Error => refused('drop');
  yield* changePrivileges(changeSurroundings(cx, denied), found, { ...change, privileges: ACL_KINDS[kind].all });
}

function kindOf(cx: DdlContext, { classId, objectId, subId }: ObjectAddress): AclKind | undefined {
  if (classId !== CLASS.pg_class) return KIND_OF_CLASS.get(classId);
  if (subId !== 0) return 'c';
  return cx.view().relation(objectId)?.kind === 'S' ? 's' : 'r';
}
