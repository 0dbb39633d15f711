/** ORDER BY, DISTINCT and DISTINCT ON of SELECT: what their items mean, and the nodes they become. */
import type { Node, SelectStmt } from '@pgsql/types';
import type { Expr, SortKey } from '../plan/expression.js';
import { type PlanNode, UNESTIMATED } from '../plan/plan-node.js';
import { sameExpr } from '../plan/same-expr.js';
import { locationOf, nameParts } from './ast.js';
import type { BindContext } from './bind-context.js';
import { binders } from './binders.js';
import { settleUnknown } from './coercion.js';
import { namedTarget, ordinalTarget } from './group-clause.js';
import type { Scope } from './scope.js';
import { entryColumn, type SelectEntry } from './select-entry.js';
import { makeSortKey, requireEquality } from './sort-keys.js';

/** An ORDER BY or DISTINCT ON item: ordinal, output name, or an expression over the input. */
function sortEntry(cx: BindContext, scope: Scope, node: Node, entries: SelectEntry[], clause: string): SelectEntry {
  const visible = entries.filter((entry) => !entry.junk);
  const targets = visible.map((entry) => entry.target);
  const byOrdinal = ordinalTarget(cx, node, targets, clause);
  if (byOrdinal !== null) return visible[targets.indexOf(byOrdinal)];
  if ('ColumnRef' in node) {
    const parts = nameParts(node.ColumnRef.fields);
    if (parts.length === 1 && node.ColumnRef.fields?.length === 1) {
      const named = namedTarget(cx, parts[0], targets, clause, node.ColumnRef.location ?? -1);
      if (named !== null) return visible[targets.indexOf(named)];
    }
  }
  const expr = settleUnknown(cx, binders.expr(cx, scope, node));
  const known = entries.find((entry) => sameExpr(entry.expr, expr));
  if (known !== undefined) return known;
  const entry: SelectEntry = {
    expr,
    target: { expr, name: 'sort', tableOid: 0, columnNumber: 0 },
    id: cx.newColumn('sort'),
    junk: true,
  };
  entries.push(entry);
  return entry;
}

/** An item of ORDER BY, once for each entry. */
export interface OrderItem {
  readonly entry: SelectEntry;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** Adds an entry to `entries` for what the select list lacks. */
export function bindOrder(cx: BindContext, scope: Scope, nodes: readonly Node[], entries: SelectEntry[]): OrderItem[] {
  const items: OrderItem[] = [];
  for (const node of nodes) {
    if (!('SortBy' in node) || node.SortBy.node === undefined) continue;
    const entry = sortEntry(cx, scope, node.SortBy.node, entries, 'ORDER BY');
    const key = makeSortKey(cx, node.SortBy, entry.expr);
    if (!items.some((item) => item.entry === entry))
      items.push({ entry, descending: key.descending, nullsFirst: key.nullsFirst });
  }
  return items;
}

/** The entries of DISTINCT ON; null for plain DISTINCT and none. */
export function bindDistinctOn(
  cx: BindContext,
  scope: Scope,
  statement: SelectStmt,
  entries: SelectEntry[],
): SelectEntry[] | null {
  const clause = statement.distinctClause;
  if (clause === undefined || clause.every((node) => Object.keys(node).length === 0)) return null;
  return clause.map((node) => sortEntry(cx, scope, node, entries, 'DISTINCT ON'));
}

/** @throws SqlError 42P10 when DISTINCT would drop what ORDER BY sorts by; 42883 for values without equality */
export function checkDistinctOrder(
  cx: BindContext,
  statement: SelectStmt,
  entries: readonly SelectEntry[],
  order: readonly OrderItem[],
  distinctOn: readonly SelectEntry[] | null,
): void {
  if (statement.distinctClause === undefined) return;
  if (distinctOn === null) {
    const junk = order.find((item) => item.entry.junk);
    if (junk !== undefined) {
      throw cx.error(
        'invalid_column_reference',
        'for SELECT DISTINCT, ORDER BY expressions must appear in select list',
        junk.entry.expr.location,
      );
    }
    for (const entry of entries) requireEquality(cx, entry.expr);
    return;
  }
  const leading = order.slice(0, distinctOn.length);
  const stray = leading.find((item) => !distinctOn.includes(item.entry));
  const unmatched = distinctOn.find((entry) => !leading.some((item) => item.entry === entry));
  if (stray !== undefined && unmatched !== undefined) {
    throw cx.error(
      'invalid_column_reference',
      'SELECT DISTINCT ON expressions must match initial ORDER BY expressions',
      locationOf(statement.distinctClause[distinctOn.indexOf(unmatched)]),
    );
  }
}

/** Sort keys over what is `of` an entry: its column above the projection, its expression below. */
export function orderKeys(order: readonly OrderItem[], of: (entry: SelectEntry) => Expr): SortKey[] {
  return order.map(({ entry, descending, nullsFirst }) => ({ expr: of(entry), descending, nullsFirst }));
}

export function sortNode(input: PlanNode, keys: readonly SortKey[]): PlanNode {
  return { kind: 'sort', input, keys, limit: null, presorted: 0, columns: input.columns, ...UNESTIMATED };
}

/** DISTINCT ON keeps the first row of each group in ORDER BY's order, so that it sorts first. */
export function distinct(
  input: PlanNode,
  statement: SelectStmt,
  entries: readonly SelectEntry[],
  on: readonly SelectEntry[] | null,
  order: readonly OrderItem[],
): PlanNode {
  if (statement.distinctClause === undefined) return input;
  if (on === null) {
    const keys = entries.filter((entry) => !entry.junk).map(entryColumn);
    return { kind: 'distinct', input, keys, sorted: false, columns: input.columns, ...UNESTIMATED };
  }
  const missing = on.filter((entry) => !order.some((item) => item.entry === entry));
  const sorted = sortNode(
    input,
    orderKeys([...order, ...missing.map((entry) => ({ entry, descending: false, nullsFirst: false }))], entryColumn),
  );
  return {
    kind: 'distinct',
    input: sorted,
    keys: on.map(entryColumn),
    sorted: true,
    columns: input.columns,
    ...UNESTIMATED,
  };
}
