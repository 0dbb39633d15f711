/**
 * pg_default_acl: what new objects of a role get besides the built-in defaults; globally (schema 0), where the list takes
 * the place of the built-in one, or in one schema, where it is added.
 */
import type { Task } from '../../util/task.js';
import { type Acl, grant } from '../acl/acl.js';
import { readObjectAcl, writeObjectAcl } from '../acl/object-acls.js';
import { type AclKind, defaultAcl } from '../acl/privileges.js';
import { aclDatum, aclOf } from '../acl/stored-acl.js';
import type { CatalogEntry, CatalogWriter } from '../catalog-writer.js';
import { address, type ObjectAddress, recordDependency } from './dependencies.js';
import { removeObject } from './remove-object.js';
import { changeGrantees, recordOwner } from './shared-dependencies.js';

/** Kinds that have defaults to be changed, and their letters in defaclobjtype. */
export type DefaultedKind = 'r' | 's' | 'f' | 'T' | 'n';

const LETTERS: Readonly<Record<DefaultedKind, string>> = { r: 'r', s: 'S', f: 'f', T: 'T', n: 'n' };

export function defaultedKind(letter: string): DefaultedKind {
  return letter === 'S' ? 's' : letter === 'f' || letter === 'T' || letter === 'n' ? letter : 'r';
}

export interface DefaultScope {
  readonly role: number;
  /** 0: all schemas. */
  readonly schema: number;
  readonly kind: DefaultedKind;
}

function rowOf(writer: CatalogWriter, { role, schema, kind }: DefaultScope): CatalogEntry | undefined {
  return writer.findOne('pg_default_acl_role_nsp_obj_index', [role, schema, LETTERS[kind]]);
}

/** The list that a scope has while nothing is stored for it. */
function initialAcl({ role, schema, kind }: DefaultScope): Acl {
  return schema === 0 ? defaultAcl(kind, role) : [];
}

/** Changes the list of a scope; one that says nothing new is not stored. */
export function* changeDefaultAcl(writer: CatalogWriter, scope: DefaultScope, change: (acl: Acl) => Acl): Task<void> {
  const row = rowOf(writer, scope);
  const initial = initialAcl(scope);
  const before = row === undefined ? null : (aclOf(row.datum('defaclacl')) ?? []);
  const after = sorted(change(before ?? initial));
  if (sameAcl(after, initial)) {
    if (row !== undefined) yield* removeObject(writer, address('pg_default_acl', row.number('oid')));
    return;
  }
  const oid = row?.number('oid') ?? writer.allocateOid();
  const self = address('pg_default_acl', oid);
  if (row !== undefined) yield* writer.update(row, { defaclacl: aclDatum(after) });
  else {
    yield* writer.insert('pg_default_acl', {
      oid,
      defaclrole: scope.role,
      defaclnamespace: scope.schema,
      defaclobjtype: LETTERS[scope.kind],
      defaclacl: aclDatum(after),
    });
    yield* recordOwner(writer, self, scope.role);
    if (scope.schema !== 0) yield* recordDependency(writer, self, address('pg_namespace', scope.schema), 'a');
  }
  yield* changeGrantees(writer, self, scope.role, before ?? [], after);
}

/** Which scope a row of pg_default_acl is for. */
export function defaultScopeOf(writer: CatalogWriter, { objectId }: ObjectAddress): DefaultScope | undefined {
  const row = writer.findOne('pg_default_acl_oid_index', [objectId]);
  return (
    row && {
      role: row.number('defaclrole'),
      schema: row.number('defaclnamespace'),
      kind: defaultedKind(row.text('defaclobjtype')),
    }
  );
}

/** Gives a new object what its owner has set as defaults. Nothing is stored where that is what everybody gets. */
export function* giveDefaultPrivileges(
  writer: CatalogWriter,
  kind: DefaultedKind,
  oid: number,
  owner: number,
  schema: number,
): Task<void> {
  const globally = rowOf(writer, { role: owner, schema: 0, kind });
  const inSchema = schema === 0 ? undefined : rowOf(writer, { role: owner, schema, kind });
  if (globally === undefined && inSchema === undefined) return;
  const initial = defaultAcl(kind, owner);
  let acl: Acl = (globally && aclOf(globally.datum('defaclacl'))) ?? initial;
  for (const item of (inSchema && aclOf(inSchema.datum('defaclacl'))) ?? []) acl = grant(acl, item, owner);
  const aclKind: AclKind = kind;
  const object = readObjectAcl(writer, aclKind, oid);
  if (object !== undefined && !sameAcl(acl, initial)) yield* writeObjectAcl(writer, object, sorted(acl));
}

/** By grantee and grantor. */
function sorted(acl: Acl): Acl {
  return [...acl].sort((a, b) => a.grantee - b.grantee || a.grantor - b.grantor);
}

function sameAcl(a: Acl, b: Acl): boolean {
  const keys = (acl: Acl): string =>
    acl
      .map((item) => `${item.grantee}/${item.grantor}/${item.privileges}/${item.options}`)
      .sort()
      .join();
  return keys(a) === keys(b);
}
