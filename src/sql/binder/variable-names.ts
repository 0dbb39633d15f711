/**
 * Variables of a function in PL/pgSQL inside its SQL: what a name means where there may be a column of the same name, by the
 * setting plpgsql.variable_conflict.
 */
import { SqlError } from '../../errors/sql-error.js';
import type { Expr } from '../plan/expression.js';
import type { BindContext } from './bind-context.js';
import type { Scope } from './scope.js';

/** The variables that a statement may name. */
export interface VariableNames {
  /** What counts where both a variable and a column are meant; 'error': nothing does. */
  readonly conflict: 'error' | 'use_variable' | 'use_column';
  /** Null: no variable is meant. @throws SqlError 55000 for a record that is not assigned yet */
  find(cx: BindContext, names: readonly string[], location: number): Expr | null;
  /** The whole value of `name.*`. */
  row(cx: BindContext, names: readonly string[], location: number): Expr | null;
  /** A variable by its number, or a field of it. */
  numbered(cx: BindContext, dno: number, field: string | null): Expr;
  /** `$1`; null: there is none. */
  parameter(cx: BindContext, number: number, location: number): Expr | null;
  /** Names that mean nothing because a record lacks the field; null: no record is named. */
  missingField(names: readonly string[]): SqlError | null;
}

interface Reference {
  readonly names: readonly string[];
  readonly star: boolean;
  readonly location: number;
}

/** A variable, or what `column` finds. @throws SqlError 42702 where both are meant, and what `column` throws */
export function variableOr(cx: BindContext, scope: Scope, reference: Reference, column: () => Expr): Expr {
  const { variables } = cx;
  if (variables === null) return column();
  const { names, star, location } = reference;
  const variable = star ? variables.row(cx, names, location) : variables.find(cx, names, location);
  if (variable !== null && (variables.conflict === 'use_variable' || !hasTables(scope))) return variable;
  let found: Expr;
  try {
    found = column();
  } catch (error) {
    if (!meansNothing(error)) throw error;
    if (variable !== null) return variable;
    throw variables.missingField(names) ?? error;
  }
  if (variable === null || variables.conflict === 'use_column') return found;
  throw cx.error('ambiguous_column', `column reference "${names.join('.')}" is ambiguous`, location, {
    detail: 'It could refer to either a PL/pgSQL variable or a table column.',
  });
}

/** Whether a name may mean a column at all. */
function hasTables(scope: Scope): boolean {
  for (let level: Scope | null = scope; level !== null; level = level.parent)
    if (level.tables.length > 0 || level.columns.length > 0 || level.lookupParameter !== null) return true;
  return false;
}

function meansNothing(error: unknown): boolean {
  return error instanceof SqlError && (error.condition === 'undefined_column' || error.condition === 'undefined_table');
}
