/**
 * Statements that are not planned: transaction control, settings, prepared statements, EXPLAIN, and the hand-over to DDL
 * and COPY. Each has a function; this file finds it.
 */
import type { Node } from '@pgsql/types';
import { PG_CHECKPOINT } from '../catalog/known-oids.js';
import { actsAs } from '../catalog/role-membership.js';
import { runDdl } from '../ddl/run-ddl.js';
import { notSupported, sqlError } from '../errors/sql-error.js';
import type { ParsedStatement } from '../sql/parser/parse.js';
import type { OutputField } from '../sql/plan/planned-statement.js';
import * as oid from '../types/oids.js';
import { awaitPromise, type Task } from '../util/task.js';
import { callFields, runCall } from './call-statement.js';
import { commandTag } from './command-tag.js';
import { runCopy } from './copy.js';
import { fetchFields, runClosePortal, runDeclareCursor, runFetch } from './cursor-statement.js';
import { makeDdlContext } from './ddl-environment.js';
import { runDo } from './do-statement.js';
import { runExplain } from './explain-statement.js';
import type { Portal } from './portal.js';
import { executeFields, runDeallocate, runExecute, runPrepare } from './prepare-statement.js';
import type { Prepared } from './prepared.js';
import type { ResultSink } from './result-sink.js';
import type { RowSink } from './row-sink.js';
import type { Session } from './session.js';
import { runShow, runVariableSet, showFields } from './set-statement.js';
import { checkBlock, checkWrites, takesSnapshot } from './statement-rules.js';
import { alterDatabaseSettings, alterRoleSettings } from './stored-settings.js';
import { discardTemporaries } from './temporary-schema.js';
import { runTransaction } from './transaction-statement.js';

/** Statements that a failed transaction still accepts. */
export function isTransactionExit(node: Node): boolean {
  if (!('TransactionStmt' in node)) return false;
  const kind = node.TransactionStmt.kind;
  return (
    kind === 'TRANS_STMT_COMMIT' ||
    kind === 'TRANS_STMT_ROLLBACK' ||
    kind === 'TRANS_STMT_ROLLBACK_TO' ||
    kind === 'TRANS_STMT_PREPARE'
  );
}

export function textField(name: string): OutputField {
  return { name, type: oid.TEXT, typmod: -1, collation: 0, tableOid: 0, columnNumber: 0 };
}

/** Result columns of a utility statement; null when it gives no rows. */
export function describeUtility(session: Session, prepared: Prepared, node: Node): readonly OutputField[] | null {
  if ('CallStmt' in node) return callFields(session, prepared, node.CallStmt);
  if ('VariableShowStmt' in node) return showFields(node.VariableShowStmt);
  if ('ExplainStmt' in node) return [textField('QUERY PLAN')];
  if ('ExecuteStmt' in node) return executeFields(session, node.ExecuteStmt);
  if ('FetchStmt' in node) return fetchFields(session, node.FetchStmt);
  return null;
}

