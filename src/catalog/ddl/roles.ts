/**
 * Roles and their memberships.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { Datum } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import type { CatalogEntry, CatalogWriter } from '../catalog-writer.js';
import type { CatalogView } from '../descriptors.js';
import { CLASS } from '../known-oids.js';
import { describeObject } from './object-description.js';

/** Attributes of a role; those not given keep their value, or for a new role are the default of CREATE ROLE. */
export interface RoleAttributes {
  readonly superuser?: boolean;
  readonly inherit?: boolean;
  readonly createRole?: boolean;
  readonly createDb?: boolean;
  readonly canLogin?: boolean;
  readonly replication?: boolean;
  readonly bypassRls?: boolean;
  readonly connectionLimit?: number;
  /** As pg_authid holds it (a SCRAM or MD5 verifier), null to remove it. */
  readonly password?: string | null;
  /** timestamptz, null for none. */
  readonly validUntil?: Datum;
}

const COLUMNS: Readonly<Record<keyof RoleAttributes, string>> = {
  superuser: 'rolsuper',
  inherit: 'rolinherit',
  createRole: 'rolcreaterole',
  createDb: 'rolcreatedb',
  canLogin: 'rolcanlogin',
  replication: 'rolreplication',
  bypassRls: 'rolbypassrls',
  connectionLimit: 'rolconnlimit',
  password: 'rolpassword',
  validUntil: 'rolvaliduntil',
};

const DEFAULTS: Readonly<Record<string, Datum>> = {
  rolsuper: false,
  rolinherit: true,
  rolcreaterole: false,
  rolcreatedb: false,
  rolcanlogin: false,
  rolreplication: false,
  rolbypassrls: false,
  rolconnlimit: -1,
  rolpassword: null,
  rolvaliduntil: null,
};

function columnValues(attributes: RoleAttributes): Record<string, Datum> {
  const values: Record<string, Datum> = {};
  for (const [key, value] of Object.entries(attributes)) {
    const column = COLUMNS[key as keyof RoleAttributes];
    if (value !== undefined) values[column] = value;
  }
  return values;
}

/** Returns the OID. Throws 42710 when the name is taken. */
export function* createRole(writer: CatalogWriter, name: string, attributes: RoleAttributes): Task<number> {
  if (writer.findOne('pg_authid_rolname_index', [name]) !== undefined) {
    throw sqlError('duplicate_object', `role "${name}" already exists`);
  }
  const oid = writer.allocateOid();
  yield* writer.insert('pg_authid', { ...DEFAULTS, ...columnValues(attributes), oid, rolname: name });
  return oid;
}

export function* alterRole(writer: CatalogWriter, role: number, attributes: RoleAttributes): Task<void> {
  yield* writer.update(roleRow(writer, role), columnValues(attributes));
}

export function* renameRole(writer: CatalogWriter, role: number, name: string): Task<void> {
  if (writer.findOne('pg_authid_rolname_index', [name]) !== undefined) {
    throw sqlError('duplicate_object', `role "${name}" already exists`);
  }
  yield* writer.update(roleRow(writer, role), { rolname: name });
}

/** A line for each other database in which something depends on the role. */
function elsewhere(writer: CatalogWriter, dependencies: readonly CatalogEntry[]): string[] {
  const counts = new Map<number, number>();
  for (const row of dependencies) counts.set(row.number('dbid'), (counts.get(row.number('dbid')) ?? 0) + 1);
  return [...counts].map(([database, count]) => {
    const name = writer.findOne('pg_database_oid_index', [database])?.text('datname') ?? String(database);
    return `${count} ${count === 1 ? 'object' : 'objects'} in database ${name}`;
  });
}

/** Throws 2BP01, with what the role owns, when something depends on it. */
export function* dropRole(writer: CatalogWriter, view: CatalogView, role: number): Task<void> {
  const row = roleRow(writer, role);
  const owned = writer
    .find('pg_shdepend_reference_index', [CLASS.pg_authid, role])
    .sort((a, b) => a.number('objid') - b.number('objid') || a.number('objsubid') - b.number('objsubid'));
  if (owned.length > 0) {
    const isHere = (dependency: CatalogEntry): boolean =>
      [0, writer.catalog.database].includes(dependency.number('dbid'));
    const lines = owned.filter(isHere).map((dependency) => {
      const object = {
        classId: dependency.number('classid'),
        objectId: dependency.number('objid'),
        subId: dependency.number('objsubid'),
      };
      const what = describeObject(view, object) ?? `object ${object.classId}/${object.objectId}`;
      return dependency.text('deptype') === 'o' ? `owner of ${what}` : `privileges for ${what}`;
    });
    lines.push(
      ...elsewhere(
        writer,
        owned.filter((dependency) => !isHere(dependency)),
      ),
    );
    throw sqlError(
      'dependent_objects_still_exist',
      `role "${row.text('rolname')}" cannot be dropped because some objects depend on it`,
      { detail: lines.join('\n') },
    );
  }
  yield* writer.deleteAll('pg_auth_members_role_member_index', [role]);
  yield* writer.deleteAll('pg_auth_members_member_role_index', [role]);
  for (const row of writer.scan('pg_db_role_setting')) if (row.number('setrole') === role) yield* writer.delete(row);
  yield* writer.delete(row);
}

/** GRANT role TO member. Returns false when that was so already (the caller gives the NOTICE). */
export function* grantRole(
  writer: CatalogWriter,
  role: number,
  member: number,
  grantor: number,
  admin: boolean,
): Task<boolean> {
  const existing = writer.findOne('pg_auth_members_role_member_index', [role, member]);
  if (existing === undefined) {
    yield* writer.insert('pg_auth_members', { roleid: role, member, grantor, admin_option: admin });
    return true;
  }
  if (!admin || existing.boolean('admin_option')) return false;
  yield* writer.update(existing, { admin_option: true });
  return true;
}

/** REVOKE role FROM member, or only the admin option. Returns false when there was nothing to revoke. */
export function* revokeRole(writer: CatalogWriter, role: number, member: number, adminOnly: boolean): Task<boolean> {
  const existing = writer.findOne('pg_auth_members_role_member_index', [role, member]);
  if (existing === undefined) return false;
  if (adminOnly) yield* writer.update(existing, { admin_option: false });
  else yield* writer.delete(existing);
  return true;
}

function roleRow(writer: CatalogWriter, role: number): CatalogEntry {
  const row = writer.findOne('pg_authid_oid_index', [role]);
  if (row === undefined) throw sqlError('undefined_object', `role with OID ${role} does not exist`);
  return row;
}
