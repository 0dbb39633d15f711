/** Converting expressions to other types by PostgreSQL's rules (documentation, chapter 10). */
import { SqlError } from '../../errors/sql-error.js';
import type { Datum } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import { makeColumn } from '../plan/column-expr.js';
import type { ColumnExpr, Expr, FunctionExpr } from '../plan/expression.js';
import type { BindContext } from './bind-context.js';
import {
  arrayElement,
  baseType,
  baseTypeAndTypmod,
  type CoercionContext,
  canCoerceOne,
  findPathway,
} from './coercion-pathway.js';
import { coerceToDomain } from './domain.js';
import { isPolymorphic } from './polymorphism.js';

/** No type minds shorter ones: UTF-16 units. */
const MIN_LONG_LITERAL = 4096;

function contextForm(context: CoercionContext): FunctionExpr['form'] {
  return context === 'explicit' ? 'explicit cast' : 'implicit cast';
}

/**
 * Converts `expr` to `target` with `typmod`.
 * @throws SqlError 42846 for an explicit cast, 42804 otherwise, when there is no conversion
 */
export function coerce(
  cx: BindContext,
  expr: Expr,
  target: number,
  typmod: number,
  context: CoercionContext,
  location: number = expr.location,
): Expr {
  const converted = tryCoerce(cx, expr, target, typmod, context, location);
  if (converted !== null) return converted;
  throw cx.error(
    context === 'explicit' ? 'cannot_coerce' : 'datatype_mismatch',
    `cannot cast type ${cx.formatType(expr.type)} to ${cx.formatType(target)}`,
    location,
  );
}

/** As `coerce`, null when there is no conversion. */
export function tryCoerce(
  cx: BindContext,
  expr: Expr,
  target: number,
  typmod: number,
  context: CoercionContext,
  location: number = expr.location,
): Expr | null {
  if (!canCoerceOne(cx, expr.type, target, context)) return null;
  const domain = cx.catalog.type(target);
  const base = baseTypeAndTypmod(cx, target, typmod);
  if (domain?.kind === 'd' && expr.type === target) return expr;
  const value = convert(cx, expr, base.type, base.typmod, context, location);
  const sized = applyTypmod(cx, value, base.type, base.typmod, context, location);
  return domain?.kind === 'd' ? coerceToDomain(cx, sized, domain, location) : sized;
}

/** Conversion without length coercion; `target` is not a domain. */
function convert(
  cx: BindContext,
  expr: Expr,
  target: number,
  typmod: number,
  context: CoercionContext,
  location: number,
): Expr {
  if (expr.type === target || target === oid.ANY || isPolymorphic(target)) return expr;
  if (expr.type === oid.UNKNOWN) {
    const settled = convertUnknown(cx, expr, target, typmod, context, location);
    if (settled !== null) return settled;
  }
  const pathway = expr.type === oid.UNKNOWN ? ({ kind: 'io' } as const) : findPathway(cx, target, expr.type, context);
  const collation = cx.collationOf(target);
  const explicit = context === 'explicit';
  switch (pathway.kind) {
    case 'relabel':
      return { kind: 'relabel', arg: expr, explicit, type: target, typmod: -1, collation, location };
    case 'function':
      return castFunction(cx, expr, pathway.func, target, typmod, context, location);
    case 'io':
      return { kind: 'coerce via io', arg: expr, explicit, type: target, typmod: -1, collation, location };
    case 'array':
      return arrayCoercion(cx, expr, target, typmod, context, location);
    case 'none':
      return rowConversion(cx, expr, target, context, location);
  }
}

