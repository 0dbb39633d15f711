/** CREATE INDEX. CONCURRENTLY: others write on while it waits for those who do, but not while it builds. */
import type { IndexStmt } from '@pgsql/types';
import type { RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import { requireRelationOwner } from './access.js';
import type { DdlContext } from './ddl-context.js';
import { defineIndex } from './define-index.js';
import { lockPatiently } from './patient-lock.js';
import { openRelation, refuseSystemRelation, requireUnused } from './relation-names.js';
import { existsAlready } from './skipping.js';
import { storageParameters } from './storage-parameters.js';

const KINDS: Readonly<Record<string, string>> = {
  v: 'views',
  S: 'sequences',
  i: 'indexes',
  c: 'composite types',
};

export function* createIndexStatement(cx: DdlContext, statement: IndexStmt): Task<string> {
  const isConcurrent = statement.concurrent ?? false;
  const range = { ...statement.relation, location: undefined };
  const relation = yield* openRelation(cx, range, isConcurrent ? 'ShareUpdateExclusiveLock' : 'ShareLock');
  checkIndexable(relation);
  requireRelationOwner(cx, relation);
  requireUnused(cx, relation, 'CREATE INDEX');
  const name = statement.idxname ?? null;
  // Without IF NOT EXISTS other errors come first.
  if (statement.if_not_exists && name !== null && existsAlready(cx, name, relation.namespace, true))
    return 'CREATE INDEX';
  if (isConcurrent) yield* lockPatiently(cx, relation.oid, 'ShareLock');
  yield* defineIndex(cx, relation, {
    name,
    keys: (statement.indexParams ?? []).flatMap((node) => ('IndexElem' in node ? [node.IndexElem] : [])),
    including: (statement.indexIncludingParams ?? []).flatMap((node) =>
      'IndexElem' in node ? [includedColumn(node.IndexElem)] : [],
    ),
    method: statement.accessMethod ?? 'btree',
    unique: statement.unique ?? false,
    primary: false,
    nullsNotDistinct: statement.nulls_not_distinct ?? false,
    immediate: true,
    predicate: statement.whereClause ?? null,
    options: storageParameters(statement.options, { method: statement.accessMethod ?? 'btree' }),
    forConstraint: false,
    isConcurrent,
  });
  return 'CREATE INDEX';
}

function includedColumn(element: { readonly name?: string }): string {
  if (element.name !== undefined) return element.name;
  throw sqlError('feature_not_supported', 'expressions are not supported in included columns');
}

function checkIndexable(relation: RelationDesc): void {
  refuseSystemRelation(relation);
  if (relation.kind === 'r' || relation.kind === 'm') return;
  throw sqlError('wrong_object_type', `cannot create index on relation "${relation.name}"`, {
    detail: `This operation is not supported for ${KINDS[relation.kind] ?? 'this kind of relation'}.`,
  });
}
