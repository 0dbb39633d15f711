/** Utility statements in bodies of functions: they run as by themselves, and whatever rows they give go nowhere. */
import type { BodyStatement } from '../sql/binder/routine-body.js';
import type { Datum, Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { Portal } from './portal.js';
import { Prepared } from './prepared.js';
import type { RowSink } from './row-sink.js';
import type { Session } from './session.js';
import { currentTimestamp } from './session-types.js';
import { runUtility } from './utility.js';

const NOWHERE: RowSink = {
  crowded: false,
  startRows(): void {},
  row(_row: Row): void {},
  backpressure: () => null,
};

/** `types` and `params`: what the query inside knows as parameters. Returns the command tag. */
export function* runRoutineUtility(
  session: Session,
  { node, text }: BodyStatement,
  types: readonly number[] = [],
  params: readonly Datum[] = [],
): Task<string> {
  const prepared = new Prepared('', text, { node, start: 0, text }, types, currentTimestamp(), false, false);
  const portal = new Portal(session, prepared, params, null, []);
  return yield* runUtility(
    session,
    portal,
    prepared.statement ?? { node, start: 0, text },
    session.resultSink,
    NOWHERE,
  );
}
