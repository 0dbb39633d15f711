/** has_…_privilege and pg_has_role: what a role may do, for every kind of object and form of the arguments. */
import type { AclKind } from '../../catalog/acl/privileges.js';
import {
  columnRights,
  parameterRights,
  procRights,
  type Rights,
  relationRights,
  rowRights,
  schemaRights,
  typeRights,
} from '../../catalog/acl/rights.js';
import type { AttributeDesc, CatalogView, RelationDesc } from '../../catalog/descriptors.js';
import { actsAs, isAdminOf, isMemberOf } from '../../catalog/role-membership.js';
import { sqlError } from '../../errors/sql-error.js';
import type { ConditionName } from '../../errors/sqlstate.js';
import { type CallContext, contextFunctions, type FunctionFamily } from '../../sql/functions/registry.js';
import { PRIVILEGE, PUBLIC_ROLE } from '../../types/acl/acl-item.js';
import type { Datum } from '../../types/datum.js';
import { sessionOf } from './session-of.js';

/** What a call asks for, as bits: one of `privileges` held, or one of `options` held with the grant option, is enough. */
interface Wanted {
  readonly privileges: number;
  readonly options: number;
}

type Names = Readonly<Record<string, number>>;

const { SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER } = PRIVILEGE;
const { EXECUTE, USAGE, CREATE, TEMPORARY, CONNECT } = PRIVILEGE;

const COLUMN: Names = { SELECT, INSERT, UPDATE, REFERENCES };

/** A list of names, each with or without the grant option. @throws SqlError 22023 */
function wantedOf(text: string, names: Names): Wanted {
  let privileges = 0;
  let options = 0;
  for (const part of text.split(',')) {
    const word = part.trim();
    const plain = word.toUpperCase().replace(/ WITH GRANT OPTION$/, '');
    if (!Object.hasOwn(names, plain))
      throw sqlError('invalid_parameter_value', `unrecognized privilege type: "${word}"`);
    if (plain.length === word.length) privileges |= names[plain];
    else options |= names[plain];
  }
  return { privileges, options };
}

function holds(rights: Rights, wanted: Wanted): boolean {
  return (rights.privileges & wanted.privileges) !== 0 || (rights.options & wanted.options) !== 0;
}

/** The OID of a role by name (public is everybody) or OID. @throws SqlError 42704 */
function roleOid(view: CatalogView, role: Datum, publicToo = true): number {
  if (typeof role !== 'string') return Number(role);
  if (publicToo && role === 'public') return PUBLIC_ROLE;
  const found = view.roleByName(role);
  if (found === undefined) throw sqlError('undefined_object', `role "${role}" does not exist`);
  return found.oid;
}

/** Whether the role has one of the `privileges` (a list of names); null when there is no such object. @throws SqlError 22023 */
type Check = (cx: CallContext, role: number, object: Datum, privileges: string) => boolean | null;

function viewOf(cx: CallContext): CatalogView {
  return sessionOf(cx).catalog;
}

function relationOf(cx: CallContext, object: Datum): RelationDesc | undefined {
  const { catalog, types } = sessionOf(cx);
  return catalog.relation(typeof object === 'string' ? types.catalog.regIn('regclass', object) : Number(object));
}

/** Objects with a descriptor. `find`: the OID for a name. */
function described(
  names: Names,
  find: (cx: CallContext, name: string) => number,
  rights: (view: CatalogView, role: number, oid: number) => Rights | undefined,
): Check {
  return (cx, role, object, privileges) => {
    const oid = typeof object === 'string' ? find(cx, object) : Number(object);
    const wanted = wantedOf(privileges, names);
    const held = rights(viewOf(cx), role, oid);
    return held === undefined ? null : holds(held, wanted);
  };
}

/** Objects that are found in a system table by name. */
function named(kind: AclKind, names: Names, word: string, index: string, condition: ConditionName): Check {
  const find = (cx: CallContext, name: string): number => {
    const row = viewOf(cx).rows(index, [name])[0];
    if (row === undefined) throw sqlError(condition, `${word} "${name}" does not exist`);
    return row.number('oid');
  };
  return described(names, find, (view, role, oid) => rowRights(view, role, kind, oid));
}

function reg(kind: 'regtype' | 'regprocedure'): (cx: CallContext, name: string) => number {
  return (cx, name) => sessionOf(cx).types.catalog.regIn(kind, name);
}

function schemaOid(cx: CallContext, name: string): number {
  const found = viewOf(cx).namespaceByName(name);
  if (found === undefined) throw sqlError('invalid_schema_name', `schema "${name}" does not exist`);
  return found.oid;
}

const TABLE: Names = { ...COLUMN, DELETE, TRUNCATE, TRIGGER, RULE: 0 };

const table: Check = (cx, role, object, privileges) => {
  const relation = relationOf(cx, object);
  const wanted = wantedOf(privileges, TABLE);
  return relation === undefined ? null : holds(relationRights(viewOf(cx), role, relation), wanted);
};

const sequence: Check = (cx, role, object, privileges) => {
  const relation = relationOf(cx, object);
  const wanted = wantedOf(privileges, { USAGE, SELECT, UPDATE });
  if (relation === undefined) return null;
  if (relation.kind !== 'S') {
    const shown = typeof object === 'string' ? object : relation.name;
    throw sqlError('wrong_object_type', `"${shown}" is not a sequence`);
  }
  return holds(relationRights(viewOf(cx), role, relation), wanted);
};

const anyColumn: Check = (cx, role, object, privileges) => {
  const relation = relationOf(cx, object);
  const wanted = wantedOf(privileges, COLUMN);
  if (relation === undefined) return null;
  const view = viewOf(cx);
  if (holds(relationRights(view, role, relation), wanted)) return true;
  return relation.attributes.some(
    (column) => !column.dropped && holds(columnRights(view, role, relation, column), wanted),
  );
};

