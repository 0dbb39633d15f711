/** Column references, whole-row references, and the errors for names that mean nothing or too much. */
import type { ColumnRef } from '@pgsql/types';
import * as oid from '../../types/oids.js';
import { editDistance } from '../../util/edit-distance.js';
import { makeColumn } from '../plan/column-expr.js';
import type { Expr } from '../plan/expression.js';
import type { SystemColumn } from '../plan/plan-node.js';
import type { BindContext } from './bind-context.js';
import { binders } from './binders.js';
import { refuseOtherDatabase } from './database-qualifier.js';
import { routineArgument } from './routine-argument.js';
import { rowIdColumn } from './row-ids.js';
import { columnExpr, type Scope, type ScopeColumn, type ScopeTable } from './scope.js';
import { variableOr } from './variable-names.js';

const SYSTEM_COLUMNS: Record<string, { column: SystemColumn; type: number }> = {
  ctid: { column: 'ctid', type: oid.TID },
  tableoid: { column: 'tableoid', type: oid.OID },
  xmin: { column: 'xmin', type: oid.XID },
  xmax: { column: 'xmax', type: oid.XID },
  cmin: { column: 'cmin', type: oid.CID },
  cmax: { column: 'cmax', type: oid.CID },
};

export function bindColumnRef(cx: BindContext, scope: Scope, ref: ColumnRef): Expr {
  const location = ref.location ?? -1;
  const fields = ref.fields ?? [];
  const names: string[] = [];
  let star = false;
  for (const field of fields) {
    if ('String' in field) names.push(field.String.sval ?? '');
    else if ('A_Star' in field) star = true;
  }
  if (star) {
    if (names.length === 0) throw cx.error('syntax_error', '"*" is not allowed here', location);
    return variableOr(
      cx,
      scope,
      { names, star, location },
      () => starArgument(cx, scope, names, location) ?? wholeRow(cx, findTable(cx, scope, names, location), location),
    );
  }
  if (cx.variables === null) return columnOf(cx, scope, names, location);
  return variableOr(cx, scope, { names, star, location }, () => columnOf(cx, scope, names, location));
}

function columnOf(cx: BindContext, scope: Scope, names: readonly string[], location: number): Expr {
  return names.length === 1 ? bareName(cx, scope, names[0], location) : qualifiedName(cx, scope, names, location);
}

function bareName(cx: BindContext, scope: Scope, name: string, location: number): Expr {
  for (let level: Scope | null = scope; level !== null; level = level.parent) {
    const found = findBare(cx, level, name, location);
    if (found !== null) return found;
  }
  for (let level: Scope | null = scope; level !== null; level = level.parent) {
    const table = level.tables.find((candidate) => candidate.alias === name && candidate.visible);
    if (table !== undefined) return wholeRow(cx, table, location);
  }
  const argument = routineArgument(cx, [name], location);
  if (argument !== null) return argument;
  throw cx.error('undefined_column', `column "${name}" does not exist`, location, suggestion(scope, null, name));
}

function findBare(cx: BindContext, level: Scope, name: string, location: number): Expr | null {
  let found: ScopeColumn | null = null;
  for (const column of level.columns) {
    if (column.name !== name) continue;
    if (found !== null) throw cx.error('ambiguous_column', `column reference "${name}" is ambiguous`, location);
    found = column;
  }
  if (found !== null) return readColumnExpr(cx, found, location);
  const parameter = level.lookupParameter?.(name);
  if (parameter !== undefined) return parameter;
  if (Object.hasOwn(SYSTEM_COLUMNS, name)) {
    const tables = level.tables.filter((table) => table.system !== null && table.visible);
    if (tables.length > 1) throw cx.error('ambiguous_column', `column reference "${name}" is ambiguous`, location);
    if (tables.length === 1) return systemColumn(tables[0], name, location);
  }
  return null;
}

/** The column as the statement names it. */
function readColumnExpr(cx: BindContext, column: ScopeColumn, location: number): Expr {
  cx.access.read(column);
  return columnExpr(column, location);
}

