/**
 * New sequences: a relation with three columns, the pg_sequence row, the first value in the store.
 */
import type { StorageId } from '../../storage/api.js';
import * as oids from '../../types/oids.js';
import type { Task } from '../../util/task.js';
import type { CatalogWriter } from '../catalog-writer.js';
import type { RelationDesc } from '../descriptors.js';
import { createRelation } from './create-relation.js';
import { address, recordDependency } from './dependencies.js';

export interface SequenceSpec {
  readonly name: string;
  readonly namespace: number;
  readonly owner: number;
  readonly persistence: RelationDesc['persistence'];
  /** OID of int2, int4 or int8. */
  readonly type: number;
  readonly start: number | bigint;
  readonly increment: number | bigint;
  readonly max: number | bigint;
  readonly min: number | bigint;
  readonly cache: number | bigint;
  readonly cycle: boolean;
  /** The column that owns it: `internal` for identity columns. */
  readonly ownedBy?: { readonly relation: number; readonly attribute: number; readonly internal: boolean };
}

const COLUMNS = [
  { name: 'last_value', type: oids.INT8, typmod: -1, notNull: true },
  { name: 'log_cnt', type: oids.INT8, typmod: -1, notNull: true },
  { name: 'is_called', type: oids.BOOL, typmod: -1, notNull: true },
];

export function* createSequence(
  writer: CatalogWriter,
  spec: SequenceSpec,
): Task<{ readonly oid: number; readonly storage: StorageId }> {
  const { oid, storage } = yield* createRelation(writer, { ...spec, kind: 'S', columns: COLUMNS });
  yield* writer.insert('pg_sequence', {
    seqrelid: oid,
    seqtypid: spec.type,
    seqstart: spec.start,
    seqincrement: spec.increment,
    seqmax: spec.max,
    seqmin: spec.min,
    seqcache: spec.cache,
    seqcycle: spec.cycle,
  });
  if (spec.ownedBy !== undefined) yield* ownSequence(writer, oid, spec.ownedBy);
  writer.store.writeSequence(storage, { lastValue: spec.start, isCalled: false });
  return { oid, storage };
}

/** Ties a sequence to a column, with which it is then dropped. */
export function* ownSequence(
  writer: CatalogWriter,
  sequence: number,
  owner: { readonly relation: number; readonly attribute: number; readonly internal: boolean },
): Task<void> {
  const column = address('pg_class', owner.relation, owner.attribute);
  yield* recordDependency(writer, address('pg_class', sequence), column, owner.internal ? 'i' : 'a');
}

/** OWNED BY NONE. */
export function* disownSequence(writer: CatalogWriter, sequence: number): Task<void> {
  const { classId, objectId, subId } = address('pg_class', sequence);
  const rows = writer
    .find('pg_depend_depender_index', [classId, objectId, subId])
    .filter((row) => row.number('refclassid') === classId && row.text('deptype') !== 'n');
  for (const row of rows) yield* writer.delete(row);
}
