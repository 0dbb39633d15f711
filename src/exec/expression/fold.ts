/**
 * Constant folding: a call of an immutable function over constants becomes a constant. A call that fails is left as it
 * is, so that its error is raised only if the expression is evaluated at all.
 */
import type { ConstExpr, Expr } from '../../sql/plan/expression.js';
import type { Datum } from '../../types/datum.js';
import type { ExpressionCompiler } from './evaluator.js';
import { compileFunction } from './function-call.js';

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
      if (expr.proc.volatility !== 'i' || !args.every((arg) => arg.kind === 'const')) return folded;
      try {
        return constant(expr, compileFunction(compiler, folded)([]));
      } catch {
        // Whatever is wrong is reported when (and if) the call is evaluated.
        return folded;
      }
    }
    default:
      return expr;
  }
}

function constant(expr: Expr, value: Datum): ConstExpr {
  const { type, typmod, collation, location } = expr;
  return { kind: 'const', value, type, typmod, collation, location };
}
