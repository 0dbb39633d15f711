/** Role specifications: names, CURRENT_USER and friends. */
import type { RoleSpec } from '@pgsql/types';
import { sqlError } from '../errors/sql-error.js';
import type { DdlContext } from './ddl-context.js';

/** The name that a specification stands for; `public` for PUBLIC. */
export function roleName(cx: DdlContext, spec: RoleSpec): string {
  switch (spec.roletype) {
    case 'ROLESPEC_CURRENT_ROLE':
    case 'ROLESPEC_CURRENT_USER':
      return cx.roleName;
    case 'ROLESPEC_SESSION_USER':
      return cx.exec.session.sessionUser;
    case 'ROLESPEC_PUBLIC':
      return 'public';
    default:
      return spec.rolename ?? '';
  }
}

/** Throws 42704 `role "x" does not exist`. */
export function roleOid(cx: DdlContext, spec: RoleSpec): number {
  const name = roleName(cx, spec);
  const role = cx.view().roleByName(name);
  if (role !== undefined) return role.oid;
  throw sqlError('undefined_object', `role "${name}" does not exist`);
}
