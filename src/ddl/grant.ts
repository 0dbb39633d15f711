/**
 * GRANT and REVOKE of privileges on objects. What happens to one object's list is in catalog/ddl/change-privileges.ts;
 * relations, with their columns, are in grant-relation.ts.
 */
import type { GrantStmt, Node, ObjectType } from '@pgsql/types';
import { permissionDenied } from '../catalog/acl/access-errors.js';
import { type ObjectAcl, readObjectAcl } from '../catalog/acl/object-acls.js';
import { ACL_KINDS, type AclKind } from '../catalog/acl/privileges.js';
import { changePrivileges, type PrivilegeChange } from '../catalog/ddl/change-privileges.js';
import { sqlError } from '../errors/sql-error.js';
import { PUBLIC_ROLE } from '../types/acl/acl-item.js';
import type { Task } from '../util/task.js';
import { changeSurroundings } from './change-surroundings.js';
import type { DdlContext } from './ddl-context.js';
import { GRANTED_KINDS, grantedObjects } from './grant-objects.js';
import { changeRelationPrivileges } from './grant-relation.js';
import { forgetDefaultParameter } from './parameter-acl.js';
import { privilegeList } from './privilege-lists.js';
import { roleOid } from './role-names.js';

/** @throws SqlError 42501, 0LP01, 2BP01, and for names that mean nothing */
export function* grantStatement(cx: DdlContext, statement: GrantStmt): Task<string> {
  if (statement.grantor !== undefined && roleOid(cx, statement.grantor) !== cx.role)
    throw sqlError('feature_not_supported', 'grantor must be current user');
  const type = statement.objtype ?? 'OBJECT_TABLE';
  const facts = GRANTED_KINDS[type];
  if (facts === undefined) throw sqlError('internal_error', `unrecognized GrantStmt.objtype: ${type}`);
  const { kind, word } = facts;
  const objects = yield* grantedObjects(cx, statement);
  const grantees = granteeOids(cx, statement.grantees);
  // Older statements name sequences as tables.
  const valid = ACL_KINDS[kind].all | (kind === 'r' ? ACL_KINDS.s.all : 0);
  const list = privilegeList(statement.privileges, valid, word, type === 'OBJECT_TABLE');
  const change: PrivilegeChange = {
    isGrant: statement.is_grant ?? false,
    grantees,
    privileges: list.privileges,
    all: list.all,
    grantOption: statement.grant_option ?? false,
    behavior: statement.behavior === 'DROP_CASCADE' ? 'cascade' : 'restrict',
  };
  for (const oid of new Set(objects)) {
    if (kind === 'r' || kind === 's') yield* changeRelationPrivileges(cx, oid, kind, change, list.columns);
    else yield* changeObject(cx, type, kind, oid, change);
  }
  return change.isGrant ? 'GRANT' : 'REVOKE';
}

/** Roles of GRANT … TO; PUBLIC is PUBLIC_ROLE. @throws SqlError 42704 */
export function granteeOids(cx: DdlContext, nodes: readonly Node[] | undefined): number[] {
  return (nodes ?? []).flatMap((node) => {
    if (!('RoleSpec' in node)) return [];
    return [node.RoleSpec.roletype === 'ROLESPEC_PUBLIC' ? PUBLIC_ROLE : roleOid(cx, node.RoleSpec)];
  });
}

function* changeObject(
  cx: DdlContext,
  type: ObjectType,
  kind: AclKind,
  oid: number,
  change: PrivilegeChange,
): Task<void> {
  const object = readObjectAcl(cx.writer, kind, oid);
  if (object === undefined) throw new Error(`object ${oid} of kind ${kind} is gone`);
  checkObject(cx, type, object);
  const privileges = change.all ? ACL_KINDS[kind].all : change.privileges;
  const surroundings = changeSurroundings(cx, () => permissionDenied(ACL_KINDS[kind].word, object.name));
  yield* changePrivileges(surroundings, object, { ...change, privileges });
  if (kind === 'p') yield* forgetDefaultParameter(cx, oid);
}

/** @throws SqlError 42809, 0LP01 for objects that no privileges are granted on */
function checkObject(cx: DdlContext, type: ObjectType, object: ObjectAcl): void {
  const { kind, address } = object;
  if (kind === 'l') {
    const language = cx.writer.findOne('pg_language_oid_index', [address.objectId]);
    if (language?.boolean('lanpltrusted') === true) return;
    throw sqlError('wrong_object_type', `language "${object.name}" is not trusted`, {
      detail:
        'GRANT and REVOKE are not allowed on untrusted languages, because only superusers can use untrusted languages.',
    });
  }
  if (kind !== 'T') return;
  const found = cx.view().type(address.objectId);
  if (found?.isArray === true) {
    throw sqlError('invalid_grant_operation', 'cannot set privileges of array types', {
      hint: 'Set the privileges of the element type instead.',
    });
  }
  if (type === 'OBJECT_DOMAIN' && found?.kind !== 'd')
    throw sqlError('wrong_object_type', `"${object.name}" is not a domain`);
}
