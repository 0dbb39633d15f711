/** Select lists and RETURNING lists: star expansion and the names of result columns. */
import type { Node, ResTarget } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import type { Expr } from '../plan/expression.js';
import { nameParts } from './ast.js';
import { findTable, starArgument } from './bind-column-ref.js';
import { bindField, shownNames } from './bind-containers.js';
import type { BindContext } from './bind-context.js';
import { binders } from './binders.js';
import { baseType } from './coercion-pathway.js';
import { columnExpr, recordFields, type Scope, type ScopeColumn } from './scope.js';

export interface Target {
  readonly expr: Expr;
  readonly name: string;
  /** Table column that it shows unchanged; 0 otherwise. */
  readonly tableOid: number;
  readonly columnNumber: number;
}

export function bindTargetList(cx: BindContext, scope: Scope, nodes: readonly Node[]): Target[] {
  return nodes.flatMap((node) => ('ResTarget' in node ? bindTarget(cx, scope, node.ResTarget) : []));
}

function bindTarget(cx: BindContext, scope: Scope, target: ResTarget): Target[] {
  const node = target.val;
  if (node === undefined) throw notSupported('a target without expression');
  const starred = starTargets(cx, scope, node);
  if (starred !== null) return starred;
  const expr = binders.expr(cx, scope, node);
  const name = target.name ?? figureColumnName(node);
  const source = expr.kind === 'column' ? findSource(scope, expr.id) : undefined;
  return [{ expr, name, tableOid: source?.tableOid ?? 0, columnNumber: source?.columnNumber ?? 0 }];
}

/** The columns that `*`, `t.*` or `(composite).*` stands for; null when the expression is none of these. */
function starTargets(cx: BindContext, scope: Scope, node: Node): Target[] | null {
  if ('ColumnRef' in node && node.ColumnRef.fields?.some((field) => 'A_Star' in field))
    return expandStar(cx, scope, node.ColumnRef.fields, node.ColumnRef.location ?? -1);
  if ('A_Indirection' in node && node.A_Indirection.indirection?.some((step) => 'A_Star' in step)) {
    const steps = node.A_Indirection.indirection.slice(0, -1);
    const inner: Node =
      steps.length === 0 && node.A_Indirection.arg !== undefined
        ? node.A_Indirection.arg
        : { A_Indirection: { arg: node.A_Indirection.arg, indirection: steps } };
    return expandComposite(cx, binders.expr(cx, scope, inner));
  }
  return null;
}

binders.starred = (cx, scope, node) => starTargets(cx, scope, node)?.map((target) => target.expr) ?? null;

function findSource(scope: Scope, id: number): ScopeColumn | undefined {
  for (const table of scope.tables) {
    const found = table.columns.find((column) => column.id === id);
    if (found !== undefined) return found;
  }
  return undefined;
}

function targetOf(cx: BindContext, column: ScopeColumn): Target {
  cx.access.read(column);
  return { expr: columnExpr(column), name: column.name, tableOid: column.tableOid, columnNumber: column.columnNumber };
}

function expandStar(cx: BindContext, scope: Scope, fields: readonly Node[], location: number): Target[] {
  const qualifier = nameParts(fields);
  if (qualifier.length > 0) {
    const argument = starVariable(cx, scope, qualifier, location) ?? starArgument(cx, scope, qualifier, location);
    if (argument !== null) return expandComposite(cx, argument);
    const table = findTable(cx, scope, qualifier, location);
    if (table.scalar && table.columns.length === 1) return [targetOf(cx, table.columns[0])];
    return shown(cx, table.columns);
  }
  if (scope.tables.length === 0)
    throw cx.error('syntax_error', 'SELECT * with no tables specified is not valid', location);
  return shown(cx, scope.columns);
}

/** A record variable that `name.*` stands for, where it is no table. */
function starVariable(cx: BindContext, scope: Scope, names: readonly string[], location: number): Expr | null {
  if (cx.variables === null || scope.tables.some((table) => table.alias === names[names.length - 1])) return null;
  return cx.variables.row(cx, names, location);
}

function shown(cx: BindContext, columns: readonly ScopeColumn[]): Target[] {
  return columns.filter((column) => column.hidden !== true).map((column) => targetOf(cx, column));
}

