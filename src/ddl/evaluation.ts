/** Evaluating over stored rows while DDL runs: index builds, constraint checks, rewrites. */

import { notSupported } from '../errors/sql-error.js';
import { ExecContext } from '../exec/exec-context.js';
import type { DdlContext } from './ddl-context.js';

/** A begun context that sees the rows of all earlier commands. Its expressions hold no subqueries. */
export function evaluationContext(cx: DdlContext): ExecContext {
  const execution = new ExecContext(cx.exec, () => {
    throw notSupported('a subquery in this place');
  });
  execution.begin(cx.transaction, cx.transaction.latest(), []);
  return execution;
}
