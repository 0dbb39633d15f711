/** Addition, subtraction and multiplication of int4, int8 and float8 without a call, with PostgreSQL's overflow errors. */
import { sqlError } from '../../errors/sql-error.js';
import type { FunctionExpr } from '../../sql/plan/expression.js';
import type { Datum } from '../../types/datum.js';
import type { Evaluator, ExpressionCompiler } from './evaluator.js';
import { callTypes } from './function-call.js';
import { type Code, functionCode } from './function-code.js';

const PLAIN: Record<string, (a: number, b: number) => number> = {
  pl: (a, b) => a + b,
  mi: (a, b) => a - b,
  mul: (a, b) => a * b,
};

const SHAPE = /^(int4|int8|int48|int84|float8)(pl|mi|mul)$/;

export function fastArithmetic(compiler: ExpressionCompiler, expr: FunctionExpr): Evaluator | null {
  const shape = expr.args.length === 2 ? SHAPE.exec(expr.proc.source) : null;
  if (shape === null) return null;
  const operation = PLAIN[shape[2]];
  const a = compiler.compile(expr.args[0]);
  const b = compiler.compile(expr.args[1]);
  if (shape[1] === 'int4') return int4(operation, a, b);
  const general = functionCode(compiler.cx.services, expr.proc, callTypes(expr));
  return shape[1] === 'float8' ? float8(operation, general, a, b) : int8(operation, general, a, b);
}

function int4(operation: (a: number, b: number) => number, a: Evaluator, b: Evaluator): Evaluator {
  return (row) => {
    const x = a(row) as number | null;
    if (x === null) return null;
    const y = b(row) as number | null;
    if (y === null) return null;
    const result = operation(x, y);
    if (result > 2147483647 || result < -2147483648) {
      throw sqlError('numeric_value_out_of_range', 'integer out of range');
    }
    // A product of zero and a negative number is -0.
    return result + 0;
  };
}

/** Both sides and the result safe integers: exact. Everything else goes the general way. */
function int8(operation: (a: number, b: number) => number, general: Code, a: Evaluator, b: Evaluator): Evaluator {
  return (row) => {
    const x = a(row);
    if (x === null) return null;
    const y = b(row);
    if (y === null) return null;
    if (typeof x === 'number' && typeof y === 'number') {
      const result = operation(x, y);
      if (Number.isSafeInteger(result)) return result + 0;
    }
    return general(x, y);
  };
}

/** A finite result that is not zero is right; infinities and underflow are judged by the function itself. */
function float8(operation: (a: number, b: number) => number, general: Code, a: Evaluator, b: Evaluator): Evaluator {
  return (row): Datum => {
    const x = a(row) as number | null;
    if (x === null) return null;
    const y = b(row) as number | null;
    if (y === null) return null;
    const result = operation(x, y);
    return result !== 0 && Number.isFinite(result) ? result : general(x, y);
  };
}
