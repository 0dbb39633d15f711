/** Triggers as other statements name them: `name ON table`. */
import type { Node } from '@pgsql/types';
import type { CatalogEntry } from '../catalog/catalog-writer.js';
import { findTrigger } from '../catalog/ddl/create-trigger.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { nameParts } from '../sql/binder/ast.js';
import type { TableLockMode } from '../storage/api.js';
import type { Task } from '../util/task.js';
import { requireRelationOwner } from './access.js';
import type { DdlContext } from './ddl-context.js';
import { missingRelation, openRelation, rangeOfParts, tryOpenRelation } from './relation-names.js';
import { skipMissing } from './skipping.js';

export interface NamedTrigger {
  readonly relation: RelationDesc;
  readonly name: string;
  readonly row: CatalogEntry;
}

/** DROP TRIGGER IF EXISTS says relation. */
function missingTrigger(name: string, relation: RelationDesc, word = 'table'): SqlError {
  return sqlError('undefined_object', `trigger "${name}" for ${word} "${relation.name}" does not exist`);
}

/** `parts`: the table's name and the trigger's. @throws SqlError 42704, 42P01, 42501 */
export function* namedTrigger(cx: DdlContext, parts: readonly string[], mode: TableLockMode): Task<NamedTrigger> {
  const name = parts[parts.length - 1] ?? '';
  const relation = yield* openRelation(cx, rangeOfParts(parts.slice(0, -1)), mode);
  requireRelationOwner(cx, relation);
  const row = findTrigger(cx.writer, relation.oid, name);
  if (row === undefined) throw missingTrigger(name, relation);
  return { relation, name, row };
}

/** For DROP TRIGGER, under IF EXISTS: undefined when the table or the trigger is missing. */
export function* droppedTrigger(cx: DdlContext, node: Node, missingOk: boolean): Task<NamedTrigger | undefined> {
  const parts = nameParts('List' in node ? node.List.items : undefined);
  const range = rangeOfParts(parts.slice(0, -1));
  const relation = yield* tryOpenRelation(cx, range, 'AccessExclusiveLock');
  if (relation === undefined) return skipMissing(cx, missingOk, missingRelation(cx, range));
  requireRelationOwner(cx, relation);
  const name = parts[parts.length - 1] ?? '';
  const row = findTrigger(cx.writer, relation.oid, name);
  if (row === undefined)
    return skipMissing(cx, missingOk, missingTrigger(name, relation, missingOk ? 'relation' : 'table'));
  return { relation, name, row };
}
