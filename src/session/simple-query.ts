/** The simple protocol's Query message: one or more statements as text, rows in text form. */
import { isPlannable } from '../sql/binder/bind-statement.js';
import type { Datum } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { isBinaryFetch } from './cursor-statement.js';
import { conformingText } from './escaped-strings.js';
import { liftedStatement } from './lifted-statement.js';
import { noticeLongNames } from './long-names.js';
import { describeFields } from './message-fields.js';
import { parseStatements } from './parse-statements.js';
import type { Portal } from './portal.js';
import { Prepared } from './prepared.js';
import type { Format, ResultSink } from './result-sink.js';
import { DescribingSink } from './row-sink.js';
import { runPortal } from './run-portal.js';
import type { Session } from './session.js';
import { currentTimestamp } from './session-types.js';

/** Runs the statements of a text. The caller ends the transaction after an error. */
export function* runSimpleQuery(session: Session, given: string, sink: ResultSink): Task<void> {
  session.portals.drop('');
  session.prepared.drop('');
  const sql = conformingText(session, given);
  const cached = session.cache.get(sql);
  if (cached !== undefined) {
    yield* runStatement(session, cached.prepared, cached.params, sink, true);
    return;
  }
  const lifted = liftedStatement(session, sql);
  if (lifted !== null) {
    yield* runStatement(session, lifted.prepared, lifted.params, sink, true);
    return;
  }
  noticeLongNames(session, sql);
  const statements = yield* parseStatements(session, sql);
  if (statements.length === 0) {
    sink.emptyQuery();
    return;
  }
  for (const [i, statement] of statements.entries()) {
    const prepared = new Prepared('', sql, statement, [], currentTimestamp(), false, false);
    if (statements.length === 1 && isPlannable(statement.node)) session.cache.add(sql, prepared);
    session.block.implicit = statements.length > 1 && !session.block.inBlock;
    yield* runStatement(session, prepared, [], sink, i === statements.length - 1);
  }
}

/** One statement of a Query message; the last one ends the implicit transaction before its tag is sent. */
function* runStatement(
  session: Session,
  prepared: Prepared,
  params: readonly Datum[],
  sink: ResultSink,
  last: boolean,
): Task<void> {
  session.checkFailed(prepared);
  const { statement } = prepared;
  const formats: readonly Format[] = statement !== null && isBinaryFetch(session, statement.node) ? [1] : [];
  const portal = yield* session.openPortal(prepared, params, formats);
  try {
    const tag = yield* runDescribed(session, portal, sink);
    if (last && !session.block.inBlock) yield* session.block.commit();
    session.report(sink);
    if (tag !== null) sink.complete(tag);
  } finally {
    portal.close();
  }
}

/** Runs the portal with its RowDescription first; rows of a utility statement are described when there are some. */
function* runDescribed(session: Session, portal: Portal, sink: ResultSink): Task<string | null> {
  const { fields, formats } = portal;
  if (fields === null) return yield* runPortal(session, portal, 0, sink);
  if (portal.prepared.planned !== null) {
    sink.describeRows(describeFields(session, portal.prepared, fields), formats);
    return yield* runPortal(session, portal, 0, sink);
  }
  const rows = new DescribingSink(sink, () =>
    sink.describeRows(describeFields(session, portal.prepared, fields), formats),
  );
  const tag = yield* runPortal(session, portal, 0, sink, rows);
  rows.describe();
  return tag;
}
