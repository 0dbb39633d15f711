/**
 * Names inside of a definition: the alias that each FROM item is shown with, and how its columns are written. An alias
 * that a query level or one around it has already gets a number, as PostgreSQL does it.
 */
import type { JoinExpr, Node, SelectStmt } from '@pgsql/types';
import { quoteIdentifier } from '../../types/quote-identifier.js';
import { nameParts } from '../binder/ast.js';
import type { FromItem } from '../binder/from-item.js';
import type { QueryRecorder } from '../binder/query-recorder.js';
import type { ColumnId } from '../plan/expression.js';

/** A column as it is written, and its name alone. */
export interface ColumnName {
  readonly text: string;
  readonly bare: string;
}

/** Names that are taken where a query begins: those of the rule's old and new row, at the top. */
export const TOP_NAMES: ReadonlySet<string> = new Set(['old', 'new']);

const SYSTEM_COLUMNS = ['ctid', 'xmin', 'cmin', 'xmax', 'cmax', 'tableoid'] as const;

export class RangeNames {
  private readonly columns = new Map<ColumnId, ColumnName>();
  /** Columns as an aliased join around their tables shows them. */
  private readonly joined = new Map<ColumnId, ColumnName>();
  private readonly own = new Map<SelectStmt, ReadonlySet<ColumnId>>();
  private readonly aliases = new Map<Node, string>();
  private readonly levels = new Map<SelectStmt, ReadonlySet<string>>();

  constructor(private readonly recorder: QueryRecorder) {}

  /** Names the FROM items of a query level; gives all names that are taken for queries inside. */
  enter(select: SelectStmt, outer: ReadonlySet<string>): ReadonlySet<string> {
    const known = this.levels.get(select);
    if (known !== undefined) return known;
    const taken = new Set(outer);
    for (const node of select.fromClause ?? []) this.nameItem(node, taken);
    this.levels.set(select, taken);
    return taken;
  }

  column(id: ColumnId): ColumnName | undefined {
    return this.joined.get(id) ?? this.columns.get(id) ?? this.systemColumn(id);
  }

  /** The columns of a query level's own FROM items. */
  ownColumns(select: SelectStmt): ReadonlySet<ColumnId> {
    const known = this.own.get(select);
    if (known !== undefined) return known;
    const ids = (select.fromClause ?? []).flatMap((node) =>
      (this.recorder.items.get(node)?.tables ?? []).flatMap((table) => table.columns.map((column) => column.id)),
    );
    const own = new Set(ids);
    this.own.set(select, own);
    return own;
  }

  /** Prints with the names that hold inside of an aliased join. */
  within<T>(item: FromItem, print: () => T): T {
    const hidden = item.columns.map(({ id }) => [id, this.joined.get(id)] as const);
    for (const [id] of hidden) this.joined.delete(id);
    const result = print();
    for (const [id, name] of hidden) if (name !== undefined) this.joined.set(id, name);
    return result;
  }

  /** ctid and the like, which are no columns of any item's list. */
  private systemColumn(id: ColumnId): ColumnName | undefined {
    for (const [node, alias] of this.aliases) {
      const [table] = this.recorder.items.get(node)?.tables ?? [];
      const bare = table?.system == null ? undefined : SYSTEM_COLUMNS.find((name) => table.system?.(name) === id);
      if (bare !== undefined) return { text: `${quoteIdentifier(alias)}.${bare}`, bare };
    }
    return undefined;
  }

  alias(node: Node): string {
    return this.aliases.get(node) ?? '';
  }

  private nameItem(node: Node, taken: Set<string>): void {
    const item = this.recorder.items.get(node);
    if (item === undefined) return;
    if ('JoinExpr' in node) {
      this.nameJoin(node, item, taken);
      return;
    }
    const alias = claim(item.tables[0]?.alias ?? '', taken);
    this.aliases.set(node, alias);
    this.nameColumns(alias, item);
  }

  private nameJoin(node: Node & { JoinExpr: JoinExpr }, item: FromItem, taken: Set<string>): void {
    const { larg, rarg, alias } = node.JoinExpr;
    if (larg !== undefined) this.nameItem(larg, taken);
    if (rarg !== undefined) this.nameItem(rarg, taken);
    if (alias?.aliasname !== undefined) {
      this.aliases.set(node, claim(alias.aliasname, taken));
      return;
    }
    // Columns that a join makes of two are known by their bare name.
    for (const column of item.columns) {
      if (!this.columns.has(column.id))
        this.columns.set(column.id, { text: quoteIdentifier(column.name), bare: column.name });
    }
  }

  /** Behind the joins of FROM, the columns of `(a JOIN b …) j` are known as columns of `j`. */
  nameJoinColumns(nodes: readonly Node[]): void {
    for (const node of nodes) {
      if (!('JoinExpr' in node)) continue;
      const { larg, rarg, alias } = node.JoinExpr;
      this.nameJoinColumns([larg, rarg].filter((side) => side !== undefined));
      const item = this.recorder.items.get(node);
      if (alias?.aliasname !== undefined && item !== undefined) this.nameColumns(this.alias(node), item, this.joined);
    }
  }

  private nameColumns(alias: string, item: FromItem, names = this.columns): void {
    const prefix = `${quoteIdentifier(alias)}.`;
    for (const { id, name } of item.columns) names.set(id, { text: prefix + quoteIdentifier(name), bare: name });
  }
}

function claim(name: string, taken: Set<string>): string {
  let free = name;
  for (let n = 1; taken.has(free); n++) free = `${name}_${n}`;
  taken.add(free);
  return free;
}

/** The columns that USING names, or that NATURAL finds on both sides. */
export function usingNames(join: JoinExpr, left: FromItem | undefined, right: FromItem | undefined): string[] {
  if (!join.isNatural) return nameParts(join.usingClause);
  const names = new Set(right?.columns.map((column) => column.name));
  return (left?.columns ?? []).map((column) => column.name).filter((name) => names.has(name));
}
