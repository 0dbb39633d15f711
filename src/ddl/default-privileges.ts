/** ALTER DEFAULT PRIVILEGES. */
import type { AlterDefaultPrivilegesStmt, GrantStmt, Node, ObjectType } from '@pgsql/types';
import { ACL_KINDS } from '../catalog/acl/privileges.js';
import { mergeChange, type PrivilegeChange } from '../catalog/ddl/change-privileges.js';
import { changeDefaultAcl, type DefaultedKind } from '../catalog/ddl/default-privileges.js';
import { sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import { requireMember } from './access.js';
import type { DdlContext } from './ddl-context.js';
import { granteeOids } from './grant.js';
import { defElems } from './option-values.js';
import { privilegeList } from './privilege-lists.js';
import { schemaOid } from './relation-names.js';
import { roleOid } from './role-names.js';

const KINDS: Partial<Record<ObjectType, readonly [kind: DefaultedKind, word: string]>> = {
  OBJECT_TABLE: ['r', 'relation'],
  OBJECT_SEQUENCE: ['s', 'sequence'],
  OBJECT_FUNCTION: ['f', 'function'],
  OBJECT_PROCEDURE: ['f', 'procedure'],
  OBJECT_ROUTINE: ['f', 'routine'],
  OBJECT_TYPE: ['T', 'type'],
  OBJECT_SCHEMA: ['n', 'schema'],
};

/** @throws SqlError 42501, 0LP01, 42704, 3F000 */
export function* alterDefaultPrivileges(cx: DdlContext, statement: AlterDefaultPrivilegesStmt): Task<string> {
  const action = statement.action ?? {};
  const { kind, change } = defaultsChange(cx, action);
  const roles = listOf(statement, 'roles').map((node) => ('RoleSpec' in node ? roleOid(cx, node.RoleSpec) : cx.role));
  const schemas: number[] = [];
  for (const node of listOf(statement, 'schemas')) {
    if (kind === 'n')
      throw sqlError('invalid_grant_operation', 'cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS');
    schemas.push(yield* schemaOid(cx, 'String' in node ? (node.String.sval ?? '') : ''));
  }
  for (const role of roles.length === 0 ? [cx.role] : roles) {
    requireMember(cx, role);
    for (const schema of schemas.length === 0 ? [0] : schemas)
      yield* changeDefaultAcl(cx.writer, { role, schema, kind }, (acl) => mergeChange(acl, change, role, role));
  }
  return 'ALTER DEFAULT PRIVILEGES';
}

function listOf(statement: AlterDefaultPrivilegesStmt, name: string): readonly Node[] {
  const option = defElems(statement.options).find(({ defname }) => defname === name);
  return option?.arg !== undefined && 'List' in option.arg ? (option.arg.List.items ?? []) : [];
}

function defaultsChange(cx: DdlContext, action: GrantStmt): { kind: DefaultedKind; change: PrivilegeChange } {
  const [kind, word] = KINDS[action.objtype ?? 'OBJECT_TABLE'] ?? ['r', 'relation'];
  const { all } = ACL_KINDS[kind];
  for (const node of action.privileges ?? []) {
    if ('AccessPriv' in node && node.AccessPriv.cols !== undefined)
      throw sqlError('invalid_grant_operation', 'default privileges cannot be set for columns');
  }
  const grantees = granteeOids(cx, action.grantees);
  const list = privilegeList(action.privileges, all, word, false);
  const change: PrivilegeChange = {
    isGrant: action.is_grant ?? false,
    grantees,
    privileges: list.all ? all : list.privileges,
    all: list.all,
    grantOption: action.grant_option ?? false,
    behavior: action.behavior === 'DROP_CASCADE' ? 'cascade' : 'restrict',
  };
  return { kind, change };
}
