/** GROUP BY as text: items, ROLLUP, CUBE and GROUPING SETS. */
import type { GroupingSet, Node } from '@pgsql/types';

type ItemPrinter = (node: Node) => string;

export function groupItems(nodes: readonly Node[], item: ItemPrinter): string {
  const sets = nodes.some((node) => 'GroupingSet' in node);
  return nodes.map((node) => (sets ? groupElement(node, item, true) : listed(node, item).join(', '))).join(', ');
}

/** `(a, b)` stands for its items. */
function listed(node: Node, item: ItemPrinter): string[] {
  if (!('RowExpr' in node) || node.RowExpr.row_format === 'COERCE_EXPLICIT_CALL') return [item(node)];
  return (node.RowExpr.args ?? []).map(item);
}

/** An element of a list of grouping sets; a single item goes without parentheses where they mean nothing. */
function groupElement(node: Node, item: ItemPrinter, bare: boolean): string {
  if ('GroupingSet' in node) return groupingSet(node.GroupingSet, item);
  const items = listed(node, item);
  return bare && items.length === 1 ? items[0] : `(${items.join(', ')})`;
}

function groupingSet(set: GroupingSet, item: ItemPrinter): string {
  const content = (bare: boolean): string =>
    (set.content ?? []).map((node) => groupElement(node, item, bare)).join(', ');
  switch (set.kind) {
    case 'GROUPING_SET_EMPTY':
      return '()';
    case 'GROUPING_SET_ROLLUP':
      return `ROLLUP(${content(true)})`;
    case 'GROUPING_SET_CUBE':
      return `CUBE(${content(true)})`;
    default:
      return `GROUPING SETS (${content(false)})`;
  }
}
