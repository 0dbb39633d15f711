/** Expressions of a query as text: columns by their FROM items, aggregates and window functions in full, subqueries in lines. */
import type { FuncCall, Node, SelectStmt, SubLink, WindowDef } from '@pgsql/types';
import type { CatalogView } from '../../catalog/descriptors.js';
import * as oid from '../../types/oids.js';
import { quoteIdentifier } from '../../types/quote-identifier.js';
import type { TypeContext } from '../../types/type-context.js';
import { nameParts } from '../binder/ast.js';
import type { QueryRecorder } from '../binder/query-recorder.js';
import type { Expr, FunctionExpr, SortKey } from '../plan/expression.js';
import {
  type PrintContext,
  printAggregate,
  printExpr,
  printOrderItem,
  printSortItem,
  printWhole,
  printWindowCall,
} from '../plan/print-expression.js';
import { frameText } from './frame-text.js';
import { functionNameIn } from './object-names.js';
import type { RangeNames } from './range-names.js';
import type { Sheet } from './sheet.js';

/** What printing needs to know of its surroundings. */
export interface DeparseServices {
  readonly catalog: CatalogView;
  readonly types: TypeContext;
}

/** Prints a subquery; `taken`: names of the queries around it. */
export type SubqueryPrinter = (select: SelectStmt, sheet: Sheet, taken: ReadonlySet<string>) => string;

export class ExpressionText {
  constructor(
    private readonly services: DeparseServices,
    private readonly recorder: QueryRecorder,
    private readonly names: RangeNames,
    readonly pretty: boolean,
    private readonly subquery: SubqueryPrinter,
  ) {}

  /** How expressions of one query level are printed. */
  context(sheet: Sheet, taken: ReadonlySet<string>): PrintContext {
    const { recorder } = this;
    const cx: PrintContext = {
      types: this.services.types,
      quote: quoteIdentifier,
      pretty: this.pretty,
      layout: sheet,
      column: (id) => this.columnText(id, cx),
      isCall: (id) => recorder.aggregates.has(id) || recorder.windows.has(id) || recorder.groupings.has(id),
      functionName: (proc) => functionNameIn(this.services.catalog, proc),
      subplan: () => '(SubPlan)',
      special: (expr) => this.special(expr, cx, sheet, taken),
    };
    return cx;
  }

  private columnText(id: number, cx: PrintContext): string | undefined {
    const named = this.names.column(id);
    if (named !== undefined) return named.text;
    const aggregate = this.recorder.aggregates.get(id);
    if (aggregate !== undefined) return printAggregate(aggregate, cx);
    const grouping = this.recorder.groupings.get(id);
    if (grouping !== undefined) return `GROUPING(${grouping.map((arg) => printWhole(arg, cx)).join(', ')})`;
    const call = this.recorder.windows.get(id);
    if (call === undefined) return undefined;
    const over = this.recorder.windowSyntax.get(id);
    return printWindowCall(call, cx, over === undefined ? '()' : this.over(over, cx));
  }

  private over(window: WindowDef, cx: PrintContext): string {
    if (window.name !== undefined && window.name !== '') return quoteIdentifier(window.name);
    return this.windowSpec(window, cx);
  }

  /** `(PARTITION BY … ORDER BY … ROWS …)`. */
  windowSpec(window: WindowDef, cx: PrintContext): string {
    const parts: string[] = [];
    if (window.refname !== undefined && window.refname !== '') parts.push(quoteIdentifier(window.refname));
    const partition = (window.partitionClause ?? []).map((node) => this.sortItem(node, cx));
    if (partition.length > 0) parts.push(`PARTITION BY ${partition.join(', ')}`);
    const order = (window.orderClause ?? []).flatMap((node) =>
      'SortBy' in node ? [this.sortBy(node.SortBy, cx)] : [],
    );
    if (order.length > 0) parts.push(`ORDER BY ${order.join(', ')}`);
    const frame = frameText(window, (node) => this.node(node, cx));
    if (frame !== null) parts.push(frame);
    return `(${parts.join(' ')})`;
  }

  /** An expression of the syntax tree. */
  node(node: Node, cx: PrintContext): string {
    const expr = this.recorder.exprs.get(node);
    return expr === undefined ? '' : printExpr(expr, cx);
  }

  /** An expression whose literals nothing has given a type. */
  literal(node: Node, cx: PrintContext): string {
    const unknown = this.recorder.exprs.get(node)?.type === oid.UNKNOWN;
    return this.node(node, cx) + (unknown ? '::text' : '');
  }

  /** A column of a select list; a whole row says its type. */
  target(expr: Expr, cx: PrintContext): string {
    const row = expr.kind === 'row' ? this.wholeRow(expr) : undefined;
    return row === undefined ? printWhole(expr, cx) : `${row}::${cx.types.catalog.formatType(expr.type, -1)}`;
  }

  sortItem(node: Node, cx: PrintContext): string {
    const expr = this.recorder.exprs.get(node);
    return expr === undefined ? '' : printSortItem(expr, cx);
  }

