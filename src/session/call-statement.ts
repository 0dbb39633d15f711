/** CALL: runs a procedure and gives its output parameters as a row. */
import type { CallStmt } from '@pgsql/types';
import { sqlError } from '../errors/sql-error.js';
import { compileStandalone } from '../exec/standalone-expression.js';
import { type BoundCall, bindCall } from '../sql/binder/bind-call.js';
import { BindContext } from '../sql/binder/bind-context.js';
import { someExpr } from '../sql/plan/expr-children.js';
import type { OutputField } from '../sql/plan/planned-statement.js';
import { PgRecord } from '../types/datum.js';
import * as oid from '../types/oids.js';
import type { Task } from '../util/task.js';
import type { Portal } from './portal.js';
import type { RowSink } from './row-sink.js';
import { startRows } from './run-planned.js';
import type { Session } from './session.js';

function boundCall(session: Session, text: string, statement: CallStmt): BoundCall {
  return bindCall(new BindContext(session.environment, text, [], false), statement.funccall ?? {});
}

export function callFields(session: Session, text: string, statement: CallStmt): readonly OutputField[] | null {
  const { outputs } = boundCall(session, text, statement);
  return outputs?.map((field) => ({ ...field, collation: 0, tableOid: 0, columnNumber: 0 })) ?? null;
}

export function* runCall(session: Session, portal: Portal, statement: CallStmt, sink: RowSink): Task<string> {
  const { proc, args, outputs } = boundCall(session, portal.prepared.sql, statement);
  const transaction = session.block.ensure();
  const values = args.map((arg) => {
    if (someExpr(arg, (part) => part.kind === 'subplan'))
      throw sqlError('feature_not_supported', 'cannot use subquery in CALL argument');
    return compileStandalone(session.environment, transaction, arg);
  });
  const [result] = yield* session.environment.routines.run({
    proc,
    argTypes: args.map((arg) => arg.type),
    resultType: outputs === null ? oid.VOID : proc.resultType,
    resultColumns: outputs,
    args: values,
    snapshot: null,
  });
  if (outputs !== null && portal.fields !== null) {
    startRows(session, portal, sink);
    sink.row(result instanceof PgRecord ? [...result.values] : outputs.map(() => null));
  }
  return 'CALL';
}
