/** Calls of set-returning functions: what a call gives is brought to an iterable of values or rows. */
import { notSupported } from '../errors/sql-error.js';
import type { Expr } from '../sql/plan/expression.js';
import { type Datum, PgRecord, type Row } from '../types/datum.js';
import type { ExecContext } from './exec-context.js';
import { CallSite } from './expression/call-site.js';
import type { Evaluator, ExpressionCompiler } from './expression/evaluator.js';
import { callTypes } from './expression/function-call.js';
import { lookupFunction, missingFunction } from './expression/function-code.js';
import { compileLongCall } from './expression/long-call.js';
import { compileRoutine, routinesFor } from './expression/routine-call.js';

/** The values for one row of the input. Elements are datums, or rows for functions with several result columns. */
export type SetEvaluator = (row: Row) => Iterable<Datum | Row>;

export function isSetReturning(expr: Expr): boolean {
  return expr.kind === 'function' && expr.proc.returnsSet;
}

/** Null when the expression does not return a set. Strict functions give no rows for a NULL argument. */
export function compileSet(compiler: ExpressionCompiler, expr: Expr): SetEvaluator | null {
  if (expr.kind === 'relabel') return compileSet(compiler, expr.arg);
  if (expr.kind !== 'function' || !expr.proc.returnsSet) return null;
  const { cx } = compiler;
  const routines = routinesFor(cx.services, expr.proc);
  if (routines !== undefined) return compileRoutine(compiler, expr, routines);
  const entry = lookupFunction(cx.services, expr.proc);
  if (entry === undefined) {
    return () => {
      throw missingFunction(cx.services, expr.proc);
    };
  }
  if (entry.kind !== 'set') throw notSupported(`${expr.proc.name} as a set-returning function`);
  const site = new CallSite(cx.services, callTypes(expr));
  const { strict } = expr.proc;
  if (entry.long !== undefined && cx.mayWait) {
    const code = (...values: Datum[]): Datum => entry.call(site, ...values);
    const evaluate = compileLongCall(compiler, expr.args, strict, code, entry.long);
    return (row) => (evaluate(row) as Iterable<Datum | Row> | null) ?? [];
  }
  const args = expr.args.map((arg) => compiler.compile(arg));
  return (row) => {
    const values = args.map((arg) => arg(row));
    return strict && values.includes(null) ? [] : entry.call(site, ...values);
  };
}

/** A function in FROM: how one element becomes `width` columns. */
export function rowSpreader(cx: ExecContext, expr: Expr, width: number): (element: Datum | Row, into: Row) => void {
  const composite =
    width > 1 || expr.type === 2249 || cx.services.types.catalog.compositeFields(expr.type) !== undefined;
  return (element, into) => {
    if (Array.isArray(element)) for (let i = 0; i < width; i++) into.push(element[i] ?? null);
    else if (element instanceof PgRecord && composite) {
      for (let i = 0; i < width; i++) into.push(element.values[i] ?? null);
    } else {
      into.push(element);
      for (let i = 1; i < width; i++) into.push(null);
    }
  };
}

/** A scalar expression in FROM gives exactly one row. */
export function scalarAsSet(evaluate: Evaluator): SetEvaluator {
  return (row) => [evaluate(row)];
}
