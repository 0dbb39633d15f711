/** CREATE, ALTER and DROP ROLE, and memberships. */
import type { AlterRoleStmt, CreateRoleStmt, DefElem, DropRoleStmt, GrantRoleStmt, Node } from '@pgsql/types';
import { alterRole, createRole, dropRole, grantRole, type RoleAttributes, revokeRole } from '../catalog/ddl/roles.js';
import { sqlError } from '../errors/sql-error.js';
import * as oids from '../types/oids.js';
import type { Task } from '../util/task.js';
import type { DdlContext } from './ddl-context.js';
import { defElems, optionBoolean, optionInteger, optionText, redundantOption } from './option-values.js';
import { roleName, roleOid } from './role-names.js';
import {
  refuseImplicitMembership,
  requireAlterer,
  requireCreator,
  requireDropperOf,
  requireGiver,
  requireMayDropRoles,
} from './role-rights.js';
import { skipMissing } from './skipping.js';

const FLAGS: Readonly<Record<string, keyof RoleAttributes>> = {
  superuser: 'superuser',
  inherit: 'inherit',
  createrole: 'createRole',
  createdb: 'createDb',
  canlogin: 'canLogin',
  isreplication: 'replication',
  bypassrls: 'bypassRls',
};

interface RoleOptions {
  readonly attributes: RoleAttributes;
  readonly memberOf: readonly Node[];
  readonly members: readonly Node[];
  readonly admins: readonly Node[];
}

function roleOptions(cx: DdlContext, role: string, nodes: readonly Node[] | undefined): RoleOptions {
  let attributes: RoleAttributes = {};
  const lists: Record<string, readonly Node[]> = {};
  const seen = new Set<string>();
  for (const option of defElems(nodes)) {
    const name = option.defname ?? '';
    if (seen.has(name)) throw redundantOption(cx, option);
    seen.add(name);
    const flag = FLAGS[name];
    if (flag !== undefined) attributes = { ...attributes, [flag]: optionBoolean(option) };
    else if (name === 'connectionlimit') attributes = { ...attributes, connectionLimit: connectionLimit(option) };
    else if (name === 'password') attributes = { ...attributes, password: password(cx, role, optionText(option)) };
    else if (name === 'validUntil') attributes = { ...attributes, validUntil: validUntil(cx, optionText(option)) };
    else if (option.arg !== undefined && 'List' in option.arg) lists[name] = option.arg.List.items ?? [];
  }
  const { addroleto = [], rolemembers = [], adminmembers = [] } = lists;
  return { attributes, memberOf: addroleto, members: rolemembers, admins: adminmembers };
}

/** What is kept of a password, which may be encrypted already. Null removes it. */
function password(cx: DdlContext, role: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  const stored = cx.storedPassword(text, role);
  if (stored === null) cx.notice('NOTICE', 'empty string is not a valid password, clearing password');
  return stored;
}

function connectionLimit(option: DefElem): number {
  const limit = Number(optionInteger(option));
  if (limit < -1) throw sqlError('invalid_parameter_value', `invalid connection limit: ${limit}`);
  return limit;
}

function validUntil(cx: DdlContext, text: string | undefined) {
  return text === undefined ? null : cx.exec.types.codec(oids.TIMESTAMPTZ).parse(text, cx.exec.types, -1);
}

export function* createRoleStatement(cx: DdlContext, statement: CreateRoleStmt): Task<string> {
  const name = statement.role ?? '';
  if (name.startsWith('pg_')) {
    throw sqlError('reserved_name', `role name "${name}" is reserved`, {
      detail: 'Role names starting with "pg_" are reserved.',
    });
  }
  const { attributes, memberOf, members, admins } = roleOptions(cx, name, statement.options);
  requireCreator(cx, attributes);
  const canLogin = attributes.canLogin ?? statement.stmt_type === 'ROLESTMT_USER';
  const oid = yield* createRole(cx.writer, name, { ...attributes, canLogin });
  for (const role of roles(cx, memberOf)) yield* grantRole(cx.writer, role, oid, cx.role, false);
  for (const member of roles(cx, members)) yield* grantRole(cx.writer, oid, member, cx.role, false);
  for (const member of roles(cx, admins)) yield* grantRole(cx.writer, oid, member, cx.role, true);
  return 'CREATE ROLE';
}

