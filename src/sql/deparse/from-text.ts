/** FROM items as text: tables, subqueries, functions and joins, with the aliases that they are shown with. */
import type { FuncCall, JoinExpr, Node, RangeFunction, RangeSubselect, RangeVar, SelectStmt } from '@pgsql/types';
import { quoteIdentifier } from '../../types/quote-identifier.js';
import { nameParts } from '../binder/ast.js';
import type { FromItem } from '../binder/from-item.js';
import type { QueryRecorder } from '../binder/query-recorder.js';
import type { ColumnId } from '../plan/expression.js';
import { exprColumns } from '../plan/free-columns.js';
import { type PrintContext, printExpr, printWhole } from '../plan/print-expression.js';
import type { DeparseServices, SubqueryPrinter } from './expression-text.js';
import { relationNameIn } from './object-names.js';
import { type RangeNames, usingNames } from './range-names.js';
import { JOIN_STEP, type Sheet, STEP } from './sheet.js';

/** The query level that FROM belongs to. */
export interface FromPlace {
  readonly sheet: Sheet;
  readonly taken: ReadonlySet<string>;
  readonly cx: PrintContext;
  /** Columns of the items of this FROM: a function that reads them is lateral. */
  readonly own: ReadonlySet<ColumnId>;
}

const JOIN_WORDS: Record<string, string> = {
  JOIN_INNER: ' JOIN ',
  JOIN_LEFT: ' LEFT JOIN ',
  JOIN_RIGHT: ' RIGHT JOIN ',
  JOIN_FULL: ' FULL JOIN ',
};

export class FromText {
  constructor(
    private readonly services: DeparseServices,
    private readonly recorder: QueryRecorder,
    private readonly names: RangeNames,
    private readonly subquery: SubqueryPrinter,
  ) {}

  item(node: Node, place: FromPlace): string {
    if ('JoinExpr' in node) return this.join(node, node.JoinExpr, place);
    const item = this.recorder.items.get(node);
    if (item === undefined) return '';
    if ('RangeVar' in node) return this.table(node, node.RangeVar, item);
    if ('RangeSubselect' in node) return this.subselect(node, node.RangeSubselect, item, place);
    return 'RangeFunction' in node ? this.functions(node, node.RangeFunction, item, place) : '';
  }

  private table(node: Node, range: RangeVar, item: FromItem): string {
    const alias = this.names.alias(node);
    const relation = item.tables[0]?.relation ?? null;
    const written = relation === null ? (range.relname ?? '') : relation.name;
    const name = relation === null ? quoteIdentifier(written) : relationNameIn(this.services.catalog, relation);
    const only = range.inh === true || relation === null ? '' : 'ONLY ';
    const attributes = relation?.attributes.filter((attribute) => !attribute.dropped).map(({ name }) => name);
    const renamed =
      attributes === undefined
        ? range.alias?.colnames !== undefined
        : item.columns.some((column, i) => column.name !== attributes[i]);
    const shown = range.alias !== undefined || renamed || alias !== written ? ` ${quoteIdentifier(alias)}` : '';
    return only + name + shown + (renamed ? columnList(item) : '');
  }

  private subselect(node: Node, range: RangeSubselect, item: FromItem, { sheet, taken }: FromPlace): string {
    const select = selectOf(range);
    const text = select === null ? '' : this.subquery(select, sheet, taken);
    const columns = range.alias?.colnames === undefined ? '' : columnList(item);
    return `${range.lateral ? 'LATERAL ' : ''}(${text}) ${quoteIdentifier(this.names.alias(node))}${columns}`;
  }

  private functions(node: Node, range: RangeFunction, item: FromItem, { cx, own }: FromPlace): string {
    const calls = (range.functions ?? []).map((entry) => this.call(entry, cx));
    const several = calls.length > 1 || range.is_rowsfrom === true;
    const text = several ? `ROWS FROM(${calls.join(', ')})` : (calls[0] ?? '');
    const lateral = range.lateral || this.reads(range, own) ? 'LATERAL ' : '';
    const ordinality = range.ordinality ? ' WITH ORDINALITY' : '';
    const columns = range.coldeflist === undefined ? columnList(item) : this.definitions(item);
    return `${lateral}${text}${ordinality} ${quoteIdentifier(this.names.alias(node))}${columns}`;
  }

