/** The surroundings of a DDL statement, made from the session. */
import type { DdlContext } from '../ddl/ddl-context.js';
import { Execution } from '../exec/executor.js';
import { instantiator } from '../exec/instantiate.js';
import { writeOperators } from '../exec/write-operators.js';
import { BindContext } from '../sql/binder/bind-context.js';
import { bindStatement } from '../sql/binder/bind-statement.js';
import type { PlannedStatement } from '../sql/plan/planned-statement.js';
import type { Datum, Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { SessionDatabaseControl } from './database-control.js';
import { planBound } from './planner.js';
import type { Portal } from './portal.js';
import { planExecute } from './prepare-statement.js';
import { lockedPlan } from './run-planned.js';
import type { Session } from './session.js';
import { currentTimestamp } from './session-types.js';
import { clauseValue } from './set-statement.js';
import { temporaryNamespace } from './temporary-schema.js';

const instantiate = instantiator(writeOperators);

/** What a statement's parameters are: `portal` of the statement, absent where it can have none. */
type Parameters = Pick<Portal, 'params' | 'prepared'>;

export function makeDdlContext(session: Session, text: string, portal?: Parameters): DdlContext {
  const types = portal?.prepared.parameterTypes ?? [];
  const transaction = session.block.ensure();
  const environment = session.environment;
  return {
    store: session.db.store,
    transaction,
    writer: session.db.catalog.writer(transaction),
    view: () => environment.catalog,
    exec: environment,
    databases: new SessionDatabaseControl(session),
    planning: environment,
    role: session.identity.currentRole,
    roleName: session.identity.currentUser,
    text,
    params: portal?.params ?? [],
    bindContext: (other) => new BindContext(environment, other ?? text, [], false),
    plan: (node, other) =>
      lockedPlan(
        session,
        () => {
          const cx = new BindContext(environment, other ?? text, other === undefined ? types : [], false);
          cx.variables = environment.variables?.names ?? null;
          return planBound(environment, cx, bindStatement(cx, node));
        },
        (planned) => planned,
      ),
    planExecute: (statement) => planExecute(session, text, statement),
    run: (planned, onRows, params = []) => runPlan(session, planned, params, onRows),
    notice: (severity, message, fields) => session.notice(severity, message, fields, fields?.code),
    storedPassword: (password, role) =>
      session.db.cluster.options.storedPassword(password, role, session.settings.get('password_encryption') ?? ''),
    settingValue: (statement) => clauseValue(session, statement),
    inBlock: session.keepsTransaction,
    temporaryNamespace: () => temporaryNamespace(session),
    isRead: (relation) => session.portals.reads(relation) || session.running.isUsing(relation),
    onCommitAction: (relation, action) => session.temporaries.onCommit(relation, action),
    maintained: (relation, what, allColumns) =>
      session.db.usage.totals(relation).maintained(what, currentTimestamp(), allColumns),
    log: (message, fields) => session.db.cluster.options.log.info(fields, message),
  };
}

function* runPlan(
  session: Session,
  planned: PlannedStatement,
  params: readonly Datum[],
  onRows: (rows: readonly Row[], length: number) => Task<void>,
): Task<void> {
  const transaction = session.block.ensure();
  const execution = new Execution(planned, session.environment, instantiate);
  const snapshot = transaction.snapshot();
  try {
    execution.start(transaction, snapshot, params);
    session.running.set(execution);
    for (;;) {
      const batch = yield* execution.nextBatch();
      if (batch === null) return;
      yield* onRows(batch.rows, batch.length);
    }
  } finally {
    execution.close();
    transaction.releaseSnapshot(snapshot);
    session.running.set(null);
  }
}
