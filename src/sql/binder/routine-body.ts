/**
 * Bodies of functions in SQL: their statements bound with the parameters of one call, and the last statement's rows
 * brought to the declared result: one column, which holds the value or, for composite results, the record.
 */
import type { Node } from '@pgsql/types';
import type { ProcDesc } from '../../catalog/descriptors.js';
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import * as oid from '../../types/oids.js';
import { parseSql } from '../parser/parse.js';
import type { Expr, RecordField } from '../plan/expression.js';
import { type PlanNode, UNESTIMATED } from '../plan/plan-node.js';
import type { PlannedStatement } from '../plan/planned-statement.js';
import { BindContext, type BinderServices } from './bind-context.js';
import { bindStatement, isPlannable } from './bind-statement.js';
import { tryCoerce } from './coercion.js';
import { baseType } from './coercion-pathway.js';

/** A function with the types that a call gives it: no polymorphic ones are left. */
export interface Routine {
  readonly proc: ProcDesc;
  readonly argTypes: readonly number[];
  readonly resultType: number;
  /** The columns of a result of type record, where they are known. */
  readonly resultColumns: readonly RecordField[] | null;
}

export interface BodyStatement {
  readonly node: Node;
  /** What locations in `node` count in. */
  readonly text: string;
  /** It gives the result. */
  readonly last: boolean;
}

/** @throws SqlError 42601 with the position inside the body */
export function parseBody(proc: ProcDesc): BodyStatement[] {
  const text = proc.body ?? proc.source;
  const parsed = parseSql(text);
  return parsed.map(({ node }, i) => ({ node, text, last: i === parsed.length - 1 }));
}

export function routineContext(services: BinderServices, routine: Routine, text: string): BindContext {
  const cx = new BindContext(services, text, routine.argTypes, false);
  cx.routine = { name: routine.proc.name, parameters: inputNames(routine.proc) };
  return cx;
}

/** Names of the parameters that the body knows as $1, $2, … */
function inputNames({ argNames, argModes, argTypes }: ProcDesc): string[] {
  const names = (argNames ?? []).filter((_, i) => argModes === null || 'ibv'.includes(argModes[i]));
  return argTypes.map((_, i) => names[i] ?? '');
}

/**
 * Binds one statement; the last one gives the result in one column (none for void).
 * @throws SqlError whatever is wrong with it; 42P13 when its rows do not fit the declared result
 */
export function bindBodyStatement(cx: BindContext, routine: Routine, statement: BodyStatement): PlannedStatement {
  const bound = bindStatement(cx, statement.node);
  return statement.last ? withResult(cx, routine, bound) : bound;
}

/** What is wrong with a body that does not end with a query. Null for functions that give nothing. */
export function missingResult(cx: BindContext, { resultType }: Routine): SqlError | null {
  if (resultType === oid.VOID) return null;
  return mismatch(cx, resultType, "Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING.");
}

export function isUtility(statement: BodyStatement): boolean {
  return !isPlannable(statement.node);
}

function mismatch(cx: BindContext, resultType: number, detail: string): SqlError {
  const message = `return type mismatch in function declared to return ${cx.formatType(resultType)}`;
  return sqlError('invalid_function_definition', message, { detail });
}

function withResult(cx: BindContext, routine: Routine, bound: PlannedStatement): PlannedStatement {
  const { resultType } = routine;
  if (resultType === oid.VOID) return bound;
  const { fields } = bound;
  const missing = fields === null ? missingResult(cx, routine) : null;
  if (fields === null) throw missing ?? new Error('a body without result');
  const columns: Expr[] = fields.map((field, i) => ({
    kind: 'column',
    id: bound.root.columns[i],
    name: field.name,
    type: field.type,
    typmod: field.typmod,
    collation: cx.collationOf(field.type),
    location: -1,
  }));
  const only = columns.length === 1 ? tryCoerce(cx, columns[0], resultType, -1, 'assignment') : null;
  if (only !== null) return projected(cx, bound, only);
  const composite = resultType === oid.RECORD || cx.type(baseType(cx, resultType)).kind === 'c';
  if (!composite) {
    const what =
      columns.length === 1
        ? `Actual return type is ${cx.formatType(columns[0].type)}.`
        : 'Final statement must return exactly one column.';
    throw mismatch(cx, resultType, what);
  }
  return projected(cx, bound, rowResult(cx, routine, columns));
}

function rowResult(cx: BindContext, routine: Routine, columns: readonly Expr[]): Expr {
  const { resultType } = routine;
  const declared = routine.resultColumns ?? cx.services.types.catalog.compositeFields(baseType(cx, resultType)) ?? null;
  const fields = declared === null ? columns : fitColumns(cx, resultType, columns, declared);
  const names = declared?.map(({ name }) => name) ?? columns.map((_, i) => `f${i + 1}`);
  const type = baseType(cx, resultType);
  return { kind: 'row', fields, names, type, typmod: -1, collation: 0, location: -1 };
}

function fitColumns(
  cx: BindContext,
  resultType: number,
  columns: readonly Expr[],
  declared: readonly RecordField[],
): Expr[] {
  if (columns.length > declared.length) throw mismatch(cx, resultType, 'Final statement returns too many columns.');
  const fitted = columns.map((column, i) => {
    const { type, typmod } = declared[i];
    const value = tryCoerce(cx, column, type, typmod, 'assignment');
    if (value !== null) return value;
    const detail = `Final statement returns ${cx.formatType(column.type)} instead of ${cx.formatType(type)} at column ${i + 1}.`;
    throw mismatch(cx, resultType, detail);
  });
  if (columns.length < declared.length) throw mismatch(cx, resultType, 'Final statement returns too few columns.');
  return fitted;
}

function projected(cx: BindContext, bound: PlannedStatement, value: Expr): PlannedStatement {
  const id = cx.newColumn('result');
  const root: PlanNode = { kind: 'project', input: bound.root, exprs: [value], columns: [id], ...UNESTIMATED };
  const field = {
    name: 'result',
    type: value.type,
    typmod: value.typmod,
    collation: value.collation,
    tableOid: 0,
    columnNumber: 0,
  };
  return { ...bound, root, fields: [field] };
}
