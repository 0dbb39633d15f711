/** Runs a planned statement for a portal: locks, snapshot, rows to the sink, command tag. */
import type { Node } from '@pgsql/types';
import { SqlError, sqlError } from '../errors/sql-error.js';
import { Execution } from '../exec/executor.js';
import { instantiator } from '../exec/instantiate.js';
import type { Batch } from '../exec/operator.js';
import { PartedExecution } from '../exec/parted-execution.js';
import { writeOperators } from '../exec/write-operators.js';
import type { PlannedStatement, RelationUse } from '../sql/plan/planned-statement.js';
import type { TableLockMode, Transaction } from '../storage/api.js';
import { GIVE_WAY, type Task, type Wait } from '../util/task.js';
import { commandTag } from './command-tag.js';
import { LargeOutput } from './large-output.js';
import { ensurePlanned, isCurrent, noticeRun } from './plan-prepared.js';
import type { Portal } from './portal.js';
import type { Prepared } from './prepared.js';
import type { RowSink } from './row-sink.js';
import type { Session } from './session.js';
import { readOnlyError } from './statement-rules.js';

const instantiate = instantiator(writeOperators);

/** Locks the relations of a plan, weakest sufficient mode each. `placed`: errors tell where the statement names them. */
export function* lockRelations(transaction: Transaction, planned: PlannedStatement, placed: boolean): Task<void> {
  for (const use of planned.relations) {
    if (tryLockUse(transaction, use)) continue;
    try {
      yield* transaction.lockTable(use.oid, lockModeOf(use), 'wait');
    } catch (error) {
      throw placed && error instanceof SqlError && error.condition !== 'query_canceled'
        ? error.at(use.position)
        : error;
    }
    if (use.indexes !== null) yield* transaction.lockIndexes(use.indexes);
  }
}

/** The same without a wait; false (with a part of the locks perhaps) where there would be one. */
export function tryLockRelations(transaction: Transaction, planned: PlannedStatement): boolean {
  for (const use of planned.relations) if (!tryLockUse(transaction, use)) return false;
  return true;
}

/** False when something has to be waited for, perhaps after a part of it. */
function tryLockUse(transaction: Transaction, use: RelationUse): boolean {
  if (!transaction.tryLockTable(use.oid, lockModeOf(use))) return false;
  return use.indexes === null || transaction.tryLockIndexes(use.indexes);
}

function lockModeOf(use: RelationUse): TableLockMode {
  if (use.write) return 'RowExclusiveLock';
  return use.rowLock !== null ? 'RowShareLock' : 'AccessShareLock';
}

/** The plan of a prepared statement with its relations locked, when that needs neither planning nor waiting. */
export function tryLockPlanned(session: Session, prepared: Prepared): PlannedStatement | null {
  const { planned } = prepared;
  if (planned === null || !isCurrent(session, prepared)) return null;
  if (!tryLockRelations(session.block.ensure(), planned)) return null;
  return isCurrent(session, prepared) ? planned : null;
}

/**
 * Makes a plan and locks its relations. Whoever held one of them may have changed it: then the plan is made anew, so it,
 * and the columns that it promises, hold for the rest of the transaction.
 */
export function* lockedPlan<Made>(
  session: Session,
  make: () => Made,
  planOf: (made: Made) => PlannedStatement,
): Task<Made> {
  const transaction = session.block.ensure();
  const { environment } = session;
  for (;;) {
    environment.namedRelations.clear();
    let made: Made;
    try {
      made = make();
    } catch (error) {
      if (!(yield* waitForChanges(session))) throw error;
      continue;
    }
    const planned = planOf(made);
    yield* lockRelations(transaction, planned, true);
    if (planned.catalogVersion === environment.catalog.version) return made;
  }
}

/** What is wrong with a statement may be right again when those are done who are changing its tables. */
function* waitForChanges(session: Session): Task<boolean> {
  const { environment } = session;
  const { version } = environment.catalog;
  const transaction = session.block.ensure();
  for (const relation of [...environment.namedRelations])
    yield* transaction.lockTable(relation, 'AccessShareLock', 'wait');
  return environment.catalog.version !== version;
}

