/** Calls of functions and operators, specialised by the number of arguments, strictness and constants. */
import { notSupported } from '../../errors/sql-error.js';
import type { Expr, FunctionExpr } from '../../sql/plan/expression.js';
import type { Datum } from '../../types/datum.js';
import type { Evaluator, ExpressionCompiler } from './evaluator.js';
import { fastArithmetic } from './fast-arithmetic.js';
import { comparisonCode, fastComparison3 } from './fast-comparison.js';
import { type Code, functionCode, longCalls } from './function-code.js';
import { compileLongCall } from './long-call.js';
import { compileRoutineValue, routinesFor } from './routine-call.js';
import { scaledArithmetic } from './scaled-numeric.js';

export function callTypes(expr: FunctionExpr) {
  return {
    argTypes: expr.args.map((arg) => arg.type),
    argTypmods: expr.args.map((arg) => arg.typmod),
    resultType: expr.type,
    variadicArray: expr.variadicArray,
    resultColumns: expr.resultColumns,
    collation: expr.inputCollation,
  };
}

/** The code of a call without its arguments, NULL handling included. */
export function compileCode(compiler: ExpressionCompiler, expr: FunctionExpr): Code {
  const code: Code = comparisonCode(expr.proc.source) ?? functionCode(compiler.cx.services, expr.proc, callTypes(expr));
  if (!expr.proc.strict) return code;
  if (expr.args.length === 1) return (a) => (a === null ? null : code(a));
  if (expr.args.length === 2) return (a, b) => (a === null || b === null ? null : code(a, b));
  return (...args) => (args.includes(null) ? null : code(...args));
}

export function compileFunction(compiler: ExpressionCompiler, expr: FunctionExpr): Evaluator {
  if (expr.proc.returnsSet) {
    const error = notSupported(`set-returning function ${expr.proc.name} in this place`);
    return () => {
      throw error;
    };
  }
  const routines = routinesFor(compiler.cx.services, expr.proc);
  if (routines !== undefined) return compileRoutineValue(compiler, expr, routines);
  const fast = fastComparison3(compiler, expr) ?? fastArithmetic(compiler, expr);
  return fast ?? scaledArithmetic(compiler, expr, () => compileCall(compiler, expr)) ?? compileCall(compiler, expr);
}

function compileCall(compiler: ExpressionCompiler, expr: FunctionExpr): Evaluator {
  const code = functionCode(compiler.cx.services, expr.proc, callTypes(expr));
  const mayWait = compiler.cx.mayWait && expr.inputCollation === undefined;
  const long = mayWait ? longCalls(compiler.cx.services, expr.proc, () => callTypes(expr)) : undefined;
  if (long !== undefined) return compileLongCall(compiler, expr.args, expr.proc.strict, code, long);
  const args = expr.args.map((arg) => compiler.compile(arg));
  return expr.proc.strict ? strictCall(code, args, expr.args) : lenientCall(code, args);
}

function strictCall(code: Code, args: readonly Evaluator[], exprs: readonly Expr[]): Evaluator {
  const [a, b, c] = args;
  switch (args.length) {
    case 0:
      return () => code();
    case 1:
      return (row) => {
        const x = a(row);
        return x === null ? null : code(x);
      };
    case 2: {
      const last = exprs[1];
      if (last.kind === 'const') return strictCallWithConstant(code, a, last.value);
      return (row) => {
        const x = a(row);
        if (x === null) return null;
        const y = b(row);
        return y === null ? null : code(x, y);
      };
    }
    case 3:
      return (row) => {
        const x = a(row);
        const y = b(row);
        const z = c(row);
        return x === null || y === null || z === null ? null : code(x, y, z);
      };
    default:
      return (row) => {
        const values = args.map((arg) => arg(row));
        return values.includes(null) ? null : code(...values);
      };
  }
}

function strictCallWithConstant(code: Code, a: Evaluator, constant: Datum): Evaluator {
  if (constant === null) {
    return (row) => {
      a(row);
      return null;
    };
  }
  return (row) => {
    const x = a(row);
    return x === null ? null : code(x, constant);
  };
}

function lenientCall(code: Code, args: readonly Evaluator[]): Evaluator {
  const [a, b] = args;
  switch (args.length) {
    case 0:
      return () => code();
    case 1:
      return (row) => code(a(row));
    case 2:
      return (row) => code(a(row), b(row));
    default:
      return (row) => code(...args.map((arg) => arg(row)));
  }
}
