/** Who may create, alter, drop and give away roles. Errors are 42501. */

import type { RoleAttributes } from '../catalog/ddl/roles.js';
import type { RoleDesc } from '../catalog/descriptors.js';
import { PG_DATABASE_OWNER } from '../catalog/known-oids.js';
import { isAdminOf } from '../catalog/role-membership.js';
import { sqlError } from '../errors/sql-error.js';
import { isSuperuser } from './access.js';
import type { DdlContext } from './ddl-context.js';

function refuse(message: string): never {
  throw sqlError('insufficient_privilege', message);
}

function mayCreateRoles(cx: DdlContext): boolean {
  return isSuperuser(cx) || cx.view().role(cx.role)?.createRole === true;
}

export function requireCreator(cx: DdlContext, attributes: RoleAttributes): void {
  if (isSuperuser(cx)) return;
  if (attributes.superuser) refuse('must be superuser to create superusers');
  if (attributes.replication) refuse('must be superuser to create replication users');
  if (attributes.bypassRls) refuse('must be superuser to create bypassrls users');
  if (!mayCreateRoles(cx)) refuse('permission denied to create role');
}

/** `changesMembers`: ALTER GROUP. Everybody may change the own password. */
export function requireAlterer(
  cx: DdlContext,
  role: RoleDesc,
  attributes: RoleAttributes,
  changesMembers: boolean,
): void {
  if (isSuperuser(cx)) return;
  if (attributes.superuser !== undefined || role.superuser)
    refuse('must be superuser to alter superuser roles or change superuser attribute');
  if (attributes.replication !== undefined || role.replication)
    refuse('must be superuser to alter replication roles or change replication attribute');
  if (attributes.bypassRls !== undefined) refuse('must be superuser to change bypassrls attribute');
  if (mayCreateRoles(cx)) return;
  const { password, ...others } = attributes;
  const ownPassword = typeof password === 'string' && role.oid === cx.role;
  if (changesMembers || Object.keys(others).length > 0 || !ownPassword) refuse('permission denied');
}

export function requireMayDropRoles(cx: DdlContext): void {
  if (!mayCreateRoles(cx)) refuse('permission denied to drop role');
}

export function requireDropperOf(cx: DdlContext, role: RoleDesc): void {
  if (role.superuser && !isSuperuser(cx)) refuse('must be superuser to drop superusers');
}

export function requireRenamer(cx: DdlContext, role: RoleDesc): void {
  if (role.superuser && !isSuperuser(cx)) refuse('must be superuser to rename superusers');
  if (!mayCreateRoles(cx)) refuse('permission denied to rename role');
}

/** Giving and taking memberships. `grantor`: the role of GRANTED BY. */
export function requireGiver(cx: DdlContext, role: number, grantor: number): void {
  const view = cx.view();
  const found = view.role(role);
  if (found?.superuser === true && !isSuperuser(cx)) refuse('must be superuser to alter superusers');
  if (found?.superuser !== true && !mayCreateRoles(cx) && !isAdminOf(view, grantor, role))
    refuse(`must have admin option on role "${found?.name ?? ''}"`);
  if (grantor !== cx.role && !isSuperuser(cx)) refuse('must be superuser to set grantor');
}

/** The owner of the database is the only member of pg_database_owner, which is in no role. */
export function refuseImplicitMembership(cx: DdlContext, role: number, member: number): void {
  const name = (oid: number): string => cx.view().role(oid)?.name ?? '';
  if (role === PG_DATABASE_OWNER) throw sqlError('internal_error', `role "${name(role)}" cannot have explicit members`);
  if (member === PG_DATABASE_OWNER)
    throw sqlError('internal_error', `role "${name(member)}" cannot be a member of any role`);
}