/** The plan of a prepared statement, with its relations locked. */
export function* lockPlanned(session: Session, prepared: Prepared): Task<PlannedStatement> {
  const { planned: known } = prepared;
  if (known !== null && isCurrent(session, prepared)) {
    yield* lockRelations(session.block.ensure(), known, !prepared.hasParameters);
    if (isCurrent(session, prepared)) return known;
  }
  // The tree of a long text has just come, planning and compiling it take some time each.
  const isLong = prepared.sql.length > LONG_TEXT;
  if (isLong) yield GIVE_WAY;
  const planned = yield* lockedPlan(
    session,
    () => {
      ensurePlanned(session, prepared);
      if (prepared.planned === null) throw sqlError('internal_error', 'the statement has no plan');
      return prepared.planned;
    },
    (made) => made,
  );
  if (isLong) yield GIVE_WAY;
  return planned;
}

/** Characters of a statement. */
const LONG_TEXT = 64 * 1024;

/** Temporary tables may be written always. @throws SqlError 25006 */
export function checkReadOnly(session: Session, planned: PlannedStatement, node: Node): void {
  if (planned.readOnly || !session.block.ensure().readOnly) return;
  const { catalog } = session.environment;
  const isShared = (oid: number): boolean => catalog.relation(oid)?.persistence !== 't';
  if (planned.relations.some((use) => (use.write || use.rowLock !== null) && isShared(use.oid)))
    throw readOnlyError(commandTag(node));
}

/** An execution of the statement's plan that nobody is using. */
function takeExecution(session: Session, portal: Portal, planned: PlannedStatement, inParts: boolean): Execution {
  const { prepared } = portal;
  noticeRun(session, prepared);
  const idle = prepared.idle;
  if (idle !== null && idle.planned === planned && idle instanceof PartedExecution === inParts) {
    prepared.idle = null;
    return idle;
  }
  if (inParts) return new PartedExecution(planned, session.environment, writeOperators);
  return new Execution(planned, session.environment, instantiate);
}

/** Locks the relations and takes the snapshot: what a query will see is settled when its portal is opened. */
export function* openSnapshot(session: Session, portal: Portal): Task<void> {
  const { prepared } = portal;
  const transaction = session.block.ensure();
  ensurePlanned(session, prepared);
  const { planned } = prepared;
  const locked = planned !== null && portal.locked === planned ? planned : yield* lockPlanned(session, prepared);
  if (prepared.statement !== null) checkReadOnly(session, locked, prepared.statement.node);
  if (session.block.deferrable) yield* transaction.awaitSafeSnapshot();
  takeSnapshot(session, portal);
}

/** The same when the portal's plan is locked already and there is nothing to wait for; false otherwise. @throws SqlError 25006 */
export function tryOpenSnapshot(session: Session, portal: Portal): boolean {
  const { planned, statement } = portal.prepared;
  if (planned === null || portal.locked !== planned || session.block.deferrable) return false;
  if (!isCurrent(session, portal.prepared)) return false;
  if (statement !== null) checkReadOnly(session, planned, statement.node);
  takeSnapshot(session, portal);
  return true;
}

function takeSnapshot(session: Session, portal: Portal): void {
  const transaction = session.block.ensure();
  session.block.queried = true;
  portal.transaction = transaction;
  portal.snapshot = transaction.snapshot();
}

/** Begins the execution; `inParts`: rows will be asked for by number. */
function* startPlanned(session: Session, portal: Portal, inParts: boolean): Task<Execution> {
  if (portal.snapshot === null && !tryOpenSnapshot(session, portal)) yield* openSnapshot(session, portal);
  return startOpened(session, portal, inParts);
}

