/** CLUSTER, REINDEX, SET CONSTRAINTS. */
import type { ClusterStmt, ConstraintsSetStmt, Node, RangeVar, ReindexStmt } from '@pgsql/types';
import type { RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import { DeferredChecks } from '../exec/deferred-checks.js';
import { INDEX_PROGRESS } from '../exec/progress.js';
import type { Task } from '../util/task.js';
import { requireOwner, requireRelationOwner } from './access.js';
import { markClustered } from './cluster-mark.js';
import type { DdlContext } from './ddl-context.js';
import { defElems } from './option-values.js';
import { lockPatiently } from './patient-lock.js';
import { missingRelation, openRelation, requireUnused, shownName, tryOpenRelation } from './relation-names.js';
import { rebuildIndex } from './rewrite-table.js';

export function* clusterStatement(cx: DdlContext, statement: ClusterStmt): Task<string> {
  if (statement.relation === undefined) return 'CLUSTER';
  const relation = yield* openRelation(cx, statement.relation, 'AccessExclusiveLock');
  requireRelationOwner(cx, relation);
  requireUnused(cx, relation, 'CLUSTER');
  if (statement.indexname !== undefined) yield* markClustered(cx, relation, statement.indexname);
  return 'CLUSTER';
}

export function* reindexStatement(cx: DdlContext, statement: ReindexStmt): Task<string> {
  const isConcurrent = defElems(statement.params).some(({ defname }) => defname === 'concurrently');
  if (statement.kind === 'REINDEX_OBJECT_INDEX') {
    yield* reindexIndex(cx, { ...statement.relation, location: undefined }, isConcurrent);
    return 'REINDEX';
  }
  const lock = isConcurrent ? 'ShareUpdateExclusiveLock' : 'ShareLock';
  const isWhole = statement.kind === 'REINDEX_OBJECT_DATABASE' || statement.kind === 'REINDEX_OBJECT_SYSTEM';
  if (isWhole && (statement.name ?? '') !== '' && statement.name !== cx.exec.session.database)
    throw sqlError('feature_not_supported', 'can only reindex the currently open database');
  const tables =
    statement.kind === 'REINDEX_OBJECT_TABLE'
      ? [yield* openRelation(cx, { ...statement.relation, location: undefined }, lock)]
      : tablesOf(cx, statement);
  for (const relation of tables) {
    if (statement.kind === 'REINDEX_OBJECT_TABLE') requireRelationOwner(cx, relation);
    yield* cx.transaction.lockTable(relation.oid, lock, 'wait');
    if (relation.oid < 16384) continue;
    if (relation.indexes.length === 0 && statement.kind === 'REINDEX_OBJECT_TABLE') {
      cx.notice('NOTICE', `table "${relation.name}" has no indexes to reindex`);
    }
    for (const index of relation.indexes) yield* rebuild(cx, relation.oid, index.oid, isConcurrent);
  }
  return 'REINDEX';
}

function* reindexIndex(cx: DdlContext, range: RangeVar, isConcurrent: boolean): Task<void> {
  const locks = isConcurrent
    ? (['ShareUpdateExclusiveLock', 'ShareUpdateExclusiveLock'] as const)
    : (['AccessExclusiveLock', 'ShareLock'] as const);
  const relation = yield* tryOpenRelation(cx, range, locks[0], 'wait', locks[1]);
  if (relation === undefined) throw missingRelation(cx, range);
  const index = cx.view().index(relation.oid);
  if (index === undefined) throw sqlError('wrong_object_type', `"${relation.name}" is not an index`);
  requireRelationOwner(cx, relation);
  if (relation.oid >= 16384) yield* rebuild(cx, index.relation, relation.oid, isConcurrent);
}

/** Values of `INDEX_PROGRESS.command`. */
const REINDEX = 3;
const REINDEX_CONCURRENTLY = 4;

function* rebuild(cx: DdlContext, table: number, index: number, isConcurrent: boolean): Task<void> {
  const progress = cx.exec.reportProgress?.('CREATE INDEX', table).values;
  if (progress !== undefined) progress[INDEX_PROGRESS.command] = isConcurrent ? REINDEX_CONCURRENTLY : REINDEX;
  if (isConcurrent) {
    yield* lockPatiently(cx, table, 'ShareLock');
    yield* lockPatiently(cx, index, 'AccessExclusiveLock');
  }
  yield* rebuildIndex(cx, table, index);
}

function tablesOf(cx: DdlContext, statement: ReindexStmt): RelationDesc[] {
  const schema =
    statement.kind === 'REINDEX_OBJECT_SCHEMA' ? cx.view().namespaceByName(statement.name ?? '') : undefined;
  if (statement.kind === 'REINDEX_OBJECT_SCHEMA' && schema === undefined) {
    throw sqlError('invalid_schema_name', `schema "${statement.name ?? ''}" does not exist`);
  }
  const database = cx.writer.findOne('pg_database_oid_index', [cx.writer.catalog.database]);
  if (schema !== undefined) requireOwner(cx, schema.owner, 'schema', schema.name);
  else if (database !== undefined) requireOwner(cx, database.number('datdba'), 'database', database.text('datname'));
  return cx.writer
    .scan('pg_class')
    .filter((row) => row.number('oid') >= 16384 && 'rm'.includes(row.text('relkind')))
    .filter((row) => schema === undefined || row.number('relnamespace') === schema.oid)
    .flatMap((row) => cx.view().relation(row.number('oid')) ?? []);
}

export function* setConstraintsStatement(cx: DdlContext, statement: ConstraintsSetStmt): Task<string> {
  const deferred = statement.deferred ?? false;
  if (!cx.inBlock) cx.notice('WARNING', 'SET CONSTRAINTS can only be used in transaction blocks', { code: '25P01' });
  const nodes = statement.constraints ?? [];
  const constraints = nodes.length === 0 ? null : nodes.flatMap((node) => constraintsNamed(cx, node, deferred));
  yield* DeferredChecks.of(cx.transaction).setConstraints(constraints, deferred);
  return 'SET CONSTRAINTS';
}

function constraintsNamed(cx: DdlContext, node: Node, deferred: boolean): number[] {
  const range = 'RangeVar' in node ? node.RangeVar : {};
  const name = range.relname ?? '';
  const view = cx.view();
  const schema = range.schemaname === undefined ? undefined : view.namespaceByName(range.schemaname);
  if (range.schemaname !== undefined && schema === undefined)
    throw sqlError('invalid_schema_name', `schema "${range.schemaname}" does not exist`);
  const namespaces = range.schemaname === undefined ? view.searchPath : schema === undefined ? [] : [schema.oid];
  for (const namespace of namespaces) {
    const rows = cx.writer.find('pg_constraint_conname_nsp_index', [name, namespace]);
    if (rows.length === 0) continue;
    if (deferred && rows.some((row) => !row.boolean('condeferrable')))
      throw sqlError('wrong_object_type', `constraint "${name}" is not deferrable`);
    return rows.map((row) => row.number('oid'));
  }
  throw sqlError('undefined_object', `constraint "${shownName(range)}" does not exist`);
}
