/** ARRAY[…], casts of arrays element by element, subscripts of arrays and jsonb. */
import { sqlError } from '../../errors/sql-error.js';
import type { ArrayCoerceExpr, ArrayExpr, SubscriptExpr } from '../../sql/plan/expression.js';
import {
  assignElement,
  assignSlice,
  makeArray,
  type SliceBound,
  sliceArray,
  subscriptArray,
} from '../../types/array/array-access.js';
import { type Datum, PgArray, type Row } from '../../types/datum.js';
import type { Evaluator, ExpressionCompiler } from './evaluator.js';
import { compileJsonbSubscript } from './jsonb-subscript.js';

export function compileArray(compiler: ExpressionCompiler, expr: ArrayExpr): Evaluator {
  const elements = expr.elements.map((element) => compiler.compile(element));
  const { elementType, multidimensional } = expr;
  return (row) => {
    const values: Datum[] = [];
    for (let i = 0; i < elements.length; i++) values.push(elements[i](row));
    return makeArray(elementType, values, multidimensional);
  };
}

export function asArray(value: Datum): PgArray | null {
  if (value === null || value instanceof PgArray) return value;
  throw sqlError('internal_error', 'an array was expected');
}

export function compileArrayCoerce(compiler: ExpressionCompiler, expr: ArrayCoerceExpr): Evaluator {
  const arg = compiler.compile(expr.arg);
  const element = compiler.compile(expr.element);
  const cell = compiler.cx.cell(expr.elementColumn);
  const elementType = expr.element.type;
  return (row) => {
    const array = asArray(arg(row));
    if (array === null) return null;
    const elements: Datum[] = [];
    for (let i = 0; i < array.elements.length; i++) {
      cell.value = array.elements[i];
      elements.push(element(row));
    }
    return new PgArray(elementType, array.dims, array.lowerBounds, elements);
  };
}

export function compileSubscript(compiler: ExpressionCompiler, expr: SubscriptExpr): Evaluator {
  if (expr.container === 'jsonb') return compileJsonbSubscript(compiler, expr);
  const arg = compiler.compile(expr.arg);
  const assign = expr.assign === null ? null : compiler.compile(expr.assign);
  const { elementType } = expr;
  if (!expr.subscripts.some((subscript) => subscript.slice)) {
    const indexes = indexList(compiler, expr);
    if (assign !== null) return (row) => assignElement(asArray(arg(row)), elementType, indexes(row), assign(row));
    return (row) => {
      const array = arg(row);
      if (array === null) return null;
      return typeof array === 'string'
        ? characterAt(array, indexes(row))
        : subscriptArray(asArray(array), indexes(row));
    };
  }
  const [lower, upper] = sliceBounds(compiler, expr);
  if (assign !== null) {
    return (row) => assignSlice(asArray(arg(row)), elementType, lower(row), upper(row), asArray(assign(row)));
  }
  return (row) => sliceArray(asArray(arg(row)), lower(row), upper(row));
}

/** `name` has the characters of a name as its elements, counted from 0. */
function characterAt(name: string, indexes: readonly (number | null)[]): string | null {
  const [index] = indexes;
  if (indexes.length !== 1 || index === null || index < 0 || index >= 64) return null;
  return name[index] ?? '';
}

function indexList(compiler: ExpressionCompiler, expr: SubscriptExpr): (row: Row) => (number | null)[] {
  const parts = expr.subscripts.map(({ upper }) => (upper === null ? () => null : compiler.compile(upper)));
  return (row) => parts.map((part) => asIndex(part(row)));
}

/** With one slice among the subscripts all are slices: a plain `[n]` means `[1:n]`. */
function sliceBounds(compiler: ExpressionCompiler, expr: SubscriptExpr): ((row: Row) => SliceBound[])[] {
  const compileBound = (bound: SubscriptExpr['assign']): Evaluator | undefined =>
    bound === null ? undefined : compiler.compile(bound);
  const lower = expr.subscripts.map((s) => (s.slice ? compileBound(s.lower) : () => 1));
  const upper = expr.subscripts.map((s) => compileBound(s.upper));
  const evaluate =
    (parts: readonly (Evaluator | undefined)[]) =>
    (row: Row): SliceBound[] =>
      parts.map((part) => (part === undefined ? undefined : asIndex(part(row))));
  return [evaluate(lower), evaluate(upper)];
}

function asIndex(value: Datum): number | null {
  return value === null ? null : Number(value);
}