/** The same for a portal whose snapshot is taken. */
export function startOpened(session: Session, portal: Portal, inParts: boolean): Execution {
  const { prepared, transaction, snapshot } = portal;
  if (prepared.planned === null || transaction === null || snapshot === null)
    throw sqlError('internal_error', 'the portal is not open');
  const execution = takeExecution(session, portal, prepared.planned, inParts);
  portal.execution = execution;
  execution.start(transaction, snapshot, portal.params);
  return execution;
}

/** Where giving rows has stopped: before row `at` of the batch (null: before the next batch), because of `wait` or for the next rows. */
export interface Interruption {
  readonly batch: Batch | null;
  readonly at: number;
  readonly wait: Wait | null;
}

const NEXT_ROWS: Interruption = { batch: null, at: 0, wait: null };

/** Runs the portal to its end and gives all rows. Returns the command tag. */
export function* runPlanned(session: Session, portal: Portal, sink: RowSink): Task<string> {
  const execution = portal.execution ?? (yield* startPlanned(session, portal, false));
  const interruption = beginRows(session, portal, execution, sink);
  if (interruption !== null) yield* finishRows(portal, execution, sink, interruption);
  return endRows(session, portal, execution);
}

/** Gives rows until something has to be waited for; null: that was all. */
export function beginRows(session: Session, portal: Portal, execution: Execution, sink: RowSink): Interruption | null {
  session.running.set(execution);
  portal.sent = 0;
  if (portal.fields !== null) startRows(session, portal, sink);
  return giveRows(portal, execution, sink, null, 0);
}

/** Gives the rest. */
export function* finishRows(portal: Portal, execution: Execution, sink: RowSink, from: Interruption): Task<void> {
  let interruption: Interruption | null = from;
  while (interruption !== null) {
    const { batch, at, wait }: Interruption = interruption;
    if (wait !== null) yield wait;
    execution.cx.checkInterrupt();
    const rows: Batch | null = batch ?? (yield* execution.nextBatch());
    interruption = rows === null ? null : giveRows(portal, execution, sink, rows, at);
  }
}

/** After fewer rows at once the clock is not looked at. */
const FEW_ROWS = 64;

function giveRows(
  portal: Portal,
  execution: Execution,
  sink: RowSink,
  first: Batch | null,
  from: number,
): Interruption | null {
  let batch = first;
  let at = from;
  for (;;) {
    if (batch === null) {
      const ready = execution.tryNextBatch();
      if (ready === undefined) return NEXT_ROWS;
      if (ready === null) return null;
      batch = ready;
    }
    if (portal.fields !== null) {
      const { rows, length } = batch;
      const { largeOutput } = portal;
      while (at < length) {
        const wait = largeOutput === null ? null : largeOutput.prepare(rows[at]);
        if (wait !== null) return { batch, at, wait };
        sink.row(rows[at++]);
        largeOutput?.given();
        if (!sink.crowded) continue;
        const full = sink.backpressure();
        if (full !== null) return { batch, at, wait: full };
        if (execution.cx.overdue()) return { batch, at, wait: execution.cx.giveWay() };
      }
      portal.sent += length;
      const wait = sink.backpressure();
      if (wait !== null) return { batch: null, at: 0, wait };
      if (length > FEW_ROWS && execution.cx.overdue()) return { batch: null, at: 0, wait: execution.cx.giveWay() };
    }
    batch = null;
    at = 0;
  }
}

/** Ends the run. Returns the command tag. */
export function endRows(session: Session, portal: Portal, execution: Execution): string {
  session.running.checkInterrupt();
  const affected = execution.rowsAffected;
  const { transaction, sent } = portal;
  portal.drained = sent;
  portal.close();
  session.running.set(null);
  if (portal.prepared.planned !== null && !portal.prepared.planned.readOnly) transaction?.nextCommand();
  return tagOf(portal, sent, affected);
}

/** Says how the portal's rows are to be written. */
export function startRows(session: Session, portal: Portal, sink: RowSink): void {
  portal.largeOutput = LargeOutput.of(session.environment.types, portal.columnTypes, portal.formats);
  sink.startRows(portal.columnTypes, portal.formats, session.environment.types);
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
