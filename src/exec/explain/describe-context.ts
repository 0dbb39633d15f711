/**
 * What descriptions of a plan's nodes share: the texts that stand for columns, which nodes below give to the expressions
 * above them, and the frame of a node.
 */

import type { ColumnId, Expr, SubplanExpr } from '../../sql/plan/expression.js';
import type { PlanNode } from '../../sql/plan/plan-node.js';
import { type PrintContext, printExpr } from '../../sql/plan/print-expression.js';
import { quoteIdentifier } from '../../types/quote-identifier.js';
import type { ExecServices } from '../exec-context.js';
import type { Detail, ExplainNode } from './explain-node.js';

const BYTES_A_COLUMN = 8;

/** A labelled property of a node. */
export type Entry = readonly [string, Detail];

/** The estimate that is shown for a row of `node`, in bytes. */
export function rowWidth(node: PlanNode): number {
  return node.columns.length * BYTES_A_COLUMN;
}

export class DescribeContext {
  readonly print: PrintContext;
  private readonly texts = new Map<ColumnId, { readonly text: string; readonly simple: boolean }>();
  /** Columns whose texts go without parentheses at the moment. */
  private bare: ReadonlySet<ColumnId> = new Set();

  /** `qualify`: columns of tables are shown with their table; `subplan` gives the text of a subplan in an expression. */
  constructor(
    private readonly services: ExecServices,
    readonly verbose: boolean,
    private readonly qualify: boolean,
    subplan: (expr: SubplanExpr) => string,
  ) {
    this.print = {
      types: services.types,
      quote: quoteIdentifier,
      column: (id) => this.columnText(id),
      subplan,
    };
  }

  /** A node without its place in the tree; what is which in ExplainNode. */
  make(
    plan: PlanNode,
    heading: string,
    type: string,
    facts: readonly Entry[],
    details: readonly Entry[] = [],
    children: ExplainNode[] = [],
    kind: readonly Entry[] = [],
  ): ExplainNode {
    const output: Entry[] = this.verbose
      ? [['Output', plan.columns.map((id) => this.columnText(id) ?? `column${id}`)]]
      : [];
    return {
      heading,
      type,
      kind,
      facts,
      details: [...output, ...details],
      plan,
      filtering: null,
      children,
      initPlans: [],
      subplans: [],
      relationship: null,
      label: null,
      width: rowWidth(plan),
    };
  }

  /** `simple` texts need no parentheses. */
  name(id: number, text: string, simple: boolean): void {
    this.texts.set(id, { text, simple });
  }

  /** Columns that stand for others by position. */
  renameLike(ids: readonly number[], like: readonly number[]): void {
    ids.forEach((id, i) => {
      const known = like[i] === undefined ? undefined : this.texts.get(like[i]);
      if (known !== undefined && !this.texts.has(id)) this.texts.set(id, known);
    });
  }

  /** Runs `make` while the texts of `columns` go without parentheses. */
  bareWhile<T>(columns: readonly ColumnId[], make: () => T): T {
    const outer = this.bare;
    this.bare = new Set(columns);
    const made = make();
    this.bare = outer;
    return made;
  }

  /** The expression as PostgreSQL prints it. */
  text(expr: Expr): string {
    return printExpr(expr, this.print);
  }

  /** A column's name, with its table where more than one is read. */
  qualified(alias: string, name: string): string {
    return this.qualify && alias !== '' ? `${quoteIdentifier(alias)}.${quoteIdentifier(name)}` : quoteIdentifier(name);
  }

  /** The schema as a property, under VERBOSE only. */
  schemaOf(namespace: number): Entry[] {
    const name = this.services.catalog.namespace(namespace)?.name;
    return this.verbose && name !== undefined ? [['Schema', name]] : [];
  }

  /** The property of a condition, none for null. */
  condition(label: string, expr: Expr | null): Entry[] {
    return expr === null ? [] : [[label, this.text(expr)]];
  }

  private columnText(id: number): string | undefined {
    const known = this.texts.get(id);
    if (known === undefined) return undefined;
    return known.simple || this.bare.has(id) ? known.text : `(${known.text})`;
  }
}
