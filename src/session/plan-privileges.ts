/**
 * Whether a role may do what a plan does. Asked at every execution, answered once for a plan and role: plans are made
 * anew when the catalogs change.
 */
import { permissionDenied, relationWord } from '../catalog/acl/access-errors.js';
import { columnRights, procRights, relationRights } from '../catalog/acl/rights.js';
import type { AttributeDesc, CatalogView, RelationDesc } from '../catalog/descriptors.js';
import { type PlanAccess, type TableAccess, WHOLE_ROW } from '../sql/plan/plan-access.js';
import { PRIVILEGE } from '../types/acl/acl-item.js';

/** @throws SqlError 42501 `permission denied for table t` */
export function requirePlanPrivileges(view: CatalogView, role: number, access: PlanAccess): void {
  for (const table of access.tables) {
    if (mayAccess(view, table.role === 0 ? role : table.role, table)) continue;
    throw permissionDenied(relationWord(table.relation.kind), table.relation.name);
  }
  for (const oid of access.functions) requireExecute(view, role, oid);
  access.passedFor = role;
}

/** @throws SqlError 42501 `permission denied for function f` */
export function requireExecute(view: CatalogView, role: number, oid: number): void {
  const rights = procRights(view, role, oid);
  if (rights === undefined || (rights.privileges & PRIVILEGE.EXECUTE) !== 0) return;
  const proc = view.proc(oid);
  throw permissionDenied(proc?.kind === 'a' ? 'aggregate' : 'function', proc?.name ?? '');
}

/**
 * The columns that messages about a row may show: those that the role may read, and those that its statement gives
 * values for. Null: all of them.
 */
export function shownColumns(
  view: CatalogView,
  role: number,
  relation: RelationDesc,
  access: PlanAccess | null,
): ReadonlySet<number> | null {
  if ((relationRights(view, role, relation).privileges & PRIVILEGE.SELECT) !== 0) return null;
  const shown = new Set<number>();
  for (const column of relation.attributes)
    if ((columnRights(view, role, relation, column).privileges & PRIVILEGE.SELECT) !== 0) shown.add(column.number);
  for (const table of access?.tables ?? []) {
    if (table.relation.oid !== relation.oid) continue;
    for (const number of [...table.inserted, ...table.updated]) shown.add(number);
  }
  return shown;
}

/** What columns can have; other privileges are the table's only. */
const OF_COLUMNS = PRIVILEGE.SELECT | PRIVILEGE.INSERT | PRIVILEGE.UPDATE;

function mayAccess(view: CatalogView, role: number, access: TableAccess): boolean {
  const missing = access.required & ~relationRights(view, role, access.relation).privileges;
  if (missing === 0) return true;
  if ((missing & ~OF_COLUMNS) !== 0) return false;
  const granted = (column: AttributeDesc, bit: number): boolean =>
    (columnRights(view, role, access.relation, column).privileges & bit) !== 0;
  return (
    hasColumns(access, missing & PRIVILEGE.SELECT, access.selected, granted) &&
    hasColumns(access, missing & PRIVILEGE.INSERT, access.inserted, granted) &&
    hasColumns(access, missing & PRIVILEGE.UPDATE, access.updated, granted)
  );
}

/** Where no column is named, the privilege on any of them will do. */
function hasColumns(
  { relation }: TableAccess,
  bit: number,
  numbers: ReadonlySet<number>,
  granted: (column: AttributeDesc, bit: number) => boolean,
): boolean {
  if (bit === 0) return true;
  const live = relation.attributes.filter((column) => !column.dropped);
  if (numbers.size === 0) return live.some((column) => granted(column, bit));
  return [...numbers].every((number) => {
    if (number === WHOLE_ROW) return live.every((column) => granted(column, bit));
    const column = relation.attributes[number - 1];
    return column !== undefined && granted(column, bit);
  });
}
