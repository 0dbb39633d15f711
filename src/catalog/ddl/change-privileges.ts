/**
 * GRANT and REVOKE on one object: in whose name it happens, which of the privileges that role may pass on, and the
 * changed list. Warnings are handed to `warn`.
 */
import { sqlError } from '../../errors/sql-error.js';
import { type AclItem, PUBLIC_ROLE } from '../../types/acl/acl-item.js';
import type { Task } from '../../util/task.js';
import { type Acl, bestGrantor, grant, heldOptions, heldPrivileges, type RevokeBehavior, revoke } from '../acl/acl.js';
import { type ObjectAcl, writeObjectAcl } from '../acl/object-acls.js';
import { ACL_KINDS } from '../acl/privileges.js';
import type { CatalogWriter } from '../catalog-writer.js';
import type { CatalogView } from '../descriptors.js';

export interface PrivilegeChange {
  readonly isGrant: boolean;
  /** Role OIDs, PUBLIC_ROLE for everybody. */
  readonly grantees: readonly number[];
  /** Bits; what is not asked for by name counts as asked for silently (`all`). */
  readonly privileges: number;
  readonly all: boolean;
  /** WITH GRANT OPTION, or GRANT OPTION FOR. */
  readonly grantOption: boolean;
  readonly behavior: RevokeBehavior;
}

export interface ChangeSurroundings {
  readonly writer: CatalogWriter;
  readonly view: CatalogView;
  /** The current user. */
  readonly role: number;
  warn(message: string, condition: 'privilege_not_granted' | 'privilege_not_revoked'): void;
  /** The error for a user who has no privilege on the object at all. */
  denied(): Error;
}

/**
 * Changes the list of one object. `wider`: what holds for the object besides its own list (a column's table).
 * @throws SqlError 42501, 0LP01, 2BP01
 */
export function* changePrivileges(
  cx: ChangeSurroundings,
  object: ObjectAcl,
  change: PrivilegeChange,
  wider: Acl = [],
): Task<void> {
  const acl = wider.length === 0 ? object.acl : [...wider, ...object.acl];
  const superuser = cx.view.role(cx.role)?.superuser === true;
  const acting = cx.view.actingRoles(cx.role);
  const { grantor, options } = bestGrantor(acl, cx.role, acting, superuser, object.owner, change.privileges);
  if (options === 0) requireSome(cx, acl, grantor, object);
  const possible = change.privileges & options;
  if (possible === 0 || (!change.all && possible !== change.privileges))
    warnAbout(cx, object, change.isGrant, possible === 0);
  const changed = mergeChange(object.acl, { ...change, privileges: possible }, grantor, object.owner);
  yield* writeObjectAcl(cx.writer, object, changed);
}

/** Applies a change to a list. @throws SqlError 0LP01, 2BP01 */
export function mergeChange(acl: Acl, change: PrivilegeChange, grantor: number, owner: number): Acl {
  const { isGrant, grantOption, privileges } = change;
  let changed = acl;
  for (const grantee of change.grantees) {
    if (isGrant && grantOption && grantee === PUBLIC_ROLE)
      throw sqlError('invalid_grant_operation', 'grant options can only be granted to roles');
    const item: AclItem = {
      grantee,
      grantor,
      privileges: isGrant || !grantOption ? privileges : 0,
      options: !isGrant || grantOption ? privileges : 0,
    };
    changed = isGrant ? grant(changed, item, owner) : revoke(changed, item, owner, change.behavior);
  }
  return changed;
}

/** A grantor without grant options is warned when he holds a privilege on the object, and is refused when he holds none. @throws SqlError 42501 */
function requireSome(cx: ChangeSurroundings, acl: Acl, grantor: number, { kind, owner }: ObjectAcl): void {
  const roles = cx.view.actingRoles(grantor);
  const whole = ACL_KINDS[kind].all;
  if (heldPrivileges(acl, roles, whole) === 0 && heldOptions(acl, roles, owner, whole) === 0) throw cx.denied();
}

function warnAbout(cx: ChangeSurroundings, object: ObjectAcl, isGrant: boolean, none: boolean): void {
  const { kind, address, name } = object;
  const relation = cx.view.relation(address.objectId)?.name ?? '';
  const what = kind === 'c' ? `column "${name}" of relation "${relation}"` : `"${name}"`;
  const count = none ? 'no' : 'not all';
  if (isGrant) cx.warn(`${count} privileges were granted for ${what}`, 'privilege_not_granted');
  else cx.warn(`${count} privileges could be revoked for ${what}`, 'privilege_not_revoked');
}
