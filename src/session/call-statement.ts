/** CALL: runs a procedure and gives its output parameters as a row. */
import type { CallStmt } from '@pgsql/types';
import { sqlError } from '../errors/sql-error.js';
import { routineResult } from '../exec/exec-context.js';
import { evaluateStandalone } from '../exec/standalone-expression.js';
import { type BoundCall, bindCall } from '../sql/binder/bind-call.js';
import { BindContext } from '../sql/binder/bind-context.js';
import { settleParameters } from '../sql/binder/bind-statement.js';
import { someExpr } from '../sql/plan/expr-children.js';
import type { Expr } from '../sql/plan/expression.js';
import type { OutputField } from '../sql/plan/planned-statement.js';
import { type Datum, PgRecord } from '../types/datum.js';
import * as oid from '../types/oids.js';
import type { Task } from '../util/task.js';
import type { Portal } from './portal.js';
import type { Prepared } from './prepared.js';
import type { RowSink } from './row-sink.js';
import { startRows } from './run-planned.js';
import type { Session } from './session.js';

function boundCall(session: Session, { sql, parameterTypes }: Prepared, statement: CallStmt): BoundCall {
  return bindCall(new BindContext(session.environment, sql, parameterTypes, false), statement.funccall ?? {});
}

/** Types of the parameters among the arguments: declared ones, or those that the procedure asks for. */
export function callParameterTypes(
  session: Session,
  text: string,
  statement: CallStmt,
  declared: readonly number[],
): readonly number[] {
  // Those that JDBC declares as void are OUT parameters, of whatever type the procedure says.
  const types = declared.map((type) => (type === oid.VOID ? 0 : type));
  const cx = new BindContext(session.environment, text, types, true);
  bindCall(cx, statement.funccall ?? {});
  settleParameters(cx);
  return cx.parameterTypes;
}

export function callFields(session: Session, prepared: Prepared, statement: CallStmt): readonly OutputField[] | null {
  const { outputs } = boundCall(session, prepared, statement);
  return outputs?.map((field) => ({ ...field, collation: 0, tableOid: 0, columnNumber: 0 })) ?? null;
}

/** The values of a call's arguments. @throws SqlError 0A000 for subqueries */
export function* callValues(session: Session, args: readonly Expr[], params: readonly Datum[]): Task<Datum[]> {
  const transaction = session.block.ensure();
  const values: Datum[] = [];
  for (const arg of args) {
    if (someExpr(arg, (part) => part.kind === 'subplan'))
      throw sqlError('feature_not_supported', 'cannot use subquery in CALL argument');
    values.push(yield* evaluateStandalone(session.environment, transaction, arg, params));
  }
  return values;
}

export function* runCall(session: Session, portal: Portal, statement: CallStmt, sink: RowSink): Task<string> {
  const { proc, args, outputs } = boundCall(session, portal.prepared, statement);
  const values = yield* callValues(session, args, portal.params);
  const [result] = yield* routineResult(session.environment.routines, {
    proc,
    argTypes: args.map((arg) => arg.type),
    resultType: outputs === null ? oid.VOID : proc.resultType,
    resultColumns: outputs,
    args: values,
    snapshot: null,
    nonAtomic: !session.keepsTransaction,
  });
  if (outputs !== null && portal.fields !== null) {
    startRows(session, portal, sink);
    sink.row(result instanceof PgRecord ? [...result.values] : outputs.map(() => null));
  }
  return 'CALL';
}
