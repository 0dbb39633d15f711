/** New statistics objects: the row of pg_statistic_ext, and what it depends on. */
import { sqlError } from '../../errors/sql-error.js';
import { PgArray } from '../../types/datum.js';
import { CHAR } from '../../types/oids.js';
import type { Task } from '../../util/task.js';
import type { CatalogWriter } from '../catalog-writer.js';
import { formatExpressionList } from '../expression-list.js';
import { int2vector } from '../system-tables.js';
import { address, type ObjectAddress, recordDependencies } from './dependencies.js';
import { recordOwner } from './shared-dependencies.js';

/** d ndistinct, f dependencies, m mcv, e expressions; in this order. */
export type StatisticsKind = 'd' | 'f' | 'm' | 'e';

export function isStatisticsKind(letter: string): letter is StatisticsKind {
  return letter === 'd' || letter === 'f' || letter === 'm' || letter === 'e';
}

export interface StatisticsSpec {
  readonly name: string;
  readonly namespace: number;
  readonly owner: number;
  readonly relation: number;
  /** In order. */
  readonly columns: readonly number[];
  /** SQL texts. */
  readonly expressions: readonly string[];
  readonly kinds: readonly StatisticsKind[];
  readonly target: number;
  /** What the expressions use. */
  readonly references: readonly ObjectAddress[];
}

/** Throws 42710 when the name is taken. Returns the OID. */
export function* createStatistics(writer: CatalogWriter, spec: StatisticsSpec): Task<number> {
  if (writer.findOne('pg_statistic_ext_name_index', [spec.name, spec.namespace]) !== undefined)
    throw sqlError('duplicate_object', `statistics object "${spec.name}" already exists`);
  const oid = writer.allocateOid();
  yield* writer.insert('pg_statistic_ext', {
    oid,
    stxrelid: spec.relation,
    stxname: spec.name,
    stxnamespace: spec.namespace,
    stxowner: spec.owner,
    stxstattarget: spec.target,
    stxkeys: int2vector(spec.columns),
    stxkind: PgArray.of(CHAR, spec.kinds),
    stxexprs: spec.expressions.length === 0 ? null : formatExpressionList(spec.expressions),
  });
  const self = address('pg_statistic_ext', oid);
  const columns = spec.columns.map((number) => address('pg_class', spec.relation, number));
  const table = address('pg_class', spec.relation);
  yield* recordDependencies(writer, self, columns.length > 0 ? columns : [table], 'a');
  const isOwn = (object: ObjectAddress): boolean => object.objectId === spec.relation;
  yield* recordDependencies(writer, self, spec.references.filter(isOwn), 'a');
  yield* recordDependencies(
    writer,
    self,
    spec.references.filter((object) => !isOwn(object)),
    'n',
  );
  yield* recordDependencies(writer, self, [address('pg_namespace', spec.namespace)], 'n');
  yield* recordOwner(writer, self, spec.owner);
  return oid;
}
