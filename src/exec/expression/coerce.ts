/** Casts without a function: through the text form, and into domains. */
import { SqlError, sqlError } from '../../errors/sql-error.js';
import type { CoerceToDomainExpr, CoerceViaIoExpr } from '../../sql/plan/expression.js';
import type { Datum } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { Task } from '../../util/task.js';
import type { Evaluator, ExpressionCompiler } from './evaluator.js';
import { compileLongCall } from './long-call.js';

const TEXTS: readonly number[] = [oid.TEXT, oid.VARCHAR, oid.UNKNOWN, oid.CSTRING];

export function compileCoerceViaIo(compiler: ExpressionCompiler, expr: CoerceViaIoExpr): Evaluator {
  const { types } = compiler.cx.services;
  const { typmod } = expr;
  const slow = compileSlowCoercion(compiler, expr);
  if (slow !== null) return slow;
  const arg = compiler.compile(expr.arg);
  if (TEXTS.includes(expr.type) && typmod < 0) {
    const from = types.codec(expr.arg.type);
    return (row) => {
      const value = arg(row);
      return value === null ? null : from.format(value, types);
    };
  }
  const to = types.codec(expr.type);
  if (TEXTS.includes(expr.arg.type)) {
    return (row) => {
      const value = arg(row);
      return value === null ? null : to.parse(String(value), types, typmod);
    };
  }
  const from = types.codec(expr.arg.type);
  return (row) => {
    const value = arg(row);
    return value === null ? null : to.parse(from.format(value, types), types, typmod);
  };
}

/** Between text and a type whose values may take long to read or write; null for all others. */
function compileSlowCoercion(compiler: ExpressionCompiler, expr: CoerceViaIoExpr): Evaluator | null {
  const { cx } = compiler;
  const { types } = cx.services;
  if (!cx.mayWait || expr.typmod >= 0) return null;
  const from = types.codec(expr.arg.type);
  const to = types.codec(expr.type);
  if (TEXTS.includes(expr.arg.type) && to.slow !== undefined) {
    const { slow } = to;
    return compileLongCall(compiler, [expr.arg], true, (text) => to.parse(String(text), types, -1), {
      isLong: ([text]) => String(text).length > slow.longText,
      run: ([text]) => placed(slow.parse(String(text), types), expr.position),
    });
  }
  if (TEXTS.includes(expr.type) && from.slow !== undefined) {
    const { slow } = from;
    return compileLongCall(compiler, [expr.arg], true, (value) => from.format(value, types), {
      isLong: ([value]) => slow.isLarge(value),
      run: ([value]) => slow.format(value, types),
    });
  }
  return null;
}

/** The task, its errors with the position of the literal. */
function* placed(task: Task<Datum>, position: number | undefined): Task<Datum> {
  try {
    return yield* task;
  } catch (error) {
    throw error instanceof SqlError ? error.at(position) : error;
  }
}

export function compileCoerceToDomain(compiler: ExpressionCompiler, expr: CoerceToDomainExpr): Evaluator {
  const arg = compiler.compile(expr.arg);
  const cell = compiler.cx.cell(expr.valueColumn);
  const checks = expr.checks.map((check) => ({ name: check.name, evaluate: compiler.compile(check.expr) }));
  const { domainName: domain, notNull } = expr;
  return (row) => {
    const value = arg(row);
    if (notNull && value === null) {
      throw sqlError('not_null_violation', `domain ${domain} does not allow null values`, { dataType: domain });
    }
    cell.value = value;
    for (const check of checks) {
      if (check.evaluate(row) !== false) continue;
      throw sqlError('check_violation', `value for domain ${domain} violates check constraint "${check.name}"`, {
        dataType: domain,
        constraint: check.name,
      });
    }
    return value;
  };
}
