/** Functions in FROM: f(…), ROWS FROM (…), WITH ORDINALITY, column definition lists. */
import type { FuncCall, Node, RangeFunction } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import * as oid from '../../types/oids.js';
import type { Expr } from '../plan/expression.js';
import type { FunctionScanNode, PlanNode } from '../plan/plan-node.js';
import { nameParts } from './ast.js';
import type { BindContext } from './bind-context.js';
import { binders } from './binders.js';
import { settleUnknown } from './coercion.js';
import { baseType } from './coercion-pathway.js';
import type { Scope, ScopeColumn } from './scope.js';
import { resolveTypeName } from './type-name.js';

export interface FunctionTable {
  readonly plan: PlanNode;
  readonly alias: string;
  readonly columns: readonly ScopeColumn[];
  readonly rowType: number;
  /** One scalar column: `SELECT f FROM generate_series(1, 3) f` means that column. */
  readonly scalar: boolean;
  /** Names came with a column definition list. */
  readonly definedNames: boolean;
}

interface FieldShape {
  readonly name: string;
  readonly type: number;
  readonly typmod: number;
}

interface BoundFunction {
  readonly expr: Expr;
  readonly fields: readonly FieldShape[];
  readonly definition: readonly FieldShape[] | null;
  readonly scalar: boolean;
  readonly rowType: number;
  readonly name: string;
}

export function bindFunctionTable(cx: BindContext, scope: Scope, range: RangeFunction): FunctionTable {
  const functions = (range.functions ?? []).flatMap((node) => expandItem(cx, scope, range, node));
  const alias = range.alias?.aliasname ?? functions[0]?.name ?? '';
  const columns: ScopeColumn[] = [];
  for (const bound of functions) {
    for (const field of bound.fields) {
      const named =
        bound.scalar && functions.length === 1 && range.alias?.aliasname !== undefined
          ? range.alias.aliasname
          : field.name;
      columns.push(scopeColumn(cx, named, field.type, field.typmod));
    }
  }
  if (range.ordinality) columns.push(scopeColumn(cx, 'ordinality', oid.INT8, -1));
  const plan: FunctionScanNode = {
    kind: 'function scan',
    functions: functions.map((bound) => bound.expr),
    columnCounts: functions.map((bound) => bound.fields.length),
    columnDefinitions: functions.map((bound) => (bound.definition === null ? null : [...bound.definition])),
    ordinality: range.ordinality === true,
    alias,
    columns: columns.map((column) => column.id),
    rows: 0,
    cost: 0,
  };
  const single = functions.length === 1 && !range.ordinality;
  return {
    plan,
    alias,
    columns,
    rowType: single ? functions[0].rowType : oid.RECORD,
    scalar: single && functions[0].scalar,
    definedNames: functions.some((bound) => bound.definition !== null),
  };
}

function scopeColumn(cx: BindContext, name: string, type: number, typmod: number): ScopeColumn {
  return { id: cx.newColumn(name), name, type, typmod, collation: cx.collationOf(type), tableOid: 0, columnNumber: 0 };
}

/** One item of ROWS FROM; unnest of several arrays stands for one unnest each. */
function expandItem(cx: BindContext, scope: Scope, range: RangeFunction, node: Node): BoundFunction[] {
  const parts = 'List' in node ? (node.List.items ?? []) : [node];
  const [call, definitions] = parts;
  if (call === undefined) throw notSupported('an empty function item');
  const definitionNodes =
    definitions !== undefined && 'List' in definitions ? (definitions.List.items ?? []) : (range.coldeflist ?? []);
  const single = 'FuncCall' in call ? call.FuncCall : null;
  if (single !== null && isMultiUnnest(single)) {
    return (single.args ?? []).map((arg) =>
      bindOne(cx, scope, { FuncCall: { ...single, args: [arg] } }, definitionNodes),
    );
  }
  return [bindOne(cx, scope, call, definitionNodes)];
}

function isMultiUnnest(call: FuncCall): boolean {
  const parts = nameParts(call.funcname);
  return parts[parts.length - 1] === 'unnest' && (call.args?.length ?? 0) > 1;
}

function bindOne(cx: BindContext, scope: Scope, node: Node, definitionNodes: readonly Node[]): BoundFunction {
  const name = functionName(node);
  const expr = settleUnknown(cx, binders.expr(cx, scope, node));
  const definition = definitionNodes.length > 0 ? definitionNodes.map((item) => definedColumn(cx, item)) : null;
  if (definition !== null) {
    if (expr.kind === 'function' && expr.resultColumns !== undefined) throw redundantDefinition(cx, expr);
    if (expr.type !== oid.RECORD) {
      throw cx.error(
        'syntax_error',
        'a column definition list is only allowed for functions returning "record"',
        expr.location,
      );
    }
    const told = expr.kind === 'function' ? { ...expr, resultColumns: definition } : expr;
    return { expr: told, fields: definition, definition, scalar: false, rowType: oid.RECORD, name };
  }
  const outputs = outputColumns(cx, expr);
  if (outputs !== null) return { expr, fields: outputs, definition: null, scalar: false, rowType: expr.type, name };
  if (expr.type === oid.RECORD) {
    throw cx.error(
      'syntax_error',
      'a column definition list is required for functions returning "record"',
      expr.location,
    );
  }
  const fieldName = singleOutputName(expr) ?? name;
  return {
    expr,
    fields: [{ name: fieldName, type: expr.type, typmod: expr.typmod }],
    definition: null,
    scalar: true,
    rowType: expr.type,
    name,
  };
}

function redundantDefinition(cx: BindContext, expr: Expr): Error {
  const message = 'a column definition list is redundant for a function with OUT parameters';
  return cx.error('syntax_error', message, expr.location);
}

function functionName(node: Node): string {
  if ('FuncCall' in node) {
    const parts = nameParts(node.FuncCall.funcname);
    return parts[parts.length - 1] ?? '';
  }
  if ('SQLValueFunction' in node)
    return (node.SQLValueFunction.op ?? '').replace('SVFOP_', '').replace(/_N$/, '').toLowerCase();
  if ('CoalesceExpr' in node) return 'coalesce';
  return 'column';
}

/** A scalar function with one named OUT parameter gives its column that name. */
function singleOutputName(expr: Expr): string | null {
  if (expr.kind !== 'function' || expr.proc.argModes === null || expr.proc.argNames === null) return null;
  const out = expr.proc.argModes.findIndex((mode) => 'obt'.includes(mode));
  const name = out < 0 ? '' : (expr.proc.argNames[out] ?? '');
  return name === '' ? null : name;
}

/** Columns of a composite result: OUT parameters, or the fields of the row type. */
function outputColumns(cx: BindContext, expr: Expr): FieldShape[] | null {
  if (expr.kind === 'function' && expr.resultColumns !== undefined) return [...expr.resultColumns];
  if (expr.kind === 'row')
    return expr.fields.map((field, i) => ({ name: expr.names[i], type: field.type, typmod: field.typmod }));
  const composite = cx.services.types.catalog.compositeFields(baseType(cx, expr.type));
  return composite === undefined ? null : composite.map((field) => ({ ...field }));
}

function definedColumn(cx: BindContext, node: Node): FieldShape {
  if (!('ColumnDef' in node) || node.ColumnDef.typeName === undefined) throw notSupported('this column definition');
  const type = resolveTypeName(cx, node.ColumnDef.typeName);
  return { name: node.ColumnDef.colname ?? '', type: type.type, typmod: type.typmod };
}
