/**
 * Rows of users' functions, procedures and aggregates. Checks of languages and bodies are the caller's.
 */
import { sqlError } from '../../errors/sql-error.js';
import { PgArray } from '../../types/datum.js';
import * as oids from '../../types/oids.js';
import type { Task } from '../../util/task.js';
import { aclOf } from '../acl/stored-acl.js';
import type { CatalogEntry, CatalogWriter, ColumnValues } from '../catalog-writer.js';
import { formatExpressionList } from '../expression-list.js';
import { oidvector } from '../system-tables.js';
import { giveDefaultPrivileges } from './default-privileges.js';
import { address, forgetDependencies, type ObjectAddress, recordDependencies } from './dependencies.js';
import { changeGrantees, recordOwner } from './shared-dependencies.js';

export interface FunctionSpec {
  readonly name: string;
  readonly namespace: number;
  readonly owner: number;
  readonly language: number;
  readonly kind: 'f' | 'p' | 'a' | 'w';
  readonly strict: boolean;
  readonly returnsSet: boolean;
  readonly securityDefiner: boolean;
  readonly leakproof: boolean;
  readonly volatility: 'i' | 's' | 'v';
  /** s safe, r restricted, u unsafe */
  readonly parallel: 's' | 'r' | 'u';
  readonly cost: number;
  readonly rows: number;
  readonly variadic: number;
  readonly resultType: number;
  readonly argTypes: readonly number[];
  readonly allArgTypes: readonly number[] | null;
  readonly argModes: readonly string[] | null;
  readonly argNames: readonly string[] | null;
  readonly defaults: readonly string[];
  readonly source: string;
  /** The statements of a BEGIN ATOMIC or RETURN body. */
  readonly sqlBody?: string;
  /** `name=value` of SET clauses. */
  readonly config?: readonly string[];
  readonly references?: readonly ObjectAddress[];
}

/** The row with that signature. */
export function findFunction(
  writer: CatalogWriter,
  name: string,
  argTypes: readonly number[],
  namespace: number,
): CatalogEntry | undefined {
  return writer.findOne('pg_proc_proname_args_nsp_index', [name, oidvector(argTypes), namespace]);
}

/**
 * Adds a function, or with `replace` puts it in the place of the one with the same signature, whose OID it keeps.
 * Throws 42723 when there is one and it may not be replaced. Whether the result type may change is the caller's check.
 */
export function* createFunction(writer: CatalogWriter, spec: FunctionSpec, replace: boolean): Task<number> {
  const existing = findFunction(writer, spec.name, spec.argTypes, spec.namespace);
  if (existing !== undefined && !replace) {
    throw sqlError('duplicate_function', `function "${spec.name}" already exists with same argument types`);
  }
  const oid = existing?.number('oid') ?? writer.allocateOid();
  const self = address('pg_proc', oid);
  if (existing === undefined) {
    yield* writer.insert('pg_proc', { oid, proowner: spec.owner, ...functionRow(spec) });
    yield* recordOwner(writer, self, spec.owner);
    yield* giveDefaultPrivileges(writer, 'f', oid, spec.owner, spec.namespace);
  } else {
    const owner = existing.number('proowner');
    yield* writer.update(existing, functionRow(spec));
    yield* forgetDependencies(writer, self);
    yield* recordOwner(writer, self, owner);
    yield* changeGrantees(writer, self, owner, [], aclOf(existing.datum('proacl')) ?? []);
  }
  const types = [spec.resultType, ...spec.argTypes, ...(spec.allArgTypes ?? [])];
  yield* recordDependencies(
    writer,
    self,
    [
      address('pg_namespace', spec.namespace),
      address('pg_language', spec.language),
      ...types.map((type) => address('pg_type', type)),
      ...(spec.references ?? []),
    ],
    'n',
  );
  return oid;
}

function functionRow(spec: FunctionSpec): ColumnValues {
  const array = (type: number, values: readonly (number | string)[] | null | undefined): PgArray | null =>
    values == null || values.length === 0 ? null : PgArray.of(type, values);
  return {
    proname: spec.name,
    pronamespace: spec.namespace,
    prolang: spec.language,
    procost: spec.cost,
    prorows: spec.rows,
    provariadic: spec.variadic,
    prosupport: 0,
    prokind: spec.kind,
    prosecdef: spec.securityDefiner,
    proleakproof: spec.leakproof,
    proisstrict: spec.strict,
    proretset: spec.returnsSet,
    provolatile: spec.volatility,
    proparallel: spec.parallel,
    pronargs: spec.argTypes.length,
    pronargdefaults: spec.defaults.length,
    prorettype: spec.resultType,
    proargtypes: oidvector(spec.argTypes),
    proallargtypes: array(oids.OID, spec.allArgTypes),
    proargmodes: array(oids.CHAR, spec.argModes),
    proargnames: array(oids.TEXT, spec.argNames),
    proargdefaults: spec.defaults.length === 0 ? null : formatExpressionList(spec.defaults),
    prosrc: spec.source,
    prosqlbody: spec.sqlBody ?? null,
    proconfig: array(oids.TEXT, spec.config),
  };
}
