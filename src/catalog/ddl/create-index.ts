/**
 * New indexes: the relation of kind i, its columns, the pg_index row, dependencies. Filling the storage is the caller's.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { StorageId } from '../../storage/api.js';
import type { Task } from '../../util/task.js';
import type { CatalogWriter } from '../catalog-writer.js';
import type { RelationDesc } from '../descriptors.js';
import { formatExpressionList } from '../expression-list.js';
import { int2vector, oidvector } from '../system-tables.js';
import { addColumnRow, CLASS_DEFAULTS, textArray } from './create-relation.js';
import { address, type ObjectAddress, recordDependencies } from './dependencies.js';

export interface IndexColumnSpec {
  /** Column of the table, or 0 for an expression. */
  readonly attribute: number;
  /** Name of the index's own column; PostgreSQL takes the table column's, or `expr`. */
  readonly name: string;
  readonly type: number;
  readonly typmod: number;
  /** The type that the index holds, where it is another one. */
  readonly kept?: number;
  /** OIDs; INCLUDEd columns have neither. */
  readonly opclass: number;
  readonly collation: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
  /** SQL text when `attribute` is 0. */
  readonly expression?: string;
}

export interface IndexSpec {
  readonly name: string;
  readonly relation: RelationDesc;
  /** OID of the access method. */
  readonly method: number;
  /** Key columns first, then INCLUDEd ones. */
  readonly columns: readonly IndexColumnSpec[];
  readonly keyColumns: number;
  readonly unique: boolean;
  readonly nullsNotDistinct?: boolean;
  readonly primary?: boolean;
  readonly exclusion?: boolean;
  readonly immediate?: boolean;
  readonly valid?: boolean;
  readonly predicate?: string;
  readonly options?: readonly string[];
  /** Whether a constraint will own it (create-constraint.ts then ties them). */
  readonly forConstraint: boolean;
  /** What the expressions and the predicate use, besides columns of the table. */
  readonly references?: readonly ObjectAddress[];
}

/** Throws 42P07 when the name is taken. */
export function* createIndex(
  writer: CatalogWriter,
  spec: IndexSpec,
): Task<{ readonly oid: number; readonly storage: StorageId }> {
  const { relation } = spec;
  if (writer.findOne('pg_class_relname_nsp_index', [spec.name, relation.namespace]) !== undefined) {
    throw sqlError('duplicate_table', `relation "${spec.name}" already exists`);
  }
  const oid = writer.allocateOid();
  const storage = writer.store.create(writer.transaction, 'index');
  yield* writer.insert('pg_class', {
    ...CLASS_DEFAULTS,
    oid,
    relname: spec.name,
    relnamespace: relation.namespace,
    relowner: relation.owner,
    relam: spec.method,
    relfilenode: storage,
    reltuples: 0,
    relpersistence: relation.persistence,
    relkind: 'i',
    relnatts: spec.columns.length,
    reloptions: textArray(spec.options ?? []),
  });
  for (let i = 0; i < spec.columns.length; i++) {
    const { name, type, kept, typmod, collation } = spec.columns[i];
    const column =
      kept === undefined || kept === type ? { type, typmod, collation } : { type: kept, typmod: -1, collation };
    yield* addColumnRow(writer, oid, i + 1, { name, ...column });
  }
  yield* insertIndexRow(writer, spec, oid);
  yield* markIndexed(writer, relation.oid);
  yield* recordIndexDependencies(writer, spec, oid);
  return { oid, storage };
}

function* insertIndexRow(writer: CatalogWriter, spec: IndexSpec, oid: number): Task<void> {
  const keys = spec.columns.slice(0, spec.keyColumns);
  const expressions = spec.columns.flatMap((column) => column.expression ?? []);
  yield* writer.insert('pg_index', {
    indexrelid: oid,
    indrelid: spec.relation.oid,
    indnatts: spec.columns.length,
    indnkeyatts: spec.keyColumns,
    indisunique: spec.unique,
    indnullsnotdistinct: spec.nullsNotDistinct ?? false,
    indisprimary: spec.primary ?? false,
    indisexclusion: spec.exclusion ?? false,
    indimmediate: spec.immediate ?? true,
    indisclustered: false,
    indisvalid: spec.valid ?? true,
    indcheckxmin: false,
    indisready: true,
    indislive: true,
    indisreplident: false,
    indkey: int2vector(spec.columns.map((column) => column.attribute)),
    indcollation: oidvector(keys.map((column) => column.collation)),
    indclass: oidvector(keys.map((column) => column.opclass)),
    indoption: int2vector(keys.map((column) => (column.descending ? 1 : 0) + (column.nullsFirst ? 2 : 0))),
    indexprs: expressions.length === 0 ? null : formatExpressionList(expressions),
    indpred: spec.predicate ?? null,
  });
}

function* markIndexed(writer: CatalogWriter, relation: number): Task<void> {
  const row = writer.findOne('pg_class_oid_index', [relation]);
  if (row !== undefined && !row.boolean('relhasindex')) yield* writer.update(row, { relhasindex: true });
}

function* recordIndexDependencies(writer: CatalogWriter, spec: IndexSpec, oid: number): Task<void> {
  const self = address('pg_class', oid);
  if (!spec.forConstraint) {
    const columns = spec.columns.filter((column) => column.attribute !== 0);
    const parts = columns.map((column) => address('pg_class', spec.relation.oid, column.attribute));
    yield* recordDependencies(writer, self, parts.length > 0 ? parts : [address('pg_class', spec.relation.oid)], 'a');
  }
  const keys = spec.columns.slice(0, spec.keyColumns);
  yield* recordDependencies(
    writer,
    self,
    [
      ...keys.filter((key) => key.opclass !== 0).map((key) => address('pg_opclass', key.opclass)),
      ...keys.filter((key) => key.collation !== 0).map((key) => address('pg_collation', key.collation)),
    ],
    'n',
  );
  const references = spec.references ?? [];
  yield* recordDependencies(
    writer,
    self,
    references.filter((object) => object.objectId === spec.relation.oid),
    'a',
  );
  yield* recordDependencies(
    writer,
    self,
    references.filter((object) => object.objectId !== spec.relation.oid),
    'n',
  );
}
