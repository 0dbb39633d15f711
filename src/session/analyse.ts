/** Analysis of a statement just parsed: what a client can be told of it before it is run. */
import { isPlannable } from '../sql/binder/bind-statement.js';
import type { Task } from '../util/task.js';
import { declaredQuery } from './cursor-statement.js';
import { utilityParameterTypes } from './inner-query.js';
import type { Prepared } from './prepared.js';
import { lockPlanned } from './run-planned.js';
import type { Session } from './session.js';
import { describeUtility } from './utility.js';

/** Settles parameter types and result columns, and locks the tables that they come from. */
export function* analyse(session: Session, prepared: Prepared): Task<void> {
  session.block.ensure();
  const statement = prepared.statement;
  if (statement === null) return;
  if (isPlannable(statement.node)) yield* lockPlanned(session, prepared);
  else if ('DeclareCursorStmt' in statement.node)
    prepared.parameterTypes = declaredQuery(
      session,
      prepared,
      statement.node.DeclareCursorStmt,
    ).prepared.parameterTypes;
  else {
    prepared.parameterTypes = utilityParameterTypes(session, prepared, statement.node);
    prepared.utilityFields = describeUtility(session, prepared, statement.node);
  }
}