/** Literals are read by the target's input function now; parameters take the target as their type. */
function convertUnknown(
  cx: BindContext,
  expr: Expr,
  target: number,
  typmod: number,
  context: CoercionContext,
  location: number,
): Expr | null {
  const collation = cx.collationOf(target);
  if (expr.kind === 'const') {
    if (isLongLiteral(cx, expr.value, target)) {
      const arg: Expr = { ...expr, type: oid.TEXT };
      const position = cx.position(expr.location);
      return { kind: 'coerce via io', arg, explicit: false, type: target, typmod: -1, collation, location, position };
    }
    const value =
      expr.value === null
        ? null
        : readLiteral(cx, String(expr.value), target, inputTypmod(target, typmod), expr.location);
    return {
      kind: 'const',
      value,
      type: target,
      typmod: target === oid.INTERVAL ? typmod : -1,
      collation,
      location: expr.location,
    };
  }
  if (expr.kind === 'param') {
    const known = cx.parameterTypes[expr.index];
    if (known === oid.UNKNOWN || known === undefined) {
      if (!cx.inferParameters) return null;
      cx.parameterTypes[expr.index] = target;
    } else if (known !== target) {
      const typed: Expr = { ...expr, type: known, collation: cx.collationOf(known) };
      const converted = tryCoerce(cx, typed, target, typmod, context, location);
      if (converted !== null && context === 'explicit') return converted;
      throw cx.error(
        'ambiguous_parameter',
        `inconsistent types deduced for parameter $${expr.index + 1}`,
        expr.location,
        { detail: `${cx.formatType(known)} versus ${cx.formatType(target)}` },
      );
    }
    return { ...expr, type: target, collation, typmod: -1 };
  }
  return null;
}

/** Whether reading the literal would hold others up: it is left to the execution, which can give way. */
function isLongLiteral(cx: BindContext, value: Datum, target: number): boolean {
  if (typeof value !== 'string' || value.length < MIN_LONG_LITERAL) return false;
  const { slow } = cx.services.types.codec(target);
  return slow !== undefined && value.length > slow.longText;
}

/** Only interval needs its typmod while reading; others get length coercion afterwards, as in PostgreSQL. */
function inputTypmod(target: number, typmod: number): number {
  return target === oid.INTERVAL ? typmod : -1;
}

function readLiteral(cx: BindContext, text: string, target: number, typmod: number, location: number): Datum {
  try {
    return cx.services.types.codec(target).parse(text, cx.services.types, typmod);
  } catch (error) {
    if (error instanceof SqlError) throw error.at(cx.position(location));
    throw error;
  }
}

function castFunction(
  cx: BindContext,
  expr: Expr,
  func: number,
  target: number,
  typmod: number,
  context: CoercionContext,
  location: number,
): Expr {
  const proc = cx.catalog.proc(func);
  if (proc === undefined) throw cx.error('undefined_function', `cast function ${func} does not exist`, location);
  const explicit = context === 'explicit';
  const args: Expr[] = [expr];
  if (proc.argTypes.length >= 2) args.push(int4Const(typmod));
  if (proc.argTypes.length >= 3) args.push(boolConst(explicit));
  const from = baseType(cx, expr.type);
  if (expr.type !== from) args[0] = relabel(cx, expr, from);
  return {
    kind: 'function',
    proc,
    args,
    variadicArray: false,
    operator: null,
    form: contextForm(context),
    type: target,
    typmod: proc.argTypes.length >= 2 ? typmod : -1,
    collation: cx.collationOf(target),
    location,
  };
}

export function relabel(cx: BindContext, expr: Expr, type: number): Expr {
  return expr.type === type
    ? expr
    : {
        kind: 'relabel',
        arg: expr,
        explicit: false,
        type,
        typmod: -1,
        collation: cx.collationOf(type),
        location: expr.location,
      };
}

/** Stands for the element at hand in what is done to every element of an array. */
function elementPlaceholder(cx: BindContext, type: number): ColumnExpr {
  const typed = { type, typmod: -1, collation: cx.collationOf(type) };
  return makeColumn(cx.newColumn('element'), 'element', typed);
}

function arrayCoercion(
  cx: BindContext,
  expr: Expr,
  target: number,
  typmod: number,
  context: CoercionContext,
  location: number,
): Expr {
  const fromElement = arrayElement(cx, expr.type);
  const toElement = arrayElement(cx, target);
  const placeholder = elementPlaceholder(cx, fromElement);
  const element = coerce(cx, placeholder, toElement, typmod, context, location);
  const collation = cx.collationOf(target);
  if (element === placeholder)
    return { kind: 'relabel', arg: expr, explicit: context === 'explicit', type: target, typmod, collation, location };
  return {
    kind: 'array coerce',
    arg: expr,
    elementColumn: placeholder.id,
    element,
    explicit: context === 'explicit',
    type: target,
    typmod,
    collation,
    location,
  };
}

