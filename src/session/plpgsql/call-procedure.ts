/** CALL inside a function: output parameters go back into the variables that stand for them. */
import type { CallStmt } from '@pgsql/types';
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { routineResult } from '../../exec/exec-context.js';
import { type BoundCall, bindCall } from '../../sql/binder/bind-call.js';
import { BindContext } from '../../sql/binder/bind-context.js';
import type { Expr } from '../../sql/plan/expression.js';
import type { Fragment } from '../../sql/plpgsql/syntax.js';
import { PgRecord } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { Task } from '../../util/task.js';
import { callValues } from '../call-statement.js';
import type { Frame } from './frame.js';
import { assign, requireAssignable } from './records.js';
import { inFragment } from './sql-context.js';
import { FrameNames } from './variable-names.js';

export function* callProcedure(frame: Frame, fragment: Fragment, statement: CallStmt): Task<void> {
  const { runtime } = frame.fn;
  const { session } = runtime;
  const outer = frame.sql;
  frame.sql = fragment;
  frame.owned = null;
  let unwritable: SqlError | null = null;
  let bound: BoundCall;
  let result: unknown;
  try {
    const types = frame.fn.tree.variables.map(({ type }) => type.oid);
    const cx = new BindContext(session.environment, fragment.text, types, false);
    cx.variables = new FrameNames(frame, fragment.names);
    bound = bindCall(cx, statement.funccall ?? {});
    unwritable = unwritableOutput(bound) ?? null;
    if (unwritable !== null) throw unwritable;
    const { proc, args, outputs } = bound;
    const values = yield* callValues(session, args, frame.values);
    [result] = yield* routineResult(session.environment.routines, {
      proc,
      argTypes: args.map((arg) => arg.type),
      resultType: outputs === null ? oid.VOID : proc.resultType,
      resultColumns: outputs,
      args: values,
      snapshot: null,
      nonAtomic: frame.nonAtomic,
    });
  } catch (error) {
    throw error === unwritable ? error : inFragment(error, fragment);
  } finally {
    frame.sql = outer;
    runtime.refresh();
  }
  const { outputs, outputArgs } = bound;
  if (outputs === null) return;
  const record = result instanceof PgRecord ? result : null;
  outputs.forEach(({ type, typmod }, i) => {
    const dno = variableOf(outputArgs[i]);
    requireAssignable(frame, dno);
    const target = { dno, field: null, name: frame.fn.tree.variables[dno].name };
    assign(frame, target, record?.values[i] ?? null, type, typmod);
  });
}

function variableOf(expr: Expr): number {
  return expr.kind === 'param' ? expr.index : -1;
}

/** What is wrong with an argument for an output parameter; undefined: nothing. */
function unwritableOutput({ outputs, outputArgs, proc }: BoundCall): SqlError | undefined {
  const i = (outputs ?? []).findIndex((_, at) => variableOf(outputArgs[at]) < 0);
  if (i < 0) return undefined;
  const names = (proc.argNames ?? []).filter((_, at) => 'ob'.includes(proc.argModes?.[at] ?? 'i'));
  const which = names[i] ? `"${names[i]}"` : String(i + 1);
  const message = `procedure parameter ${which} is an output parameter but corresponding argument is not writable`;
  return sqlError('syntax_error', message);
}
