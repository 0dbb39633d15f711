/** AND, OR, NOT, IS NULL, IS TRUE: three-valued logic, exactly. */
import type { BooleanTestExpr, NullTestExpr } from '../../sql/plan/expression.js';
import { PgRecord } from '../../types/datum.js';
import type { Evaluator } from './evaluator.js';

export function compileAnd(args: readonly Evaluator[]): Evaluator {
  return (row) => {
    let unknown = false;
    for (let i = 0; i < args.length; i++) {
      const value = args[i](row);
      if (value === false) return false;
      if (value === null) unknown = true;
    }
    return unknown ? null : true;
  };
}

export function compileOr(args: readonly Evaluator[]): Evaluator {
  return (row) => {
    let unknown = false;
    for (let i = 0; i < args.length; i++) {
      const value = args[i](row);
      if (value === true) return true;
      if (value === null) unknown = true;
    }
    return unknown ? null : false;
  };
}

export function compileNot(arg: Evaluator): Evaluator {
  return (row) => {
    const value = arg(row);
    return value === null ? null : value === false;
  };
}

export function compileNullTest(arg: Evaluator, expr: NullTestExpr): Evaluator {
  const { negated } = expr;
  if (!expr.row) return negated ? (row) => arg(row) !== null : (row) => arg(row) === null;
  // A row is null when all its fields are, and not null when none of them is: both can be false.
  return (row) => {
    const value = arg(row);
    if (!(value instanceof PgRecord)) return (value === null) !== negated;
    return value.values.every((field) => (field === null) !== negated);
  };
}

export function compileBooleanTest(arg: Evaluator, expr: BooleanTestExpr): Evaluator {
  const { value, negated } = expr;
  return negated ? (row) => arg(row) !== value : (row) => arg(row) === value;
}
