/** ARRAY[…], ROW(…), subscripts and field selection. */
import type { A_ArrayExpr, A_Indirection, Node, RowExpr as RowNode } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import * as oid from '../../types/oids.js';
import { arrayExpr } from '../plan/array-expr.js';
import type { Expr, RowExpr, SubscriptExpr } from '../plan/expression.js';
import type { BindContext } from './bind-context.js';
import { binders } from './binders.js';
import { coerce } from './coercion.js';
import { arrayElement, baseTypeAndTypmod } from './coercion-pathway.js';
import { coerceToCommonType, selectCommonType } from './common-type.js';
import { commonCollation } from './derive-collation.js';
import { recordFields, type Scope } from './scope.js';

/** ARRAY[…]; `target` is the array type that a cast around it names, or null. */
export function bindArrayExpr(cx: BindContext, scope: Scope, node: A_ArrayExpr, target: number | null): Expr {
  const location = node.location ?? -1;
  const targetElement = target === null ? 0 : arrayElement(cx, target);
  const elements = (node.elements ?? []).map((element) =>
    'A_ArrayExpr' in element ? bindArrayExpr(cx, scope, element.A_ArrayExpr, target) : binders.expr(cx, scope, element),
  );
  if (elements.length === 0) {
    if (target === null) {
      throw cx.error('indeterminate_datatype', 'cannot determine type of empty array', location, {
        hint: 'Explicitly cast to the desired type, for example ARRAY[]::integer[].',
      });
    }
    return {
      kind: 'array',
      elementType: targetElement,
      multidimensional: false,
      elements: [],
      type: target,
      typmod: -1,
      collation: cx.collationOf(targetElement),
      location,
    };
  }
  const multidimensional = elements.some(
    (element) => arrayElement(cx, element.type) !== 0 && !(target !== null && targetElement === element.type),
  );
  return multidimensional
    ? nestedArray(cx, elements, target, location)
    : flatArray(cx, elements, target, targetElement, location);
}

function flatArray(
  cx: BindContext,
  elements: readonly Expr[],
  target: number | null,
  targetElement: number,
  location: number,
): Expr {
  if (target !== null && targetElement !== 0) {
    const converted = elements.map((element) => coerce(cx, element, targetElement, -1, 'explicit'));
    return arrayExpr({
      elementType: targetElement,
      multidimensional: false,
      elements: converted,
      type: target,
      typmod: -1,
      collation: cx.collationOf(targetElement),
      location,
    });
  }
  const type = selectCommonType(cx, elements, 'ARRAY');
  const array = cx.type(type).array;
  if (array === 0)
    throw cx.error('undefined_object', `could not find array type for data type ${cx.formatType(type)}`, location);
  const converted = elements.map((element) => coerceToCommonType(cx, element, type, 'ARRAY'));
  return arrayExpr({
    elementType: type,
    multidimensional: false,
    elements: converted,
    type: array,
    typmod: -1,
    collation: commonCollation(cx, converted, type),
    location,
  });
}

function nestedArray(cx: BindContext, elements: readonly Expr[], target: number | null, location: number): Expr {
  const type = target ?? selectCommonType(cx, elements, 'ARRAY');
  const element = arrayElement(cx, type);
  if (element === 0)
    throw cx.error('undefined_object', `could not find array type for data type ${cx.formatType(type)}`, location);
  const converted = elements.map((item) =>
    target === null ? coerceToCommonType(cx, item, type, 'ARRAY') : coerce(cx, item, type, -1, 'explicit'),
  );
  return {
    kind: 'array',
    elementType: element,
    multidimensional: true,
    elements: converted,
    type,
    typmod: -1,
    collation: cx.collationOf(element),
    location,
  };
}

/** ROW(a, b) and (a, b); `t.*` inside is expanded. */
export function bindRow(cx: BindContext, scope: Scope, node: RowNode): Expr {
  const fields = (node.args ?? []).flatMap(
    (item) => binders.starred(cx, scope, item) ?? [binders.expr(cx, scope, item)],
  );
  if (fields.length > 1664)
    throw cx.error('too_many_columns', 'ROW expressions can have at most 1664 entries', node.location);
  const settled = fields.map((field) =>
    field.type === oid.UNKNOWN && field.kind !== 'const' && field.kind !== 'param'
      ? coerce(cx, field, oid.TEXT, -1, 'implicit')
      : field,
  );
  return {
    kind: 'row',
    fields: settled,
    names: settled.map((_, i) => `f${i + 1}`),
    type: oid.RECORD,
    typmod: -1,
    collation: 0,
    location: node.location ?? -1,
  };
}

