/** Runs a planned statement for a portal: locks, snapshot, rows to the sink, command tag. */
import { sqlError } from '../errors/sql-error.js';
import { Execution } from '../exec/executor.js';
import { instantiator } from '../exec/instantiate.js';
import { writeOperators } from '../exec/write-operators.js';
import type { PlannedStatement } from '../sql/plan/plan-node.js';
import type { Transaction } from '../storage/api.js';
import type { Task } from '../util/task.js';
import { ensurePlanned } from './plan-prepared.js';
import type { Portal } from './portal.js';
import type { ResultSink } from './result-sink.js';
import type { Session } from './session.js';

const instantiate = instantiator(writeOperators);

/** Locks the relations of a plan, weakest sufficient mode each. */
export function* lockRelations(transaction: Transaction, planned: PlannedStatement): Task<void> {
  for (const use of planned.relations) {
    const mode = use.write ? 'RowExclusiveLock' : use.rowLock ? 'RowShareLock' : 'AccessShareLock';
    yield* transaction.lockTable(use.oid, mode, 'wait');
  }
}

export function checkReadOnly(transaction: Transaction, planned: PlannedStatement): void {
  if (planned.readOnly || !transaction.readOnly) return;
  const command = planned.command === 'select' ? 'SELECT FOR UPDATE' : planned.command.toUpperCase();
  throw sqlError('read_only_sql_transaction', `cannot execute ${command} in a read-only transaction`);
}

/** An execution of the statement's plan that nobody is using. */
export function takeExecution(session: Session, portal: Portal, planned: PlannedStatement): Execution {
  const { prepared } = portal;
  const idle = prepared.idle;
  if (idle !== null && idle.planned === planned) {
    prepared.idle = null;
    return idle;
  }
  return new Execution(planned, session.environment, instantiate);
}

function* start(session: Session, portal: Portal): Task<Execution> {
  const { prepared } = portal;
  const transaction = session.block.ensure();
  if (prepared.planned === null) throw sqlError('internal_error', 'the statement has no plan');
  checkReadOnly(transaction, prepared.planned);
  yield* lockRelations(transaction, prepared.planned);
  ensurePlanned(session, prepared);
  const execution = takeExecution(session, portal, prepared.planned);
  portal.execution = execution;
  portal.transaction = transaction;
  portal.snapshot = transaction.snapshot();
  execution.start(transaction, portal.snapshot, portal.params);
  return execution;
}

/** The command tag, or null when `maxRows` rows were given and there may be more. */
export function* runPlanned(session: Session, portal: Portal, maxRows: number, sink: ResultSink): Task<string | null> {
  if (portal.finished) return tagOf(portal, 0, 0);
  const execution = portal.execution ?? (yield* start(session, portal));
  session.setRunning(execution);
  const { fields } = portal;
  if (fields !== null)
    sink.startRows(
      fields.map((field) => field.type),
      portal.formats,
      session.environment.types,
    );
  let sent = 0;
  for (;;) {
    if (portal.batch === null) {
      const ready = execution.tryNextBatch();
      portal.batch = ready === undefined ? yield* execution.nextBatch() : ready;
      portal.position = 0;
      if (portal.batch === null) break;
    }
    const { rows, length } = portal.batch;
    if (fields !== null) {
      const end = maxRows === 0 ? length : Math.min(length, portal.position + maxRows - sent);
      for (let i = portal.position; i < end; i++) sink.row(rows[i]);
      sent += end - portal.position;
      portal.position = end;
    } else portal.position = length;
    if (portal.position >= length) portal.batch = null;
    if (maxRows > 0 && sent >= maxRows) return null;
    const pressure = sink.backpressure();
    if (pressure !== null) yield pressure;
  }
  const affected = execution.rowsAffected;
  const transaction = portal.transaction;
  portal.close();
  session.setRunning(null);
  if (portal.prepared.planned !== null && !portal.prepared.planned.readOnly) transaction?.nextCommand();
  return tagOf(portal, sent, affected);
}

function tagOf(portal: Portal, sent: number, affected: number): string {
  switch (portal.prepared.planned?.command) {
    case 'insert':
      return `INSERT 0 ${affected}`;
    case 'update':
      return `UPDATE ${affected}`;
    case 'delete':
      return `DELETE ${affected}`;
    case 'merge':
      return `MERGE ${affected}`;
    default:
      return `SELECT ${sent}`;
  }
}
