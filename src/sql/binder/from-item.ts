/** What the parts of FROM have in common: what they make visible, and how they are joined. */
import type { Alias } from '@pgsql/types';
import type { Expr } from '../plan/expression.js';
import { freeColumns } from '../plan/free-columns.js';
import type { JoinType, PlanNode } from '../plan/plan-node.js';
import { nameParts } from './ast.js';
import type { BindContext } from './bind-context.js';
import type { ScopeColumn, ScopeTable } from './scope.js';

/** Part of FROM: what it makes visible, and its plan once everything has been bound. */
export interface FromItem {
  readonly tables: readonly ScopeTable[];
  /** Columns visible without a qualifier, in the order of `*`. */
  readonly columns: readonly ScopeColumn[];
  build(): PlanNode;
}

/** A logical join; `lateral` is what the right side reads of the left. */
export function makeJoin(joinType: JoinType, left: PlanNode, right: PlanNode, condition: Expr | null): PlanNode {
  const outer = freeColumns(right);
  const lateral = left.columns.filter((id) => outer.has(id));
  const columns = joinType === 'semi' || joinType === 'anti' ? left.columns : [...left.columns, ...right.columns];
  return { kind: 'join', joinType, left, right, condition, lateral, columns, rows: 0, cost: 0 };
}

export function checkDuplicateAlias(cx: BindContext, left: readonly ScopeTable[], right: readonly ScopeTable[]): void {
  for (const table of right) {
    const same = left.some(
      (other) =>
        other.alias === table.alias &&
        table.alias !== '' &&
        (other.schema === table.schema || other.schema === null || table.schema === null),
    );
    if (same) throw cx.error('duplicate_alias', `table name "${table.alias}" specified more than once`);
  }
}

function columnAliases(alias: Alias | undefined): string[] {
  return nameParts(alias?.colnames);
}

/** Applies `AS t(a, b)`; more names than columns is an error. */
export function renameColumns(
  cx: BindContext,
  columns: readonly ScopeColumn[],
  alias: Alias | undefined,
  shown: string,
): ScopeColumn[] {
  const names = columnAliases(alias);
  if (names.length > columns.length) {
    throw cx.error(
      'invalid_column_reference',
      `table "${shown}" has ${columns.length} columns available but ${names.length} columns specified`,
    );
  }
  return columns.map((column, i) => (names[i] === undefined ? column : { ...column, name: names[i] }));
}