function systemColumn(table: ScopeTable, name: string, location: number): Expr | null {
  if (table.system === null || !Object.hasOwn(SYSTEM_COLUMNS, name)) return null;
  const { column, type } = SYSTEM_COLUMNS[name];
  return makeColumn(table.system(column), name, { type, typmod: -1, collation: 0 }, location);
}

function qualifiedName(cx: BindContext, scope: Scope, names: readonly string[], location: number): Expr {
  const qualifier = names.slice(0, -1);
  refuseOtherDatabase(cx, qualifier, location, names.join('.'));
  const name = names[names.length - 1];
  const table = lookupTable(cx, scope, qualifier, location);
  if (table === undefined) return parameterField(cx, scope, names, location);
  const matches = table.columns.filter((column) => column.name === name);
  if (matches.length > 1) throw cx.error('ambiguous_column', `column reference "${name}" is ambiguous`, location);
  if (matches.length === 1) return readColumnExpr(cx, matches[0], location);
  const system = systemColumn(table, name, location);
  if (system !== null) return system;
  const call =
    table.columns.length === 0 ? null : binders.attributeCall(cx, name, wholeRow(cx, table, location), location);
  if (call !== null) return call;
  const shown = qualifier[qualifier.length - 1];
  throw cx.error(
    'undefined_column',
    `column ${shown}.${name} does not exist`,
    location,
    suggestion(scope, table, name),
  );
}

/** `function.parameter` inside SQL functions; otherwise the table is missing. */
function parameterField(cx: BindContext, scope: Scope, names: readonly string[], location: number): Expr {
  for (let level: Scope | null = scope; level !== null; level = level.parent) {
    const parameter = level.lookupParameter?.(names.join('.'));
    if (parameter !== undefined) return parameter;
  }
  const argument = routineArgument(cx, names, location);
  if (argument !== null) return argument;
  throw missingTable(cx, scope, names.slice(0, -1), location);
}

/** `parameter.*` inside SQL functions, where no table of FROM has the name; null otherwise. */
export function starArgument(
  cx: BindContext,
  scope: Scope,
  qualifier: readonly string[],
  location: number,
): Expr | null {
  if (cx.routine === null || lookupTable(cx, scope, qualifier, location) !== undefined) return null;
  return routineArgument(cx, qualifier, location);
}

/** The table of FROM that a qualifier names. @throws 42P01 `missing FROM-clause entry for table "x"` */
export function findTable(cx: BindContext, scope: Scope, qualifier: readonly string[], location: number): ScopeTable {
  const table = lookupTable(cx, scope, qualifier, location);
  if (table === undefined) throw missingTable(cx, scope, qualifier, location);
  return table;
}

function lookupTable(
  cx: BindContext,
  scope: Scope,
  qualifier: readonly string[],
  location: number,
): ScopeTable | undefined {
  const name = qualifier[qualifier.length - 1];
  const schema = qualifier.length > 1 ? qualifier[qualifier.length - 2] : null;
  for (let level: Scope | null = scope; level !== null; level = level.parent) {
    const matches = level.tables.filter((table) =>
      schema === null ? table.alias === name : table.schema === schema && table.relation?.name === name,
    );
    if (matches.length > 1) throw cx.error('ambiguous_alias', `table reference "${name}" is ambiguous`, location);
    if (matches.length === 1) {
      if (!matches[0].visible) throw hiddenTable(cx, matches[0], location);
      return matches[0];
    }
  }
  return undefined;
}

function hiddenTable(cx: BindContext, table: ScopeTable, location: number): Error {
  const name = table.alias;
  if (table.hiddenByJoin === true) {
    return cx.error(
      'invalid_column_reference',
      `invalid reference to FROM-clause entry for table "${name}"`,
      location,
      { detail: 'The combining JOIN type must be INNER or LEFT for a LATERAL reference.' },
    );
  }
  return cx.error('undefined_table', `invalid reference to FROM-clause entry for table "${name}"`, location, {
    hint: `There is an entry for table "${name}", but it cannot be referenced from this part of the query.`,
  });
}

