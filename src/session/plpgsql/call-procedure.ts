/** CALL inside a function: output parameters go back into the variables that stand for them. */
import type { CallStmt } from '@pgsql/types';
import { sqlError } from '../../errors/sql-error.js';
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
import { assign } from './records.js';
import { inFragment } from './sql-context.js';
import { FrameNames } from './variable-names.js';

export function* callProcedure(frame: Frame, fragment: Fragment, statement: CallStmt): Task<void> {
  const { runtime } = frame.fn;
  const { session } = runtime;
  const outer = frame.sql;
  frame.sql = fragment;
  let bound: BoundCall;
  let result: unknown;
  try {
    const types = frame.fn.tree.variables.map(({ type }) => type.oid);
    const cx = new BindContext(session.environment, fragment.text, types, false);
    cx.variables = new FrameNames(frame, fragment.names);
    bound = bindCall(cx, statement.funccall ?? {});
    const { proc, args, outputs } = bound;
    const values = yield* callValues(session, args, frame.values);
    requireWritable(bound);
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
    throw inFragment(error, fragment);
  } finally {
    frame.sql = outer;
    runtime.refresh();
  }
  const { outputs, outputArgs } = bound;
  if (outputs === null) return;
  const record = result instanceof PgRecord ? result : null;
  outputs.forEach(({ type, typmod }, i) => {
    const dno = variableOf(outputArgs[i]);
    const target = { dno, field: null, name: frame.fn.tree.variables[dno].name };
    assign(frame, target, record?.values[i] ?? null, type, typmod);
  });
}

function variableOf(expr: Expr): number {
  return expr.kind === 'param' ? expr.index : -1;
}

/** @throws SqlError 42601 */
function requireWritable({ outputs, outputArgs, proc }: BoundCall): void {
  outputs?.forEach((_, i) => {
    if (variableOf(outputArgs[i]) >= 0) return;
    const names = (proc.argNames ?? []).filter((_, at) => 'ob'.includes(proc.argModes?.[at] ?? 'i'));
    const which = names[i] ? `"${names[i]}"` : String(i + 1);
    const message = `procedure parameter ${which} is an output parameter but corresponding argument is not writable`;
    throw sqlError('syntax_error', message);
  });
}
