/**
 * New enums, domains, ranges and composite types: their pg_type rows with those that belong to them.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { Task } from '../../util/task.js';
import type { CatalogWriter, ColumnValues } from '../catalog-writer.js';
import { claimTypeName, createArrayType, TYPE_DEFAULTS } from './array-type.js';
import { type ColumnSpec, createRelation } from './create-relation.js';
import { giveDefaultPrivileges } from './default-privileges.js';
import { address, recordDependency } from './dependencies.js';
import { recordOwner } from './shared-dependencies.js';

interface TypeSpec {
  readonly name: string;
  readonly namespace: number;
  readonly owner: number;
}

const ENUM_FUNCTIONS = { typinput: 3506, typoutput: 3507, typreceive: 3532, typsend: 3533 };
const DOMAIN_IN = 2597;
const DOMAIN_RECV = 2598;
const RANGE_FUNCTIONS = { typinput: 3834, typoutput: 3835, typreceive: 3836, typsend: 3837, typanalyze: 3916 };
const MULTIRANGE_FUNCTIONS = { typinput: 4231, typoutput: 4232, typreceive: 4233, typsend: 4234, typanalyze: 4242 };

/** Writes a type and its array type. Returns the type's OID. Throws 42710 when the name is taken. */
function* createTypeRow(writer: CatalogWriter, spec: TypeSpec, values: ColumnValues, align: 'i' | 'd'): Task<number> {
  yield* claimTypeName(writer, spec.name, spec.namespace);
  const oid = writer.allocateOid();
  const array = writer.allocateOid();
  yield* writer.insert('pg_type', {
    ...TYPE_DEFAULTS,
    oid,
    typname: spec.name,
    typnamespace: spec.namespace,
    typowner: spec.owner,
    typarray: array,
    ...values,
  });
  const self = address('pg_type', oid);
  yield* recordDependency(writer, self, address('pg_namespace', spec.namespace), 'n');
  yield* recordOwner(writer, self, spec.owner);
  yield* giveDefaultPrivileges(writer, 'T', oid, spec.owner, spec.namespace);
  const collation = values.typcollation;
  yield* createArrayType(writer, {
    oid: array,
    element: oid,
    elementName: spec.name,
    namespace: spec.namespace,
    owner: spec.owner,
    align,
    collation: typeof collation === 'number' ? collation : 0,
  });
  return oid;
}

/** CREATE TYPE … AS ENUM. Throws 42710 for a label given twice. */
export function* createEnum(writer: CatalogWriter, spec: TypeSpec, labels: readonly string[]): Task<number> {
  const oid = yield* createTypeRow(
    writer,
    spec,
    { ...ENUM_FUNCTIONS, typlen: 4, typbyval: true, typtype: 'e', typcategory: 'E', typalign: 'i', typstorage: 'p' },
    'i',
  );
  for (let i = 0; i < labels.length; i++) yield* addEnumLabel(writer, oid, labels[i], i + 1);
  return oid;
}

/** Adds a label; `sortOrder` may lie between those of two others. Throws 42710 when the enum has it. */
export function* addEnumLabel(writer: CatalogWriter, type: number, label: string, sortOrder: number): Task<number> {
  if (Buffer.byteLength(label) > 63) {
    throw sqlError('invalid_name', `invalid enum label "${label}"`, { detail: 'Labels must be 63 bytes or less.' });
  }
  if (writer.findOne('pg_enum_typid_label_index', [type, label]) !== undefined) {
    throw sqlError('duplicate_object', `enum label "${label}" already exists`);
  }
  const oid = writer.allocateOid();
  yield* writer.insert('pg_enum', { oid, enumtypid: type, enumsortorder: sortOrder, enumlabel: label });
  return oid;
}

export interface DomainSpec extends TypeSpec {
  readonly base: number;
  readonly typmod: number;
  readonly collation?: number;
  readonly notNull: boolean;
  /** SQL text. */
  readonly defaultText?: string;
  readonly dimensions?: number;
}

