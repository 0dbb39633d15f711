/** ALTER TABLE: constraints dropped, validated, made deferrable. */
import type { Constraint } from '@pgsql/types';
import { address } from '../catalog/ddl/dependencies.js';
import type { ConstraintDesc, RelationDesc } from '../catalog/descriptors.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import { validateStoredCheck } from './add-constraint.js';
import type { DdlContext } from './ddl-context.js';
import { dropAll } from './drop.js';
import { checkForeignKey } from './foreign-key.js';
import { relationNow } from './relation-names.js';
import { skipMissing } from './skipping.js';

function find(relation: RelationDesc, name: string): ConstraintDesc | undefined {
  return relation.constraints.find((constraint) => constraint.name === name);
}

function missing(relation: RelationDesc, name: string): SqlError {
  return sqlError('undefined_object', `constraint "${name}" of relation "${relation.name}" does not exist`);
}

export function* dropConstraint(
  cx: DdlContext,
  table: number,
  name: string,
  missingOk: boolean,
  cascade: boolean,
): Task<void> {
  const relation = relationNow(cx, table);
  const found = find(relation, name);
  if (found === undefined) return skipMissing(cx, missingOk, missing(relation, name));
  if (found.kind === 'f') yield* cx.transaction.lockTable(found.foreignRelation, 'AccessExclusiveLock', 'wait');
  yield* dropAll(cx, [address('pg_constraint', found.oid)], cascade);
}

export function* validateConstraint(cx: DdlContext, table: number, name: string): Task<void> {
  const relation = relationNow(cx, table);
  const found = find(relation, name);
  if (found === undefined) throw missing(relation, name);
  if (found.kind !== 'c' && found.kind !== 'f') {
    throw sqlError(
      'wrong_object_type',
      `constraint "${name}" of relation "${relation.name}" is not a foreign key or check constraint`,
    );
  }
  if (found.validated) return;
  if (found.kind === 'f') {
    yield* cx.transaction.lockTable(found.foreignRelation, 'RowShareLock', 'wait');
    yield* checkForeignKey(cx, table, found.oid);
  } else yield* validateStoredCheck(cx, relation, name, found.checkText ?? 'true');
  const row = cx.writer.findOne('pg_constraint_oid_index', [found.oid]);
  if (row !== undefined) yield* cx.writer.update(row, { convalidated: true });
}

/** ALTER CONSTRAINT … DEFERRABLE: foreign keys only. */
export function* alterConstraint(cx: DdlContext, table: number, def: Constraint): Task<void> {
  const relation = relationNow(cx, table);
  const name = def.conname ?? '';
  const found = find(relation, name);
  if (found === undefined) throw missing(relation, name);
  if (found.kind !== 'f') {
    throw sqlError(
      'wrong_object_type',
      `constraint "${name}" of relation "${relation.name}" is not a foreign key constraint`,
    );
  }
  const row = cx.writer.findOne('pg_constraint_oid_index', [found.oid]);
  if (row === undefined) return;
  const deferred = def.initdeferred ?? false;
  yield* cx.writer.update(row, { condeferrable: deferred || (def.deferrable ?? false), condeferred: deferred });
}
