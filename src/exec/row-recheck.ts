/**
 * READ COMMITTED's second look: a locked row has turned out to be newer than the snapshot, so its columns are put into
 * the row that the plan gave, and the condition is evaluated again.
 */
import type { ColumnId, Expr } from '../sql/plan/expression.js';
import type { Row } from '../types/datum.js';
import type { Compiler } from './expression/compile.js';
import type { Predicate } from './expression/evaluator.js';

/** Where the columns of a table (by attribute) stand in the rows of the plan; -1 where they do not. */
export function attributeSlots(compiler: Compiler, attributes: readonly ColumnId[]): number[] {
  return attributes.map((id) => (id < 0 ? -1 : compiler.slot(id)));
}

export function withVersion(row: Row, version: Row, slots: readonly number[]): Row {
  const copy = row.slice();
  for (let i = 0; i < slots.length; i++) if (slots[i] >= 0) copy[slots[i]] = version[i];
  return copy;
}

export function recheckOf(compiler: Compiler, recheck: Expr | null): Predicate {
  return recheck === null ? () => true : compiler.predicate(recheck);
}
