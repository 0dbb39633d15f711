/** Casts without a function: through the text form, and into domains. */
import { sqlError } from '../../errors/sql-error.js';
import type { CoerceToDomainExpr, CoerceViaIoExpr } from '../../sql/plan/expression.js';
import * as oid from '../../types/oids.js';
import type { Evaluator, ExpressionCompiler } from './evaluator.js';

const TEXTS: readonly number[] = [oid.TEXT, oid.VARCHAR, oid.UNKNOWN, oid.CSTRING];

export function compileCoerceViaIo(compiler: ExpressionCompiler, expr: CoerceViaIoExpr): Evaluator {
  const arg = compiler.compile(expr.arg);
  const { types } = compiler.cx.services;
  const { typmod } = expr;
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