const parameter: Check = (cx, role, object, privileges) => {
  const wanted = wantedOf(privileges, { SET: PRIVILEGE.SET, 'ALTER SYSTEM': PRIVILEGE['ALTER SYSTEM'] });
  return holds(parameterRights(viewOf(cx), role, String(object)), wanted);
};

const CHECKS: Readonly<Record<string, Check>> = {
  table,
  sequence,
  any_column: anyColumn,
  parameter,
  database: named(
    'd',
    { CREATE, TEMPORARY, TEMP: TEMPORARY, CONNECT },
    'database',
    'pg_database_datname_index',
    'undefined_database',
  ),
  language: named('l', { USAGE }, 'language', 'pg_language_name_index', 'undefined_object'),
  tablespace: named('t', { CREATE }, 'tablespace', 'pg_tablespace_spcname_index', 'undefined_object'),
  foreign_data_wrapper: named(
    'F',
    { USAGE },
    'foreign-data wrapper',
    'pg_foreign_data_wrapper_name_index',
    'undefined_object',
  ),
  server: named('S', { USAGE }, 'server', 'pg_foreign_server_name_index', 'undefined_object'),
  function: described({ EXECUTE }, reg('regprocedure'), procRights),
  type: described({ USAGE }, reg('regtype'), typeRights),
  schema: described({ CREATE, USAGE }, schemaOid, schemaRights),
};

type Privilege = (cx: CallContext, ...args: Datum[]) => Datum;

/** The forms with and without a role, by name or OID of role and object. */
function family([kind, check]: [string, Check]): Record<string, Privilege> {
  const name = `has_${kind}_privilege`;
  const own: Privilege = (cx, object, privilege) => check(cx, sessionOf(cx).currentRole, object, String(privilege));
  const other: Privilege = (cx, role, object, privilege) =>
    check(cx, roleOid(viewOf(cx), role), object, String(privilege));
  return {
    [`${name}_id`]: own,
    [`${name}_name`]: own,
    [`${name}_id_id`]: other,
    [`${name}_id_name`]: other,
    [`${name}_name_id`]: other,
    [`${name}_name_name`]: other,
  };
}

/** The column by name or number; undefined for one that was dropped. @throws SqlError 42703 */
function columnOf(relation: RelationDesc, column: Datum): AttributeDesc | undefined {
  if (typeof column === 'number') {
    const found = relation.attributes[column - 1];
    return found?.dropped === true ? undefined : found;
  }
  const found = relation.attributes.find(({ name, dropped }) => name === column && !dropped);
  if (found !== undefined) return found;
  throw sqlError('undefined_column', `column "${String(column)}" of relation "${relation.name}" does not exist`);
}

function hasColumn(cx: CallContext, role: number, object: Datum, name: Datum, privileges: string): boolean | null {
  const relation = relationOf(cx, object);
  const wanted = wantedOf(privileges, COLUMN);
  if (relation === undefined) return null;
  const column = columnOf(relation, name);
  if (column === undefined) return null;
  const view = viewOf(cx);
  return (
    holds(relationRights(view, role, relation), wanted) || holds(columnRights(view, role, relation, column), wanted)
  );
}

function columnFamily(): Record<string, Privilege> {
  const own: Privilege = (cx, object, column, privilege) =>
    hasColumn(cx, sessionOf(cx).currentRole, object, column, String(privilege));
  const other: Privilege = (cx, role, object, column, privilege) =>
    hasColumn(cx, roleOid(viewOf(cx), role), object, column, String(privilege));
  const functions: Record<string, Privilege> = {};
  for (const form of ['id', 'name']) {
    for (const column of ['name', 'attnum']) {
      functions[`has_column_privilege_${form}_${column}`] = own;
      for (const role of ['id', 'name']) functions[`has_column_privilege_${role}_${form}_${column}`] = other;
    }
  }
  return functions;
}

/** Whether the current user has the privileges of the role. */
export function mayActAs(cx: CallContext, role: number): boolean {
  return actsAs(viewOf(cx), sessionOf(cx).currentRole, role);
}

const ADMIN = / WITH (?:GRANT|ADMIN) OPTION$/;

/** MEMBER: through SET ROLE; USAGE: without; with the admin option: whether it may be given on. */
function hasRole(cx: CallContext, member: number, role: Datum, privileges: string): boolean {
  const view = viewOf(cx);
  const oid = roleOid(view, role, false);
  return privileges.split(',').some((part) => {
    const word = part.trim().toUpperCase();
    const plain = word.replace(ADMIN, '');
    if (plain !== 'MEMBER' && plain !== 'USAGE')
      throw sqlError('invalid_parameter_value', `unrecognized privilege type: "${part.trim()}"`);
    if (plain !== word) return isAdminOf(view, member, oid);
    return plain === 'MEMBER' ? isMemberOf(view, member, oid) : actsAs(view, member, oid);
  });
}

const ownRole: Privilege = (cx, role, privilege) => hasRole(cx, sessionOf(cx).currentRole, role, String(privilege));
const otherRole: Privilege = (cx, member, role, privilege) =>
  hasRole(cx, roleOid(viewOf(cx), member, false), role, String(privilege));

export const privilegeFunctions: FunctionFamily = contextFunctions({
  ...Object.assign({}, ...Object.entries(CHECKS).map(family)),
  ...columnFamily(),
  pg_has_role_id: ownRole,
  pg_has_role_name: ownRole,
  pg_has_role_id_id: otherRole,
  pg_has_role_id_name: otherRole,
  pg_has_role_name_id: otherRole,
  pg_has_role_name_name: otherRole,
});
