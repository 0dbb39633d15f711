/** WITH RECURSIVE: its items in an order in which each comes behind those that it reads. */
import type { CommonTableExpr } from '@pgsql/types';
import type { BindContext } from './bind-context.js';
import { walkReferences } from './cte-references.js';

/** @throws SqlError 0A000 when items read each other */
export function inDependencyOrder(cx: BindContext, items: readonly CommonTableExpr[]): CommonTableExpr[] {
  const names = new Set(items.map((item) => item.ctename ?? ''));
  const pending = items.map((item) => ({ item, needs: needsOf(item, names) }));
  const ordered: CommonTableExpr[] = [];
  while (pending.length > 0) {
    const next = pending.findIndex(({ needs }) => needs.size === 0);
    if (next < 0) {
      const { location } = pending[0].item;
      throw cx.error('feature_not_supported', 'mutual recursion between WITH items is not implemented', location);
    }
    const [{ item }] = pending.splice(next, 1);
    ordered.push(item);
    for (const { needs } of pending) needs.delete(item.ctename ?? '');
  }
  return ordered;
}

/** The other items that an item reads. */
function needsOf(item: CommonTableExpr, names: ReadonlySet<string>): Set<string> {
  const needs = new Set<string>();
  walkReferences(item.ctequery, null, ({ relname = '' }) => {
    if (names.has(relname) && relname !== item.ctename) needs.add(relname);
  });
  return needs;
}
