/**
 * Elements of arrays in variables that are set one by one. An array that an assignment has made belongs to its variable until
 * an expression may have kept it: as long as it does, its elements are set in place, so that filling an array takes time that
 * grows with its length only.
 */

import { childExprs } from '../../sql/plan/expr-children.js';
import type { Expr } from '../../sql/plan/expression.js';
import { assignElement } from '../../types/array/array-access.js';
import { type Datum, PgArray } from '../../types/datum.js';
import type { Frame } from './frame.js';

/** Functions that look at an array and keep nothing of it. */
const LOOKING = new Set(['array_length', 'array_lower', 'array_upper', 'cardinality', 'array_ndims', 'array_dims']);

/** Variables whose whole value an expression may keep. */
export function keptVariables(expr: Expr, found: Set<number> = new Set()): ReadonlySet<number> {
  if (expr.kind === 'param') found.add(expr.index);
  for (const child of childExprs(expr)) if (!onlyLooks(expr, child)) keptVariables(child, found);
  return found;
}

function onlyLooks(expr: Expr, child: Expr): boolean {
  if (child.kind !== 'param') return false;
  if (expr.kind === 'subscript')
    return expr.arg === child && expr.assign === null && !expr.subscripts.some((s) => s.slice);
  return expr.kind === 'function' && expr.proc.oid < 16384 && LOOKING.has(expr.proc.name);
}

/** Something may keep the variables' values from now on. */
export function release(frame: Frame, kept: ReadonlySet<number>): void {
  if (frame.owned === null || kept.size === 0) return;
  for (const dno of kept) frame.owned.delete(dno);
}

/** Sets one element of the array in a variable. @throws SqlError 22004, 2202E */
export function setElement(frame: Frame, dno: number, elementType: number, index: Datum, value: Datum): void {
  const array = frame.values[dno];
  if (array instanceof PgArray && typeof index === 'number' && array.dims.length === 1) {
    const owned = frame.owned?.get(dno);
    if (owned !== undefined && owned === array.elements) {
      const at = index - array.lowerBounds[0];
      if (at >= 0 && at < array.dims[0]) {
        owned[at] = value;
        return;
      }
      if (at === array.dims[0]) {
        owned.push(value);
        frame.values[dno] = new PgArray(array.elementType, [at + 1], array.lowerBounds, owned);
        return;
      }
    }
  }
  const whole = array instanceof PgArray ? array : null;
  const made = assignElement(whole, elementType, [index === null ? null : Number(index)], value);
  const elements = [...made.elements];
  frame.values[dno] = new PgArray(made.elementType, made.dims, made.lowerBounds, elements);
  frame.owned ??= new Map();
  frame.owned.set(dno, elements);
}
