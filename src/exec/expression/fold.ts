/**
 * Constant folding: a call of an immutable function over constants becomes a constant. A call that fails is left as it
 * is, so that its error is raised only if the expression is evaluated at all.
 */
import type { ConstExpr, Expr, FunctionExpr } from '../../sql/plan/expression.js';
import type { Datum } from '../../types/datum.js';
import { attempt, TAKES_LONG, TakesLong } from '../../util/effort.js';
import type { ExpressionCompiler } from './evaluator.js';
import { callTypes, compileCode } from './function-call.js';
import { longCalls } from './function-code.js';
import { routinesFor } from './routine-call.js';

export function fold(compiler: ExpressionCompiler, expr: Expr): Expr {
  switch (expr.kind) {
    case 'relabel': {
      const arg = fold(compiler, expr.arg);
      return arg.kind === 'const' ? constant(expr, arg.value) : expr;
    }
    case 'function': {
      if (expr.args.length === 0 || expr.proc.returnsSet) return expr;
      const args = expr.args.map((arg) => fold(compiler, arg));
      const folded = args.every((arg, i) => arg === expr.args[i]) ? expr : { ...expr, args };
      // Bodies of statements are for the execution: those of one expression were put in the call's place before.
      if (routinesFor(compiler.cx.services, expr.proc) !== undefined) return folded;
      if (expr.proc.volatility !== 'i' || !args.every((arg) => arg.kind === 'const')) return folded;
      try {
        const value = valueAtOnce(compiler, folded);
        return value instanceof TakesLong ? folded : constant(expr, value);
      } catch {
        // Whatever is wrong is reported when (and if) the call is evaluated.
        return folded;
      }
    }
    default:
      return expr;
  }
}

/** The value of a call over constants, unless it takes long and can be had later without holding others up. */
function valueAtOnce(compiler: ExpressionCompiler, expr: FunctionExpr): Datum | TakesLong {
  const { cx } = compiler;
  const values = expr.args.map((arg) => (arg.kind === 'const' ? arg.value : null));
  const code = compileCode(compiler, expr);
  const long = cx.mayWait ? longCalls(cx.services, expr.proc, () => callTypes(expr)) : undefined;
  if (long === undefined) return code(...values);
  return long.isLong(values) ? TAKES_LONG : attempt(() => code(...values));
}

function constant(expr: Expr, value: Datum): ConstExpr {
  const { type, typmod, collation, location } = expr;
  return { kind: 'const', value, type, typmod, collation, location };
}
