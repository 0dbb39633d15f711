/** Collects the window function calls of a query level and builds one Window node for each different window. */
import { makeColumn } from '../plan/column-expr.js';
import type { ColumnExpr, ColumnId, Expr, SortKey, WindowCall, WindowFrame } from '../plan/expression.js';
import type { PlanNode } from '../plan/plan-node.js';
import { sameExpr } from '../plan/same-expr.js';
import type { BindContext } from './bind-context.js';
import type { WindowCollector, WindowSpec } from './scope.js';

interface Collected {
  spec: WindowSpec;
  readonly calls: { call: WindowCall; readonly column: ColumnExpr }[];
}

export class Windows implements WindowCollector {
  forbidden: string | null = null;
  readonly named = new Map<string, WindowSpec>();
  private readonly collected: Collected[] = [];

  constructor(private readonly cx: BindContext) {}

  define(name: string, spec: WindowSpec): void {
    this.named.set(name, spec);
  }

  get used(): boolean {
    return this.collected.length > 0;
  }

  owns(id: ColumnId): boolean {
    return this.collected.some(({ calls }) => calls.some(({ column }) => column.id === id));
  }

  add(call: WindowCall, spec: WindowSpec): ColumnExpr {
    const { name } = call.proc;
    const column = makeColumn(this.cx.newColumn(name), name, call, call.location);
    this.cx.recorder?.windows.set(column.id, call);
    const same = this.collected.find((entry) => sameSpec(entry.spec, spec));
    if (same !== undefined) same.calls.push({ call, column });
    else this.collected.push({ spec, calls: [{ call, column }] });
    return column;
  }

  /** Rewrites all expressions, e.g. to read an Aggregate node's output. */
  rewrite(f: (expr: Expr) => Expr): void {
    for (const entry of this.collected) {
      entry.spec = {
        partitionBy: entry.spec.partitionBy.map(f),
        orderBy: entry.spec.orderBy.map((key) => ({ ...key, expr: f(key.expr) })),
        frame: rewriteFrame(entry.spec.frame, f),
      };
      for (const item of entry.calls) {
        item.call = {
          ...item.call,
          args: item.call.args.map(f),
          filter: item.call.filter === null ? null : f(item.call.filter),
        };
      }
    }
  }

  build(input: PlanNode): PlanNode {
    let plan = input;
    for (const { spec, calls } of this.collected) {
      plan = {
        kind: 'window',
        input: plan,
        partitionBy: spec.partitionBy,
        orderBy: spec.orderBy,
        frame: spec.frame,
        calls: calls.map((item) => item.call),
        columns: [...plan.columns, ...calls.map((item) => item.column.id)],
        rows: 0,
        cost: 0,
      };
    }
    return plan;
  }
}

function rewriteFrame(frame: WindowFrame, f: (expr: Expr) => Expr): WindowFrame {
  const bound = (b: WindowFrame['start']): WindowFrame['start'] => ('offset' in b ? { ...b, offset: f(b.offset) } : b);
  return { ...frame, start: bound(frame.start), end: bound(frame.end) };
}

function sameKeys(a: readonly SortKey[], b: readonly SortKey[]): boolean {
  return (
    a.length === b.length &&
    a.every(
      (key, i) =>
        key.descending === b[i].descending && key.nullsFirst === b[i].nullsFirst && sameExpr(key.expr, b[i].expr),
    )
  );
}

function sameBound(a: WindowFrame['start'], b: WindowFrame['start']): boolean {
  if (a.kind !== b.kind) return false;
  return !('offset' in a) || ('offset' in b && sameExpr(a.offset, b.offset));
}

function sameSpec(a: WindowSpec, b: WindowSpec): boolean {
  return (
    a.partitionBy.length === b.partitionBy.length &&
    a.partitionBy.every((expr, i) => sameExpr(expr, b.partitionBy[i])) &&
    sameKeys(a.orderBy, b.orderBy) &&
    a.frame.mode === b.frame.mode &&
    a.frame.exclusion === b.frame.exclusion &&
    sameBound(a.frame.start, b.frame.start) &&
    sameBound(a.frame.end, b.frame.end)
  );
}