function roles(cx: DdlContext, nodes: readonly Node[]): number[] {
  return nodes.flatMap((node) => {
    if ('RoleSpec' in node) return [roleOid(cx, node.RoleSpec)];
    if ('AccessPriv' in node)
      return [roleOid(cx, { roletype: 'ROLESPEC_CSTRING', rolename: node.AccessPriv.priv_name })];
    return [];
  });
}

export function* alterRoleStatement(cx: DdlContext, statement: AlterRoleStmt): Task<string> {
  const role = roleOid(cx, statement.role ?? {});
  const found = cx.view().role(role);
  const { attributes, members } = roleOptions(cx, found?.name ?? '', statement.options);
  if (found !== undefined) requireAlterer(cx, found, attributes, members.length > 0);
  // ALTER GROUP adds (1) or drops (-1) members.
  for (const member of roles(cx, members)) {
    if (statement.action === -1) yield* revokeRole(cx.writer, role, member, false);
    else yield* grantRole(cx.writer, role, member, cx.role, false);
  }
  if (Object.keys(attributes).length > 0) yield* alterRole(cx.writer, role, attributes);
  return 'ALTER ROLE';
}

export function* dropRoleStatement(cx: DdlContext, statement: DropRoleStmt): Task<string> {
  requireMayDropRoles(cx);
  for (const node of statement.roles ?? []) {
    if (!('RoleSpec' in node)) continue;
    const name = roleName(cx, node.RoleSpec);
    const role = cx.view().roleByName(name);
    if (role === undefined) {
      skipMissing(cx, statement.missing_ok, sqlError('undefined_object', `role "${name}" does not exist`));
      continue;
    }
    if (role.oid === cx.role) throw sqlError('object_in_use', 'current user cannot be dropped');
    if (role.name === cx.exec.session.sessionUser) throw sqlError('object_in_use', 'session user cannot be dropped');
    requireDropperOf(cx, role);
    if (role.oid < 16384) {
      throw sqlError(
        'dependent_objects_still_exist',
        `cannot drop role ${name} because it is required by the database system`,
      );
    }
    yield* dropRole(cx.writer, cx.view(), role.oid);
  }
  return 'DROP ROLE';
}

export function* grantRoleStatement(cx: DdlContext, statement: GrantRoleStmt): Task<string> {
  const admin = statement.admin_opt ?? false;
  const grantor = statement.grantor === undefined ? cx.role : roleOid(cx, statement.grantor);
  for (const role of roles(cx, statement.granted_roles ?? [])) {
    requireGiver(cx, role, grantor);
    for (const member of roles(cx, statement.grantee_roles ?? [])) {
      const names = [cx.view().role(member)?.name, cx.view().role(role)?.name];
      if (statement.is_grant) {
        refuseImplicitMembership(cx, role, member);
        if (isMember(cx, role, member)) {
          throw sqlError('invalid_grant_operation', `role "${names[1]}" is a member of role "${names[0]}"`);
        }
        const changed = yield* grantRole(cx.writer, role, member, grantor, admin);
        if (!changed) cx.notice('NOTICE', `role "${names[0]}" is already a member of role "${names[1]}"`);
      } else {
        const changed = yield* revokeRole(cx.writer, role, member, admin);
        if (!changed) cx.notice('WARNING', `role "${names[0]}" is not a member of role "${names[1]}"`);
      }
    }
  }
  return statement.is_grant ? 'GRANT ROLE' : 'REVOKE ROLE';
}

/** Whether `role` is in `group`, directly or not. */
function isMember(cx: DdlContext, role: number, group: number): boolean {
  if (role === group) return true;
  const rows = cx.writer.find('pg_auth_members_member_role_index', [role]);
  return rows.some((row) => isMember(cx, row.number('roleid'), group));
}
