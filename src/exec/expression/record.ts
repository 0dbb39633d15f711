/** Rows: construction, fields, assignment to fields, comparison pair by pair. */
import { sqlError } from '../../errors/sql-error.js';
import type { FieldAssignExpr, FieldExpr, RowComparisonExpr, RowExpr } from '../../sql/plan/expression.js';
import { type Datum, PgRecord } from '../../types/datum.js';
import type { Evaluator, ExpressionCompiler } from './evaluator.js';

export function compileRow(compiler: ExpressionCompiler, expr: RowExpr): Evaluator {
  const fields = expr.fields.map((field) => compiler.compile(field));
  const types = expr.fields.map((field) => field.type);
  const { type, names } = expr;
  return (row) => {
    const values: Datum[] = [];
    for (let i = 0; i < fields.length; i++) values.push(fields[i](row));
    return new PgRecord(type, types, values, names);
  };
}

export function compileField(compiler: ExpressionCompiler, expr: FieldExpr): Evaluator {
  const arg = compiler.compile(expr.arg);
  const { position } = expr;
  return (row) => {
    const value = arg(row);
    return value instanceof PgRecord ? (value.values[position] ?? null) : null;
  };
}

export function compileFieldAssign(compiler: ExpressionCompiler, expr: FieldAssignExpr): Evaluator {
  const arg = compiler.compile(expr.arg);
  const assignments = expr.assignments.map(({ position, value }) => ({ position, value: compiler.compile(value) }));
  const { types } = compiler.cx.services;
  const { type } = expr;
  return (row) => {
    const fields = types.catalog.compositeFields(type);
    if (fields === undefined) throw sqlError('wrong_object_type', `type with OID ${type} is not composite`);
    const old = arg(row);
    const values = fields.map((_, i): Datum => (old instanceof PgRecord ? (old.values[i] ?? null) : null));
    for (const { position, value } of assignments) values[position] = value(row);
    return new PgRecord(
      type,
      fields.map((field) => field.type),
      values,
      fields.map((field) => field.name),
    );
  };
}

/** The first pair that is not equal decides; a NULL before that makes the result unknown. */
export function compileRowComparison(compiler: ExpressionCompiler, expr: RowComparisonExpr): Evaluator {
  const pairs = expr.pairs.map((pair) => ({
    equal: compiler.compile(pair.equal),
    less: compiler.compile(pair.less),
  }));
  const wantsLess = expr.operator === '<' || expr.operator === '<=';
  const whenEqual = expr.operator === '<=' || expr.operator === '>=';
  return (row) => {
    for (let i = 0; i < pairs.length; i++) {
      const equal = pairs[i].equal(row);
      if (equal === null) return null;
      if (equal === true) continue;
      const less = pairs[i].less(row);
      return less === null ? null : (less === true) === wantsLess;
    }
    return whenEqual;
  };
}
