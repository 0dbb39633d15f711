/**
 * New constraints of tables and domains, and column defaults: their rows and dependencies.
 */
import { sqlError } from '../../errors/sql-error.js';
import { PgArray } from '../../types/datum.js';
import * as oids from '../../types/oids.js';
import type { Task } from '../../util/task.js';
import type { CatalogWriter } from '../catalog-writer.js';
import type { ConstraintDesc } from '../descriptors.js';
import { address, type ObjectAddress, recordDependencies, recordDependency } from './dependencies.js';

export interface ConstraintSpec {
  readonly name: string;
  readonly namespace: number;
  readonly kind: ConstraintDesc['kind'];
  readonly deferrable?: boolean;
  readonly deferred?: boolean;
  readonly validated?: boolean;
  /** OID of the table, or 0. */
  readonly relation: number;
  /** OID of the domain, or 0. */
  readonly domain?: number;
  /** The index behind p, u and x; for f that of the referenced columns. */
  readonly index?: number;
  readonly key?: readonly number[];
  /** Columns that the index holds besides its key. */
  readonly including?: readonly number[];
  readonly noInherit?: boolean;
  /** SQL text of a CHECK. */
  readonly check?: string;
  readonly foreign?: {
    readonly relation: number;
    readonly key: readonly number[];
    readonly onUpdate: string;
    readonly onDelete: string;
    readonly match: string;
    readonly setColumns?: readonly number[];
    /** Equality operators: primary = foreign, primary = primary, foreign = foreign. */
    readonly pfOperators: readonly number[];
    readonly ppOperators: readonly number[];
    readonly ffOperators: readonly number[];
  };
  readonly exclusionOperators?: readonly number[];
  /** What a CHECK's expression uses besides its columns. */
  readonly references?: readonly ObjectAddress[];
}

const numbers = (type: number, values: readonly number[] | undefined): PgArray | null =>
  values === undefined || values.length === 0 ? null : PgArray.of(type, values);

/** Returns the OID. Throws 42710 when the table or domain has a constraint of that name. */
export function* createConstraint(writer: CatalogWriter, spec: ConstraintSpec): Task<number> {
  const domain = spec.domain ?? 0;
  const taken = writer.findOne('pg_constraint_conrelid_contypid_conname_index', [spec.relation, domain, spec.name]);
  if (taken !== undefined) throw duplicateConstraint(writer, spec);
  const oid = writer.allocateOid();
  const { foreign } = spec;
  yield* writer.insert('pg_constraint', {
    oid,
    conname: spec.name,
    connamespace: spec.namespace,
    contype: spec.kind,
    condeferrable: spec.deferrable ?? false,
    condeferred: spec.deferred ?? false,
    convalidated: spec.validated ?? true,
    conrelid: spec.relation,
    contypid: domain,
    conindid: spec.index ?? 0,
    conparentid: 0,
    confrelid: foreign?.relation ?? 0,
    confupdtype: foreign?.onUpdate ?? ' ',
    confdeltype: foreign?.onDelete ?? ' ',
    confmatchtype: foreign?.match ?? ' ',
    conislocal: true,
    coninhcount: 0,
    connoinherit: spec.noInherit ?? spec.kind !== 'c',
    conkey: numbers(oids.INT2, spec.key),
    confkey: numbers(oids.INT2, foreign?.key),
    conpfeqop: numbers(oids.OID, foreign?.pfOperators),
    conppeqop: numbers(oids.OID, foreign?.ppOperators),
    conffeqop: numbers(oids.OID, foreign?.ffOperators),
    confdelsetcols: numbers(oids.INT2, foreign?.setColumns),
    conexclop: numbers(oids.OID, spec.exclusionOperators),
    conbin: spec.check ?? null,
  });
  if (spec.kind === 'c' && spec.relation !== 0) yield* countCheck(writer, spec.relation);
  yield* recordConstraintDependencies(writer, spec, oid);
  return oid;
}

function duplicateConstraint(writer: CatalogWriter, spec: ConstraintSpec): Error {
  const table = writer.findOne('pg_class_oid_index', [spec.relation]);
  if (table !== undefined) {
    const name = table.text('relname');
    return sqlError('duplicate_object', `constraint "${spec.name}" for relation "${name}" already exists`);
  }
  const type = writer.findOne('pg_type_oid_index', [spec.domain ?? 0]);
  const name = type?.text('typname') ?? '';
  return sqlError('duplicate_object', `constraint "${spec.name}" for domain "${name}" already exists`);
}

function* countCheck(writer: CatalogWriter, relation: number): Task<void> {
  const row = writer.findOne('pg_class_oid_index', [relation]);
  if (row !== undefined) yield* writer.update(row, { relchecks: row.number('relchecks') + 1 });
}

function* recordConstraintDependencies(writer: CatalogWriter, spec: ConstraintSpec, oid: number): Task<void> {
  const self = address('pg_constraint', oid);
  const { foreign, domain = 0, index = 0 } = spec;
  if (spec.relation !== 0) {
    const columns = [...(spec.key ?? []), ...(spec.including ?? [])].filter((number) => number > 0);
    const parts = columns.map((number) => address('pg_class', spec.relation, number));
    yield* recordDependencies(writer, self, parts.length > 0 ? parts : [address('pg_class', spec.relation)], 'a');
  }
  if (domain !== 0) yield* recordDependency(writer, self, address('pg_type', domain), 'a');
  if (foreign !== undefined) {
    const columns = foreign.key.map((number) => address('pg_class', foreign.relation, number));
    yield* recordDependencies(writer, self, columns, 'n');
    if (index !== 0) yield* recordDependency(writer, self, address('pg_class', index), 'n');
  } else if (index !== 0) {
    yield* recordDependency(writer, address('pg_class', index), self, 'i');
  }
  yield* recordDependencies(writer, self, spec.references ?? [], 'n');
}

export interface DefaultSpec {
  readonly relation: number;
  readonly attribute: number;
  /** SQL text of the default or the generation expression. */
  readonly text: string;
  readonly generated: boolean;
  readonly references?: readonly ObjectAddress[];
}

/** Sets a column's default; one that it has already must be removed before. Returns the OID. */
export function* createDefault(writer: CatalogWriter, spec: DefaultSpec): Task<number> {
  const oid = writer.allocateOid();
  yield* writer.insert('pg_attrdef', { oid, adrelid: spec.relation, adnum: spec.attribute, adbin: spec.text });
  const column = writer.findOne('pg_attribute_relid_attnum_index', [spec.relation, spec.attribute]);
  if (column === undefined) throw new Error(`relation ${spec.relation} has no column ${spec.attribute}`);
  yield* writer.update(column, { atthasdef: true });
  const self = address('pg_attrdef', oid);
  const owner = address('pg_class', spec.relation, spec.attribute);
  yield* recordDependency(writer, self, owner, spec.generated ? 'i' : 'a');
  yield* recordDependencies(writer, self, spec.references ?? [], 'n');
  return oid;
}
