/**
 * has_…_privilege and pg_has_role. Privileges other than those of superusers and owners are not kept yet: members of a
 * superuser role have all of them, others those of the objects they own and what PUBLIC has by default.
 */
import { isMemberOf } from '../../catalog/role-membership.js';
import { sqlError } from '../../errors/sql-error.js';
import { type CallContext, contextFunctions, type FunctionFamily } from '../../sql/functions/registry.js';
import type { Datum } from '../../types/datum.js';
import { sessionOf } from './session-of.js';

type Kind =
  | 'table'
  | 'sequence'
  | 'any_column'
  | 'column'
  | 'database'
  | 'function'
  | 'language'
  | 'schema'
  | 'type'
  | 'tablespace'
  | 'foreign_data_wrapper'
  | 'server'
  | 'parameter';

/** What everybody may do unless it is revoked (documentation, table 5.2). */
const PUBLIC: Record<Kind, readonly string[]> = {
  table: [],
  sequence: [],
  any_column: [],
  column: [],
  database: ['CONNECT', 'TEMPORARY', 'TEMP'],
  function: ['EXECUTE'],
  language: ['USAGE'],
  schema: [],
  type: ['USAGE'],
  tablespace: [],
  foreign_data_wrapper: [],
  server: [],
  parameter: [],
};

function roleOf(cx: CallContext, role: Datum): { superuser: boolean; oid: number } {
  const { catalog } = sessionOf(cx);
  const found = typeof role === 'string' ? catalog.roleByName(role) : catalog.role(Number(role));
  if (found === undefined && typeof role === 'string')
    throw sqlError('undefined_object', `role "${role}" does not exist`);
  return found ?? { superuser: false, oid: Number(role) };
}

function currentRole(cx: CallContext): { superuser: boolean; oid: number } {
  return roleOf(cx, cx.session.currentUser);
}

/** The owner of the object, undefined when there is no such object. */
function ownerOf(cx: CallContext, kind: Kind, object: Datum): number | undefined {
  const { catalog, types } = sessionOf(cx);
  switch (kind) {
    case 'table':
    case 'sequence':
    case 'any_column':
    case 'column':
      return catalog.relation(typeof object === 'string' ? types.catalog.regIn('regclass', object) : Number(object))
        ?.owner;
    case 'function':
      return catalog.proc(typeof object === 'string' ? types.catalog.regIn('regprocedure', object) : Number(object))
        ?.owner;
    case 'schema':
      return (
        typeof object === 'string'
          ? catalog.namespace(types.catalog.regIn('regnamespace', object))
          : catalog.namespace(Number(object))
      )?.owner;
    case 'type':
      return catalog.type(typeof object === 'string' ? types.catalog.regIn('regtype', object) : Number(object))?.owner;
    default:
      return 10;
  }
}

function has(
  cx: CallContext,
  kind: Kind,
  role: { superuser: boolean; oid: number },
  object: Datum,
  privileges: string,
): boolean | null {
  const owner = ownerOf(cx, kind, object);
  if (owner === undefined) return null;
  if (role.superuser || role.oid === owner) return true;
  const { catalog } = sessionOf(cx);
  const granted = new Set(PUBLIC[kind]);
  const system =
    kind === 'schema' &&
    ['pg_catalog', 'information_schema', 'public'].includes(catalog.namespace(Number(object))?.name ?? String(object));
  if (system) granted.add('USAGE');
  const systemTable =
    (kind === 'table' || kind === 'any_column' || kind === 'column') && typeof object === 'number' && object < 16384;
  if (systemTable) granted.add('SELECT');
  return privileges.split(',').some((name) =>
    granted.has(
      name
        .trim()
        .toUpperCase()
        .replace(/ WITH GRANT OPTION$/, ''),
    ),
  );
}

type Privilege = (cx: CallContext, ...args: Datum[]) => Datum;

function family(kind: Kind): Record<string, Privilege> {
  const name = `has_${kind}_privilege`;
  const own: Privilege = (cx, object, privilege) => has(cx, kind, currentRole(cx), object, String(privilege));
  const other: Privilege = (cx, role, object, privilege) => has(cx, kind, roleOf(cx, role), object, String(privilege));
  return {
    [`${name}_id`]: own,
    [`${name}_name`]: own,
    [`${name}_id_id`]: other,
    [`${name}_id_name`]: other,
    [`${name}_name_id`]: other,
    [`${name}_name_name`]: other,
  };
}

function columnFamily(): Record<string, Privilege> {
  const own: Privilege = (cx, table, _column, privilege) =>
    has(cx, 'column', currentRole(cx), table, String(privilege));
  const other: Privilege = (cx, role, table, _column, privilege) =>
    has(cx, 'column', roleOf(cx, role), table, String(privilege));
  const functions: Record<string, Privilege> = {};
  for (const table of ['id', 'name']) {
    for (const column of ['name', 'attnum']) {
      functions[`has_column_privilege_${table}_${column}`] = own;
      for (const role of ['id', 'name']) functions[`has_column_privilege_${role}_${table}_${column}`] = other;
    }
  }
  return functions;
}

function hasRole(cx: CallContext, member: { superuser: boolean; oid: number }, role: Datum): boolean {
  return member.superuser || isMemberOf(sessionOf(cx).catalog, member.oid, roleOf(cx, role).oid);
}

/** Whether the current user is, or is a member of, the role. */
export function mayActAs(cx: CallContext, role: number): boolean {
  return hasRole(cx, currentRole(cx), role);
}

const ownRole: Privilege = (cx, role) => hasRole(cx, currentRole(cx), role);
const otherRole: Privilege = (cx, member, role) => hasRole(cx, roleOf(cx, member), role);

const KINDS: readonly Kind[] = [
  'table',
  'sequence',
  'any_column',
  'database',
  'function',
  'language',
  'schema',
  'type',
  'tablespace',
  'foreign_data_wrapper',
  'server',
  'parameter',
];

export const privilegeFunctions: FunctionFamily = contextFunctions({
  ...Object.assign({}, ...KINDS.map(family)),
  ...columnFamily(),
  pg_has_role_id: ownRole,
  pg_has_role_name: ownRole,
  pg_has_role_id_id: otherRole,
  pg_has_role_id_name: otherRole,
  pg_has_role_name_id: otherRole,
  pg_has_role_name_name: otherRole,
});
