/**
 * New relations: the pg_class row, columns, the row type with its array type, storage, dependencies. For tables, views,
 * materialized views, sequences and composite types; index relations are in create-index.ts.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { StorageId } from '../../storage/api.js';
import { PgArray } from '../../types/datum.js';
import * as oids from '../../types/oids.js';
import type { Task } from '../../util/task.js';
import type { CatalogWriter, ColumnValues } from '../catalog-writer.js';
import type { RelationDesc } from '../descriptors.js';
import { FIRST_UNPINNED_OID, HEAP_AM } from '../known-oids.js';
import { claimTypeName, createArrayType, TYPE_DEFAULTS } from './array-type.js';
import { giveDefaultPrivileges } from './default-privileges.js';
import { address, recordDependency } from './dependencies.js';
import { recordOwner } from './shared-dependencies.js';

export interface ColumnSpec {
  readonly name: string;
  readonly type: number;
  readonly typmod: number;
  /** 0: none. Undefined: the type's. */
  readonly collation?: number;
  readonly notNull?: boolean;
  readonly identity?: '' | 'a' | 'd';
  readonly generated?: '' | 's';
  /** Number of `[]` in the declaration. */
  readonly dimensions?: number;
}

export interface RelationSpec {
  readonly name: string;
  readonly namespace: number;
  readonly owner: number;
  readonly kind: 'r' | 'p' | 'v' | 'm' | 'S' | 'c';
  readonly persistence: RelationDesc['persistence'];
  readonly columns: readonly ColumnSpec[];
  /** `name=value` storage parameters. */
  readonly options?: readonly string[];
  /** Whether a materialized view has its rows. */
  readonly populated?: boolean;
}

export interface CreatedRelation {
  readonly oid: number;
  /** 0 where the relation has none (sequences). */
  readonly rowType: number;
  /** 0 where the relation has none (views, composite types). */
  readonly storage: StorageId;
}

const RECORD_FUNCTIONS = { typinput: 2290, typoutput: 2291, typreceive: 2402, typsend: 2403 };
const TYPE_NAME_HINT =
  "A relation has an associated type of the same name, so you must use a name that doesn't conflict with any existing type.";

/** Throws 42P07 when the name is taken, 42710 when a type of that name is in the way. */
export function* createRelation(writer: CatalogWriter, spec: RelationSpec): Task<CreatedRelation> {
  if (writer.findOne('pg_class_relname_nsp_index', [spec.name, spec.namespace]) !== undefined) {
    throw sqlError('duplicate_table', `relation "${spec.name}" already exists`);
  }
  const hasRowType = spec.kind !== 'S';
  if (hasRowType)
    yield* claimTypeName(writer, spec.name, spec.namespace, spec.kind === 'c' ? undefined : TYPE_NAME_HINT);
  const oid = writer.allocateOid();
  const rowType = hasRowType ? writer.allocateOid() : 0;
  const storage = createStorage(writer, spec.kind);
  // First, as PostgreSQL does: of two sessions that create the same name one hears about the type's.
  if (hasRowType) yield* createRowType(writer, spec, oid, rowType);
  yield* writer.insert('pg_class', { ...relationRow(spec), oid, reltype: rowType, relfilenode: storage });
  for (let i = 0; i < spec.columns.length; i++) yield* addColumnRow(writer, oid, i + 1, spec.columns[i]);
  if (spec.kind !== 'c' && spec.kind !== 'v' && spec.kind !== 'S') yield* addSystemColumns(writer, oid);
  // The composite type itself is what users see and drop; its relation is a part of it.
  const self = spec.kind === 'c' ? address('pg_type', rowType) : address('pg_class', oid);
  yield* recordDependency(writer, self, address('pg_namespace', spec.namespace), 'n');
  yield* recordOwner(writer, self, spec.owner);
  if (spec.kind === 'c') yield* giveDefaultPrivileges(writer, 'T', rowType, spec.owner, spec.namespace);
  else yield* giveDefaultPrivileges(writer, spec.kind === 'S' ? 's' : 'r', oid, spec.owner, spec.namespace);
  return { oid, rowType, storage };
}

function createStorage(writer: CatalogWriter, kind: RelationSpec['kind']): StorageId {
  switch (kind) {
    case 'r':
    case 'm':
      return writer.store.create(writer.transaction, 'heap');
    case 'S':
      return writer.store.create(writer.transaction, 'sequence');
    default:
      return 0;
  }
}

function relationRow(spec: RelationSpec): ColumnValues {
  const isTable = spec.kind === 'r' || spec.kind === 'm' || spec.kind === 'p';
  return {
    ...CLASS_DEFAULTS,
    relname: spec.name,
    relnamespace: spec.namespace,
    relowner: spec.owner,
    relam: spec.kind === 'r' || spec.kind === 'm' ? HEAP_AM : 0,
    relpersistence: spec.persistence,
    relkind: spec.kind,
    relnatts: spec.columns.length,
    relispopulated: spec.populated ?? true,
    relreplident: isTable ? 'd' : 'n',
    relfrozenxid: spec.kind === 'r' || spec.kind === 'm' ? 716 : 0,
    relminmxid: spec.kind === 'r' || spec.kind === 'm' ? 1 : 0,
    reloptions: textArray(spec.options ?? []),
  };
}