  private reads(range: RangeFunction, own: ReadonlySet<ColumnId>): boolean {
    return (range.functions ?? []).some((entry) => {
      const call = 'List' in entry ? entry.List.items?.[0] : entry;
      const parts = call !== undefined && 'FuncCall' in call ? (call.FuncCall.args ?? []) : [];
      return parts.some((node) => {
        const expr = this.recorder.exprs.get(node);
        return expr !== undefined && [...exprColumns(expr)].some((id) => own.has(id));
      });
    });
  }

  private call(entry: Node, cx: PrintContext): string {
    const parts = 'List' in entry ? (entry.List.items ?? []) : [entry];
    const call = parts[0];
    const expr = call === undefined ? undefined : this.recorder.exprs.get(call);
    if (expr !== undefined) return printExpr(expr, cx);
    return call !== undefined && 'FuncCall' in call ? this.unnest(call.FuncCall, cx) : '';
  }

  /** unnest of several arrays was bound as a call for each. */
  private unnest(call: FuncCall, cx: PrintContext): string {
    const args = (call.args ?? []).map((arg) => {
      const expr = this.recorder.exprs.get(arg);
      return expr === undefined ? '' : printWhole(expr, cx);
    });
    return `${nameParts(call.funcname).at(-1)}(${args.join(', ')})`;
  }

  /** A column definition list. */
  private definitions(item: FromItem): string {
    const { catalog } = this.services.types;
    const columns = item.columns.map(
      ({ name, type, typmod }) => `${quoteIdentifier(name)} ${catalog.formatType(type, typmod)}`,
    );
    return `(${columns.join(', ')})`;
  }

  private join(node: Node, join: JoinExpr, place: FromPlace): string {
    const { larg, rarg } = join;
    if (larg === undefined || rarg === undefined) return '';
    const { sheet, cx } = place;
    const pretty = cx.pretty === true;
    const aliased = join.alias?.aliasname !== undefined;
    const item = this.recorder.items.get(node);
    if (aliased && item !== undefined) {
      const inside: JoinExpr = { ...join, alias: undefined };
      const text = this.names.within(item, () => this.join(node, inside, place));
      const columns = join.alias?.colnames === undefined ? '' : columnList(item);
      return `${pretty ? `(${text})` : text} ${quoteIdentifier(this.names.alias(node))}${columns}`;
    }
    const left = this.item(larg, place);
    const using = usingNames(join, this.recorder.items.get(larg), this.recorder.items.get(rarg));
    const conditional = join.quals !== undefined || using.length > 0;
    const type = join.jointype ?? 'JOIN_INNER';
    const word = type === 'JOIN_INNER' && !conditional ? ' CROSS JOIN ' : JOIN_WORDS[type];
    const line = sheet.line(word, -STEP, STEP, JOIN_STEP);
    const nested = pretty && 'JoinExpr' in rarg && rarg.JoinExpr.alias === undefined;
    const right = nested ? `(${this.item(rarg, place)})` : this.item(rarg, place);
    const condition = this.condition(join, using, conditional, cx);
    const text = `${left}${line}${right}${condition}`;
    return pretty ? text : `(${text})`;
  }

  private condition(join: JoinExpr, using: readonly string[], conditional: boolean, cx: PrintContext): string {
    if (using.length > 0) {
      const alias = join.join_using_alias?.aliasname;
      return ` USING (${using.map(quoteIdentifier).join(', ')})${alias === undefined ? '' : ` AS ${quoteIdentifier(alias)}`}`;
    }
    if (!conditional) return (join.jointype ?? 'JOIN_INNER') === 'JOIN_INNER' ? '' : ' ON TRUE';
    const expr = join.quals === undefined ? undefined : this.recorder.exprs.get(join.quals);
    const text = expr === undefined ? '' : printExpr(expr, cx);
    return cx.pretty ? ` ON ${text}` : ` ON (${text})`;
  }
}

function columnList(item: FromItem): string {
  return `(${item.columns.map(({ name }) => quoteIdentifier(name)).join(', ')})`;
}

function selectOf(range: RangeSubselect): SelectStmt | null {
  return range.subquery !== undefined && 'SelectStmt' in range.subquery ? range.subquery.SelectStmt : null;
}
