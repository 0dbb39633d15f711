/**
 * Who a session is: the role that logged in, the session's role (SET SESSION AUTHORIZATION) and the current one (SET
 * ROLE). Both are settings, so transactions and savepoints undo them; here they are checked and take effect.
 */
import type { CatalogView, RoleDesc } from '../catalog/descriptors.js';
import { isMemberOf } from '../catalog/role-membership.js';
import { sqlError } from '../errors/sql-error.js';

export interface SessionIdentity {
  readonly backendPid: number;
  /** The role that logged in. */
  readonly login: RoleDesc;
  sessionUser: string;
  currentUser: string;
  currentRole: number;
  superuser: boolean;
}

export const ROLE_SETTINGS: readonly string[] = ['role', 'session_authorization'];

export class SessionRoles {
  readonly identity: SessionIdentity;
  /** Roles that have been set: taking effect must not need the catalogs, which a failed transaction cannot read. */
  private readonly known = new Map<string, RoleDesc>();

  constructor(
    backendPid: number,
    readonly login: RoleDesc,
    private readonly catalog: () => CatalogView,
  ) {
    this.known.set(login.name, login);
    this.identity = {
      backendPid,
      login,
      sessionUser: login.name,
      currentUser: login.name,
      currentRole: login.oid,
      superuser: login.superuser,
    };
  }

  /**
   * Whether the parameter may have the value. Returns the value.
   * @throws SqlError 22023 for a role that does not exist, 42501 for one that the user may not become
   */
  check(name: string, value: string): string {
    if (name === 'role' && value === 'none') return value;
    const role = this.catalog().roleByName(value);
    if (role === undefined) throw sqlError('invalid_parameter_value', `role "${value}" does not exist`);
    if (name === 'role') this.checkMember(role);
    else if (!this.login.superuser && role.oid !== this.login.oid)
      throw sqlError('insufficient_privilege', 'permission denied to set session authorization');
    this.known.set(value, role);
    return value;
  }

  private checkMember(role: RoleDesc): void {
    const user = this.known.get(this.identity.sessionUser) ?? this.login;
    if (user.superuser || isMemberOf(this.catalog(), user.oid, role.oid)) return;
    throw sqlError('insufficient_privilege', `permission denied to set role "${role.name}"`);
  }

  /** Lets the two settings take effect. */
  apply(sessionAuthorization: string, role: string): void {
    const { identity, login, known } = this;
    const user = known.get(sessionAuthorization) ?? login;
    const current = role === 'none' ? user : (known.get(role) ?? user);
    identity.sessionUser = user.name;
    identity.currentUser = current.name;
    identity.currentRole = current.oid;
    identity.superuser = current.superuser;
  }
}
