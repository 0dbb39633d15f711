/** SEARCH and CYCLE of a recursive common table expression as text. */
import type { CommonTableExpr, Node } from '@pgsql/types';
import { quoteIdentifier } from '../../types/quote-identifier.js';
import { nameParts } from '../binder/ast.js';

const list = (nodes: readonly Node[] | undefined): string => nameParts(nodes).map(quoteIdentifier).join(', ');

/** `expression` prints the marks of CYCLE; those that are simply true and false are not told. */
export function searchCycleText(cte: CommonTableExpr, expression: (node: Node) => string): string {
  const { search_clause: search, cycle_clause: cycle } = cte;
  let text = '';
  if (search !== undefined) {
    const order = search.search_breadth_first === true ? 'BREADTH' : 'DEPTH';
    text += ` SEARCH ${order} FIRST BY ${list(search.search_col_list)} SET ${quoteIdentifier(search.search_seq_column ?? '')}`;
  }
  if (cycle === undefined) return text;
  const [mark, other] = [cycle.cycle_mark_value, cycle.cycle_mark_default].map((node) =>
    node === undefined ? '' : expression(node),
  );
  const marks = mark === 'true' && other === 'false' ? '' : ` TO ${mark} DEFAULT ${other}`;
  const path = quoteIdentifier(cycle.cycle_path_column ?? '');
  return `${text} CYCLE ${list(cycle.cycle_col_list)} SET ${quoteIdentifier(cycle.cycle_mark_column ?? '')}${marks} USING ${path}`;
}
