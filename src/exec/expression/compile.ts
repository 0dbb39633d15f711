/**
 * The expression compiler: a bound expression becomes a closure over rows. Columns of the input become positions,
 * others cells; constant calls of immutable functions are folded. Each family of nodes is compiled in a file of its own.
 */
import type { ColumnExpr, ColumnId, Expr } from '../../sql/plan/expression.js';
import { assertNever } from '../../util/assert-never.js';
import type { ExecContext } from '../exec-context.js';
import { compileArray, compileArrayCoerce, compileSubscript } from './array.js';
import { compileArrayComparison, listPredicates } from './array-comparison.js';
import { compileCoerceToDomain, compileCoerceViaIo } from './coerce.js';
import { compileCase, compileCoalesce, compileDistinct, compileMinMax, compileNullIf } from './conditional.js';
import type { Evaluator, ExpressionCompiler, Predicate } from './evaluator.js';
import { fastComparison } from './fast-comparison.js';
import { fold } from './fold.js';
import { compileFunction } from './function-call.js';
import { compileAnd, compileBooleanTest, compileNot, compileNullTest, compileOr } from './logic.js';
import { compileField, compileFieldAssign, compileRow, compileRowComparison } from './record.js';
import { scaledComparison } from './scaled-numeric.js';
import { compileSqlValue } from './sql-value.js';
import { compileSubplan } from './subplan.js';

export class Compiler implements ExpressionCompiler {
  private readonly slots = new Map<ColumnId, number>();

  /** `columns`: what the rows hold. The first of equal ids counts. */
  constructor(
    readonly cx: ExecContext,
    columns: readonly ColumnId[],
  ) {
    columns.forEach((id, i) => {
      if (!this.slots.has(id)) this.slots.set(id, i);
    });
  }

  slot(id: ColumnId): number {
    return this.slots.get(id) ?? -1;
  }

  compile(expr: Expr): Evaluator {
    return this.dispatch(fold(this, expr));
  }

  compileAll(exprs: readonly Expr[]): Evaluator[] {
    return exprs.map((expr) => this.compile(expr));
  }

  predicate(expr: Expr): Predicate {
    switch (expr.kind) {
      case 'const': {
        const value = expr.value === true;
        return () => value;
      }
      case 'and':
        return allOf(expr.args.map((arg) => this.predicate(arg)));
      case 'or':
        return anyOf(expr.args.map((arg) => this.predicate(arg)));
      case 'not': {
        const arg = this.compile(expr.arg);
        return (row) => arg(row) === false;
      }
      case 'array comparison': {
        const each = listPredicates(this, expr);
        return each === null || each.length === 0 ? this.isTrue(expr) : anyOf(each);
      }
      default: {
        const folded = fold(this, expr);
        const fast = fastComparison(this, folded);
        if (fast !== null) return fast;
        return scaledComparison(this, folded, () => this.isTrue(folded)) ?? this.isTrue(folded);
      }
    }
  }

  private isTrue(expr: Expr): Predicate {
    const evaluate = this.dispatch(expr);
    return (row) => evaluate(row) === true;
  }

  private dispatch(expr: Expr): Evaluator {
    switch (expr.kind) {
      case 'const': {
        const { value } = expr;
        return () => value;
      }
      case 'column':
        return this.column(expr);
      case 'param': {
        const { cx } = this;
        const { index } = expr;
        return () => cx.params[index];
      }
      case 'function':
        return compileFunction(this, expr);
      case 'relabel':
        return this.compile(expr.arg);
      case 'coerce via io':
        return compileCoerceViaIo(this, expr);
      case 'array coerce':
        return compileArrayCoerce(this, expr);
      case 'coerce to domain':
        return compileCoerceToDomain(this, expr);
      case 'and':
        return compileAnd(expr.args.map((arg) => this.compile(arg)));
      case 'or':
        return compileOr(expr.args.map((arg) => this.compile(arg)));
      case 'not':
        return compileNot(this.compile(expr.arg));
      case 'null test':
        return compileNullTest(this.compile(expr.arg), expr);
      case 'boolean test':
        return compileBooleanTest(this.compile(expr.arg), expr);
      case 'case':
        return compileCase(this, expr);
      case 'coalesce':
        return compileCoalesce(this.compileAll(expr.args));
      case 'nullif':
        return compileNullIf(this, expr);
      case 'greatest':
      case 'least':
        return compileMinMax(this, expr);
      case 'distinct from':
        return compileDistinct(this, expr);
      case 'array comparison':
        return compileArrayComparison(this, expr);
      case 'array':
        return compileArray(this, expr);
      case 'row':
        return compileRow(this, expr);
      case 'row comparison':
        return compileRowComparison(this, expr);
      case 'field':
        return compileField(this, expr);
      case 'field assign':
        return compileFieldAssign(this, expr);
      case 'subscript':
        return compileSubscript(this, expr);
      case 'subplan':
        return compileSubplan(this, expr);
      case 'sql value':
        return compileSqlValue(this, expr);
      default:
        return assertNever(expr);
    }
  }

  private column(expr: ColumnExpr): Evaluator {
    const slot = this.slot(expr.id);
    if (slot >= 0) return (row) => row[slot];
    const cell = this.cx.cell(expr.id);
    return () => cell.value;
  }
}

/** Conditions in longer lists are tried in a loop instead of one inside the other. */
const MAX_NESTED = 16;

/** True where all are. */
export function allOf(parts: readonly Predicate[]): Predicate {
  if (parts.length === 1) return parts[0];
  const [a, b] = parts;
  if (parts.length === 2) return (row) => a(row) && b(row);
  if (parts.length > MAX_NESTED) return (row) => parts.every((part) => part(row));
  const rest = allOf(parts.slice(1));
  return (row) => a(row) && rest(row);
}

function anyOf(parts: readonly Predicate[]): Predicate {
  if (parts.length === 1) return parts[0];
  const [a, b] = parts;
  if (parts.length === 2) return (row) => a(row) || b(row);
  if (parts.length > MAX_NESTED) return (row) => parts.some((part) => part(row));
  const rest = anyOf(parts.slice(1));
  return (row) => a(row) || rest(row);
}