/** record to a composite type, field by field; composite to record as it is. */
function rowConversion(cx: BindContext, expr: Expr, target: number, context: CoercionContext, location: number): Expr {
  const type = cx.type(target);
  // A composite value is a record as it is, and goes on saying which one.
  if (target === oid.RECORD && context !== 'explicit') return expr;
  if (target === oid.RECORD || target === oid.RECORD_ARRAY) return relabel(cx, expr, target);
  const fields = cx.services.types.catalog.compositeFields(target) ?? [];
  if (expr.kind === 'row') {
    if (expr.fields.length !== fields.length) {
      throw cx.error('cannot_coerce', `cannot cast type record to ${cx.formatType(target)}`, location, {
        detail: expr.fields.length > fields.length ? 'Input has too many columns.' : 'Input has too few columns.',
      });
    }
    const converted = expr.fields.map((field, i) => {
      const value = tryCoerce(cx, field, fields[i].type, fields[i].typmod, context, location);
      if (value === null) {
        throw cx.error('cannot_coerce', `cannot cast type record to ${cx.formatType(target)}`, location, {
          detail: `Cannot cast type ${cx.formatType(field.type)} to ${cx.formatType(fields[i].type)} in column ${i + 1}.`,
        });
      }
      return value;
    });
    return {
      kind: 'row',
      fields: converted,
      names: fields.map((field) => field.name),
      type: type.oid,
      typmod: -1,
      collation: 0,
      location,
    };
  }
  return {
    kind: 'coerce via io',
    arg: expr,
    explicit: context === 'explicit',
    type: target,
    typmod: -1,
    collation: 0,
    location,
  };
}

/** Length coercion: calls the type's sizing function when the wanted typmod is not known to hold. */
export function applyTypmod(
  cx: BindContext,
  expr: Expr,
  target: number,
  typmod: number,
  context: CoercionContext,
  location: number,
): Expr {
  if (typmod < 0 || expr.typmod === typmod || expr.type !== target) return expr;
  const element = arrayElement(cx, target);
  if (element !== 0) {
    return expr.kind === 'array coerce' ? expr : sizedArray(cx, expr, element, typmod, context, location);
  }
  const cast = cx.catalog.cast(target, target);
  if (cast === undefined || cast.func === 0) return { ...expr, typmod };
  if (expr.kind === 'const' && expr.value === null) return { ...expr, typmod };
  return castFunction(cx, expr, cast.func, target, typmod, context, location);
}

function sizedArray(
  cx: BindContext,
  expr: Expr,
  element: number,
  typmod: number,
  context: CoercionContext,
  location: number,
): Expr {
  const placeholder = elementPlaceholder(cx, element);
  const sized = applyTypmod(cx, placeholder, element, typmod, context, location);
  if (sized.kind === 'column') return { ...expr, typmod };
  return {
    kind: 'array coerce',
    arg: expr,
    elementColumn: placeholder.id,
    element: sized,
    explicit: context === 'explicit',
    type: expr.type,
    typmod,
    collation: expr.collation,
    location,
  };
}

export function int4Const(value: number): Expr {
  return { kind: 'const', value, type: oid.INT4, typmod: -1, collation: 0, location: -1 };
}

export function boolConst(value: boolean | null): Expr {
  return { kind: 'const', value, type: oid.BOOL, typmod: -1, collation: 0, location: -1 };
}

/** Converts to boolean for WHERE and the like. @throws 42804 `argument of WHERE must be type boolean, not type integer` */
export function coerceToBoolean(cx: BindContext, expr: Expr, construct: string): Expr {
  if (expr.type === oid.BOOL) return expr;
  const converted = tryCoerce(cx, expr, oid.BOOL, -1, 'assignment');
  if (converted === null) {
    throw cx.error(
      'datatype_mismatch',
      `argument of ${construct} must be type boolean, not type ${cx.formatType(expr.type)}`,
      expr.location,
    );
  }
  return converted;
}

/** Gives literals that are still of type unknown the type text, as the result columns of a query get it. */
export function settleUnknown(cx: BindContext, expr: Expr): Expr {
  return expr.type === oid.UNKNOWN ? coerce(cx, expr, oid.TEXT, -1, 'implicit') : expr;
}
