/** Assignments of PL/pgSQL: a value of whatever type is converted by its cast for assignments, or else through its text. */
import * as oid from '../../types/oids.js';
import type { Expr } from '../plan/expression.js';
import { type PlanNode, UNESTIMATED } from '../plan/plan-node.js';
import type { PlannedStatement } from '../plan/planned-statement.js';
import type { BindContext } from './bind-context.js';
import { applyTypmod, tryCoerce } from './coercion.js';
import { baseTypeAndTypmod } from './coercion-pathway.js';
import { coerceToDomain } from './domain.js';

export function coerceForVariable(cx: BindContext, expr: Expr, target: number, typmod: number): Expr {
  if (target === oid.RECORD && cx.type(expr.type).kind === 'c') return expr;
  const assigned = tryCoerce(cx, expr, target, typmod, 'assignment');
  if (assigned !== null) return assigned;
  const { location } = expr;
  const base = baseTypeAndTypmod(cx, target, typmod);
  const read: Expr = {
    kind: 'coerce via io',
    arg: expr,
    explicit: false,
    type: base.type,
    typmod: -1,
    collation: cx.collationOf(base.type),
    location,
  };
  const sized = applyTypmod(cx, read, base.type, base.typmod, 'assignment', location);
  const domain = cx.type(target);
  return domain.kind === 'd' ? coerceToDomain(cx, sized, domain, location) : sized;
}

/** The expression that a statement without tables consists of; null where rows have to be read, or several values made. */
export function soleExpression({ root, fields }: PlannedStatement): Expr | null {
  if (fields?.length !== 1 || root.kind !== 'project' || root.input.kind !== 'one row') return null;
  return root.exprs[0];
}

/** A statement of one column with that column changed. */
export function withColumn(cx: BindContext, bound: PlannedStatement, change: (value: Expr) => Expr): PlannedStatement {
  const [field] = bound.fields ?? [];
  const { root } = bound;
  const sole = soleExpression(bound);
  if (sole !== null && root.kind === 'project') {
    const value = change(sole);
    const fields = [{ ...field, type: value.type, typmod: value.typmod }];
    return { ...bound, root: { ...root, exprs: [value] }, fields };
  }
  const column: Expr = {
    kind: 'column',
    id: bound.root.columns[0],
    name: field.name,
    type: field.type,
    typmod: field.typmod,
    collation: cx.collationOf(field.type),
    location: -1,
  };
  const value = change(column);
  if (value === column) return bound;
  const id = cx.newColumn('value');
  const changed: PlanNode = { kind: 'project', input: root, exprs: [value], columns: [id], ...UNESTIMATED };
  return { ...bound, root: changed, fields: [{ ...field, type: value.type, typmod: value.typmod }] };
}