/** Runs the statement; its rows go to `rows`, which may be another place than `sink`. Returns the command tag. */
export function* runUtility(
  session: Session,
  portal: Portal,
  statement: ParsedStatement,
  sink: ResultSink,
  rows: RowSink,
): Task<string> {
  const { node } = statement;
  // They may stand anywhere, and are the most frequent ones.
  if ('TransactionStmt' in node) return yield* runTransaction(session, node.TransactionStmt);
  checkBlock(session, node);
  if (takesSnapshot(node)) session.block.queried = true;
  if ('VariableSetStmt' in node) return runVariableSet(session, node.VariableSetStmt);
  if ('VariableShowStmt' in node) return runShow(session, portal, node.VariableShowStmt, rows);
  if ('PrepareStmt' in node) return yield* runPrepare(session, portal.prepared, node.PrepareStmt);
  if ('ExecuteStmt' in node) return yield* runExecute(session, portal, node.ExecuteStmt, rows);
  if ('DeallocateStmt' in node) return runDeallocate(session, node.DeallocateStmt.name ?? null);
  if ('ExplainStmt' in node) return yield* runExplain(session, portal, node.ExplainStmt, rows);
  if ('DeclareCursorStmt' in node) return yield* runDeclareCursor(session, portal, node.DeclareCursorStmt, sink);
  if ('FetchStmt' in node) return yield* runFetch(session, portal, node.FetchStmt, sink, rows);
  if ('ClosePortalStmt' in node) return runClosePortal(session, node.ClosePortalStmt);
  if ('CallStmt' in node) return yield* runCall(session, portal, node.CallStmt, rows);
  if ('DoStmt' in node) return yield* runDo(session, portal.prepared.sql, node.DoStmt, !session.keepsTransaction);
  if ('CopyStmt' in node) return yield* runCopy(session, portal.prepared.sql, node.CopyStmt, sink);
  if ('DiscardStmt' in node) return yield* runDiscard(session, node.DiscardStmt.target ?? 'DISCARD_ALL');
  if ('CheckPointStmt' in node) return yield* runCheckpoint(session);
  if ('ListenStmt' in node || 'UnlistenStmt' in node || 'NotifyStmt' in node)
    return runNotification(session, node, sink);
  checkWrites(session, node);
  if ('AlterDatabaseSetStmt' in node)
    return yield* alterDatabaseSettings(session, portal.prepared.sql, node.AlterDatabaseSetStmt);
  if ('AlterRoleSetStmt' in node) return yield* alterRoleSettings(session, portal.prepared.sql, node.AlterRoleSetStmt);
  const transaction = session.block.ensure();
  const tag = yield* runDdl(makeDdlContext(session, portal.prepared.sql, portal), node);
  if (tag === null) throw notSupported(commandTag(node));
  transaction.nextCommand();
  return tag;
}

function runNotification(session: Session, node: Node, sink: ResultSink): string {
  const { notifications } = session.environment;
  session.block.ensure();
  if ('ListenStmt' in node) notifications.listen(node.ListenStmt.conditionname ?? '', sink);
  else if ('NotifyStmt' in node)
    notifications.notify(node.NotifyStmt.conditionname ?? '', node.NotifyStmt.payload ?? '');
  else if ('UnlistenStmt' in node) {
    const channel = node.UnlistenStmt.conditionname;
    if (channel === undefined) notifications.unlistenAll();
    else notifications.unlisten(channel);
  }
  return commandTag(node);
}

function* runCheckpoint(session: Session): Task<string> {
  const { catalog, currentRole } = session.environment;
  if (!actsAs(catalog, currentRole, PG_CHECKPOINT))
    throw sqlError('insufficient_privilege', 'must be superuser or have privileges of pg_checkpoint to do CHECKPOINT');
  yield* awaitPromise(session.db.store.checkpoint());
  return 'CHECKPOINT';
}

function* runDiscard(session: Session, target: string): Task<string> {
  if (target === 'DISCARD_ALL') {
    session.portals.closeAll();
    session.settings.reset('session_authorization');
    session.settings.reset('role');
    session.settings.resetAll();
    session.prepared.dropNamed();
    session.environment.notifications.unlistenAll();
    session.environment.sessionLocks.unlockAll();
    session.environment.sequences.discard();
  } else if (target === 'DISCARD_SEQUENCES') session.environment.sequences.discard();
  if (target === 'DISCARD_ALL' || target === 'DISCARD_TEMP') yield* discardTemporaries(session);
  const names: Record<string, string> = {
    DISCARD_ALL: 'ALL',
    DISCARD_PLANS: 'PLANS',
    DISCARD_SEQUENCES: 'SEQUENCES',
    DISCARD_TEMP: 'TEMP',
  };
  return `DISCARD ${names[target] ?? 'ALL'}`;
}
