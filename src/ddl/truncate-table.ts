/** TRUNCATE, with RESTART IDENTITY. */
import type { TruncateStmt } from '@pgsql/types';
import type { RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import { compileStandalone } from '../exec/standalone-expression.js';
import { callTrigger, isEnabled } from '../exec/triggers/table-triggers.js';
import { truncate, truncationOrder } from '../exec/truncate.js';
import { bindTriggerCondition } from '../sql/binder/trigger-scope.js';
import { PRIVILEGE } from '../types/acl/acl-item.js';
import type { Task } from '../util/task.js';
import { requireOnRelation } from './access.js';
import type { DdlContext } from './ddl-context.js';
import { openRelation, refuseSystemRelation, relationNow, requireUnused } from './relation-names.js';
import { ownedSequences, restartSequence, sequenceParameters } from './sequence.js';

export function* truncateStatement(cx: DdlContext, statement: TruncateStmt): Task<string> {
  const named: RelationDesc[] = [];
  for (const node of statement.relations ?? []) {
    if (!('RangeVar' in node)) continue;
    const relation = yield* openRelation(cx, { ...node.RangeVar, location: undefined }, 'AccessExclusiveLock');
    if (relation.kind !== 'r') throw sqlError('wrong_object_type', `"${relation.name}" is not a table`);
    requireOnRelation(cx, relation, PRIVILEGE.TRUNCATE);
    refuseSystemRelation(relation);
    requireUnused(cx, relation, 'TRUNCATE');
    named.push(relation);
  }
  const cascade = statement.behavior === 'DROP_CASCADE';
  const all = truncationOrder(cx.view(), named, cascade);
  for (const relation of all) {
    if (named.some(({ oid }) => oid === relation.oid)) continue;
    requireOnRelation(cx, relation, PRIVILEGE.TRUNCATE);
    cx.notice('NOTICE', `truncate cascades to table "${relation.name}"`);
    yield* cx.transaction.lockTable(relation.oid, 'AccessExclusiveLock', 'wait');
    requireUnused(cx, relation, 'TRUNCATE');
  }
  yield* fireTriggers(cx, all, 'BEFORE');
  yield* truncate(
    cx.writer,
    all.map(({ oid }) => relationNow(cx, oid)),
  );
  if (statement.restart_seqs) {
    for (const { oid } of all) {
      for (const sequence of ownedSequences(cx, oid, 0)) {
        yield* restartSequence(cx, sequence, sequenceParameters(cx, sequence).start);
      }
    }
  }
  yield* fireTriggers(cx, all, 'AFTER');
  return 'TRUNCATE TABLE';
}

function* fireTriggers(cx: DdlContext, relations: readonly RelationDesc[], timing: 'BEFORE' | 'AFTER'): Task<void> {
  for (const relation of relations) {
    for (const trigger of relation.triggers) {
      if (trigger.timing !== timing || !trigger.events.includes('TRUNCATE') || !isEnabled(cx.exec, trigger)) continue;
      const condition = bindTriggerCondition(cx.bindContext(), relation, trigger);
      if (condition !== null && compileStandalone(cx.exec, cx.transaction, condition.expr) !== true) continue;
      yield* callTrigger(cx.exec, relation, trigger, 'TRUNCATE', null, null, () => cx.transaction.nextCommand());
    }
  }
}