/** (composite).* */
function expandComposite(cx: BindContext, expr: Expr): Target[] {
  if (expr.kind === 'row') {
    const names = shownNames(expr);
    return expr.fields.map((field, i) => ({ expr: field, name: names[i], tableOid: 0, columnNumber: 0 }));
  }
  const fields = cx.services.types.catalog.compositeFields(baseType(cx, expr.type)) ?? recordFields(expr);
  if (fields === undefined) {
    throw cx.error('wrong_object_type', `type ${cx.formatType(expr.type)} is not composite`, expr.location);
  }
  return fields.map((field) => ({
    expr: bindField(cx, expr, field.name, expr.location),
    name: field.name,
    tableOid: 0,
    columnNumber: 0,
  }));
}

const NO_NAME = '?column?';

/** The name that PostgreSQL gives to a result column without AS. */
export function figureColumnName(node: Node): string {
  return figure(node).name ?? NO_NAME;
}

interface Figured {
  readonly name: string | null;
  /** 2: a name of its own; 1: a weak one (a type, `case`), which an inner strong one overrides. */
  readonly strength: number;
}

const NOTHING: Figured = { name: null, strength: 0 };

function strong(name: string): Figured {
  return { name, strength: 2 };
}

function figure(node: Node): Figured {
  if ('ColumnRef' in node) {
    const parts = nameParts(node.ColumnRef.fields);
    return parts.length > 0 ? strong(parts[parts.length - 1]) : NOTHING;
  }
  if ('A_Indirection' in node) {
    const names = nameParts(node.A_Indirection.indirection);
    if (names.length > 0) return strong(names[names.length - 1]);
    return node.A_Indirection.arg === undefined ? NOTHING : figure(node.A_Indirection.arg);
  }
  if ('FuncCall' in node) {
    const parts = nameParts(node.FuncCall.funcname);
    return strong(parts[parts.length - 1] ?? '');
  }
  if ('A_Expr' in node) return node.A_Expr.kind === 'AEXPR_NULLIF' ? strong('nullif') : NOTHING;
  if ('TypeCast' in node) return figureCast(node.TypeCast.arg, nameParts(node.TypeCast.typeName?.names));
  if ('CollateClause' in node) return node.CollateClause.arg === undefined ? NOTHING : figure(node.CollateClause.arg);
  if ('GroupingFunc' in node) return strong('grouping');
  if ('SubLink' in node) return figureSublink(node.SubLink.subLinkType ?? '', node.SubLink.subselect);
  if ('CaseExpr' in node) {
    const inner = node.CaseExpr.defresult === undefined ? NOTHING : figure(node.CaseExpr.defresult);
    return inner.strength > 1 ? inner : { name: 'case', strength: 1 };
  }
  if ('A_ArrayExpr' in node) return strong('array');
  if ('RowExpr' in node) return strong('row');
  if ('CoalesceExpr' in node) return strong('coalesce');
  if ('MinMaxExpr' in node) return strong(node.MinMaxExpr.op === 'IS_GREATEST' ? 'greatest' : 'least');
  if ('SQLValueFunction' in node)
    return strong((node.SQLValueFunction.op ?? '').replace('SVFOP_', '').replace(/_N$/, '').toLowerCase());
  return NOTHING;
}

function figureCast(arg: Node | undefined, typeParts: readonly string[]): Figured {
  const inner = arg === undefined ? NOTHING : figure(arg);
  if (inner.strength > 1 || typeParts.length === 0) return inner;
  return { name: typeParts[typeParts.length - 1], strength: 1 };
}

function figureSublink(kind: string, select: Node | undefined): Figured {
  if (kind === 'EXISTS_SUBLINK') return strong('exists');
  if (kind === 'ARRAY_SUBLINK') return strong('array');
  if (kind !== 'EXPR_SUBLINK' || select === undefined || !('SelectStmt' in select)) return NOTHING;
  let statement = select.SelectStmt;
  while (statement.larg !== undefined) statement = statement.larg;
  const target = statement.targetList?.[0];
  if (target !== undefined && 'ResTarget' in target) {
    if (target.ResTarget.name !== undefined) return strong(target.ResTarget.name);
    if (target.ResTarget.val !== undefined) return figure(target.ResTarget.val);
  }
  return statement.valuesLists === undefined ? NOTHING : strong('column1');
}
