/** Memberships of roles, followed through any number of steps. The owner of the database is in pg_database_owner. */
import type { CatalogView } from './descriptors.js';

const PG_DATABASE_OWNER = 6171;

/** The role and every role that it is a member of. `inherited`: only those whose rights it has without SET ROLE. */
export function rolesOf(view: CatalogView, role: number, inherited: boolean): ReadonlySet<number> {
  const found = new Set([role]);
  const owner = view
    .rows('pg_database_oid_index', [])
    .find((row) => !row.boolean('datistemplate'))
    ?.number('datdba');
  // A set hands out what is added to it while it is walked.
  for (const member of found) {
    if (member === owner) found.add(PG_DATABASE_OWNER);
    if (inherited && view.role(member)?.inherit === false) continue;
    for (const row of view.rows('pg_auth_members_member_role_index', [member])) found.add(row.number('roleid'));
  }
  return found;
}

/** Whether `member` is `role`, or directly or indirectly a member of it. */
export function isMemberOf(view: CatalogView, member: number, role: number): boolean {
  return member === role || rolesOf(view, member, false).has(role);
}
