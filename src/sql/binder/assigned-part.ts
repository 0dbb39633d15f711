/** Assignments to parts of a variable of PL/pgSQL: fields, elements and slices. */
import type { Node } from '@pgsql/types';
import type { Expr } from '../plan/expression.js';
import { coerceForVariable } from './assigned-value.js';
import { assignInto, partType } from './assignments.js';
import { bindSubscripts } from './bind-containers.js';
import type { BindContext } from './bind-context.js';
import { Scope } from './scope.js';

/** The variable's value with the part replaced. @throws SqlError 42703, 42804 */
export function assignPart(cx: BindContext, name: string, current: Expr, steps: readonly Node[], value: Expr): Expr {
  const indices = steps.findIndex((step) => !('A_Indices' in step));
  if (indices > 0) {
    const scope = new Scope(null);
    const subscripts = steps.slice(0, indices);
    const element = bindSubscripts(cx, scope, current, subscripts, null);
    return bindSubscripts(cx, scope, current, subscripts, assignPart(cx, name, element, steps.slice(indices), value));
  }
  const whole = { name, typmod: current.typmod };
  const wanted = partType(cx, whole, current, steps, value.location);
  const converted = coerceForVariable(cx, value, wanted.type, wanted.typmod);
  return assignInto(cx, new Scope(null), whole, current, steps, converted);
}