/** (expr).field, (expr)[i], (expr)[l:u] in any chain. */
export function bindIndirection(cx: BindContext, scope: Scope, node: A_Indirection): Expr {
  if (node.arg === undefined) throw notSupported('indirection without argument');
  let expr = binders.expr(cx, scope, node.arg);
  let pending: Node[] = [];
  const flush = (): void => {
    if (pending.length > 0) expr = bindSubscripts(cx, scope, expr, pending, null);
    pending = [];
  };
  for (const step of node.indirection ?? []) {
    if ('A_Indices' in step) pending.push(step);
    else {
      flush();
      if ('String' in step) expr = bindField(cx, expr, step.String.sval ?? '', expr.location);
      else throw cx.error('feature_not_supported', 'row expansion via "*" is not supported here', expr.location);
    }
  }
  flush();
  return expr;
}

/** The names of a row's fields as the query says them: for a table's row those that FROM gives its columns. */
export function shownNames({ type, fields, names }: RowExpr): readonly string[] {
  if (type === oid.RECORD) return names;
  return fields.map((field, i) => (field.kind === 'column' ? field.name : names[i]));
}

/** @throws SqlError 42703 / 42809 when the type has no such field */
export function bindField(cx: BindContext, arg: Expr, name: string, location: number): Expr {
  if (arg.kind === 'row') {
    const position = shownNames(arg).indexOf(name);
    if (position >= 0) return arg.fields[position];
  }
  const base = baseTypeAndTypmod(cx, arg.type, arg.typmod).type;
  const fields = cx.services.types.catalog.compositeFields(base) ?? recordFields(arg);
  const position = fields?.findIndex((field) => field.name === name) ?? -1;
  if (fields === undefined || position < 0) {
    const call = fields === undefined ? null : binders.attributeCall(cx, name, arg, location);
    if (call !== null) return call;
    throw missingField(cx, arg, name, location);
  }
  const field = fields[position];
  return {
    kind: 'field',
    arg,
    position,
    name,
    type: field.type,
    typmod: field.typmod,
    collation: cx.collationOf(field.type),
    location,
  };
}

function missingField(cx: BindContext, arg: Expr, name: string, location: number): Error {
  if (arg.type === oid.RECORD) {
    return cx.error('undefined_column', `could not identify column "${name}" in record data type`, location);
  }
  if (cx.catalog.type(arg.type)?.kind === 'c') {
    return cx.error('undefined_column', `column "${name}" not found in data type ${cx.formatType(arg.type)}`, location);
  }
  return cx.error(
    'wrong_object_type',
    `column notation .${name} applied to type ${cx.formatType(arg.type)}, which is not a composite type`,
    location,
  );
}

/** Subscripts in a row; `assign` is the value for an assignment target (already of the right type). */
export function bindSubscripts(
  cx: BindContext,
  scope: Scope,
  arg: Expr,
  steps: readonly Node[],
  assign: Expr | null,
): SubscriptExpr {
  const base = baseTypeAndTypmod(cx, arg.type, arg.typmod);
  const desc = cx.type(base.type);
  const isJson = base.type === oid.JSONB;
  if (!isJson && !desc.isArray && desc.element === 0) {
    throw cx.error(
      'datatype_mismatch',
      `cannot subscript type ${cx.formatType(arg.type)} because it does not support subscripting`,
      arg.location,
    );
  }
  const anySlice = steps.some((step) => 'A_Indices' in step && step.A_Indices.is_slice === true);
  if (isJson && anySlice) throw cx.error('datatype_mismatch', 'jsonb subscript does not support slices', arg.location);
  const bound = (node: Node | undefined): Expr | null =>
    node === undefined ? null : subscriptIndex(cx, binders.expr(cx, scope, node), isJson);
  const subscripts = steps.flatMap((step) => {
    if (!('A_Indices' in step)) return [];
    const slice = step.A_Indices.is_slice === true;
    return [{ lower: bound(step.A_Indices.lidx), upper: bound(step.A_Indices.uidx), slice }];
  });
  const elementType = isJson ? oid.JSONB : desc.element;
  const type = assign !== null || anySlice ? base.type : elementType;
  return {
    kind: 'subscript',
    container: isJson ? 'jsonb' : 'array',
    arg,
    subscripts,
    assign,
    elementType,
    type,
    typmod: isJson ? -1 : base.typmod,
    collation: cx.collationOf(type),
    location: arg.location,
  };
}

function subscriptIndex(cx: BindContext, index: Expr, isJson: boolean): Expr {
  if (isJson) {
    if (index.type === oid.UNKNOWN) return coerce(cx, index, oid.TEXT, -1, 'implicit');
    return index.type === oid.INT4 || index.type === oid.TEXT
      ? index
      : coerce(cx, index, index.type === oid.INT2 || index.type === oid.INT8 ? oid.INT4 : oid.TEXT, -1, 'assignment');
  }
  return coerce(cx, index, oid.INT4, -1, 'assignment');
}