/** CREATE DOMAIN; its CHECKs follow with createConstraint. */
export function* createDomain(writer: CatalogWriter, spec: DomainSpec): Task<number> {
  const base = writer.findOne('pg_type_oid_index', [spec.base]);
  if (base === undefined) throw sqlError('undefined_object', `type with OID ${spec.base} does not exist`);
  const align = base.text('typalign');
  const oid = yield* createTypeRow(
    writer,
    spec,
    {
      typlen: base.number('typlen'),
      typbyval: base.boolean('typbyval'),
      typtype: 'd',
      typcategory: base.text('typcategory'),
      typdelim: base.text('typdelim'),
      typinput: DOMAIN_IN,
      typoutput: base.number('typoutput'),
      typreceive: DOMAIN_RECV,
      typsend: base.number('typsend'),
      typanalyze: base.number('typanalyze'),
      typalign: align,
      typstorage: base.text('typstorage'),
      typnotnull: spec.notNull,
      typbasetype: spec.base,
      typtypmod: spec.typmod,
      typndims: spec.dimensions ?? 0,
      typcollation: spec.collation ?? base.number('typcollation'),
      typdefaultbin: spec.defaultText ?? null,
      typdefault: spec.defaultText ?? null,
    },
    align === 'd' ? 'd' : 'i',
  );
  yield* recordDependency(writer, address('pg_type', oid), address('pg_type', spec.base), 'n');
  return oid;
}

/** CREATE TYPE … AS (…). Returns the OID of the type. */
export function* createComposite(
  writer: CatalogWriter,
  spec: TypeSpec,
  columns: readonly ColumnSpec[],
): Task<{ readonly type: number; readonly relation: number }> {
  if (writer.findOne('pg_class_relname_nsp_index', [spec.name, spec.namespace]) !== undefined) {
    throw sqlError('duplicate_table', `relation "${spec.name}" already exists`);
  }
  const { oid, rowType } = yield* createRelation(writer, { ...spec, kind: 'c', persistence: 'p', columns });
  return { type: rowType, relation: oid };
}

export interface RangeSpec extends TypeSpec {
  readonly multirangeName: string;
  readonly multirangeNamespace?: number;
  readonly subtype: number;
  readonly collation: number;
  readonly opclass: number;
  readonly canonical?: number;
  readonly difference?: number;
}

/** CREATE TYPE … AS RANGE: the range, its multirange, their array types and the pg_range row. */
export function* createRange(
  writer: CatalogWriter,
  spec: RangeSpec,
): Task<{ readonly range: number; readonly multirange: number }> {
  const wide = writer.findOne('pg_type_oid_index', [spec.subtype])?.text('typalign') === 'd';
  const align = wide ? 'd' : 'i';
  const common = { typlen: -1, typbyval: false, typcategory: 'R', typalign: align, typstorage: 'x' };
  const range = yield* createTypeRow(writer, spec, { ...common, ...RANGE_FUNCTIONS, typtype: 'r' }, align);
  const multirange = yield* createTypeRow(
    writer,
    { ...spec, name: spec.multirangeName, namespace: spec.multirangeNamespace ?? spec.namespace },
    { ...common, ...MULTIRANGE_FUNCTIONS, typtype: 'm' },
    align,
  );
  yield* writer.insert('pg_range', {
    rngtypid: range,
    rngsubtype: spec.subtype,
    rngmultitypid: multirange,
    rngcollation: spec.collation,
    rngsubopc: spec.opclass,
    rngcanonical: spec.canonical ?? 0,
    rngsubdiff: spec.difference ?? 0,
  });
  yield* recordDependency(writer, address('pg_type', multirange), address('pg_type', range), 'i');
  yield* recordDependency(writer, address('pg_type', range), address('pg_type', spec.subtype), 'n');
  return { range, multirange };
}
