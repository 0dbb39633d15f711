/**
 * Syntax trees of queries as SQL text. The printer at hand leaves SEARCH and CYCLE out and does not quote the names of WITH
 * items: a stand-in item marks where the clauses belong, and is replaced in the text.
 */
import { createRequire } from 'node:module';
import type { CommonTableExpr, Node, WithClause } from '@pgsql/types';
import { nameParts } from '../sql/binder/ast.js';
import { quoteIdentifier } from '../types/quote-identifier.js';
import { walkSyntax } from './syntax-walk.js';

type Deparser = typeof import('pgsql-deparser');

let deparser: Deparser | null = null;

/** Loaded with the first view: most starts have no use for it, and it takes a twentieth of their time. */
function loadDeparser(): Deparser {
  if (deparser !== null) return deparser;
  const loaded: Deparser = createRequire(import.meta.url)('pgsql-deparser');
  deparser = loaded;
  return loaded;
}

export function printQuery(query: Node): string {
  const tree = structuredClone(query);
  const clauses: string[] = [];
  const mark = unusedWord(query);
  walkSyntax(tree, (kind, body) => {
    if (kind === 'withClause') prepareItems(body, mark, clauses);
  });
  const text = loadDeparser().deparseSync(tree).trim();
  if (clauses.length === 0) return text;
  return text.replaceAll(new RegExp(`,\\s*${mark}(\\d+) AS \\(\\s*SELECT\\s+1\\s*\\)`, 'g'), (_, number: string) => {
    return clauses[Number(number)];
  });
}

/** Quotes the names of items, and puts a stand-in behind each one that has clauses. */
function prepareItems(clause: WithClause, mark: string, clauses: string[]): void {
  clause.ctes = (clause.ctes ?? []).flatMap((node): Node[] => {
    if (!('CommonTableExpr' in node)) return [node];
    const item = node.CommonTableExpr;
    item.ctename = quoteIdentifier(item.ctename ?? '');
    const text = clausesText(item);
    if (text === '') return [node];
    clauses.push(text);
    return [node, { CommonTableExpr: { ctename: `${mark}${clauses.length - 1}`, ctequery: SELECT_ONE } }];
  });
}

const SELECT_ONE: Node = {
  SelectStmt: { targetList: [{ ResTarget: { val: { A_Const: { ival: { ival: 1 } } } } }], op: 'SETOP_NONE' },
};

function clausesText({ search_clause: search, cycle_clause: cycle }: CommonTableExpr): string {
  let text = '';
  if (search !== undefined) {
    const order = search.search_breadth_first === true ? 'BREADTH' : 'DEPTH';
    text += ` SEARCH ${order} FIRST BY ${list(search.search_col_list)} SET ${quoteIdentifier(search.search_seq_column ?? '')}`;
  }
  if (cycle !== undefined) {
    const { cycle_mark_value: value, cycle_mark_default: otherwise } = cycle;
    const marks =
      value === undefined || otherwise === undefined ? '' : ` TO ${printNode(value)} DEFAULT ${printNode(otherwise)}`;
    const path = quoteIdentifier(cycle.cycle_path_column ?? '');
    text += ` CYCLE ${list(cycle.cycle_col_list)} SET ${quoteIdentifier(cycle.cycle_mark_column ?? '')}${marks} USING ${path}`;
  }
  return text;
}

function list(names: readonly Node[] | undefined): string {
  return nameParts(names).map(quoteIdentifier).join(', ');
}

function printNode(node: Node): string {
  return loadDeparser().deparseSync(node).trim();
}

/** A word that the tree does not have. */
function unusedWord(tree: Node): string {
  const text = JSON.stringify(tree);
  let word = 'clause_of_item_';
  while (text.includes(word)) word = `x${word}`;
  return word;
}
