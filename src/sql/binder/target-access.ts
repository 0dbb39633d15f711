/** What writing takes: privileges on the table, or on a view and, in its owner's name, on what is below it. */
import type { Node } from '@pgsql/types';
import type { RelationDesc } from '../../catalog/descriptors.js';
import { PRIVILEGE } from '../../types/acl/acl-item.js';
import type { Expr } from '../plan/expression.js';
import { exprColumns } from '../plan/free-columns.js';
import { type TableAccess, WHOLE_ROW } from '../plan/plan-access.js';
import { readColumn } from './access-recorder.js';
import type { BindContext } from './bind-context.js';
import type { UpdatableView } from './updatable-view.js';
import { viewRole } from './view-query.js';

/** The entry of the relation that the statement names; those below a view follow it. */
export function targetAccess(
  cx: BindContext,
  named: RelationDesc,
  view: UpdatableView | null,
  required: number,
): TableAccess {
  const access = cx.access.table(named, required);
  if (view === null) return access;
  let role = cx.access.role;
  view.chain.forEach((link, i) => {
    role = viewRole(link, role);
    const below = view.chain[i + 1];
    const entry = cx.access.table(below ?? view.base, required, role);
    cx.access.derive(() => {
      entry.required = access.required;
      if (below === undefined) followBase(view, access, entry);
    });
  });
  return access;
}

/** The table's columns for those of the view, and what the view's conditions read. */
function followBase(view: UpdatableView, access: TableAccess, base: TableAccess): void {
  const numbers = (expr: Expr): number[] =>
    [...exprColumns(expr)].map((id) => view.ids.indexOf(id) + 1).filter((number) => number > 0);
  for (const kind of ['selected', 'inserted', 'updated'] as const)
    for (const number of access[kind]) {
      const shown = number === WHOLE_ROW ? view.columns : view.columns.slice(number - 1, number);
      for (const { expr } of shown) for (const own of numbers(expr)) base[kind].add(own);
    }
  if ((access.required & PRIVILEGE.SELECT) !== 0)
    for (const condition of view.where) for (const number of numbers(condition)) readColumn(base, number);
}

/** Columns that a list of assignments names. */
export function markUpdated(access: TableAccess, targets: readonly Node[]): void {
  for (const node of targets) {
    const name = 'ResTarget' in node ? node.ResTarget.name : undefined;
    const attribute = access.relation.attributes.find((candidate) => candidate.name === name && !candidate.dropped);
    if (attribute !== undefined) access.updated.add(attribute.number);
  }
}
