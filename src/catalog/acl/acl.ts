/**
 * Access control lists: who has what, adding, taking away and passing on. Pure functions of lists and of a role's
 * memberships; where lists are stored is known to object-acls.ts. The owner's privileges are items like others, but the
 * owner may always pass them on.
 */
import { sqlError } from '../../errors/sql-error.js';
import { type AclItem, PUBLIC_ROLE } from '../../types/acl/acl-item.js';

export type Acl = readonly AclItem[];

export type RevokeBehavior = 'restrict' | 'cascade';

/** Bits of `wanted` that one of `roles` has. `roles` is what the user acts as; the owner's options need no items. */
export function heldPrivileges(acl: Acl, roles: ReadonlySet<number>, wanted: number): number {
  let held = 0;
  for (const item of acl) if (item.grantee === PUBLIC_ROLE || roles.has(item.grantee)) held |= item.privileges;
  return held & wanted;
}

/** Bits of `wanted` that one of `roles` may pass on. */
export function heldOptions(acl: Acl, roles: ReadonlySet<number>, owner: number, wanted: number): number {
  if (roles.has(owner)) return wanted;
  let held = 0;
  for (const item of acl) if (roles.has(item.grantee)) held |= item.options;
  return held & wanted;
}

export interface AclChange {
  readonly grantee: number;
  readonly grantor: number;
  readonly privileges: number;
  readonly options: number;
}

/** Adds what an item lacks. @throws SqlError 0LP01 when options would go in a circle */
export function grant(acl: Acl, change: AclChange, owner: number): Acl {
  if (change.options !== 0) refuseCircle(acl, change, owner);
  return changeItem(acl, change, (item) => ({
    ...item,
    privileges: item.privileges | change.privileges,
    options: item.options | change.options,
  }));
}

/**
 * Takes away privileges and options; those who got theirs through lost options lose them too ('cascade').
 * @throws SqlError 2BP01 `dependent privileges exist` with 'restrict'
 */
export function revoke(acl: Acl, change: AclChange, owner: number, behavior: RevokeBehavior): Acl {
  const before = acl.find((item) => isSameGrant(item, change))?.options ?? 0;
  const left = changeItem(acl, change, (item) => ({
    ...item,
    privileges: item.privileges & ~change.privileges,
    options: item.options & ~change.options,
  }));
  const lost = before & change.options;
  return lost === 0 ? left : revokeDependents(left, change.grantee, lost, owner, behavior);
}

function isSameGrant(a: { grantee: number; grantor: number }, b: { grantee: number; grantor: number }): boolean {
  return a.grantee === b.grantee && a.grantor === b.grantor;
}

function changeItem(acl: Acl, change: AclChange, make: (item: AclItem) => AclItem): Acl {
  const { grantee, grantor } = change;
  const known = acl.some((item) => isSameGrant(item, change));
  const all = known ? acl : [...acl, { grantee, grantor, privileges: 0, options: 0 }];
  return all
    .map((item) => (isSameGrant(item, change) ? make(item) : item))
    .filter((item) => item.privileges !== 0 || item.options !== 0);
}

function revokeDependents(acl: Acl, grantee: number, lost: number, owner: number, behavior: RevokeBehavior): Acl {
  if (grantee === owner) return acl;
  const still = heldOptions(acl, new Set([grantee]), owner, lost);
  const gone = lost & ~still;
  let left = acl;
  for (;;) {
    const dependent = left.find((item) => item.grantor === grantee && (item.privileges & gone) !== 0);
    if (gone === 0 || dependent === undefined) return left;
    if (behavior === 'restrict') {
      throw sqlError('dependent_objects_still_exist', 'dependent privileges exist', {
        hint: 'Use CASCADE to revoke them too.',
      });
    }
    left = revoke(left, { ...dependent, privileges: gone, options: gone }, owner, behavior);
  }
}

/** Options that came from the grantee must not come back to it: without them the grantor has to have the rights still. */
function refuseCircle(acl: Acl, change: AclChange, owner: number): void {
  if (change.grantor === owner) return;
  let without = acl;
  for (;;) {
    const item = without.find(({ grantee, options }) => grantee === change.grantee && options !== 0);
    if (item === undefined) break;
    without = revoke(without, { ...item, privileges: 0 }, owner, 'cascade');
  }
  const own = heldOptions(without, new Set([change.grantor]), owner, change.options);
  if (own !== change.options)
    throw sqlError('invalid_grant_operation', 'grant options cannot be granted back to your own grantor');
}

/** The list after the object has got another owner: what the old one had and gave is the new one's. */
export function withOwner(acl: Acl, from: number, to: number): Acl {
  const merged: AclItem[] = [];
  const renamed = (role: number): number => (role === from ? to : role);
  for (const item of acl) {
    const next = { ...item, grantee: renamed(item.grantee), grantor: renamed(item.grantor) };
    const at = merged.findIndex((other) => isSameGrant(other, next));
    if (at < 0) merged.push(next);
    else {
      const other = merged[at];
      merged[at] = {
        ...other,
        privileges: other.privileges | next.privileges,
        options: other.options | next.options,
      };
    }
  }
  return merged;
}

/** The roles that a list names, PUBLIC left out. */
export function aclMembers(acl: Acl): ReadonlySet<number> {
  return new Set(acl.flatMap(({ grantee, grantor }) => [grantee, grantor]).filter((role) => role !== PUBLIC_ROLE));
}

/**
 * In whose name a user grants: the owner's where the user acts as the owner, otherwise that of the role with most of the
 * options. `acting`: the user and the roles that it acts as, nearest first.
 */
export function bestGrantor(
  acl: Acl,
  user: number,
  acting: Iterable<number>,
  superuser: boolean,
  owner: number,
  wanted: number,
): { readonly grantor: number; readonly options: number } {
  if (superuser || user === owner) return { grantor: owner, options: wanted };
  let best = { grantor: user, options: 0 };
  for (const role of acting) {
    const options = heldOptions(acl, new Set([role]), owner, wanted);
    if (options === wanted) return { grantor: role, options };
    if (bitCount(options) > bitCount(best.options)) best = { grantor: role, options };
  }
  return best;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
