/**
 * Runs portals: whole, or in parts. A query gives its next rows when they are asked for; any other statement with rows
 * runs to its end the first time, and its rows are handed out afterwards.
 */
import { sqlError } from '../errors/sql-error.js';
import type { Execution } from '../exec/executor.js';
import type { Batch } from '../exec/operator.js';
import { PartedExecution } from '../exec/parted-execution.js';
import { isPlannable } from '../sql/binder/bind-statement.js';
import type { Task } from '../util/task.js';
import { Cursor } from './cursor.js';
import { CursorRows, type RowSource } from './cursor-rows.js';
import { KeptRows } from './kept-rows.js';
import { cursorForm } from './plan-prepared.js';
import type { Portal } from './portal.js';
import type { ResultSink } from './result-sink.js';
import { RowCollector, type RowSink } from './row-sink.js';
import {
  beginRows,
  endRows,
  finishRows,
  type Interruption,
  openSnapshot,
  runPlanned,
  startOpened,
  startRows,
  tryOpenSnapshot,
} from './run-planned.js';
import type { Session } from './session.js';
import { runUtility } from './utility.js';

/** Gives at most `maxRows` rows (0: all); a whole result goes to `rows`. Returns the command tag, or null when there may be more. @throws SqlError 55000 */
export function* runPortal(
  session: Session,
  portal: Portal,
  maxRows: number,
  sink: ResultSink,
  rows: RowSink = sink,
): Task<string | null> {
  portal.enter();
  try {
    let tag: string | null;
    if (portal.fields === null) {
      tag = yield* runWhole(session, portal, sink, sink);
      portal.status = 'done';
    } else if (maxRows === 0 && portal.cursor === null && portal.drained === null) {
      tag = yield* runWhole(session, portal, sink, rows);
      portal.tag = tag;
      portal.drained ??= 0;
    } else tag = yield* runPart(session, portal, maxRows, sink);
    portal.leave();
    return tag;
  } catch (error) {
    portal.fail();
    throw error;
  }
}

/** Whether the portal is fresh and its statement a planned one: it may run without a wait. */
export function isReady(session: Session, portal: Portal): boolean {
  const { prepared } = portal;
  if (portal.status !== 'ready' || portal.cursor !== null || portal.drained !== null || portal.execution !== null)
    return false;
  if (prepared.statement === null || !isPlannable(prepared.statement.node)) return false;
  return portal.snapshot !== null || tryOpenSnapshot(session, portal);
}

/** Runs such a portal to its end: returns its tag, or what is left to be done if something has to be waited for. */
export function runReady(session: Session, portal: Portal, sink: ResultSink): string | Task<string> {
  portal.enter();
  try {
    const execution = startOpened(session, portal, false);
    const interruption = beginRows(session, portal, execution, sink);
    if (interruption !== null) return finishReady(session, portal, execution, sink, interruption);
    return ended(portal, endRows(session, portal, execution));
  } catch (error) {
    portal.fail();
    throw error;
  }
}

function* finishReady(
  session: Session,
  portal: Portal,
  execution: Execution,
  sink: ResultSink,
  interruption: Interruption,
): Task<string> {
  try {
    yield* finishRows(portal, execution, sink, interruption);
    return ended(portal, endRows(session, portal, execution));
  } catch (error) {
    portal.fail();
    throw error;
  }
}

/** Notes that all has been given. */
function ended(portal: Portal, tag: string): string {
  if (portal.fields === null) portal.status = 'done';
  else {
    portal.tag = tag;
    portal.leave();
  }
  return tag;
}

/** Runs the statement to its end. */
function runWhole(session: Session, portal: Portal, sink: ResultSink, rows: RowSink): Task<string> {
  const { statement } = portal.prepared;
  if (statement === null) throw sqlError('internal_error', 'an empty statement cannot be run');
  if (isPlannable(statement.node)) return runPlanned(session, portal, rows);
  return runUtility(session, portal, statement, sink, rows);
}

function* runPart(session: Session, portal: Portal, maxRows: number, sink: ResultSink): Task<string | null> {
  const cursor = portal.cursor ?? (yield* openCursor(session, portal, sink));
  session.running.set(portal.execution);
  startRows(session, portal, sink);
  const given = yield* cursor.execute(maxRows, sink);
  session.running.set(null);
  if (!cursor.atEnd) return null;
  // A tag that counts rows counts those of this run.
  return portal.tag.replace(/\d+$/, String(given));
}

/** The cursor of a portal from which nothing has been fetched in parts yet. A query is started, anything else is run. */
export function* openCursor(session: Session, portal: Portal, sink: ResultSink): Task<Cursor> {
  const { scroll } = portal.options;
  const { memory } = session.environment;
  let cursor: Cursor;
  if (portal.drained !== null) {
    cursor = new Cursor(CursorRows.of(new KeptRows(memory), memory), false);
    cursor.atStart = portal.drained === 0;
    cursor.atEnd = true;
  } else if (portal.isQuery) {
    if (portal.snapshot === null && !tryOpenSnapshot(session, portal)) yield* openSnapshot(session, portal);
    if (portal.name !== '') {
      // The same relations, which are locked since the snapshot was taken.
      portal.prepared = cursorForm(session, portal.prepared);
      portal.locked = portal.prepared.planned;
    }
    startOpened(session, portal, true);
    portal.tag = 'SELECT 0';
    cursor = new Cursor(CursorRows.over(new QuerySource(portal), scroll === 'keep', memory), scroll !== 'no');
  } else {
    const rows = new KeptRows(memory);
    cursor = new Cursor(CursorRows.of(rows, memory), scroll !== 'no');
    portal.cursor = cursor;
    portal.tag = yield* runWhole(session, portal, sink, new RowCollector(rows));
  }
  portal.cursor = cursor;
  return cursor;
}

/** A portal's query under the snapshot that it was opened with. */
class QuerySource implements RowSource {
  constructor(private readonly portal: Portal) {}

  pull(wanted: number): Task<Batch | null> {
    const { execution } = this.portal;
    if (!(execution instanceof PartedExecution)) throw new Error('the query of a portal is read after its end');
    return execution.nextRows(wanted);
  }

  restart(): void {
    const { execution, transaction, snapshot, params } = this.portal;
    if (execution === null || transaction === null || snapshot === null)
      throw new Error('the query of a portal is restarted after its end');
    execution.start(transaction, snapshot, params);
  }
}
