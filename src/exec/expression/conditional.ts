/** CASE, COALESCE, NULLIF, GREATEST, LEAST, IS DISTINCT FROM. Branches that are not taken are not evaluated. */
import type { CaseExpr, DistinctExpr, MinMaxExpr, NullIfExpr } from '../../sql/plan/expression.js';
import type { Datum } from '../../types/datum.js';
import { valueComparator } from '../row-order.js';
import type { Evaluator, ExpressionCompiler } from './evaluator.js';
import { compileCode } from './function-call.js';

export function compileCase(compiler: ExpressionCompiler, expr: CaseExpr): Evaluator {
  const conditions = expr.branches.map((branch) => compiler.predicate(branch.condition));
  const results = expr.branches.map((branch) => compiler.compile(branch.result));
  const otherwise = compiler.compile(expr.otherwise);
  const select: Evaluator = (row) => {
    for (let i = 0; i < conditions.length; i++) if (conditions[i](row)) return results[i](row);
    return otherwise(row);
  };
  if (expr.operand === null) return select;
  const operand = compiler.compile(expr.operand);
  const cell = compiler.cx.cell(expr.operandColumn);
  return (row) => {
    cell.value = operand(row);
    return select(row);
  };
}

export function compileCoalesce(args: readonly Evaluator[]): Evaluator {
  return (row) => {
    for (let i = 0; i < args.length; i++) {
      const value = args[i](row);
      if (value !== null) return value;
    }
    return null;
  };
}

export function compileNullIf(compiler: ExpressionCompiler, expr: NullIfExpr): Evaluator {
  const left = compiler.compile(expr.left);
  const [first, second] = expr.equality.args;
  const a = first === expr.left ? null : compiler.compile(first);
  const b = compiler.compile(second);
  const equal = compileCode(compiler, expr.equality);
  return (row) => {
    const value = left(row);
    if (value === null) return null;
    return equal(a === null ? value : a(row), b(row)) === true ? null : value;
  };
}

export function compileDistinct(compiler: ExpressionCompiler, expr: DistinctExpr): Evaluator {
  const [first, second] = expr.equality.args;
  const a = compiler.compile(first);
  const b = compiler.compile(second);
  const equal = compileCode(compiler, expr.equality);
  const { negated } = expr;
  return (row) => {
    const x = a(row);
    const y = b(row);
    const same = x === null || y === null ? x === y : equal(x, y) === true;
    return same === negated;
  };
}

export function compileMinMax(compiler: ExpressionCompiler, expr: MinMaxExpr): Evaluator {
  const args = expr.args.map((arg) => compiler.compile(arg));
  const compare = valueComparator(compiler.cx.services.types, expr);
  const sign = expr.kind === 'greatest' ? 1 : -1;
  return (row) => {
    let best: Datum = null;
    for (let i = 0; i < args.length; i++) {
      const value = args[i](row);
      if (value === null) continue;
      if (best === null || compare(value, best) * sign > 0) best = value;
    }
    return best;
  };
}