function missingTable(cx: BindContext, scope: Scope, qualifier: readonly string[], location: number): Error {
  const name = qualifier[qualifier.length - 1];
  for (let level: Scope | null = scope; level !== null; level = level.parent) {
    const renamed = level.tables.find((table) => table.relation?.name === name && table.alias !== name);
    if (renamed !== undefined) {
      return cx.error('undefined_table', `invalid reference to FROM-clause entry for table "${name}"`, location, {
        hint: `Perhaps you meant to reference the table alias "${renamed.alias}".`,
      });
    }
  }
  return cx.error('undefined_table', `missing FROM-clause entry for table "${name}"`, location);
}

/** The row of a table as a composite value; NULL where an outer join has no row. */
export function wholeRow(cx: BindContext, table: ScopeTable, location: number): Expr {
  if (table.scalar) return columnExpr(table.columns[0], location);
  if (table.wholeRow !== undefined) return columnExpr(table.wholeRow, location);
  cx.access.readRow(table.columns);
  const row: Expr = {
    kind: 'row',
    fields: table.columns.map((column) => columnExpr(column)),
    names: table.columns.map((column) => attributeName(table, column)),
    type: table.rowType,
    typmod: -1,
    collation: 0,
    location,
  };
  return table.nullable === true ? paddedRow(cx, table, row, location) : row;
}

/** A missing row is told by its row id; where there is none, by all columns being NULL. */
function paddedRow(cx: BindContext, table: ScopeTable, row: Expr, location: number): Expr {
  const bool = { type: oid.BOOL, typmod: -1, collation: 0, location: -1 } as const;
  const isNull = (arg: Expr): Expr => ({ kind: 'null test', arg, negated: false, row: false, ...bool });
  const marker = table.system === null ? null : rowIdColumn(table.system('row id'));
  const condition: Expr =
    marker === null
      ? { kind: 'and', args: table.columns.map((column) => isNull(columnExpr(column))), ...bool }
      : isNull(marker);
  const nothing: Expr = { kind: 'const', value: null, type: row.type, typmod: -1, collation: 0, location: -1 };
  return {
    kind: 'case',
    operand: null,
    operandColumn: cx.newColumn('case'),
    branches: [{ condition, result: nothing }],
    otherwise: row,
    type: row.type,
    typmod: -1,
    collation: 0,
    location,
  };
}

/** Names further apart than this are not taken for misspelt. */
const MAX_TYPOS = 3;

/** PostgreSQL's hint about a column of a similar name. */
function suggestion(scope: Scope, table: ScopeTable | null, name: string): { hint?: string } {
  const hidden = table === null ? hiddenOwner(scope, name) : undefined;
  if (hidden !== undefined) {
    return {
      hint: `There is a column named "${name}" in table "${hidden.alias}", but it cannot be referenced from this part of the query.`,
    };
  }
  const limit = Math.min(MAX_TYPOS, Math.floor(name.length / 2));
  let best: { text: string; distance: number } | null = null;
  for (const candidate of table === null ? scope.tables : [table]) {
    for (const column of candidate.columns) {
      if (Math.abs(name.length - column.name.length) > limit) continue;
      const distance = editDistance(name, column.name);
      if (distance <= limit && (best === null || distance < best.distance))
        best = { text: `${candidate.alias}.${column.name}`, distance };
    }
  }
  return best === null ? {} : { hint: `Perhaps you meant to reference the column "${best.text}".` };
}

/** A table that has the column and may not be referenced here. */
function hiddenOwner(scope: Scope, name: string): ScopeTable | undefined {
  return scope.tables.find((table) => !table.visible && table.columns.some((column) => column.name === name));
}

/** Under which name the row of a relation has the column, whatever FROM calls it. */
function attributeName({ relation, rowType }: ScopeTable, { name, columnNumber }: ScopeColumn): string {
  if (relation === null || rowType === oid.RECORD) return name;
  return relation.attributes[columnNumber - 1]?.name ?? name;
}
