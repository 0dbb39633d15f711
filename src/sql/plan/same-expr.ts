/** Structural equality of expressions. */

import { childExprs } from './expr-children.js';
import type { ColumnId, Expr, FieldAssignExpr, SubscriptExpr } from './expression.js';
import { internalColumns } from './internal-columns.js';

/** Structural equality, locations aside; columns that an expression defines for itself may differ in their ids. */
export function sameExpr(a: Expr, b: Expr, renamed: ReadonlyMap<ColumnId, ColumnId> = NO_RENAMES): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.type !== b.type) return false;
  if (!sameHead(a, b, renamed)) return false;
  const inner = internalRenames(a, b, renamed);
  const left = childExprs(a);
  const right = childExprs(b);
  return left.length === right.length && left.every((child, i) => sameExpr(child, right[i], inner));
}

const NO_RENAMES: ReadonlyMap<ColumnId, ColumnId> = new Map();

function internalRenames(a: Expr, b: Expr, renamed: ReadonlyMap<ColumnId, ColumnId>): ReadonlyMap<ColumnId, ColumnId> {
  const own: ColumnId[] = [];
  const other: ColumnId[] = [];
  internalColumns(a, (id) => own.push(id));
  internalColumns(b, (id) => other.push(id));
  if (own.length === 0 || own.length !== other.length) return renamed;
  const all = new Map(renamed);
  own.forEach((id, i) => all.set(id, other[i]));
  return all;
}

function sameHead(a: Expr, b: Expr, renamed: ReadonlyMap<ColumnId, ColumnId>): boolean {
  if (a.kind === 'const' && b.kind === 'const') return sameDatum(a.value, b.value);
  if (a.kind === 'column' && b.kind === 'column') return (renamed.get(a.id) ?? a.id) === b.id;
  if (a.kind === 'param' && b.kind === 'param') return a.index === b.index;
  if (a.kind === 'function' && b.kind === 'function')
    return a.proc.oid === b.proc.oid && a.variadicArray === b.variadicArray;
  if (a.kind === 'null test' && b.kind === 'null test') return a.negated === b.negated && a.row === b.row;
  if (a.kind === 'boolean test' && b.kind === 'boolean test') return a.negated === b.negated && a.value === b.value;
  if (a.kind === 'distinct from' && b.kind === 'distinct from') return a.negated === b.negated;
  if (a.kind === 'array comparison' && b.kind === 'array comparison') return a.quantifier === b.quantifier;
  if (a.kind === 'field' && b.kind === 'field') return a.position === b.position;
  if (a.kind === 'sql value' && b.kind === 'sql value') return a.op === b.op && a.typmod === b.typmod;
  if (a.kind === 'row comparison' && b.kind === 'row comparison') return a.operator === b.operator;
  if (a.kind === 'case' && b.kind === 'case') return (a.operand === null) === (b.operand === null);
  if (a.kind === 'array' && b.kind === 'array') return a.multidimensional === b.multidimensional;
  if (a.kind === 'field assign' && b.kind === 'field assign') return samePositions(a, b);
  if (a.kind === 'subscript' && b.kind === 'subscript') return sameSubscripts(a, b);
  return a.kind !== 'subplan';
}

function samePositions(a: FieldAssignExpr, b: FieldAssignExpr): boolean {
  return (
    a.assignments.length === b.assignments.length &&
    a.assignments.every((assignment, i) => assignment.position === b.assignments[i].position)
  );
}

/** Bounds that are left out are no children, so which ones are there has to be compared. */
function sameSubscripts(a: SubscriptExpr, b: SubscriptExpr): boolean {
  if (a.container !== b.container || a.subscripts.length !== b.subscripts.length) return false;
  if ((a.assign === null) !== (b.assign === null)) return false;
  return a.subscripts.every(({ slice, lower, upper }, i) => {
    const other = b.subscripts[i];
    return (
      slice === other.slice &&
      (lower === null) === (other.lower === null) &&
      (upper === null) === (other.upper === null)
    );
  });
}

function sameDatum(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a.constructor !== b.constructor) return false;
  return JSON.stringify(a, bigintText) === JSON.stringify(b, bigintText);
}

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value instanceof Map ? [...value] : value;
}
