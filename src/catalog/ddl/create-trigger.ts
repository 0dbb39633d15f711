/** Rows of triggers: pg_trigger, for constraint triggers pg_constraint, and their dependencies. */
import type { Task } from '../../util/task.js';
import type { CatalogEntry, CatalogWriter } from '../catalog-writer.js';
import { int2vector } from '../system-tables.js';
import { createConstraint } from './create-constraint.js';
import {
  address,
  forgetDependencies,
  type ObjectAddress,
  recordDependencies,
  recordDependency,
} from './dependencies.js';

export interface TriggerSpec {
  readonly name: string;
  readonly relation: number;
  readonly namespace: number;
  readonly function: number;
  /** pg_trigger.tgtype */
  readonly type: number;
  readonly columns: readonly number[];
  readonly args: readonly string[];
  readonly when: string | null;
  /** What the WHEN condition uses. */
  readonly references: readonly ObjectAddress[];
  readonly oldTable: string | null;
  readonly newTable: string | null;
  /** Of constraint triggers, null for others. */
  readonly constraint: {
    readonly deferrable: boolean;
    readonly deferred: boolean;
    /** The table that FROM names, or 0. */
    readonly other: number;
  } | null;
}

export function findTrigger(writer: CatalogWriter, relation: number, name: string): CatalogEntry | undefined {
  return writer.findOne('pg_trigger_tgrelid_tgname_index', [relation, name]);
}

/** `existing`: the row that CREATE OR REPLACE changes. Returns the OID. */
export function* createTrigger(
  writer: CatalogWriter,
  spec: TriggerSpec,
  existing: CatalogEntry | undefined,
): Task<number> {
  const { constraint } = spec;
  const oid = existing?.number('oid') ?? writer.allocateOid();
  const self = address('pg_trigger', oid);
  const owner =
    constraint === null
      ? 0
      : yield* createConstraint(writer, {
          name: spec.name,
          namespace: spec.namespace,
          kind: 't',
          deferrable: constraint.deferrable,
          deferred: constraint.deferred,
          relation: spec.relation,
        });
  const values = {
    tgfoid: spec.function,
    tgtype: spec.type,
    tgconstrrelid: constraint?.other ?? 0,
    tgconstraint: owner,
    tgdeferrable: constraint?.deferrable ?? false,
    tginitdeferred: constraint?.deferred ?? false,
    tgnargs: spec.args.length,
    tgattr: int2vector(spec.columns),
    tgargs: Buffer.from(spec.args.map((arg) => `${arg}\0`).join(''), 'utf8'),
    tgqual: spec.when,
    tgoldtable: spec.oldTable,
    tgnewtable: spec.newTable,
  };
  if (existing === undefined) {
    yield* writer.insert('pg_trigger', {
      oid,
      tgrelid: spec.relation,
      tgparentid: 0,
      tgname: spec.name,
      tgenabled: 'O',
      tgisinternal: false,
      tgconstrindid: 0,
      ...values,
    });
  } else {
    yield* writer.update(existing, values);
    yield* forgetDependencies(writer, self);
  }
  const table = writer.findOne('pg_class_oid_index', [spec.relation]);
  if (table !== undefined) yield* writer.update(table, { relhastriggers: true });
  yield* recordTriggerDependencies(writer, spec, self, owner);
  return oid;
}

function* recordTriggerDependencies(
  writer: CatalogWriter,
  spec: TriggerSpec,
  self: ObjectAddress,
  owner: number,
): Task<void> {
  yield* recordDependency(writer, self, address('pg_proc', spec.function), 'n');
  if (owner === 0) yield* recordDependency(writer, self, address('pg_class', spec.relation), 'a');
  else yield* recordDependency(writer, address('pg_constraint', owner), self, 'i');
  const other = spec.constraint?.other ?? 0;
  if (other !== 0) yield* recordDependency(writer, self, address('pg_class', other), 'a');
  const columns = spec.columns.map((number) => address('pg_class', spec.relation, number));
  yield* recordDependencies(writer, self, [...columns, ...spec.references], 'n');
}
