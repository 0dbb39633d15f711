/** Where each kind of object keeps its access control list, its owner and its name. */
import type { Datum } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import type { CatalogEntry, CatalogWriter } from '../catalog-writer.js';
import { address, type ObjectAddress } from '../ddl/dependencies.js';
import { changeGrantees } from '../ddl/shared-dependencies.js';
import { BOOTSTRAP_SUPERUSER, type CLASS } from '../known-oids.js';
import type { SystemRow } from '../system-row.js';
import type { Acl } from './acl.js';
import { type AclKind, defaultAcl } from './privileges.js';
import { aclDatum, aclOf } from './stored-acl.js';

interface AclPlace {
  readonly table: keyof typeof CLASS;
  readonly index: string;
  readonly acl: string;
  /** Null: the object has no owner of its own. */
  readonly owner: string | null;
  readonly name: string | null;
}

const RELATION: AclPlace = {
  table: 'pg_class',
  index: 'pg_class_oid_index',
  acl: 'relacl',
  owner: 'relowner',
  name: 'relname',
};

/** Columns are found by their relation and number. */
const PLACES: Readonly<Record<AclKind, AclPlace>> = {
  r: RELATION,
  s: RELATION,
  c: {
    table: 'pg_class',
    index: 'pg_attribute_relid_attnum_index',
    acl: 'attacl',
    owner: null,
    name: 'attname',
  },
  d: { table: 'pg_database', index: 'pg_database_oid_index', acl: 'datacl', owner: 'datdba', name: 'datname' },
  f: { table: 'pg_proc', index: 'pg_proc_oid_index', acl: 'proacl', owner: 'proowner', name: 'proname' },
  l: { table: 'pg_language', index: 'pg_language_oid_index', acl: 'lanacl', owner: 'lanowner', name: 'lanname' },
  L: {
    table: 'pg_largeobject',
    index: 'pg_largeobject_metadata_oid_index',
    acl: 'lomacl',
    owner: 'lomowner',
    name: null,
  },
  n: { table: 'pg_namespace', index: 'pg_namespace_oid_index', acl: 'nspacl', owner: 'nspowner', name: 'nspname' },
  p: {
    table: 'pg_parameter_acl',
    index: 'pg_parameter_acl_oid_index',
    acl: 'paracl',
    owner: null,
    name: 'parname',
  },
  t: {
    table: 'pg_tablespace',
    index: 'pg_tablespace_oid_index',
    acl: 'spcacl',
    owner: 'spcowner',
    name: 'spcname',
  },
  T: { table: 'pg_type', index: 'pg_type_oid_index', acl: 'typacl', owner: 'typowner', name: 'typname' },
  F: {
    table: 'pg_foreign_data_wrapper',
    index: 'pg_foreign_data_wrapper_oid_index',
    acl: 'fdwacl',
    owner: 'fdwowner',
    name: 'fdwname',
  },
  S: {
    table: 'pg_foreign_server',
    index: 'pg_foreign_server_oid_index',
    acl: 'srvacl',
    owner: 'srvowner',
    name: 'srvname',
  },
};

/** An object with its list; the default one where none is stored. */
export interface ObjectAcl {
  readonly kind: AclKind;
  readonly address: ObjectAddress;
  readonly name: string;
  readonly owner: number;
  readonly acl: Acl;
  /** Whether the list is stored. */
  readonly stored: boolean;
}

/** Reads a list for a change of it. Undefined when there is no such object. `column`: its number, of kind 'c'. */
export function readObjectAcl(writer: CatalogWriter, kind: AclKind, oid: number, column = 0): ObjectAcl | undefined {
  const row = findRow(writer, kind, oid, column);
  if (row === undefined) return undefined;
  const found = aclOfRow(row, kind, oid);
  if (kind !== 'c') return { ...found, address: address(PLACES[kind].table, oid), kind };
  const owner = writer.findOne(RELATION.index, [oid])?.number('relowner') ?? 0;
  return { ...found, owner, address: address('pg_class', oid, column), kind };
}

/** The same of a row that has been read. */
export function aclOfRow(
  row: SystemRow,
  kind: AclKind,
  oid: number,
): Pick<ObjectAcl, 'name' | 'owner' | 'acl' | 'stored'> {
  const place = PLACES[kind];
  const owner = place.owner === null ? BOOTSTRAP_SUPERUSER : row.number(place.owner);
  const stored = aclOf(row.datum(place.acl));
  const name = place.name === null ? String(oid) : row.text(place.name);
  return { name, owner, acl: stored ?? defaultAcl(kind, owner), stored: stored !== null };
}

/** The index that finds an object of the kind by its OID. */
export function indexOfKind(kind: AclKind): string {
  return PLACES[kind].index;
}

/** Stores the changed list of an object, and which roles it names now. */
export function* writeObjectAcl(writer: CatalogWriter, object: ObjectAcl, acl: Acl): Task<void> {
  const { kind, address: at, owner } = object;
  const row = findRow(writer, kind, at.objectId, at.subId);
  if (row === undefined) return;
  // Columns that nothing is granted on have no list.
  if (kind === 'c' && acl.length === 0 && !object.stored) return;
  const value: Datum = kind === 'c' && acl.length === 0 ? null : aclDatum(acl);
  yield* writer.update(row, { [PLACES[kind].acl]: value });
  yield* changeGrantees(writer, at, owner, object.stored ? object.acl : [], acl);
}

function findRow(writer: CatalogWriter, kind: AclKind, oid: number, column: number): CatalogEntry | undefined {
  return writer.findOne(PLACES[kind].index, kind === 'c' ? [oid, column] : [oid]);
}
