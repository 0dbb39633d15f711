/** The common type of several expressions: UNION, CASE, ARRAY, VALUES and the like (documentation, chapter 10.5). */
import type { TypeDesc } from '../../catalog/descriptors.js';
import * as oid from '../../types/oids.js';
import type { Expr } from '../plan/expression.js';
import type { BindContext } from './bind-context.js';
import { tryCoerce } from './coercion.js';
import { baseType, canCoerceOne } from './coercion-pathway.js';

/**
 * The common type of a list of expressions (UNION, CASE, ARRAY, VALUES …).
 * @param construct as PostgreSQL names it in messages; null: gives 0 instead of an error
 */
export function selectCommonType(cx: BindContext, exprs: readonly Expr[], construct: string | null): number {
  const first = exprs[0];
  if (first !== undefined && first.type !== oid.UNKNOWN && exprs.every((expr) => expr.type === first.type))
    return first.type;
  let chosen: TypeDesc | null = null;
  let chosenExpr: Expr | null = null;
  for (const expr of exprs) {
    const type = baseType(cx, expr.type);
    if (type === oid.UNKNOWN || (chosen !== null && type === chosen.oid)) continue;
    const desc = cx.type(type);
    if (chosen === null || chosenExpr === null) {
      chosen = desc;
      chosenExpr = expr;
    } else if (desc.category !== chosen.category) {
      if (construct === null) return 0;
      throw cx.error(
        'datatype_mismatch',
        `${construct} types ${cx.formatType(chosen.oid)} and ${cx.formatType(type)} cannot be matched`,
        expr.location,
      );
    } else if (
      !chosen.preferred &&
      canCoerceOne(cx, chosen.oid, type, 'implicit') &&
      !canCoerceOne(cx, type, chosen.oid, 'implicit')
    ) {
      chosen = desc;
      chosenExpr = expr;
    }
  }
  return chosen === null ? oid.TEXT : chosen.oid;
}

/** Converts to a common type. @throws 42846 `CASE/ELSE could not convert type …` */
export function coerceToCommonType(cx: BindContext, expr: Expr, target: number, construct: string): Expr {
  if (expr.type === target) return expr;
  const converted = tryCoerce(cx, expr, target, -1, 'implicit');
  if (converted === null) {
    throw cx.error(
      'cannot_coerce',
      `${construct} could not convert type ${cx.formatType(expr.type)} to ${cx.formatType(target)}`,
      expr.location,
    );
  }
  return converted;
}

/** The typmod that all expressions of one type share, else -1. */
export function commonTypmod(exprs: readonly Expr[], type: number): number {
  const first = exprs[0]?.typmod ?? -1;
  return exprs.every((expr) => expr.type === type && expr.typmod === first) ? first : -1;
}
