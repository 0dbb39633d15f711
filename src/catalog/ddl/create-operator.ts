/** Rows of users' operators and casts. An operator that is named as commutator or negator before it exists is a shell. */
import { sqlError } from '../../errors/sql-error.js';
import type { Task } from '../../util/task.js';
import type { CatalogEntry, CatalogWriter } from '../catalog-writer.js';
import { address, forgetDependencies, type ObjectAddress, recordDependencies } from './dependencies.js';
import { recordOwner } from './shared-dependencies.js';

export interface OperatorKey {
  readonly name: string;
  readonly namespace: number;
  /** 0 for prefix operators. */
  readonly left: number;
  readonly right: number;
}

export interface OperatorSpec extends OperatorKey {
  readonly owner: number;
  readonly code: number;
  readonly result: number;
  readonly commutator: OperatorKey | null;
  readonly negator: OperatorKey | null;
  readonly restrict: number;
  readonly join: number;
  readonly hashes: boolean;
  readonly merges: boolean;
}

export function findOperatorRow(writer: CatalogWriter, key: OperatorKey): CatalogEntry | undefined {
  return writer.findOne('pg_operator_oprname_l_r_n_index', [key.name, key.left, key.right, key.namespace]);
}

/** Throws 42723 when there is one that is not a shell, 42P13 for an operator that is its own negator. */
export function* createOperator(writer: CatalogWriter, spec: OperatorSpec): Task<number> {
  const existing = findOperatorRow(writer, spec);
  if (existing !== undefined && existing.number('oprcode') !== 0)
    throw sqlError('duplicate_function', `operator ${spec.name} already exists`);
  const oid = existing?.number('oid') ?? writer.allocateOid();
  const commutator = yield* partner(writer, spec, spec.commutator, oid);
  const negator = yield* partner(writer, spec, spec.negator, oid);
  if (negator === oid)
    throw sqlError('invalid_function_definition', 'operator cannot be its own negator or sort operator');
  const values = {
    oprcode: spec.code,
    oprresult: spec.result,
    oprcom: commutator,
    oprnegate: negator,
    oprrest: spec.restrict,
    oprjoin: spec.join,
    oprcanhash: spec.hashes,
    oprcanmerge: spec.merges,
  };
  if (existing === undefined) yield* insertRow(writer, spec, spec.owner, oid, values);
  else yield* writer.update(existing, { ...values, oprowner: spec.owner });
  yield* linkBack(writer, commutator, oid, 'oprcom');
  yield* linkBack(writer, negator, oid, 'oprnegate');
  yield* recordReferences(writer, spec, oid);
  return oid;
}

function* recordReferences(writer: CatalogWriter, spec: OperatorSpec, oid: number): Task<void> {
  const self = address('pg_operator', oid);
  yield* forgetDependencies(writer, self);
  yield* recordOwner(writer, self, spec.owner);
  const types = [spec.left, spec.right, spec.result].filter((type) => type !== 0);
  yield* recordDependencies(
    writer,
    self,
    [
      address('pg_namespace', spec.namespace),
      address('pg_proc', spec.code),
      ...types.map((type) => address('pg_type', type)),
    ],
    'n',
  );
}

function* insertRow(
  writer: CatalogWriter,
  key: OperatorKey,
  owner: number,
  oid: number,
  values: Readonly<Record<string, number | boolean>>,
): Task<void> {
  yield* writer.insert('pg_operator', {
    oid,
    oprname: key.name,
    oprnamespace: key.namespace,
    oprowner: owner,
    oprkind: key.left === 0 ? 'l' : 'b',
    oprcanmerge: false,
    oprcanhash: false,
    oprleft: key.left,
    oprright: key.right,
    oprresult: 0,
    oprcom: 0,
    oprnegate: 0,
    oprcode: 0,
    oprrest: 0,
    oprjoin: 0,
    ...values,
  });
}

/** OID of a commutator or negator: the operator itself, one that exists, or a new shell. */
function* partner(writer: CatalogWriter, spec: OperatorSpec, key: OperatorKey | null, self: number): Task<number> {
  if (key === null) return 0;
  const same =
    key.name === spec.name && key.namespace === spec.namespace && key.left === spec.left && key.right === spec.right;
  if (same) return self;
  const existing = findOperatorRow(writer, key);
  if (existing !== undefined) return existing.number('oid');
  const oid = writer.allocateOid();
  yield* insertRow(writer, key, spec.owner, oid, {});
  yield* recordOwner(writer, address('pg_operator', oid), spec.owner);
  return oid;
}

function* linkBack(writer: CatalogWriter, other: number, self: number, column: string): Task<void> {
  if (other === 0 || other === self) return;
  const row = writer.findOne('pg_operator_oid_index', [other]);
  if (row !== undefined && row.number(column) === 0) yield* writer.update(row, { [column]: self });
}

export interface CastSpec {
  readonly source: number;
  readonly target: number;
  /** 0 for casts without a function. */
  readonly func: number;
  /** i implicit, a assignment, e explicit */
  readonly context: 'i' | 'a' | 'e';
  /** f function, b binary coercible, i through text */
  readonly method: 'f' | 'b' | 'i';
}

/** Throws 42710 when there is one already; `shown` names it. */
export function* createCast(writer: CatalogWriter, spec: CastSpec, shown: string): Task<number> {
  if (writer.findOne('pg_cast_source_target_index', [spec.source, spec.target]) !== undefined)
    throw sqlError('duplicate_object', `cast ${shown} already exists`);
  const oid = writer.allocateOid();
  yield* writer.insert('pg_cast', {
    oid,
    castsource: spec.source,
    casttarget: spec.target,
    castfunc: spec.func,
    castcontext: spec.context,
    castmethod: spec.method,
  });
  const references: ObjectAddress[] = [address('pg_type', spec.source), address('pg_type', spec.target)];
  if (spec.func !== 0) references.push(address('pg_proc', spec.func));
  yield* recordDependencies(writer, address('pg_cast', oid), references, 'n');
  return oid;
}