  private sortBy(sort: { node?: Node; sortby_dir?: string; sortby_nulls?: string }, cx: PrintContext): string {
    const expr = sort.node === undefined ? undefined : this.recorder.exprs.get(sort.node);
    if (expr === undefined) return '';
    const descending = sort.sortby_dir === 'SORTBY_DESC';
    const key: SortKey = {
      expr,
      descending,
      nullsFirst:
        sort.sortby_nulls === 'SORTBY_NULLS_FIRST' || (sort.sortby_nulls !== 'SORTBY_NULLS_LAST' && descending),
    };
    return printOrderItem(key, cx);
  }

  private special(expr: Expr, cx: PrintContext, sheet: Sheet, taken: ReadonlySet<string>): string | undefined {
    if (expr.kind === 'row') return this.wholeRow(expr);
    if (expr.kind === 'case' && expr.location >= 0 && expr.otherwise.kind === 'row' && expr.operand === null)
      return this.wholeRow(expr.otherwise);
    const source = this.recorder.sources.get(expr);
    if (source === undefined) return undefined;
    if ('SubLink' in source) return this.sublink(source.SubLink, expr, cx, sheet, taken);
    if (expr.kind === 'function' && expr.form === 'call' && 'FuncCall' in source)
      return this.shortCall(expr, source.FuncCall, cx);
    return undefined;
  }

  /** All columns of a FROM item, in order, as a value of its type. */
  private wholeRow(expr: Expr & { kind: 'row' }): string | undefined {
    const names = expr.fields.map((field) =>
      field.kind === 'column' && field.location < 0 ? this.names.column(field.id) : undefined,
    );
    const first = names[0];
    if (first === undefined || names.some((name) => name === undefined)) return undefined;
    const prefix = first.text.slice(0, first.text.length - quoteIdentifier(first.bare).length);
    const same = names.every((name) => name !== undefined && name.text === prefix + quoteIdentifier(name.bare));
    return same && prefix !== '' ? `${prefix}*` : undefined;
  }

  /** Calls with names, or without arguments that have defaults, are printed as they were written. */
  private shortCall(expr: FunctionExpr, call: FuncCall, cx: PrintContext): string | undefined {
    const nodes = call.args ?? [];
    const named = nodes.some((node) => 'NamedArgExpr' in node);
    if (!named && (nodes.length >= expr.args.length || (expr.proc.defaultTexts ?? []).length === 0)) return undefined;
    const inputs = (expr.proc.argNames ?? []).filter((_, i) => 'ibv'.includes(expr.proc.argModes?.[i] ?? 'i'));
    const args = nodes.map((node, i) => {
      if (!('NamedArgExpr' in node)) return printWhole(expr.args[i], cx);
      const name = node.NamedArgExpr.name ?? '';
      return `${quoteIdentifier(name)} => ${printWhole(expr.args[inputs.indexOf(name)], cx)}`;
    });
    return `${functionNameIn(this.services.catalog, expr.proc)}(${args.join(', ')})`;
  }

  private sublink(link: SubLink, expr: Expr, cx: PrintContext, sheet: Sheet, taken: ReadonlySet<string>): string {
    const { subselect } = link;
    if (subselect === undefined || !('SelectStmt' in subselect)) return '';
    const query = this.subquery(subselect.SelectStmt, sheet, taken);
    switch (link.subLinkType) {
      case 'ARRAY_SUBLINK':
        return `ARRAY(${query})`;
      case 'EXISTS_SUBLINK':
        return `(EXISTS (${query}))`;
      case 'EXPR_SUBLINK':
        return `(${query})`;
      default:
        return `(${this.test(link, expr, cx)} (${query}))`;
    }
  }

  /** The left side and the operator of IN, ANY and ALL. */
  private test(link: SubLink, expr: Expr, cx: PrintContext): string {
    const test = expr.kind === 'subplan' && expr.test !== null ? expr.test : expr;
    const sides = leftSides(test);
    const left =
      sides.length === 1 ? printWhole(sides[0], cx) : `(${sides.map((side) => printWhole(side, cx)).join(', ')})`;
    const name = link.operName === undefined ? '=' : (nameParts(link.operName).at(-1) ?? '');
    if (link.subLinkType === 'ALL_SUBLINK') return `${left} ${name} ALL`;
    if (link.subLinkType === 'ROWCOMPARE_SUBLINK') return `${left} ${name}`;
    return name === '=' ? `${left} IN` : `${left} ${name} ANY`;
  }
}

/** The operands that come from outside of the subquery. */
function leftSides(test: Expr): readonly Expr[] {
  if (test.kind === 'function') return [test.args[0]];
  if (test.kind === 'and' || test.kind === 'or') return test.args.flatMap(leftSides);
  if (test.kind === 'not') return leftSides(test.arg);
  if (test.kind === 'row comparison') return test.pairs.map((pair) => pair.equal.args[0]);
  return 'arg' in test ? leftSides(test.arg) : [];
}
