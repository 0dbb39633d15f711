/** Values of expressions outside of any plan: arguments of EXECUTE, defaults that DDL computes. They read no rows and run no queries. */
import { notSupported } from '../errors/sql-error.js';
import type { Expr } from '../sql/plan/expression.js';
import type { Transaction } from '../storage/api.js';
import type { Datum } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { ExecContext, type ExecServices } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import { fold } from './expression/fold.js';
import { suspension } from './suspend.js';

/** A context for expressions that read no rows, or rows that are given, and run no queries. */
export function standaloneContext(services: ExecServices): ExecContext {
  return new ExecContext(services, () => {
    throw notSupported('a subquery in this place');
  });
}

/** Turns calls of immutable functions over constants into constants; see `fold`. */
export function constantFolder(services: ExecServices): (expr: Expr) => Expr {
  let compiler: Compiler | null = null;
  return (expr) => {
    compiler ??= new Compiler(standaloneContext(services), []);
    return fold(compiler, expr);
  };
}

/** Evaluates an expression without subqueries, which may have to wait. `params`: values of its parameters. */
export function* evaluateStandalone(
  services: ExecServices,
  transaction: Transaction,
  expr: Expr,
  params: readonly Datum[],
): Task<Datum> {
  const cx = standaloneContext(services);
  cx.mayWait = true;
  const evaluate = new Compiler(cx, []).compile(expr);
  cx.begin(transaction, transaction.latest(), params);
  try {
    for (;;) {
      try {
        return evaluate([]);
      } catch (error) {
        yield suspension(error);
      }
    }
  } finally {
    cx.end();
  }
}

/** Evaluates at once. @throws SqlError 0A000 for subqueries, and whatever the expression throws */
export function compileStandalone(
  services: ExecServices,
  transaction: Transaction,
  expr: Expr,
  params: readonly Datum[] = [],
): Datum {
  const cx = standaloneContext(services);
  const evaluate = new Compiler(cx, []).compile(expr);
  cx.begin(transaction, transaction.latest(), params);
  return evaluate([]);
}
