/** LOCK TABLE: the named tables in their order, and what the named views read. */
import type { LockStmt, RangeVar } from '@pgsql/types';
import type { RelationDesc } from '../catalog/descriptors.js';
import { CLASS } from '../catalog/known-oids.js';
import { sqlError } from '../errors/sql-error.js';
import type { LockWaitPolicy, TableLockMode } from '../storage/api.js';
import { TABLE_LOCK_MODES } from '../storage/lock-modes.js';
import { PRIVILEGE } from '../types/acl/acl-item.js';
import type { Task } from '../util/task.js';
import { requireOnRelation } from './access.js';
import type { DdlContext } from './ddl-context.js';
import { missingRelation, tryOpenRelation } from './relation-names.js';

const LOCKABLE: readonly RelationDesc['kind'][] = ['r', 'p', 'v'];

const KINDS: Partial<Record<RelationDesc['kind'], string>> = {
  i: 'indexes',
  S: 'sequences',
  m: 'materialized views',
  c: 'composite types',
};

export function* lockStatement(cx: DdlContext, statement: LockStmt): Task<string> {
  if (!cx.inBlock) {
    throw sqlError('no_active_sql_transaction', 'LOCK TABLE can only be used in transaction blocks');
  }
  const mode = TABLE_LOCK_MODES[(statement.mode ?? 8) - 1];
  const policy = statement.nowait ? 'nowait' : 'wait';
  for (const node of statement.relations ?? []) {
    if ('RangeVar' in node) yield* lockNamed(cx, { ...node.RangeVar, location: undefined }, mode, policy);
  }
  return 'LOCK TABLE';
}

function* lockNamed(cx: DdlContext, range: RangeVar, mode: TableLockMode, policy: LockWaitPolicy): Task<void> {
  const relation = yield* tryOpenRelation(cx, range, mode, policy);
  if (relation === undefined) throw missingRelation(cx, range);
  if (!LOCKABLE.includes(relation.kind)) {
    throw sqlError('wrong_object_type', `cannot lock relation "${relation.name}"`, {
      detail: `This operation is not supported for ${KINDS[relation.kind] ?? 'this kind of relation'}.`,
    });
  }
  requireLockable(cx, relation, mode);
  if (relation.kind === 'v') yield* lockBehindView(cx, relation.oid, mode, policy, new Set([relation.oid]));
}

/** A weak lock may be taken by readers, or by writers; the others by those who change or delete rows. */
function requireLockable(cx: DdlContext, relation: RelationDesc, mode: TableLockMode): void {
  const change = PRIVILEGE.UPDATE | PRIVILEGE.DELETE | PRIVILEGE.TRUNCATE;
  if (mode === 'AccessShareLock') requireOnRelation(cx, relation, PRIVILEGE.SELECT);
  else if (mode === 'RowExclusiveLock') requireOnRelation(cx, relation, change | PRIVILEGE.INSERT);
  else requireOnRelation(cx, relation, change);
}

/** Locks every table that the view reads, through views that it reads as well. */
function* lockBehindView(
  cx: DdlContext,
  view: number,
  mode: TableLockMode,
  policy: LockWaitPolicy,
  seen: Set<number>,
): Task<void> {
  for (const oid of relationsRead(cx, view)) {
    const relation = cx.view().relation(oid);
    if (relation === undefined || seen.has(oid) || !LOCKABLE.includes(relation.kind)) continue;
    seen.add(oid);
    yield* lockRelation(cx, relation, mode, policy);
    if (relation.kind === 'v') yield* lockBehindView(cx, oid, mode, policy, seen);
  }
}

function relationsRead(cx: DdlContext, view: number): number[] {
  const rules = cx.writer.scan('pg_rewrite').filter((row) => row.number('ev_class') === view);
  return rules.flatMap((rule) =>
    cx
      .view()
      .rows('pg_depend_depender_index', [CLASS.pg_rewrite, rule.number('oid')])
      .filter((row) => row.number('refclassid') === CLASS.pg_class)
      .map((row) => row.number('refobjid')),
  );
}

function* lockRelation(
  cx: DdlContext,
  relation: RelationDesc,
  mode: TableLockMode,
  policy: LockWaitPolicy,
): Task<void> {
  if (yield* cx.transaction.lockTable(relation.oid, mode, policy)) return;
  throw sqlError('lock_not_available', `could not obtain lock on relation "${relation.name}"`);
}
