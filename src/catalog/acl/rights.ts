/**
 * What a role may do with an object: its list, ownership, superusers, the predefined roles that read or write all data,
 * and what nobody but a superuser may do with system tables.
 */
import { bitsOfLetters } from '../../types/acl/acl-item.js';
import type { AttributeDesc, CatalogView, RelationDesc } from '../descriptors.js';
import { FIRST_NORMAL_OID, PG_READ_ALL_DATA, PG_WRITE_ALL_DATA } from '../known-oids.js';
import { type Acl, heldOptions, heldPrivileges } from './acl.js';
import { aclOfRow, indexOfKind } from './object-acls.js';
import { type AclKind, defaultAcl } from './privileges.js';

/** Bits of privileges held, and of those that may be passed on. */
export interface Rights {
  readonly privileges: number;
  readonly options: number;
}

const ALL_BITS = -1;
const ALL: Rights = { privileges: ALL_BITS, options: ALL_BITS };
const NONE: Rights = { privileges: 0, options: 0 };
const READ = bitsOfLetters('r');
const WRITE = bitsOfLetters('awd');
const USE = bitsOfLetters('U');
/** What changes a system table; its owner is not trusted with that either. */
const CHANGES_SYSTEM = bitsOfLetters('awdDU');

/** What a role has by a list, its own memberships and ownership. Superusers have everything. */
export function rightsBy(view: CatalogView, role: number, kind: AclKind, owner: number, acl: Acl | null): Rights {
  if (view.role(role)?.superuser === true) return ALL;
  const roles = view.actingRoles(role);
  const list = acl ?? defaultAcl(kind, owner);
  return {
    privileges: heldPrivileges(list, roles, ALL_BITS),
    options: heldOptions(list, roles, kind === 'p' ? 0 : owner, ALL_BITS),
  };
}

/** On a relation as a whole. */
export function relationRights(view: CatalogView, role: number, relation: RelationDesc): Rights {
  const kind = relation.kind === 'S' ? 's' : 'r';
  const own = rightsBy(view, role, kind, relation.owner, relation.acl);
  if (own === ALL) return ALL;
  const isSystem = relation.oid < FIRST_NORMAL_OID && relation.kind !== 'v';
  const possible = isSystem ? ~CHANGES_SYSTEM : ALL_BITS;
  const roles = view.actingRoles(role);
  let privileges = own.privileges & possible;
  if (roles.has(PG_READ_ALL_DATA)) privileges |= READ;
  if (roles.has(PG_WRITE_ALL_DATA)) privileges |= WRITE & possible;
  return { privileges, options: own.options & possible };
}

/** On a column, by what is granted on the column itself. */
export function columnRights(view: CatalogView, role: number, relation: RelationDesc, column: AttributeDesc): Rights {
  return column.acl === null ? NONE : rightsBy(view, role, 'c', relation.owner, column.acl);
}

/** On a schema. Undefined when there is none. */
export function schemaRights(view: CatalogView, role: number, schema: number): Rights | undefined {
  const found = view.namespace(schema);
  if (found === undefined) return undefined;
  const own = rightsBy(view, role, 'n', found.owner, found.acl);
  const roles = view.actingRoles(role);
  const all = roles.has(PG_READ_ALL_DATA) || roles.has(PG_WRITE_ALL_DATA);
  return all ? { ...own, privileges: own.privileges | USE } : own;
}

/** On a function, null for none. */
export function procRights(view: CatalogView, role: number, proc: number): Rights | undefined {
  const found = view.proc(proc);
  return found && rightsBy(view, role, 'f', found.owner, found.acl);
}

/** On a type; an array has the privileges of its elements. */
export function typeRights(view: CatalogView, role: number, type: number): Rights | undefined {
  const found = view.type(type);
  if (found === undefined) return undefined;
  const element = found.isArray ? view.type(found.element) : undefined;
  const asked = element ?? found;
  return rightsBy(view, role, 'T', asked.owner, asked.acl);
}

/** On an object of a kind that has no descriptor (databases, languages, tablespaces, large objects, parameters). */
export function rowRights(view: CatalogView, role: number, kind: AclKind, oid: number): Rights | undefined {
  const row = view.rows(indexOfKind(kind), [oid])[0];
  if (row === undefined) return undefined;
  const { owner, acl } = aclOfRow(row, kind, oid);
  return rightsBy(view, role, kind, owner, acl);
}

/** On a parameter: without a row only superusers may set it. */
export function parameterRights(view: CatalogView, role: number, name: string): Rights {
  const row = view.rows('pg_parameter_acl_parname_index', [name.toLowerCase()])[0];
  if (row === undefined) return view.role(role)?.superuser === true ? ALL : NONE;
  const { owner, acl } = aclOfRow(row, 'p', row.number('oid'));
  return rightsBy(view, role, 'p', owner, acl);
}
