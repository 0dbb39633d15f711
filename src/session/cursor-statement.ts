/** DECLARE, FETCH, MOVE, CLOSE. */
import type { ClosePortalStmt, DeclareCursorStmt, FetchStmt, Node } from '@pgsql/types';
import { sqlError } from '../errors/sql-error.js';
import { intoOf } from '../sql/binder/ast.js';
import { isPlannable } from '../sql/binder/bind-statement.js';
import type { OutputField, PlannedStatement } from '../sql/plan/planned-statement.js';
import type { Task } from '../util/task.js';
import { locksRows, supportsBackwardScan } from './backward-scan.js';
import type { Motion } from './cursor.js';
import { type CursorOptions, type DeclaredOptions, declaredOptions } from './cursor-options.js';
import { fieldsOf } from './message-fields.js';
import { ensurePlanned } from './plan-prepared.js';
import { Portal } from './portal.js';
import { Prepared } from './prepared.js';
import type { ResultSink } from './result-sink.js';
import type { RowSink } from './row-sink.js';
import { lockPlanned, startRows } from './run-planned.js';
import { openCursor } from './run-portal.js';
import type { Session } from './session.js';

/** The query of a DECLARE as a statement of its own, planned. @throws SqlError 42P11, 42601, 0A000 */
export function declaredQuery(
  session: Session,
  source: Prepared,
  statement: DeclareCursorStmt,
): { prepared: Prepared; options: DeclaredOptions } {
  const options = declaredOptions(statement.options ?? 0);
  const { query } = statement;
  if (query === undefined) throw sqlError('syntax_error', 'DECLARE without a query');
  refuseInto(query);
  const prepared = new Prepared(
    '',
    source.sql,
    { node: query, start: 0, text: source.sql },
    source.parameterTypes.length > 0 ? source.parameterTypes : source.declaredTypes,
    source.preparedAt,
    false,
    source.hasParameters,
    true,
  );
  ensurePlanned(session, prepared);
  if (prepared.planned?.relations.some((use) => use.write))
    throw sqlError('feature_not_supported', 'DECLARE CURSOR must not contain data-modifying statements in WITH');
  refuseLocking(query, options);
  return { prepared, options };
}

function refuseInto(query: Node): void {
  if (isPlannable(query)) return;
  const into = 'SelectStmt' in query ? intoOf(query.SelectStmt)?.rel?.location : undefined;
  throw sqlError(
    'syntax_error',
    'SELECT ... INTO is not allowed here',
    into === undefined ? {} : { position: into + 1 },
  );
}

const STRENGTHS: Readonly<Record<string, string>> = {
  LCS_FORKEYSHARE: 'FOR KEY SHARE',
  LCS_FORSHARE: 'FOR SHARE',
  LCS_FORNOKEYUPDATE: 'FOR NO KEY UPDATE',
  LCS_FORUPDATE: 'FOR UPDATE',
};

function refuseLocking(query: Node, options: DeclaredOptions): void {
  const clause = 'SelectStmt' in query ? query.SelectStmt.lockingClause?.[0] : undefined;
  if (clause === undefined || !('LockingClause' in clause)) return;
  const strength = STRENGTHS[clause.LockingClause.strength ?? 'LCS_FORUPDATE'];
  const refuse = (
    code: 'feature_not_supported' | 'invalid_cursor_definition',
    message: string,
    kind: string,
  ): never => {
    throw sqlError(code, message, { detail: `${kind} cursors must be READ ONLY.` });
  };
  if (options.hold)
    refuse('feature_not_supported', `DECLARE CURSOR WITH HOLD ... ${strength} is not supported`, 'Holdable');
  if (options.scroll)
    refuse('feature_not_supported', `DECLARE SCROLL CURSOR ... ${strength} is not supported`, 'Scrollable');
  if (options.insensitive)
    refuse('invalid_cursor_definition', `DECLARE INSENSITIVE CURSOR ... ${strength} is not valid`, 'Insensitive');
}

export function* runDeclareCursor(
  session: Session,
  outer: Portal,
  statement: DeclareCursorStmt,
  sink: ResultSink,
): Task<string> {
  const { prepared, options } = declaredQuery(session, outer.prepared, statement);
  if (!options.hold && !session.keepsTransaction)
    throw sqlError('no_active_sql_transaction', 'DECLARE CURSOR can only be used in transaction blocks');
  const name = statement.portalname ?? '';
  session.portals.requireFree(name);
  const planned = yield* lockPlanned(session, prepared);
  const portal = new Portal(
    session,
    prepared,
    outer.params,
    fieldsOf(prepared),
    (planned.fields ?? []).map(() => 0),
    {
      hold: options.hold,
      binary: options.binary,
      scroll: scrollOption(options, planned),
    },
  );
  yield* openCursor(session, portal, sink);
  session.portals.add(name, portal, session.block.depth);
  return 'DECLARE CURSOR';
}

/** Whether a cursor can go back. */
export function scrollOption({ scroll }: Partial<DeclaredOptions>, planned: PlannedStatement): CursorOptions['scroll'] {
  if (scroll !== undefined) return scroll ? 'keep' : 'no';
  return !locksRows(planned.root) && supportsBackwardScan(planned.root) ? 'yes' : 'no';
}

/** Columns of the cursor that FETCH names; null when there is none (running it will tell). */
export function fetchFields(session: Session, statement: FetchStmt): readonly OutputField[] | null {
  if (statement.ismove) return null;
  return session.portals.get(statement.portalname ?? '')?.fields ?? null;
}

export function* runFetch(
  session: Session,
  outer: Portal,
  statement: FetchStmt,
  sink: ResultSink,
  rows: RowSink,
): Task<string> {
  const name = statement.portalname ?? '';
  const portal = session.portals.get(name);
  if (portal === undefined) throw sqlError('invalid_cursor_name', `cursor "${name}" does not exist`);
  const motion: Motion = { direction: statement.direction ?? 'FETCH_FORWARD', count: Number(statement.howMany ?? 0) };
  portal.enter();
  try {
    if (portal.fields === null)
      throw sqlError('object_not_in_prerequisite_state', `portal "${name}" does not give rows`);
    const cursor = portal.cursor ?? (yield* openCursor(session, portal, sink));
    session.running.set(portal.execution);
    if (!statement.ismove) startRows(session, outer, rows);
    const count = yield* cursor.fetch(motion, statement.ismove ? null : rows);
    portal.leave();
    return `${statement.ismove ? 'MOVE' : 'FETCH'} ${count}`;
  } catch (error) {
    portal.fail();
    throw error;
  }
}

export function runClosePortal(session: Session, statement: ClosePortalStmt): string {
  const name = statement.portalname;
  if (name === undefined) {
    session.portals.closeAll();
    return 'CLOSE CURSOR ALL';
  }
  const portal = session.portals.get(name);
  if (portal === undefined) throw sqlError('invalid_cursor_name', `cursor "${name}" does not exist`);
  if (portal.status === 'active') throw sqlError('invalid_cursor_state', `cannot drop active portal "${name}"`);
  session.portals.drop(name);
  return 'CLOSE CURSOR';
}

/** Whether the statement is a FETCH from a cursor that was declared BINARY. */
export function isBinaryFetch(session: Session, node: Node): boolean {
  if (!('FetchStmt' in node) || node.FetchStmt.ismove) return false;
  return session.portals.get(node.FetchStmt.portalname ?? '')?.options.binary ?? false;
}
