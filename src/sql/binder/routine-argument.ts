/**
 * Names of parameters in the body of a function in SQL: `name`, `function.name`, and the fields of composite ones. Columns
 * of the same name come first, so this is asked when a name means nothing else.
 */
import type { Expr } from '../plan/expression.js';
import { bindField } from './bind-containers.js';
import type { BindContext } from './bind-context.js';

/** Null when no parameter is meant, or no body is bound. @throws SqlError 42703 for a field that does not exist */
export function routineArgument(cx: BindContext, names: readonly string[], location: number): Expr | null {
  const { routine } = cx;
  if (routine === null) return null;
  if (names[0] === routine.name && names.length > 1) {
    const own = parameter(cx, routine.parameters, names[1], location);
    if (own !== null) return fieldOf(cx, own, names.slice(2), location);
  }
  const plain = parameter(cx, routine.parameters, names[0], location);
  return plain === null || names.length > 2 ? null : fieldOf(cx, plain, names.slice(1), location);
}

function parameter(cx: BindContext, known: readonly string[], name: string, location: number): Expr | null {
  const index = name === '' ? -1 : known.indexOf(name);
  return index < 0 ? null : parameterExpr(cx, index, location);
}

/** `$n` of a body, of its settled type. */
export function parameterExpr(cx: BindContext, index: number, location: number): Expr {
  const type = cx.parameterTypes[index];
  return { kind: 'param', index, type, typmod: -1, collation: cx.collationOf(type), location };
}

function fieldOf(cx: BindContext, value: Expr, path: readonly string[], location: number): Expr {
  return path.reduce((expr, name) => bindField(cx, expr, name, location), value);
}
