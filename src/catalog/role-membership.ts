/** Memberships of roles, followed through any number of steps. The owner of the database is in pg_database_owner. */
import type { CatalogState } from './catalog-state.js';
import type { CatalogView } from './descriptors.js';
import { PG_DATABASE_OWNER } from './known-oids.js';

/** The role and every role that it is a member of. `inherited`: only those whose rights it has without SET ROLE. */
export function rolesOf(state: CatalogState, role: number, inherited: boolean): ReadonlySet<number> {
  const found = new Set([role]);
  const owner = state.rows('pg_database_oid_index', [state.database])[0]?.number('datdba');
  // A set hands out what is added to it while it is walked.
  for (const member of found) {
    if (inherited && state.roles.get(member)?.inherit === false) continue;
    if (member === owner) found.add(PG_DATABASE_OWNER);
    for (const row of state.rows('pg_auth_members_member_role_index', [member])) found.add(row.number('roleid'));
  }
  return found;
}

/** Whether `member` is `role`, or directly or indirectly a member of it; superusers are members of all roles. */
export function isMemberOf(view: CatalogView, member: number, role: number): boolean {
  return member === role || view.role(member)?.superuser === true || view.memberRoles(member).has(role);
}

/** Whether `member` has the privileges of `role` without SET ROLE; superusers have those of all roles. */
export function actsAs(view: CatalogView, member: number, role: number): boolean {
  return member === role || view.role(member)?.superuser === true || view.actingRoles(member).has(role);
}

/** Whether the member may give the role to others. */
export function isAdminOf(view: CatalogView, member: number, role: number): boolean {
  if (view.role(member)?.superuser === true) return true;
  const members = view.memberRoles(member);
  return view
    .rows('pg_auth_members_role_member_index', [role])
    .some((row) => row.boolean('admin_option') && members.has(row.number('member')));
}