/** Values of pg_class columns that most relations share. */
export const CLASS_DEFAULTS = {
  reltype: 0,
  reloftype: 0,
  relam: 0,
  relfilenode: 0,
  reltablespace: 0,
  relpages: 0,
  reltuples: -1,
  relallvisible: 0,
  reltoastrelid: 0,
  relhasindex: false,
  relisshared: false,
  relchecks: 0,
  relhasrules: false,
  relhastriggers: false,
  relhassubclass: false,
  relrowsecurity: false,
  relforcerowsecurity: false,
  relispopulated: true,
  relreplident: 'n',
  relispartition: false,
  relrewrite: 0,
  relfrozenxid: 0,
  relminmxid: 0,
} as const;

/** NULL for no elements, as the option columns have it. */
export function textArray(values: readonly string[]): PgArray | null {
  return values.length === 0 ? null : PgArray.of(oids.TEXT, values);
}

/** Writes one pg_attribute row and its dependencies on the type and the collation. */
export function* addColumnRow(
  writer: CatalogWriter,
  relation: number,
  number: number,
  column: ColumnSpec,
  more: ColumnValues = {},
): Task<void> {
  const type = writer.findOne('pg_type_oid_index', [column.type]);
  if (type === undefined) throw sqlError('undefined_object', `type with OID ${column.type} does not exist`);
  const collation = column.collation ?? type.number('typcollation');
  yield* writer.insert('pg_attribute', {
    ...ATTRIBUTE_DEFAULTS,
    attrelid: relation,
    attname: column.name,
    atttypid: column.type,
    attlen: type.number('typlen'),
    attnum: number,
    attndims: column.dimensions ?? 0,
    atttypmod: column.typmod,
    attbyval: type.boolean('typbyval'),
    attalign: type.text('typalign'),
    attstorage: type.text('typstorage'),
    attnotnull: column.notNull ?? false,
    attidentity: column.identity ?? '',
    attgenerated: column.generated ?? '',
    attcollation: collation,
    ...more,
  });
  const self = address('pg_class', relation, number);
  yield* recordDependency(writer, self, address('pg_type', column.type), 'n');
  if (collation >= FIRST_UNPINNED_OID) {
    yield* recordDependency(writer, self, address('pg_collation', collation), 'n');
  }
}

const ATTRIBUTE_DEFAULTS = {
  attstattarget: -1,
  attcacheoff: -1,
  attcompression: '',
  atthasdef: false,
  atthasmissing: false,
  attisdropped: false,
  attislocal: true,
  attinhcount: 0,
};

/** The columns that every table has before its own: name, type, length, number, alignment. */
const SYSTEM_COLUMNS = [
  { name: 'ctid', type: oids.TID, length: 6, number: -1, align: 's', byval: false },
  { name: 'xmin', type: oids.XID, length: 4, number: -2, align: 'i', byval: true },
  { name: 'cmin', type: oids.CID, length: 4, number: -3, align: 'i', byval: true },
  { name: 'xmax', type: oids.XID, length: 4, number: -4, align: 'i', byval: true },
  { name: 'cmax', type: oids.CID, length: 4, number: -5, align: 'i', byval: true },
  { name: 'tableoid', type: oids.OID, length: 4, number: -6, align: 'i', byval: true },
];

function* addSystemColumns(writer: CatalogWriter, relation: number): Task<void> {
  for (const column of SYSTEM_COLUMNS) {
    yield* writer.insert('pg_attribute', {
      ...ATTRIBUTE_DEFAULTS,
      attstattarget: 0,
      attrelid: relation,
      attname: column.name,
      atttypid: column.type,
      attlen: column.length,
      attnum: column.number,
      attndims: 0,
      atttypmod: -1,
      attbyval: column.byval,
      attalign: column.align,
      attstorage: 'p',
      attnotnull: true,
      attidentity: '',
      attgenerated: '',
      attcollation: 0,
    });
  }
}

function* createRowType(writer: CatalogWriter, spec: RelationSpec, relation: number, rowType: number): Task<void> {
  const arrayType = writer.allocateOid();
  yield* writer.insert('pg_type', {
    ...TYPE_DEFAULTS,
    ...RECORD_FUNCTIONS,
    oid: rowType,
    typname: spec.name,
    typnamespace: spec.namespace,
    typowner: spec.owner,
    typlen: -1,
    typbyval: false,
    typtype: 'c',
    typcategory: 'C',
    typrelid: relation,
    typarray: arrayType,
    typalign: 'd',
    typstorage: 'x',
  });
  const type = address('pg_type', rowType);
  const table = address('pg_class', relation);
  if (spec.kind === 'c') yield* recordDependency(writer, table, type, 'i');
  else yield* recordDependency(writer, type, table, 'i');
  yield* createArrayType(writer, {
    oid: arrayType,
    element: rowType,
    elementName: spec.name,
    namespace: spec.namespace,
    owner: spec.owner,
    align: 'd',
  });
}
